// Package follow lets incremental models follow streams: each run takes in exactly the rows
// that have landed since the model's own position, which moves in the transaction of its
// rows. A model advances by slices only where that provably gives what a full build gives;
// what cannot be proven is refused, with the place and the reason.
package follow

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/adapters/kafka/ledger"
	"github.com/millrace/millrace/compiler/compile"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/relation"
	"github.com/millrace/millrace/dag/run"
)

// Follower implements run.Follower for one invocation.
type Follower struct {
	session  *run.Session
	ledger   *ledger.Ledger
	kind     string // adapter type
	models   map[string]*declare.Model
	streamed map[string]bool // nodes and sources that hang below a stream, or are one
	now      func() time.Time
	// ownStrategies: macros of the project decide how incremental models take rows in.
	ownStrategies bool
	// Steps, if set, is asked at every step of an advance; an error stands for a crash.
	Steps func(where Step) error

	mu      sync.Mutex
	changed map[string]change             // what the transaction in progress has changed, by unique_id
	types   map[string][]*relation.Column // of queries, by their fingerprint
	version int64                         // of the PostgreSQL server; 0 when it was not asked
}

// Step names a moment of a model's advance, in order. Tests stop it there.
type Step string

// The steps of an advance.
const (
	StepRead   Step = "read"   // positions and frontiers were read
	StepRows   Step = "rows"   // the model's rows are written
	StepPlaced Step = "placed" // its positions are moved
)

// Steps are all steps.
var Steps = []Step{StepRead, StepRows, StepPlaced}

// New prepares a project's models to follow its streams. It is nil where none asks for it.
func New(s *run.Session) (*Follower, error) {
	f := &Follower{session: s, kind: s.Driver.Name(), models: map[string]*declare.Model{}, streamed: map[string]bool{}, now: s.Clock, changed: map[string]change{}, types: map[string][]*relation.Column{}}
	if f.now == nil {
		f.now = time.Now
	}
	var list diag.List
	for _, id := range s.Manifest.Order.Nodes {
		n := s.Manifest.Nodes[id]
		if !declare.HasModel(n) {
			continue
		}
		m, problems := declare.OfModel(n)
		list = append(list, problems...)
		if m == nil {
			continue
		}
		f.models[id] = m
		if m.Advance == declare.Plain {
			continue
		}
		if d := f.misplaced(n); d != nil {
			list = append(list, d)
		}
	}
	if err := list.Err(); err != nil {
		return nil, err
	}
	if len(f.models) == 0 || s.Project.Profile == nil || s.Project.Profile.Checked == nil {
		return nil, nil
	}
	f.ledger = ledger.New(f.kind, s.Driver.Dialect(), s.Project.Profile.Checked.Database())
	f.ownStrategies = run.OwnStrategies(s)
	return f, nil
}

// Install makes the models of a session follow its streams, and makes their ledger.
func Install(ctx context.Context, s *run.Session) (*Follower, error) {
	f, err := New(s)
	if err != nil || f == nil {
		return nil, err
	}
	c, err := s.Engine.Conn(ctx, "stream ledger")
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close() }()
	if err := f.ledger.Create(ctx, c); err != nil {
		return nil, err
	}
	s.Follow = f
	return f, nil
}

// Clone is a follower for a transaction that runs beside this one's.
func (f *Follower) Clone() *Follower {
	return &Follower{session: f.session, ledger: f.ledger, kind: f.kind, models: f.models, streamed: map[string]bool{}, now: f.now, ownStrategies: f.ownStrategies, Steps: f.Steps, changed: map[string]change{}, types: map[string][]*relation.Column{}}
}

// misplaced refuses meta.stream where no slice could ever be.
func (f *Follower) misplaced(n *manifest.Node) *diag.Diagnostic {
	m := f.models[n.UniqueID]
	refuse := func(summary, hint string) *diag.Diagnostic {
		d := diag.New(diag.CodeSlice, diag.Parsing, m.Span, "model "+n.Name+": "+summary)
		d.Hint, d.NodeID = hint, n.UniqueID
		return d
	}
	switch {
	case n.Config.Materialized() != "incremental":
		return refuse("meta.stream asks for slices, but the model is no incremental one ("+n.Config.Materialized()+")", "advance: plain builds it as a whole in every tick")
	case n.Language == "python":
		return refuse("a Python model cannot take slices", "advance: plain builds it as dbt does")
	case compile.IsMicrobatch(n):
		return refuse("the strategy microbatch cuts its input by time already", "advance: plain builds it as dbt does")
	case !f.below(n.UniqueID):
		return refuse("meta.stream asks for slices, but the model reads no stream", "leave meta.stream out")
	}
	if hooksOutside(n) {
		return refuse("a hook outside of the transaction would part the model's rows from its position", "let the hook run inside of the transaction")
	}
	return nil
}

// Follows implements run.Follower.
func (f *Follower) Follows(n *manifest.Node) bool {
	m := f.models[n.UniqueID]
	return m != nil && m.Advance != declare.Plain
}

// Model is what a model asks for; nil when it asks for nothing.
func (f *Follower) Model(id string) *declare.Model { return f.models[id] }

// below reports that a node or source changes with a stream.
func (f *Follower) below(id string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.isBelow(id)
}

func (f *Follower) isBelow(id string) bool {
	if known, ok := f.streamed[id]; ok {
		return known
	}
	f.streamed[id] = false
	on := false
	if src := f.session.Manifest.Sources[id]; src != nil {
		on = declare.Has(src)
	} else if n := f.session.Manifest.Nodes[id]; n != nil {
		for _, up := range n.DependsOn.Nodes {
			on = f.isBelow(up) || on
		}
	}
	f.streamed[id] = on
	return on
}

func (f *Follower) step(s Step) error {
	if f.Steps == nil {
		return nil
	}
	return f.Steps(s)
}

// name is how the ledger calls a relation: without the database, which is its own.
func (f *Follower) name(id string) string {
	rel, ok := f.session.Env.RelationOf(f.session.Manifest, id)
	if !ok {
		return id
	}
	return rel.WithInclude(relation.Policy{Schema: true, Identifier: true}).Render()
}

// place moves a model's positions.
func (f *Follower) place(ctx context.Context, c adapters.Conn, n *manifest.Node, old map[string]ledger.ModelPosition, next []ledger.ModelPosition) error {
	keep := map[string]bool{}
	for _, p := range next {
		keep[p.Input] = true
		var from *ledger.ModelPosition
		if o, ok := old[p.Input]; ok {
			from = &o
		}
		if err := f.ledger.PlaceModel(ctx, c, from, p, f.now()); err != nil {
			if errors.Is(err, ledger.ErrPositionMoved) {
				d := diag.New(diag.CodeFenced, diag.Runtime, n.BodySpan, "model "+n.Name+": "+err.Error())
				d.Cause, d.NodeID = err, n.UniqueID
				d.Hint = "two processes build this model at a time; run the command again"
				return d
			}
			return err
		}
	}
	for input := range old {
		if !keep[input] {
			if err := f.ledger.ForgetModel(ctx, c, f.name(n.UniqueID), input); err != nil {
				return err
			}
		}
	}
	return nil
}
