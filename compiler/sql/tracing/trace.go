// Package tracing follows the names in the text of a query to the columns of tables that its own
// columns and rows are made from, without asking an engine. What the text leaves open it leaves open.
package tracing

import (
	"errors"
	"slices"
	"strings"

	"github.com/millrace/millrace/compiler/sql"
	"github.com/millrace/millrace/compiler/sql/query"
)

// Trace tells from a query's text alone which columns it gives and what they and its rows are
// made from, as binding it in DuckDB would tell: the same names, the same kinds. It follows names
// only, so that a query whose types do not fit is traced like one whose types do; a type
// is "" where it takes the engine to say it. The text may leave something open, and then there is
// neither an answer nor an error; the error is about a name that nothing in the query's scope has.
// relation gives the columns of a relation, false for one that is not known; the type of a
// column may be "" there as well.
func Trace(text string, relation func(sql.Name) (*sql.Relation, bool)) (*sql.Traced, error) {
	q, err := query.Parse(text)
	if err != nil {
		return nil, nil //nolint:nilerr // an engine may understand it
	}
	t := &tracer{text: text, relation: relation}
	r, ok := t.query(q, nil)
	switch {
	case !ok && t.missing != "":
		return nil, errors.New("nothing that the query reads has '" + t.missing + "'")
	case !ok:
		return nil, nil
	}
	out := &sql.Traced{Columns: make([]sql.Column, len(r.columns)), Trace: &sql.Trace{Columns: make([][]sql.Origin, len(r.columns)), Rows: r.rows.list()}}
	for i, c := range r.columns {
		if c.from.unsure() {
			return nil, nil
		}
		out.Columns[i] = sql.Column{Name: c.name, Type: c.typ}
		if c.typ == sql.Untyped {
			out.Columns[i].Type = "INTEGER" // which is what a table made from the query has
		}
		out.Trace.Columns[i] = c.from.list()
	}
	return out, nil
}

// tracer follows the names of one query.
type tracer struct {
	text     string
	relation func(sql.Name) (*sql.Relation, bool)
	missing  string // a name without a meaning, which ends everything
	within   int    // of subqueries, where it may be another relation's column
}

// origins are the columns of tables that something is made from, each once.
type origins []origin

type origin struct {
	table  *sql.Relation
	column int
	kind   sql.Kind
	// maybe: it is passed through, or cast to another type, which only the types tell.
	maybe bool
}

// with takes in what another expression is made from, at least as loosely as kind says.
func (o origins) with(more origins, kind sql.Kind) origins {
	for _, m := range more {
		if kind > m.kind {
			m.kind, m.maybe = kind, false
		}
		i := slices.IndexFunc(o, func(x origin) bool { return x.table == m.table && x.column == m.column })
		switch {
		case i < 0:
			o = append(o[:len(o):len(o)], m)
		case m.kind > o[i].kind:
			o = slices.Clone(o)
			o[i].kind, o[i].maybe = m.kind, false
		case m.kind == o[i].kind && m.maybe && !o[i].maybe:
			o = slices.Clone(o)
			o[i].maybe = true
		}
	}
	return o
}

// choose notes that columns decide which rows there are, in the first way that is found.
func (o *origins) choose(more origins, kind sql.Kind) {
	for _, m := range more {
		if !slices.ContainsFunc(*o, func(x origin) bool { return x.table == m.table && x.column == m.column }) {
			m.kind, m.maybe = kind, false
			*o = append(*o, m)
		}
	}
}

func (o origins) unsure() bool { return slices.ContainsFunc(o, func(x origin) bool { return x.maybe }) }

func (o origins) list() []sql.Origin {
	out := make([]sql.Origin, len(o))
	for i, x := range o {
		out[i] = sql.Origin{Table: x.table.Name, Column: x.table.Columns[x.column].Name, Kind: x.kind}
	}
	slices.SortFunc(out, sql.Origin.Compare)
	return out
}

// value is what an expression is made from. Bare is that of a column as it is.
type value struct {
	from origins
	typ  string // as DuckDB writes it, "" when it is not known
	bare bool
}

// traced is a column of a query.
type traced struct {
	name string
	value
}

// result is what a query gives.
type result struct {
	columns []traced
	rows    origins
}

