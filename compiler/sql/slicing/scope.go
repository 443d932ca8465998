package slicing

// scope says what names of relations mean at a place of the query.
type scope struct {
	up   *scope
	ctes map[string]*binding
}

// binding is a CTE and the scope it was written in.
type binding struct {
	cte   *cte
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
func (q *query) open(up *scope) *scope {
	s := &scope{up: up, ctes: map[string]*binding{}}
	for i := range q.ctes {
		inner := s
		if !q.recursive { // a CTE sees those before it
			inner = &scope{up: up, ctes: map[string]*binding{}}
			for k, v := range s.ctes {
				inner.ctes[k] = v
			}
		}
		s.ctes[q.ctes[i].name] = &binding{cte: &q.ctes[i], scope: inner}
	}
	return s
}

// source is what a factor reads.
type source struct {
	input *Input
	query *query
	scope *scope
	names []string // the columns' names where they are renamed
}

func (a *analysis) source(f *factor, s *scope) source {
	switch {
	case f.query != nil:
		return source{query: f.query, scope: s, names: f.columns}
	case len(f.name) == 1:
		if b := s.find(f.name[0]); b != nil {
			names := b.cte.columns
			if f.columns != nil {
				names = f.columns
			}
			return source{query: b.cte.query, scope: b.scope, names: names}
		}
		return source{input: a.inputs[f.name[0]], names: f.columns}
	}
	return source{}
}
