package follow

import (
	"context"
	"strings"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/adapters/kafka/ledger"
	"github.com/millrace/millrace/compiler/compile"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/sql/slicing"
	"github.com/millrace/millrace/dag/run"
)

// mode is how a model advances: as it asks, else by what its unique_key allows.
func (f *Follower) mode(n *manifest.Node) declare.Advance {
	if m := f.models[n.UniqueID]; m != nil && m.Advance != "" {
		return m.Advance
	}
	if len(uniqueKey(n)) > 0 {
		return declare.Keyed
	}
	return declare.Append
}

func uniqueKey(n *manifest.Node) []string { return n.Config.Strings("unique_key") }

// plan is how a model advances, proven.
type plan struct {
	mode        declare.Advance
	feeds       []feed
	access      []slicing.Access // of a keyed model
	adds        *addition        // of a keyed model whose keys' rows can be added to; nil with anew
	recompute   string           // why they cannot
	fingerprint string
	full        *compile.Output // the whole query, its inputs unrestricted
	inputs      []slicing.Input
}

// plan proves how a model can advance.
func (f *Follower) plan(ctx context.Context, w run.Work) (*plan, error) {
	n := w.Node
	feeds, err := f.feeds(ctx, w, n)
	if err != nil {
		return nil, f.unproven(n, nil, err)
	}
	out, inputs, err := w.Compile(n, unrestricted(feeds), true)
	if err != nil {
		return nil, err
	}
	p := &plan{mode: f.mode(n), feeds: feeds, fingerprint: fingerprint(out, inputs, n, feeds), full: out, inputs: inputs}
	key := uniqueKey(n)
	switch {
	case p.mode == declare.Append && len(key) > 0:
		return nil, f.refuse(n, "advance: append adds rows, but the model has a unique_key", "leave one of them out")
	case p.mode == declare.Keyed && len(key) == 0:
		return nil, f.refuse(n, "advance: keyed needs a unique_key", "")
	case p.mode == declare.Append:
		err = slicing.Appends(out.Code, inputs)
	default:
		p.access, err = slicing.Keys(out.Code, inputs, key)
	}
	if err != nil {
		return nil, f.unproven(n, out, err)
	}
	if p.mode == declare.Keyed {
		if p.adds, p.recompute, err = f.addition(ctx, w, p); err != nil {
			return nil, err
		}
		if p.recompute != "" {
			if err := f.needsAll(n, p); err != nil {
				return nil, err
			}
		}
	}
	return p, nil
}

func (f *Follower) refuse(n *manifest.Node, summary, hint string) error {
	d := diag.New(diag.CodeSlice, diag.Compilation, f.models[n.UniqueID].Span, "model "+n.Name+": "+summary)
	d.Hint, d.NodeID = hint, n.UniqueID
	return d
}

// Advance implements run.Follower.
func (f *Follower) Advance(ctx context.Context, w run.Work) (*run.Advance, error) {
	n := w.Node
	p, err := f.plan(ctx, w)
	if err != nil {
		return nil, err
	}
	old, err := f.ledger.ModelPositions(ctx, w.Conn, f.name(n.UniqueID))
	if err != nil {
		return nil, err
	}
	next, news, why, err := f.next(ctx, w, p, old)
	if err != nil {
		return nil, err
	}
	if err := f.step(StepRead); err != nil {
		return nil, err
	}
	if why != "" {
		if err := f.stillThere(ctx, w, p, why); err != nil {
			return nil, err
		}
	}
	a := &run.Advance{}
	ch := change{}
	switch {
	case !w.There || why != "":
		a, err = f.whole(w, p, next, why)
		ch.whole = true
	case !news:
		a.Message = "NO NEW ROWS"
		ch.condition = "1 = 0"
	case p.mode == declare.Append:
		a, ch, err = f.append(w, p, old, next)
	default:
		a, ch, err = f.keyed(w, p, old, next)
	}
	if err != nil {
		return nil, err
	}
	a.Behind = func(ctx context.Context, c adapters.Conn) error {
		if err := f.step(StepRows); err != nil {
			return err
		}
		if err := f.place(ctx, c, n, old, next); err != nil {
			return err
		}
		f.mu.Lock()
		f.changed[n.UniqueID] = ch
		f.mu.Unlock()
		return f.step(StepPlaced)
	}
	return a, nil
}

