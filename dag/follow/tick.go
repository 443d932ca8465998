package follow

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/compiler/compile"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/dag"
	"github.com/millrace/millrace/dag/run"
)

// Ticker advances what hangs below streams, tick by tick.
type Ticker struct {
	Session *run.Session
	Plan    run.Plan // everything that is selected
	Options run.Options
	// Steps, if set, is asked before and after each commit; an error stands for a crash.
	Steps func(where string) error
}

// Outcome is how a tick ended.
type Outcome struct {
	Results   *run.Results // nil when nothing ran
	Published bool         // everything was committed
	// Stop is the failure of a test that is declared to stop everything.
	Stop *diag.Diagnostic
}

// Affected are the selected nodes that a tick runs when the given sources have brought
// something: what is built from data, and its data tests. Views show new rows by themselves.
func (t *Ticker) Affected(sources []string) dag.Set {
	g := t.Plan.Graph
	below := g.Descendants(g.SetOf(sources...), -1)
	below.Intersect(t.Plan.Selected)
	out := g.NewSet()
	below.Each(func(i int) {
		n := t.Session.Manifest.Nodes[g.ID(i)]
		if n == nil {
			return
		}
		switch n.ResourceType {
		case manifest.Test, manifest.Snapshot:
			out.Add(i)
		case manifest.Model:
			if m := n.Config.Materialized(); m != "view" && m != "ephemeral" {
				out.Add(i)
			}
		}
	})
	return out
}

// group is what one transaction advances.
type group struct {
	nodes dag.Set
	// apart nodes commit by themselves, as dbt's do.
	apart bool
}

// groups cuts a tick into transactions: the first holds all that may go together, isolated
// models and those that commit by themselves follow alone, and what hangs below them last.
func (t *Ticker) groups(nodes dag.Set) []group {
	g := t.Plan.Graph
	var order []int
	nodes.Each(func(i int) { order = append(order, i) })
	alone := map[int]bool{}
	for _, i := range order {
		if n := t.Session.Manifest.Nodes[g.ID(i)]; t.isolated(n) || commits(n) {
			alone[i] = true
		}
	}
	left := g.NewSet()
	left.Union(nodes)
	var out []group
	for !left.Empty() {
		waiting := g.NewSet() // behind something that goes alone
		left.Each(func(i int) {
			if alone[i] {
				waiting.Union(g.Descendants(g.SetOf(g.ID(i)), -1))
			}
		})
		together := g.NewSet()
		left.Each(func(i int) {
			if !alone[i] && !waiting.Has(i) {
				together.Add(i)
			}
		})
		if !together.Empty() {
			out = append(out, group{nodes: together})
			left.Subtract(together)
		}
		first := -1
		left.Each(func(i int) {
			if first < 0 && alone[i] && !below(g, left, alone, i) {
				first = i
			}
		})
		if first < 0 {
			continue
		}
		single := g.NewSet()
		single.Add(first)
		n := t.Session.Manifest.Nodes[g.ID(first)]
		left.Each(func(i int) {
			if test := t.Session.Manifest.Nodes[g.ID(i)]; test != nil && test.ResourceType == manifest.Test && test.AttachedNode == n.UniqueID && onlyBehind(g, left, i, first) {
				single.Add(i)
			}
		})
		out = append(out, group{nodes: single, apart: commits(n)})
		left.Subtract(single)
	}
	return out
}

// below reports that something that goes alone and is left stands before a node.
func below(g *dag.Graph, left dag.Set, alone map[int]bool, i int) bool {
	found := false
	left.Each(func(k int) {
		if k != i && alone[k] && !found {
			d := g.Descendants(g.SetOf(g.ID(k)), -1)
			found = d.Has(i)
		}
	})
	return found
}

// onlyBehind reports that all of a test's nodes that are left are one node.
func onlyBehind(g *dag.Graph, left dag.Set, test, node int) bool {
	for _, p := range g.Parents(test) {
		if int(p) != node && left.Has(int(p)) {
			return false
		}
	}
	return true
}

func (t *Ticker) isolated(n *manifest.Node) bool {
	f, ok := t.Session.Follow.(*Follower)
	if !ok || n == nil {
		return false
	}
	m := f.Model(n.UniqueID)
	return m != nil && m.Isolate
}

// commits reports that building a node cannot be part of a transaction.
func commits(n *manifest.Node) bool {
	if n == nil || n.ResourceType != manifest.Model {
		return false
	}
	if n.Language == "python" || compile.IsMicrobatch(n) {
		return true
	}
	return hooksOutside(n)
}

// hooksOutside reports that a model has hooks that run outside of its transaction.
func hooksOutside(n *manifest.Node) bool {
	for _, key := range []string{"pre-hook", "post-hook"} {
		for _, h := range n.Config.Get(key).Items() {
			if d, ok := h.AsDict(); ok {
				if v, ok := d.GetString("transaction"); ok {
					if on, isBool := v.AsBool(); isBool && !on {
						return true
					}
				}
			}
		}
	}
	return false
}

// Split parts a tick into what goes together and what lags behind: isolated models, and all
// that hangs below them.
func (t *Ticker) Split(nodes dag.Set) (together, behind dag.Set) {
	g := t.Plan.Graph
	together, behind = g.NewSet(), g.NewSet()
	nodes.Each(func(i int) {
		if t.isolated(t.Session.Manifest.Nodes[g.ID(i)]) {
			behind.Add(i)
			d := g.Descendants(g.SetOf(g.ID(i)), -1)
			d.Intersect(nodes)
			behind.Union(d)
		}
	})
	together.Union(nodes)
	together.Subtract(behind)
	return together, behind
}

