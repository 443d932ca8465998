package slicing

import "github.com/millrace/millrace/compiler/sql/query"

// scope says what names of relations mean at a place of the query.
type scope struct {
	up   *scope
	ctes map[string]*binding
}

// binding is a CTE and the scope it was written in.
type binding struct {
	cte   *query.CTE
	scope *scope
}

func (s *scope) find(name string) *binding {
	for ; s != nil; s = s.up {
		if b, ok := s.ctes[name]; ok {
			return b
		}
	}
	return nil
}

// open makes the scope inside of a query.
func open(q *query.Query, up *scope) *scope {
	s := &scope{up: up, ctes: map[string]*binding{}}
	for i := range q.CTEs {
		inner := s
		if !q.Recursive { // a CTE sees those before it
			inner = &scope{up: up, ctes: map[string]*binding{}}
			for k, v := range s.ctes {
				inner.ctes[k] = v
			}
		}
		s.ctes[q.CTEs[i].Name] = &binding{cte: &q.CTEs[i], scope: inner}
	}
	return s
}

// source is what a factor reads.
type source struct {
	input *Input
	query *query.Query
	scope *scope
	names []string // the columns' names where they are renamed
}

func (a *analysis) source(f *query.Factor, s *scope) source {
	switch {
	case f.Query != nil:
		return source{query: f.Query, scope: s, names: f.Columns}
	case len(f.Name) == 1:
		if b := s.find(f.Name[0]); b != nil {
			names := b.cte.Columns
			if f.Columns != nil {
				names = f.Columns
			}
			return source{query: b.cte.Query, scope: b.scope, names: names}
		}
		return source{input: a.inputs[f.Name[0]], names: f.Columns}
	}
	return source{}
}
