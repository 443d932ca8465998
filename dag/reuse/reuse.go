// Package reuse decides which nodes of a run need not be built: those whose result is
// decided by the same things as at their last success in this very database. What decided it
// is kept there as well, in a table that is cleared ahead of each build and written behind it,
// so that whatever happens in between makes a node be built again. What is not known to be
// the same counts as changed.
package reuse

import (
	"context"
	"sync"

	"github.com/google/uuid"

	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/dag/run"
)

// Keeper implements run.Reuser for the runs of one session.
type Keeper struct {
	session *run.Session
	program string // version
	// Steps, if set, is asked at every step of a build; an error stands for a crash.
	Steps func(Step) error

	mu      sync.Mutex
	store   *store
	macros  *machinery
	records map[string]*record // by key; nil for one that was forgotten
	pending map[string]*record // of nodes that are being built, by unique_id
	inputs  map[string]version // what this run has found out, by unique_id
	engine  string             // identity of engine and session, "" before it was asked for
	stable  map[string]bool    // functions; nil before they were asked for
}

// Step names a moment of the bookkeeping of a node. Tests stop it there.
type Step string

// The steps, in order.
const (
	StepForgotten Step = "forgotten" // the node is about to be built
	StepBuilt     Step = "built"     // it is committed, and nothing is written about it
)

// New makes the keeper of a session; program is the version of the program.
func New(s *run.Session, program string) *Keeper { return &Keeper{session: s, program: program} }

func (k *Keeper) step(s Step) error {
	if k.Steps == nil {
		return nil
	}
	return k.Steps(s)
}

// Begin implements run.Reuser.
func (k *Keeper) Begin(ctx context.Context, db run.Database, nodes []*manifest.Node, asked bool) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.store = newStore(k.session)
	k.records, k.pending, k.inputs, k.engine, k.stable = map[string]*record{}, map[string]*record{}, map[string]version{}, "", nil
	there, err := k.store.exists(ctx, db)
	if err != nil {
		return err
	}
	switch {
	case asked:
		k.macros = newMachinery(k.session)
		if !there {
			return k.store.create(ctx, db)
		}
		k.records, err = k.store.load(ctx)
		return err
	case there:
		keys := make([]string, len(nodes))
		for i, n := range nodes {
			keys[i] = key(n)
		}
		return k.store.forget(ctx, keys...)
	}
	return nil
}

// End implements run.Reuser.
func (k *Keeper) End() error {
	if k.store == nil {
		return nil
	}
	return k.store.close()
}

// Decide implements run.Reuser.
func (k *Keeper) Decide(ctx context.Context, t *run.Task) (run.Verdict, error) {
	now, why, err := k.examine(ctx, t)
	if err != nil {
		return run.Verdict{}, err
	}
	k.mu.Lock()
	was := k.records[key(t.Node)]
	k.mu.Unlock()
	if why == "" {
		if why, err = k.compare(ctx, t, was, now); err != nil {
			return run.Verdict{}, err
		}
	}
	if why == "" && !was.Settled {
		why = "a run over the same rows has to show first that it changes nothing"
		now.before = was.Build
		if now.countBefore, err = k.count(ctx, t); err != nil {
			return run.Verdict{}, err
		}
	}
	if why == "" {
		k.learn(t.ID, version{text: was.Build})
		return run.Verdict{Reused: true, Why: "nothing that decides its result has changed since it was built"}, nil
	}
	if was != nil {
		if err := k.store.forget(ctx, key(t.Node)); err != nil {
			return run.Verdict{}, err
		}
	}
	k.learn(t.ID, version{why: why})
	k.mu.Lock()
	k.records[key(t.Node)] = nil
	k.pending[t.ID] = now
	k.mu.Unlock()
	return run.Verdict{Why: why}, k.step(StepForgotten)
}

func (k *Keeper) learn(id string, v version) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.inputs[id] = v
}

// examine finds what decides the result of a node now. Without a record the node cannot be
// reused, nor what it is about to become, for the reason given.
func (k *Keeper) examine(ctx context.Context, t *run.Task) (now *record, why string, err error) {
	if why := k.never(t); why != "" {
		return nil, why, nil
	}
	engine, stable, err := k.facts(ctx, t)
	if err != nil {
		return nil, "", err
	}
	now = &record{Node: t.ID, Parts: map[string]string{"engine": engine, "macros": k.macros.hash(), "config": configuration(k.session, t.Node)}, Inputs: map[string]string{}}
	if t.Node.ResourceType == manifest.Seed {
		if now.Parts["code"], err = fileHash(t.Node); err != nil {
			return nil, "", err
		}
	} else {
		now.Parts["code"] = hash(t.Out.Code)
		if why, now.readsItself = k.judge(t, stable); why != "" {
			return nil, why, nil
		}
	}
	if why, err = k.collect(ctx, t, t.Node, now.Inputs); why != "" || err != nil {
		return nil, why, err
	}
	full, set := t.Node.Config.FullRefresh()
	if full || !set && k.session.Flags.FullRefresh {
		return now, "a full refresh is asked for", nil
	}
	if grows(t.Node) {
		found, err := k.find(t, t.Node)
		if err != nil {
			return nil, "", err
		}
		now.grown = found != nil && found.Type == "table"
	}
	return now, "", nil
}

