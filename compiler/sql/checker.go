package sql

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/millrace/millrace/compiler/sql/scan"
)

// Certainty says what is known about the columns of a relation.
type Certainty uint8

// The degrees of certainty.
const (
	Unseen  Certainty = iota // nothing is known
	Assumed                  // these columns are likely: good for lineage, not for errors
	Known                    // it has these columns and no others
)

// Relation is what a checker knows about one relation.
type Relation struct {
	Name      Name
	Columns   []Column
	Certainty Certainty
}

// Has reports whether a relation has a column.
func (r *Relation) Has(column string) bool {
	return slices.ContainsFunc(r.Columns, func(c Column) bool { return strings.EqualFold(c.Name, column) })
}

// Result is what binding a query gave.
type Result struct {
	Columns   []Column // nil when it did not bind
	Certainty Certainty
	// Err is a fault of the query; nil when it binds, and also when it does not and that may
	// be due to something the checker does not know.
	Err *BindError
	// Unseen is why a query did not bind that may well be right.
	Unseen error
}

// Checker binds the queries of a project one after the other. Whoever uses it defines the
// relations a query reads before the query. A query is bound again only when its text or the
// columns of a relation that it names have changed, so that a checker can be kept while
// files are edited.
type Checker struct {
	analyzer Analyzer
	// advisory: the analyzer is another engine's, so that nothing it refuses is an error.
	advisory  bool
	relations map[Name]*Relation     // by folded name
	named     map[string][]*Relation // by folded identifier
	results   map[[sha256.Size]byte]*Result
	memory    *Memory
	// pending are relations that the analyzer has not been told of, because what defining them
	// gives was remembered; by folded name, with the columns as they were given.
	pending map[Name][]Column
	bound   int

	reader  Reader               // nil for a checker that binds everything
	texts   map[Name]*Relation   // relations as the reader sees them, by folded name
	untyped map[*Relation]string // relations whose types are not asked for yet, with their queries
}

// NewChecker makes a checker without relations. With advisory, the analyzer is not that of
// the engine which will run the queries.
func NewChecker(a Analyzer, advisory bool) *Checker {
	return &Checker{analyzer: a, advisory: advisory, relations: map[Name]*Relation{}, named: map[string][]*Relation{}, results: map[[sha256.Size]byte]*Result{},
		memory: NewMemory(""), pending: map[Name][]Column{}, texts: map[Name]*Relation{}, untyped: map[*Relation]string{}}
}

// Remember lets a checker use what an earlier one has found out, and add to it.
func (c *Checker) Remember(m *Memory) { c.memory = m }

// Bound counts the queries that were bound, for measuring.
func (c *Checker) Bound() int { return c.bound }

// Define tells the columns of a relation. What cannot be defined (no columns, two of one
// name, a type that the engine does not have) stays unseen.
func (c *Checker) Define(ctx context.Context, r Relation) *Relation {
	key := r.Name.fold()
	if r.Certainty == Known && c.advisory {
		r.Certainty = Assumed
	}
	if len(r.Columns) == 0 || duplicates(r.Columns) {
		r.Columns, r.Certainty = nil, Unseen
	}
	old := c.relations[key]
	if old != nil && old.Certainty == r.Certainty && slices.Equal(old.Columns, r.Columns) {
		return old
	}
	given := r.Columns
	switch {
	case r.Certainty == Unseen:
		if old != nil && old.Certainty != Unseen {
			delete(c.pending, key)
			_ = c.analyzer.Forget(ctx, r.Name) // a table that stays only makes more of the project unseen
		}
	case old == nil || !slices.Equal(old.Columns, r.Columns):
		given = c.define(ctx, key, &r)
	}
	if old != nil {
		delete(c.untyped, old)
		*old = r
		c.show(key, old, given)
		return old
	}
	c.add(key, &r)
	c.show(key, &r, given)
	return &r
}

func (c *Checker) add(key Name, r *Relation) {
	c.relations[key] = r
	c.named[key.Identifier] = append(c.named[key.Identifier], r)
}

// define gives a relation its columns as the engine writes them, or makes it unseen, and says with
// which columns it is defined there. Where that is remembered, the analyzer is told only when a query is
// bound that names the relation.
func (c *Checker) define(ctx context.Context, key Name, r *Relation) (given []Column) {
	given = r.Columns
	memo := columnsKey(*r)
	if known, ok := c.memory.find(memo); ok {
		if known.Untyped {
			given = untyped(r.Columns)
		}
		c.pending[key] = given
		r.Columns = known.Columns
		return given
	}
	delete(c.pending, key)
	columns, err := c.analyzer.Define(ctx, r.Name, r.Columns)
	forgotten := err != nil && r.Certainty == Assumed
	if forgotten {
		given = untyped(r.Columns)
		columns, err = c.analyzer.Define(ctx, r.Name, given)
	}
	if r.Columns = columns; err != nil {
		r.Columns, r.Certainty = nil, Unseen
		return nil
	}
	c.memory.keep(memo, &answer{Columns: columns, Untyped: forgotten})
	return given
}