// with are the CTEs that a query sees.
type with struct {
	up   *with
	ctes []*tracedCTE
}

type tracedCTE struct {
	cte    *query.CTE
	sees   *with
	result *result // nil until somebody reads it
	failed bool
}

func (w *with) find(name string) *tracedCTE {
	for ; w != nil; w = w.up {
		for _, c := range w.ctes {
			if strings.EqualFold(c.cte.Name, name) {
				return c
			}
		}
	}
	return nil
}

func (t *tracer) query(q *query.Query, up *with) (*result, bool) {
	if q.Recursive || !plainLimit(q.Limit) {
		return nil, false
	}
	scope := &with{up: up}
	for i := range q.CTEs {
		if slices.ContainsFunc(scope.ctes, func(c *tracedCTE) bool { return strings.EqualFold(c.cte.Name, q.CTEs[i].Name) }) {
			return nil, false
		}
		sees := &with{up: up, ctes: slices.Clone(scope.ctes)}
		scope.ctes = append(scope.ctes, &tracedCTE{cte: &q.CTEs[i], sees: sees})
	}
	out, ok := t.terms(q, scope)
	if !ok {
		return nil, false
	}
	// CTEs come before what reads them, in the order in which they are written; one that nothing
	// reads is as good as not there.
	var rows origins
	for _, c := range scope.ctes {
		if c.result != nil {
			rows.keep(c.result.rows)
		}
	}
	rows.keep(out.rows)
	return &result{columns: out.columns, rows: rows}, true
}

// keep takes in what chooses rows, with the kinds that it has.
func (o *origins) keep(more origins) {
	for _, m := range more {
		o.choose(origins{m}, m.kind)
	}
}

// plainLimit reports that a LIMIT says numbers and nothing else.
func plainLimit(tokens []query.Token) bool {
	for _, t := range tokens {
		if t.Kind != query.Number && !t.Is("limit", "offset") {
			return false
		}
	}
	return true
}

// terms joins the sides of set operations by position.
func (t *tracer) terms(q *query.Query, scope *with) (*result, bool) {
	var out *result
	for i := range q.Terms {
		order := q.Order
		if len(q.Terms) > 1 {
			order = nil
		}
		next, ok := t.term(&q.Terms[i], order, scope)
		if !ok {
			return nil, false
		}
		if i == 0 {
			out = next
			continue
		}
		op := q.Ops[i-1]
		if op.ByName || op.Name != q.Ops[0].Name || op.Name == "except" && i > 1 || len(next.columns) != len(out.columns) {
			return nil, false
		}
		both := &result{columns: slices.Clone(out.columns), rows: slices.Clone(out.rows)}
		if op.Name != "except" {
			both.rows.keep(next.rows)
		}
		for k := range both.columns {
			a, b := &both.columns[k].value, next.columns[k].value
			typ := a.typ
			switch {
			case a.typ == sql.Untyped:
				typ = b.typ
			case a.typ != b.typ && b.typ != sql.Untyped || a.typ == "":
				typ, *a, b = "", doubtful(*a), doubtful(b)
			}
			if op.Name == "except" {
				b.from = nil
			}
			*a = value{from: a.from.with(b.from, sql.Passthrough), typ: typ}
		}
		out = both
	}
	if len(q.Terms) > 1 && !t.orderOf(q.Order, out) {
		return nil, false
	}
	return out, true
}

// doubtful is a value that may be cast to another type.
func doubtful(v value) value {
	from := slices.Clone(v.from)
	for i := range from {
		from[i].maybe = from[i].kind == sql.Passthrough
	}
	return value{from: from}
}

// orderOf reports that the ORDER BY of a set operation names columns of it or their positions.
func (t *tracer) orderOf(tokens []query.Token, r *result) bool {
	if len(tokens) == 0 {
		return true
	}
	b := &blockTracer{tracer: t, items: r.columns, aliases: true}
	return b.ordering(tokens)
}

func (t *tracer) term(x *query.Term, order []query.Token, scope *with) (*result, bool) {
	if x.Query != nil {
		r, ok := t.query(x.Query, scope)
		return r, ok && len(order) == 0
	}
	b := &blockTracer{tracer: t, block: x.Block}
	return b.trace(x.Block, order, scope)
}
