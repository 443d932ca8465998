package compile

import (
	"strings"

	"github.com/millrace/millrace/compiler/relation"
	"github.com/millrace/millrace/compiler/sql/query"
	"github.com/millrace/millrace/compiler/sql/slicing"
)

// Slices restrict some of a node's inputs to the rows that meet a condition. One compilation
// uses it.
type Slices struct {
	Conditions map[string]string // by unique_id
	used       *[]input
	nested     bool
}

type input struct {
	slicing.Input
	alias string
}

// NewSlices restricts inputs, by unique_id.
func NewSlices(conditions map[string]string) *Slices {
	return &Slices{Conditions: conditions, used: new([]input)}
}

// Inputs are the restricted relations that the node has named, as they stand in its code.
func (s *Slices) Inputs() []slicing.Input {
	out := make([]slicing.Input, len(*s.used))
	for i, in := range *s.used {
		out[i] = in.Input
	}
	return out
}

// within is for an ephemeral parent, whose code becomes part of the node's.
func (s *Slices) within() *Slices {
	c := *s
	c.nested = true
	return &c
}

// of restricts a relation, if it is one of the inputs.
func (s *Slices) of(id string, rel *relation.Relation) *relation.Relation {
	if s == nil {
		return rel
	}
	condition, ok := s.Conditions[id]
	if !ok {
		return rel
	}
	plain := rel.Render()
	alias := rel.WithInclude(relation.Policy{Identifier: true}).Render()
	rel = rel.WithSlice(condition)
	for _, in := range *s.used {
		if in.ID == id {
			return rel
		}
	}
	*s.used = append(*s.used, input{slicing.Input{ID: id, Text: rel.String(), Table: plain}, alias})
	return rel
}

// name gives the subqueries of slices the names of their tables as aliases, where the query
// gives none: columns may be qualified with them, and some engines ask for one.
func (s *Slices) name(out *Output) {
	for _, in := range *s.used {
		for at := 0; ; {
			n := strings.Index(out.Code[at:], in.Text)
			if n < 0 {
				break
			}
			at += n + len(in.Text)
			if !query.NamedNext(out.Code[at:]) {
				out.insert(at, " as "+in.alias)
			}
		}
	}
}

// insert puts text that no file has into the code.
func (o *Output) insert(at int, text string) {
	m := &Map{}
	if o.Map != nil {
		m.body, m.parents = o.Map.body, o.Map.parents
		m.shift(o.Map, 0, at, 0)
		m.shift(o.Map, at, len(o.Code), len(text))
	}
	o.Code = o.Code[:at] + text + o.Code[at:]
	m.size = len(o.Code)
	o.Map = m
}

// Wrap puts the code between two texts.
func (o *Output) Wrap(before, after string) {
	o.Code = strings.TrimRight(o.Code, "; \t\r\n")
	o.insert(len(o.Code), after)
	o.insert(0, before)
}
