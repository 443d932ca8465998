// Package slicing proves from the text of a query what it gives when its inputs come in slices:
// that it works row by row (Appends), that rows of a key add up (Adds), or by which keys it can be
// computed anew (Keys). What it does not understand it refuses, and nothing is taken for proven
// that is not.
package slicing

import (
	"fmt"
	"strings"

	"github.com/millrace/millrace/compiler/sql/query"
)

// Input is a relation that a query reads in slices.
type Input struct {
	ID string
	// Text is how the query names it: the subquery that a slice is compiled to.
	Text string
	// Table is its plain name. A query that also uses this name reads past its slice.
	Table string
}

// analysis is a query, parsed, and the inputs by the names that stand for them in it.
type analysis struct {
	query  *query.Query
	inputs map[string]*Input // by stand-in
	tables map[string]*Input // by plain name
	back   func(offset int) int
}

// standIn is the name under which the i-th input stands in the text that is parsed.
func standIn(i int) string { return fmt.Sprintf("__stream_input_%d", i) }

// analyse parses a query with a name in the place of each of its inputs.
func analyse(code string, inputs []Input) (*analysis, *query.Error) {
	a := &analysis{inputs: map[string]*Input{}, tables: map[string]*Input{}}
	var b strings.Builder
	type cut struct{ at, delta int }
	var cuts []cut
	for i := 0; i < len(code); {
		found := false
		for n := range inputs {
			if inputs[n].Text != "" && strings.HasPrefix(code[i:], inputs[n].Text) {
				b.WriteString(standIn(n))
				i += len(inputs[n].Text)
				cuts = append(cuts, cut{b.Len(), i - b.Len()})
				found = true
				break
			}
		}
		if !found {
			b.WriteByte(code[i])
			i++
		}
	}
	a.back = func(offset int) int {
		delta := 0
		for _, c := range cuts {
			if c.at > offset {
				break
			}
			delta = c.delta
		}
		return offset + delta
	}
	for i := range inputs {
		a.inputs[standIn(i)] = &inputs[i]
		if tokens, err := query.Lex(inputs[i].Table); err == nil {
			a.tables[tableKey(tokens)] = &inputs[i]
		}
	}
	q, err := query.Parse(b.String())
	if err != nil {
		err.Offset = a.back(err.Offset)
		return nil, err
	}
	a.query = q
	return a, nil
}

// tableKey is the nameKey of a table's plain name, as the query writes it.
func tableKey(tokens []query.Token) string {
	var parts []string
	for _, t := range tokens {
		if n, ok := t.Name(); ok {
			parts = append(parts, n)
		}
	}
	return nameKey(parts)
}

func nameKey(parts []string) string { return strings.Join(parts, "\x00") }

// streamed reports whether a query reads an input, anywhere.
func (a *analysis) streamed(q *query.Query, s *scope) bool {
	return a.reads(q, s, map[*query.Query]bool{})
}

func (a *analysis) reads(q *query.Query, up *scope, seen map[*query.Query]bool) bool {
	if seen[q] {
		return false
	}
	seen[q] = true
	s := open(q, up)
	for _, t := range q.Terms {
		if t.Query != nil && a.reads(t.Query, s, seen) {
			return true
		}
		if t.Block == nil {
			continue
		}
		for i := range t.Block.Factors {
			f := &t.Block.Factors[i]
			src := a.source(f, s)
			if src.input != nil || src.query != nil && a.reads(src.query, src.scope, seen) || a.readsIn(f.Call, s, seen) {
				return true
			}
		}
		for _, tokens := range t.Block.Expressions() {
			if a.readsIn(tokens, s, seen) {
				return true
			}
		}
	}
	return a.readsIn(q.Order, s, seen)
}

func (a *analysis) readsIn(tokens []query.Token, s *scope, seen map[*query.Query]bool) bool {
	for _, q := range query.Subqueries(tokens) {
		if a.reads(q, s, seen) {
			return true
		}
	}
	return false
}

// mapped gives an error its place in the caller's text.
func (a *analysis) mapped(err *query.Error) error {
	if a != nil {
		err.Offset = a.back(err.Offset)
	}
	return err
}

// block is one SELECT, of which the proofs ask how its columns and rows belong to its inputs'.
type block struct{ *query.Block }
