package sql

import (
	"context"
	"slices"
)

// Reader tells from a query's text what binding it would tell, given the columns of relations; there is neither
// an answer nor an error where that takes an engine. The error is about a name that means nothing.
type Reader func(text string, relation func(Name) (*Relation, bool)) (*Traced, error)

// ReadTexts makes a checker trace queries by their texts where these suffice. It is for those who
// want to know where columns come from: a mistake about types is not seen.
func (c *Checker) ReadTexts(r Reader) { c.reader = r }

// Trace gives the columns of a query and what they and its rows depend on, from its text
// where that tells it, else from the engine; read says which. The trace of a query that
// does not bind is nil.
func (c *Checker) Trace(ctx context.Context, text string) (r *Result, trace *Trace, exact, read bool) {
	if r, trace := c.read(text); r != nil {
		return r, trace, !c.advisory, true
	}
	r = c.Check(ctx, text)
	if r.Columns != nil {
		trace, exact = c.Lineage(ctx, text, r.Columns)
	}
	return r, trace, exact, false
}

// read is nil where the engine has to be asked: also about a query that is surely wrong, for it
// knows more to say about it.
func (c *Checker) read(text string) (*Result, *Trace) {
	if c.reader == nil {
		return nil, nil
	}
	certainty := Known
	found, err := c.reader(text, func(n Name) (*Relation, bool) {
		r := c.texts[n.fold()]
		if r == nil || r.Certainty == Unseen {
			return nil, false
		}
		certainty = min(certainty, r.Certainty)
		return r, true
	})
	switch {
	case err != nil && certainty != Known:
		return &Result{Unseen: err}, nil
	case found == nil || len(found.Columns) == 0:
		return nil, nil
	}
	return &Result{Columns: found.Columns, Certainty: certainty}, found.Trace
}

// DefineRead is Define for a relation that is made from a query which was read: the types of its
// columns are asked for when a query is bound that names it.
func (c *Checker) DefineRead(ctx context.Context, r Relation, text string) *Relation {
	key := r.Name.fold()
	if old := c.relations[key]; old != nil || len(r.Columns) == 0 || duplicates(r.Columns) {
		return c.Define(ctx, r)
	}
	if r.Certainty == Known && c.advisory {
		r.Certainty = Assumed
	}
	c.add(key, &r)
	c.texts[key], c.untyped[&r] = &r, text
	return &r
}

// settle finds out the types of what a query names.
func (c *Checker) settle(ctx context.Context, reads []*Relation) {
	for _, r := range reads {
		text, ok := c.untyped[r]
		if !ok {
			continue
		}
		delete(c.untyped, r)
		columns := slices.Clone(r.Columns) // what was made from the old ones stays as it is
		bound := c.Check(ctx, text)
		for i := range bound.Columns[:min(len(bound.Columns), len(columns))] {
			columns[i].Type = bound.Columns[i].Type
		}
		if bound.Columns == nil {
			r.Certainty = min(r.Certainty, Assumed)
		}
		r.Columns = columns
		key := r.Name.fold()
		c.show(key, r, c.define(ctx, key, r))
	}
}

// show lets the reader of texts see a relation that the engine knows with certain columns: what has
// no type there is of none.
func (c *Checker) show(key Name, r *Relation, given []Column) {
	if c.reader == nil {
		return
	}
	seen := *r
	seen.Columns = slices.Clone(r.Columns)
	for i := range seen.Columns {
		if given[i].Type == "" {
			seen.Columns[i].Type = Untyped
		}
	}
	c.texts[key] = &seen
}
