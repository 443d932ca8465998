package tracing

import (
	"slices"
	"strings"

	"github.com/millrace/millrace/compiler/sql"
	"github.com/millrace/millrace/compiler/sql/query"
)

// join adds a source with the condition under which its rows belong to those before. A part of
// an ON that looks at one side only chooses rows of that side, unless the join keeps them all:
// so the engine plans it.
func (b *blockTracer) join(f *query.Factor, s tracedSource, rows origins) bool {
	switch f.Join {
	case "cross":
		b.sources = append(b.sources, s)
		b.rows.keep(rows)
		return f.On == nil && f.Using == nil
	case "inner", "left", "right", "full":
	default:
		return false
	}
	if f.Using != nil {
		b.rows.keep(rows)
		return b.using(f, s)
	}
	if len(f.On) == 0 {
		return false
	}
	left := &blockTracer{tracer: b.tracer, sources: b.sources, asking: true}
	right := &blockTracer{tracer: b.tracer, sources: []tracedSource{s}, asking: true}
	both := &blockTracer{tracer: b.tracer, sources: append(b.sources[:len(b.sources):len(b.sources)], s), block: b.block}
	var first, second, on origins // what filters each side before the join, and the join's own
	parts := conditions(f.On)
	for _, part := range parts {
		v, ok := both.whole(part)
		if !ok {
			return false
		}
		_, l := left.whole(part)
		_, r := right.whole(part)
		switch {
		case l && r:
			if len(v.from) > 0 {
				return false
			}
		case r && (f.Join == "inner" || f.Join == "left"):
			second = second.with(v.from, sql.Filter)
		case l && (f.Join == "inner" || f.Join == "right"):
			first = first.with(v.from, sql.Filter)
		case !l && !r && f.Join == "inner" && len(parts) > 1 && !compares(part, left, right):
			return false // a filter over the join, or its condition: that depends on the others
		default:
			on = on.with(v.from, sql.Join)
		}
	}
	b.rows.choose(first, sql.Filter)
	b.rows.keep(rows)
	b.rows.choose(second, sql.Filter)
	b.rows.choose(on, sql.Join)
	b.sources = both.sources
	return len(parts) > 0
}

// conditions are the parts of an ON that must all hold; nil where they cannot be told apart.
func conditions(tokens []query.Token) [][]query.Token {
	either := false
	for _, t := range query.Outermost(tokens) {
		if t.Is("between", "case") {
			return nil
		}
		either = either || t.Is("or")
	}
	if either {
		return [][]query.Token{tokens}
	}
	return query.Conjuncts(tokens)
}

// compares reports that a condition compares something of one side with something of the other.
func compares(tokens []query.Token, left, right *blockTracer) bool {
	a, b, ok := comparison(query.Unwrapped(tokens))
	if !ok {
		return false
	}
	_, al := left.whole(a)
	_, br := right.whole(b)
	_, ar := right.whole(a)
	_, bl := left.whole(b)
	return al && br && !ar && !bl || ar && bl && !al && !br
}

// comparison splits a condition at the only operator of it that compares.
func comparison(tokens []query.Token) (left, right []query.Token, ok bool) {
	at, end := -1, 0
	for i, t := range query.Outermost(tokens) {
		switch {
		case t.Is("=", "<", ">", "!"):
			if at >= 0 && i != end {
				return nil, nil, false
			}
			if at < 0 {
				at = i
			}
			end = i + 1
		case t.Is("not", "is", "in", "like", "ilike", "and", "or", "similar", "glob", "-", "~", "@", "#", "&", "|", "^"):
			return nil, nil, false
		}
	}
	if at <= 0 || end >= len(tokens) {
		return nil, nil, false
	}
	return tokens[:at], tokens[end:], true
}

// using joins by columns of the same name. What they are outside of the join depends on its
// type, so that only those are followed in which they are the first side's.
func (b *blockTracer) using(f *query.Factor, s tracedSource) bool {
	if f.Join != "inner" && f.Join != "left" {
		return false
	}
	s.merged = map[string]bool{}
	var on origins
	for _, name := range f.Using {
		l, ok := b.find("", name)
		i := slices.IndexFunc(s.columns, func(c traced) bool { return strings.EqualFold(c.name, name) })
		if !ok || i < 0 {
			return false
		}
		on = on.with(l.from, sql.Join)
		on = on.with(s.columns[i].from, sql.Join)
		s.merged[strings.ToLower(name)] = true
	}
	b.rows.choose(on, sql.Join)
	b.sources = append(b.sources, s)
	return true
}
