package reuse

import (
	"strings"

	"github.com/millrace/millrace/compiler/compile"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/relation"
	"github.com/millrace/millrace/compiler/sql/reads"
	"github.com/millrace/millrace/dag/run"
)

// judge tells why a compiled query may give something else over the same inputs, or reads
// something that is no input of its node; "" when neither can be.
func (k *Keeper) judge(t *run.Task, stable map[string]bool) (why string, readsItself bool) {
	own := k.session.Env.NodeRelation(t.Node)
	allowed := k.readable(t.Node, map[string]bool{})
	code := t.Out.Code
	for _, r := range allowed {
		if text := r.Render(); len(r.Metadata) > 0 { // a file or a function call in place of a name
			code = strings.ReplaceAll(code, text, ` "`+external+`"."`+external+`" `)
		}
	}
	q, err := reads.Of(code)
	if err != nil {
		return err.Error(), false
	}
	if q.Moment != "" {
		return "it says " + q.Moment, false
	}
	for _, f := range q.Calls {
		if !stable[f] {
			return "it calls " + f + "(), which may give something else each time", false
		}
	}
next:
	for _, read := range q.Relations {
		switch {
		case read.Is("", external, external):
			continue
		case read.Is(own.Database, own.Schema, own.Identifier):
			readsItself = true
			continue
		}
		for _, r := range allowed {
			if read.Is(r.Database, r.Schema, r.Identifier) {
				continue next
			}
		}
		return "it reads " + read.String() + ", which is none of its refs and sources", false
	}
	return "", readsItself
}

// external is the name that stands for what a source has in place of one.
const external = "__millrace_external__"

// readable are the relations that a node's code may name: those of what it depends on, and of
// what the ephemeral models among these depend on.
func (k *Keeper) readable(n *manifest.Node, seen map[string]bool) []*relation.Relation {
	var out []*relation.Relation
	for _, id := range n.DependsOn.Nodes {
		if seen[id] {
			continue
		}
		seen[id] = true
		if parent := k.session.Manifest.Nodes[id]; compile.IsEphemeral(parent) {
			out = append(out, k.readable(parent, seen)...)
			continue
		}
		if r, ok := k.session.Env.RelationOf(k.session.Manifest, id); ok {
			out = append(out, r)
		}
	}
	return out
}