// next are the positions that a model advances to, whether there is anything new up to them,
// and why the model must be built as a whole although its table is there.
func (f *Follower) next(ctx context.Context, w run.Work, p *plan, old map[string]ledger.ModelPosition) (next []ledger.ModelPosition, news bool, why string, err error) {
	why = f.anew(w, p, old)
	next = make([]ledger.ModelPosition, len(p.feeds))
	for i, fd := range p.feeds {
		input := f.name(fd.id)
		from := old[input].Frontier
		if why == "" && w.There {
			rewound, err := f.ledger.Rewound(ctx, w.Conn, fd.root, from)
			if err != nil {
				return nil, false, "", err
			}
			if rewound {
				why = "rows that it had taken in were taken back from " + input
			}
		}
		if why != "" {
			from = ledger.Frontier{}
		}
		to, err := f.upper(ctx, w, fd, from)
		if err != nil {
			return nil, false, "", err
		}
		news = news || !ledger.Empty(from, to)
		next[i] = ledger.ModelPosition{Model: f.name(w.Node.UniqueID), Input: input, Frontier: to, Fingerprint: p.fingerprint}
	}
	if why != "" { // an input that was read before this came out is read from its beginning too
		for i, fd := range p.feeds {
			if next[i].Frontier, err = f.upper(ctx, w, fd, ledger.Frontier{}); err != nil {
				return nil, false, "", err
			}
		}
	}
	return next, news, why, nil
}

// anew says why a model must be built as a whole, as far as its query and its positions tell.
func (f *Follower) anew(w run.Work, p *plan, old map[string]ledger.ModelPosition) string {
	if !w.There {
		return ""
	}
	for _, fd := range p.feeds {
		at, ok := old[f.name(fd.id)]
		switch {
		case !ok:
			return "the ledger does not know how far it has come in " + f.name(fd.id)
		case at.Fingerprint != p.fingerprint:
			return "its query has changed"
		}
	}
	if len(old) != len(p.feeds) {
		return "its inputs have changed"
	}
	return ""
}

// whole builds everything up to the new frontier: beside the old table, which serves until
// both swap in the transaction that moves the positions.
func (f *Follower) whole(w run.Work, p *plan, next []ledger.ModelPosition, why string) (*run.Advance, error) {
	conditions := map[string]string{}
	for i, fd := range p.feeds {
		conditions[fd.id] = next[i].Frontier.UpTo(batchColumn)
	}
	out, _, err := w.Compile(w.Node, conditions, true)
	if err != nil {
		return nil, err
	}
	if why != "" && f.session.Events != nil {
		f.session.Events.Emit(event.Event{Name: "StreamRebuild", Code: "M120", Level: event.Info, Time: f.now(),
			Msg:  "model " + w.Node.Name + " is built anew from what has landed: " + why,
			Data: map[string]any{"unique_id": w.Node.UniqueID, "reason": why}})
	}
	return &run.Advance{Out: out, Full: w.There}, nil
}

// append adds what the query gives for the new rows.
func (f *Follower) append(w run.Work, p *plan, old map[string]ledger.ModelPosition, next []ledger.ModelPosition) (*run.Advance, change, error) {
	conditions := map[string]string{}
	for i, fd := range p.feeds {
		conditions[fd.id] = ledger.Slice(batchColumn, old[next[i].Input].Frontier, next[i].Frontier)
	}
	out, inputs, err := w.Compile(w.Node, conditions, false)
	if err != nil {
		return nil, change{}, err
	}
	// What runs is the incremental form of the query, which may differ from the whole one.
	if err := slicing.Appends(out.Code, inputs); err != nil {
		return nil, change{}, f.unproven(w.Node, out, err)
	}
	ch := change{whole: true}
	if access, err := slicing.Keys(p.full.Code, p.inputs, []string{batchColumn}); err == nil && len(p.feeds) == 1 && len(access) == 1 {
		ch = change{condition: conditions[p.feeds[0].id]}
	}
	return &run.Advance{Out: out}, ch, nil
}

