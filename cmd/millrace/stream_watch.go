package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/dag/run"
	"github.com/millrace/millrace/dag/stream"
)

// watchEvery bounds how often watched models are printed.
const watchEvery = time.Second

// watch prints models while ticks change them.
type watch struct {
	inv     *invocation
	session *run.Session
	models  []*manifest.Node
	changed map[string]bool // since they were printed
	printed time.Time
}

// newWatch finds the models that --watch names, apart or between commas.
func (inv *invocation) newWatch(s *run.Session, names []string) (*watch, error) {
	w := &watch{inv: inv, session: s, changed: map[string]bool{}}
	for _, name := range strings.FieldsFunc(strings.Join(names, ","), func(r rune) bool { return r == ',' }) {
		var found *manifest.Node
		var known []string
		for _, id := range s.Manifest.Order.Nodes {
			n := s.Manifest.Nodes[id]
			if n.ResourceType != manifest.Model {
				continue
			}
			known = append(known, n.Name)
			if n.Name == name || n.UniqueID == name {
				found = n
			}
		}
		if found == nil {
			d := diag.New(diag.CodeUsage, diag.Runtime, diag.Span{}, "--watch: there is no model '"+name+"'")
			d.Hint = diag.DidYouMean(name, known)
			return nil, d
		}
		w.models = append(w.models, found)
	}
	return w, nil
}

// ticked takes note of what a tick built, and prints unless something was printed just now.
func (w *watch) ticked(t *stream.Tick) error {
	if t.Results == nil {
		return nil
	}
	for _, r := range t.Results.Results {
		if r.Status == run.Success {
			w.changed[r.UniqueID] = true
		}
	}
	if time.Since(w.printed) < watchEvery {
		return nil
	}
	return w.print()
}

// print shows the watched models that have changed since they were printed.
func (w *watch) print() error {
	for _, n := range w.models {
		if !w.changed[n.UniqueID] {
			continue
		}
		rel, ok := w.session.Env.RelationOf(w.session.Manifest, n.UniqueID)
		if !ok {
			return fmt.Errorf("--watch: the model '%s' has no table", n.Name)
		}
		t, err := run.ShowDirect(w.inv.ctx, w.session, "select * from "+rel.Render(), w.inv.flags.Limit)
		if err != nil {
			return err
		}
		w.inv.answer(n.Name + "\n" + strings.TrimRight(t.PrintTable(-1, -1, 40), "\n"))
	}
	clear(w.changed)
	w.printed = time.Now()
	return nil
}