// maxTries bounds how often a tick is tried that fails for reasons that pass.
const maxTries = 6

// Run advances nodes, one transaction after the other. An error is about the run as a whole;
// what failed in it is in the outcome.
func (t *Ticker) Run(ctx context.Context, s *run.Session, nodes dag.Set) (*Outcome, error) {
	out := &Outcome{Published: true}
	for _, gr := range t.groups(nodes) {
		o, err := t.runGroup(ctx, s, gr)
		if o != nil {
			out.Results = merge(out.Results, o.Results)
			out.Published = out.Published && o.Published
			if o.Stop != nil {
				out.Stop = o.Stop
			}
		}
		if err != nil || out.Stop != nil {
			return out, err
		}
	}
	return out, nil
}

func merge(a, b *run.Results) *run.Results {
	if a == nil || b == nil {
		if a == nil {
			return b
		}
		return a
	}
	c := *a
	c.Results = append(append([]*run.Result{}, a.Results...), b.Results...)
	c.Elapsed += b.Elapsed
	c.Canceled = a.Canceled || b.Canceled
	return &c
}

func (t *Ticker) runGroup(ctx context.Context, s *run.Session, gr group) (*Outcome, error) {
	plan := run.Plan{Mode: t.Plan.Mode, Graph: t.Plan.Graph, Selected: gr.nodes}
	if gr.apart {
		results, err := run.Execute(ctx, s, plan, t.Options)
		return &Outcome{Results: results, Published: results != nil && results.Ok()}, err
	}
	wait := 20 * time.Millisecond
	for try := 1; ; try++ {
		o, err := t.transaction(ctx, s, plan)
		if !passing(o, err) || try == maxTries || ctx.Err() != nil {
			return o, err
		}
		select {
		case <-ctx.Done():
			return o, err
		case <-time.After(wait):
			wait *= 3
		}
	}
}

// passing reports that a fresh try may succeed.
func passing(o *Outcome, err error) bool {
	transient := func(err error) bool {
		var db *adapters.DatabaseError
		return errors.As(err, &db) && db.Fault == adapters.FaultTransient
	}
	if err != nil {
		return transient(err)
	}
	if o.Published || o.Results == nil {
		return false
	}
	for _, r := range o.Results.Results {
		if r.Status == run.Error && r.Diag != nil && transient(r.Diag) {
			return true
		}
	}
	return false
}

// transaction runs nodes on one connection and publishes all of them at once, or nothing.
func (t *Ticker) transaction(ctx context.Context, s *run.Session, plan run.Plan) (*Outcome, error) {
	if f, ok := s.Follow.(*Follower); ok {
		f.Begin()
	}
	shared, c, err := run.OpenTransaction(ctx, s, "stream tick")
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close() }()
	o := t.Options
	o.Shared, o.Threads, o.Retries, o.FailFast = shared, 1, 0, false
	results, err := run.Execute(ctx, s, plan, o)
	out := &Outcome{Results: results}
	if err == nil {
		err = t.step("before commit")
	}
	if err != nil {
		return out, errors.Join(err, shared.Rollback(ctx))
	}
	publish, stop := t.verdict(results)
	out.Stop = stop
	if !publish || ctx.Err() != nil {
		return out, shared.Rollback(ctx)
	}
	if err := shared.Commit(ctx); err != nil {
		return out, err
	}
	out.Published = true
	return out, t.step("after commit")
}

func (t *Ticker) step(where string) error {
	if t.Steps == nil {
		return nil
	}
	return t.Steps(where)
}

// verdict says whether what ran may be published, and what ends the loop.
func (t *Ticker) verdict(results *run.Results) (publish bool, stop *diag.Diagnostic) {
	publish = true
	for _, r := range results.Results {
		switch r.Status {
		case run.Error, run.RuntimeError, run.PartialSuccess:
			publish = false
		case run.Fail:
			switch t.onFailure(r.Node) {
			case declare.Stop:
				publish = false
				if stop == nil {
					stop = t.failed(r)
				}
			case declare.Hold:
				publish = false
			}
		}
	}
	return publish, stop
}

func (t *Ticker) failed(r *run.Result) *diag.Diagnostic {
	d := diag.New(diag.CodeSlice, diag.Runtime, r.Node.Span, fmt.Sprintf("nothing of this tick was published: the test %s failed: %s", r.Node.Name, r.Message))
	d.NodeID = r.UniqueID
	d.Hint = "on_test_failure: hold waits for rows that make it pass; publish goes on"
	return d
}

// onFailure is the strictest answer that the models of a test give.
func (t *Ticker) onFailure(test *manifest.Node) declare.OnFailure {
	answer := declare.Publish
	f, ok := t.Session.Follow.(*Follower)
	if !ok || test == nil {
		return answer
	}
	for _, id := range test.DependsOn.Nodes {
		m := f.Model(id)
		switch {
		case m == nil:
		case m.OnFailure == declare.Stop:
			return declare.Stop
		case m.OnFailure == declare.Hold:
			answer = declare.Hold
		}
	}
	return answer
}