// keyed computes the touched keys anew, over all rows that they have, or adds to their rows
// what new rows give.
func (f *Follower) keyed(w run.Work, p *plan, old map[string]ledger.ModelPosition, next []ledger.ModelPosition) (*run.Advance, change, error) {
	n := w.Node
	table := keysTable(f.name(n.UniqueID))
	slices, whole := map[string]string{}, map[string]string{}
	for i, fd := range p.feeds {
		slices[fd.id] = ledger.Slice(batchColumn, old[next[i].Input].Frontier, next[i].Frontier)
		whole[fd.id] = next[i].Frontier.UpTo(batchColumn)
	}
	conditions, touched := keyedConditions(p.access, slices, whole, table)
	if p.adds != nil {
		conditions = slices
	}
	// A key may have no rows left, and is_incremental() would narrow what is read of the
	// others: the query is the whole one.
	out, _, err := w.Compile(n, conditions, true)
	if err != nil {
		return nil, change{}, err
	}
	key := uniqueKey(n)
	rel := f.session.Env.NodeRelation(n).Render()
	if p.adds != nil {
		a := &run.Advance{Out: out, Before: f.added(p, out, slices, key, f.name(n.UniqueID), rel), Strategy: p.adds.strategy}
		return a, change{condition: member(key, "("+touched+")")}, nil
	}
	condition := member(key, table)
	out.Wrap("select * from (\n", "\n) as _stream_model\nwhere "+condition)
	return &run.Advance{Out: out, Before: []string{f.temporary(table, touched), "delete from " + rel + " where " + condition}}, change{condition: condition}, nil
}

// added makes the query of new rows one that folds them with the rows of their keys, and says
// what has to run before it. The model's strategy replaces rows by key, except those whose key
// has a null: they are put aside.
func (f *Follower) added(p *plan, out *compile.Output, slices map[string]string, key []string, name, rel string) []string {
	table, kept := keysTable(name), keptTable(name)
	head, tail := p.adds.around(kept, rel, key)
	out.Wrap(head, tail)
	condition := nullMember(key, table)
	return []string{
		f.temporary(table, touchedKeys(p.access, func(a slicing.Access) string { return slices[a.Input.ID] + " and " + null(a.Exprs) })),
		f.temporary(kept, "select "+p.adds.columns()+" from "+rel+" where "+condition),
		"delete from " + rel + " where " + condition,
	}
}

// temporary makes a table that is gone after the transaction, or made anew in the next.
func (f *Follower) temporary(table, query string) string {
	if f.kind == "postgres" {
		return "create temp table " + table + " on commit drop as " + query
	}
	return "create or replace temp table " + table + " as " + query
}

// keyedConditions are which rows a keyed model reads of each input, and the query of the
// keys that the slices touch.
func keyedConditions(access []slicing.Access, slices, whole map[string]string, table string) (conditions map[string]string, touched string) {
	members := map[string][]string{}
	for _, a := range access {
		members[a.Input.ID] = append(members[a.Input.ID], member(a.Exprs, table))
	}
	conditions = map[string]string{}
	for id, upTo := range whole {
		conditions[id] = upTo
		if list := members[id]; len(list) > 0 {
			conditions[id] += " and (" + strings.Join(list, " or ") + ")"
		}
	}
	return conditions, touchedKeys(access, func(a slicing.Access) string { return slices[a.Input.ID] })
}

// touchedKeys is the query of the keys of those rows of inputs that meet a condition.
func touchedKeys(access []slicing.Access, condition func(slicing.Access) string) string {
	keys := make([]string, len(access))
	for i, a := range access {
		columns := make([]string, len(a.Exprs))
		for k, name := range keyColumns(len(a.Exprs)) {
			columns[k] = a.Exprs[k] + " as " + name
		}
		keys[i] = "select " + strings.Join(columns, ", ") + " from " + a.Input.Table + " where " + condition(a)
	}
	return "select distinct * from (" + strings.Join(keys, "\nunion all\n") + ") as _stream_touched"
}