// facts are the identity of the engine with its session, and its stable functions.
func (k *Keeper) facts(ctx context.Context, t *run.Task) (engine string, stable map[string]bool, err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.stable != nil {
		return k.engine, k.stable, nil
	}
	engine, err = k.store.row(ctx, t.Database(), "get_session_identity_sql")
	if err != nil {
		return "", nil, err
	}
	rows, err := k.store.ask(ctx, t.Database(), "get_stable_functions_sql")
	if err != nil {
		return "", nil, err
	}
	k.engine, k.stable = hash(k.program+"\n"+k.session.Driver.Name()+"\n"+engine), map[string]bool{}
	for _, row := range rows {
		k.stable[value.Str(row[0])] = true
	}
	return k.engine, k.stable, nil
}

// never tells why a node is not one that is reused, whatever has or has not changed.
func (k *Keeper) never(t *run.Task) string {
	n := t.Node
	switch {
	case t.Out == nil || t.FollowsStreams():
		return "it takes its inputs in slices or batches of its own"
	case n.Language == "python":
		return "it is written in Python"
	case n.Config.String("sql_header") != "":
		return "it has a sql_header"
	case len(n.Config.Hooks("pre-hook"))+len(n.Config.Hooks("post-hook")) > 0:
		return "it has hooks, which run with it"
	case t.Database().Asked() > 0:
		return "its code queries the database while it is compiled"
	case t.WantsPointer():
		return "it also builds the view of its latest version"
	case n.ResourceType == manifest.Test && k.session.StoresFailures(n):
		return "it stores its failures"
	}
	m := n.Config.Materialized()
	switch n.ResourceType {
	case manifest.Test, manifest.Seed, manifest.Snapshot:
	case manifest.Model:
		if m != "table" && m != "view" && m != "incremental" {
			return "a model materialized as " + m + " is built each time"
		}
	default:
		return "a " + string(n.ResourceType) + " is built each time"
	}
	if !k.session.BuiltinMaterialization(m) {
		return "the project replaces the materialization " + m
	}
	if n.ResourceType != manifest.Test && n.Database != k.store.database {
		return "it is in another database than what is known of it"
	}
	return ""
}

// parts are what a node is made by, in the order in which a difference is told.
var parts = []struct{ name, changed string }{
	{"code", "its code or file has changed"},
	{"config", "its configuration has changed"},
	{"macros", "macros that may take part in building it have changed"},
	{"engine", "the engine, its settings or this program are others than when it was built"},
}

// compare tells what has changed since a node's last success, "" for nothing.
func (k *Keeper) compare(ctx context.Context, t *run.Task, was, now *record) (string, error) {
	if was == nil || was.Node != t.ID {
		return "no success of it is known in this database", nil
	}
	for _, p := range parts {
		if was.Parts[p.name] != now.Parts[p.name] {
			return p.changed, nil
		}
	}
	for _, id := range sorted(now.Inputs) {
		if was.Inputs[id] != now.Inputs[id] {
			return run.ShortName(k.session.Manifest, id) + " has changed or was built again", nil
		}
	}
	if len(was.Inputs) != len(now.Inputs) {
		return "it reads something else", nil
	}
	if t.Node.ResourceType == manifest.Test {
		return "", nil
	}
	identity, err := k.identity(ctx, t, t.Node)
	switch {
	case err != nil:
		return "", err
	case identity == "":
		return "its relation is not there", nil
	case identity != was.Identity:
		return "something else has changed its relation", nil
	}
	return "", nil
}

// Built implements run.Reuser.
func (k *Keeper) Built(ctx context.Context, t *run.Task) error {
	k.mu.Lock()
	now := k.pending[t.ID]
	delete(k.pending, t.ID)
	k.mu.Unlock()
	if err := k.step(StepBuilt); err != nil || now == nil {
		return err
	}
	switch t.Node.ResourceType {
	case manifest.Test:
	case manifest.Seed:
		if again, err := fileHash(t.Node); err != nil || again != now.Parts["code"] {
			return err // the file was changed while it was loaded: what is there now is not known
		}
		fallthrough
	default:
		var err error
		if now.Identity, err = k.identity(ctx, t, t.Node); err != nil || now.Identity == "" {
			return err
		}
	}
	var err error
	if now.Settled, err = k.settled(ctx, t, now); err != nil {
		return err
	}
	if now.Build = uuid.NewString(); now.Settled && now.before != "" {
		now.Build = now.before
	}
	if err := k.store.keep(ctx, key(t.Node), now); err != nil {
		return err
	}
	k.mu.Lock()
	k.records[key(t.Node)] = now
	k.mu.Unlock()
	k.learn(t.ID, version{text: now.Build})
	return nil
}