// tell makes the analyzer know what a query names.
func (c *Checker) tell(ctx context.Context, reads []*Relation) {
	for _, r := range reads {
		key := r.Name.fold()
		if columns, ok := c.pending[key]; ok {
			delete(c.pending, key)
			_, _ = c.analyzer.Define(ctx, r.Name, columns) // it was defined before, from the same columns
		}
	}
}

// Relation is what is known about a relation, nil for nothing.
func (c *Checker) Relation(ctx context.Context, n Name) *Relation {
	r := c.relations[n.fold()]
	if r != nil {
		c.settle(ctx, []*Relation{r})
	}
	return r
}

// Check binds a query.
func (c *Checker) Check(ctx context.Context, sql string) *Result {
	reads := c.reads(sql)
	c.settle(ctx, reads)
	key := resultKey(sql, reads)
	r, ok := c.results[key]
	if ok {
		return r
	}
	if known, found := c.memory.find(key); found {
		r = &Result{Columns: known.Columns, Certainty: known.Certainty}
	} else if r = c.bind(ctx, sql, reads); r.Columns != nil {
		c.memory.keep(key, &answer{Columns: r.Columns, Certainty: r.Certainty})
	}
	c.results[key] = r
	return r
}

// reads are the relations whose identifier stands anywhere in a query, in the order of their
// names: more than it really reads, never fewer.
func (c *Checker) reads(sql string) []*Relation {
	var out []*Relation
	for t := range scan.Tokens(sql) {
		name, ok := t.Name(sql)
		if !ok {
			continue
		}
		for _, r := range c.named[strings.ToLower(name)] {
			if !slices.Contains(out, r) {
				out = append(out, r)
			}
		}
	}
	slices.SortFunc(out, func(a, b *Relation) int { return a.Name.Compare(b.Name) })
	return out
}

// columnsKey names the definition of a relation, whose name has no part in what it gives.
func columnsKey(r Relation) (key [sha256.Size]byte) {
	h := sha256.New()
	_, _ = fmt.Fprintf(h, "columns %d", r.Certainty) // which decides whether types may be forgotten
	for _, col := range r.Columns {
		_, _ = fmt.Fprintf(h, " %q %q", col.Name, col.Type)
	}
	h.Sum(key[:0])
	return key
}

func resultKey(sql string, reads []*Relation) (key [sha256.Size]byte) {
	h := sha256.New()
	_, _ = io.WriteString(h, sql)
	for _, r := range reads {
		_, _ = fmt.Fprintf(h, "\x00%q %d", r.Name, r.Certainty)
		for _, col := range r.Columns {
			_, _ = fmt.Fprintf(h, " %q %q", col.Name, col.Type)
		}
	}
	h.Sum(key[:0])
	return key
}

func (c *Checker) bind(ctx context.Context, sql string, reads []*Relation) *Result {
	c.bound++
	certainty := Known
	for _, r := range reads {
		certainty = min(certainty, max(r.Certainty, Assumed)) // one that is unseen does not bind, or is not read
	}
	c.tell(ctx, reads)
	columns, err := c.analyzer.Check(ctx, sql)
	if err == nil {
		return &Result{Columns: columns, Certainty: certainty}
	}
	var fault *BindError
	if !errors.As(err, &fault) || fault.Fault == FaultOther || c.advisory || certainty != Known && fault.Fault != FaultSyntax {
		return &Result{Unseen: err}
	}
	if len(fault.Candidates) == 0 && fault.Fault == FaultColumn {
		for _, r := range reads {
			for _, col := range r.Columns {
				fault.Candidates = append(fault.Candidates, col.Name)
			}
		}
	}
	return &Result{Err: fault}
}

// Lineage gives what the columns and rows of a query depend on. Where that cannot be told
// exactly, columns of the same name are named as origins of an unknown kind.
func (c *Checker) Lineage(ctx context.Context, sql string, columns []Column) (trace *Trace, exact bool) {
	reads := c.reads(sql)
	c.settle(ctx, reads)
	key := resultKey("lineage of "+sql, reads)
	known, ok := c.memory.find(key)
	if !ok {
		known = &answer{}
		c.tell(ctx, reads)
		if t, err := c.analyzer.Lineage(ctx, sql); err == nil {
			known.Trace = t
		}
		c.memory.keep(key, known)
	}
	if known.Trace != nil && len(known.Trace.Columns) == len(columns) {
		return known.Trace, !c.advisory
	}
	trace = &Trace{Columns: make([][]Origin, len(columns))}
	for _, r := range reads {
		for i, col := range columns {
			for _, from := range r.Columns {
				if strings.EqualFold(from.Name, col.Name) {
					trace.Columns[i] = append(trace.Columns[i], Origin{Table: r.Name, Column: from.Name, Kind: Unknown})
				}
			}
		}
	}
	return trace, false
}

// untyped forgets types that the engine does not have.
func untyped(columns []Column) []Column {
	out := make([]Column, len(columns))
	for i, c := range columns {
		out[i].Name = c.Name
	}
	return out
}

func duplicates(columns []Column) bool {
	seen := make(map[string]bool, len(columns))
	for _, c := range columns {
		name := strings.ToLower(c.Name)
		if seen[name] {
			return true
		}
		seen[name] = true
	}
	return false
}
