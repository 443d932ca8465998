package slicing

import (
	"slices"
	"strings"

	"github.com/millrace/millrace/compiler/sql"
)

// blockTracer follows the names of one SELECT.
type blockTracer struct {
	*tracer
	sources []tracedSource
	items   []traced // so far
	aliases bool     // names may be those of items
	either  bool     // where a name is that of a column and of an item, it is not clear which is meant
	windows map[string]value
	rows    origins
	asking  bool // what one side of a join lacks, the other may have
	block   *block
}

// tracedSource is a relation that a block reads.
type tracedSource struct {
	alias   string
	columns []traced
	merged  map[string]bool // by USING: they are columns of an earlier source
}

func (b *blockTracer) trace(x *block, order []token, scope *with) (*result, bool) {
	if len(x.items) == 0 {
		return nil, false
	}
	for i := range x.factors {
		if !b.factor(x, i, scope) {
			return nil, false
		}
	}
	if !b.windowNames(x.windows) {
		return nil, false
	}
	b.aliases = true
	b.items = make([]traced, 0, len(x.items))
	for i := range x.items {
		if !b.item(&x.items[i]) {
			return nil, false
		}
	}
	if !b.filter(x.where, sql.Filter) || !b.groups(x.group) {
		return nil, false
	}
	b.either = true
	if !b.filter(x.having, sql.Filter) || !b.filter(x.qualify, sql.Filter) {
		return nil, false
	}
	b.either = false
	if len(x.distinctOn) > 0 {
		if _, ok := b.all(x.distinctOn); !ok {
			return nil, false
		}
	}
	if len(order) > 0 && !b.ordering(order) {
		return nil, false
	}
	for i, c := range b.items {
		if c.typ == sql.Untyped {
			b.items[i].value = made(c.value, sql.Transform, sql.Untyped) // it is given a type
		}
		for _, before := range b.items[:i] {
			if strings.EqualFold(c.name, before.name) {
				return nil, false
			}
		}
	}
	return &result{columns: b.items, rows: b.rows}, true
}

// groups looks only whether everything has a meaning: a column of a group is what the select
// list says it is.
func (b *blockTracer) groups(list [][]token) bool {
	for _, g := range list {
		if _, ok := b.whole(g); !ok {
			return false
		}
	}
	return true
}

func (b *blockTracer) filter(tokens []token, kind sql.Kind) bool {
	if len(tokens) == 0 {
		return true
	}
	v, ok := b.whole(tokens)
	b.rows.choose(v.from, kind)
	return ok
}

func (b *blockTracer) item(it *item) bool {
	if it.star {
		return b.star(it)
	}
	v, ok := b.whole(it.tokens)
	if !ok {
		return false
	}
	name := ""
	last := it.tokens[len(it.tokens)-1]
	switch {
	case it.named.end > 0 && it.named.start >= last.end:
		name = it.named.text
		if it.named.kind == word {
			name = b.text[it.named.start:it.named.end]
		}
	case len(it.tokens) == 1 || len(it.tokens) == 3 && it.tokens[1].is("."):
		if name, ok = b.declared(it.tokens); !ok {
			return false
		}
	default:
		return false // it is named after its text, in words of the engine
	}
	b.items = append(b.items, traced{name, v})
	return true
}

// declared is the name of a column as the relation that has it writes it.
func (b *blockTracer) declared(tokens []token) (string, bool) {
	last, ok := tokens[len(tokens)-1].name()
	if !ok {
		return "", false
	}
	for _, s := range b.sources {
		if len(tokens) == 3 {
			if n, _ := tokens[0].name(); !strings.EqualFold(n, s.alias) {
				continue
			}
		}
		for _, c := range s.columns {
			if strings.EqualFold(c.name, last) {
				return c.name, true
			}
		}
	}
	return "", false
}

// plainExclude reports that nothing stands behind a star but EXCLUDE with names of columns.
func plainExclude(it *item) bool {
	rest := it.tokens[1:]
	if it.of != "" {
		rest = it.tokens[3:]
	}
	if len(rest) == 0 {
		return true
	}
	if rest = rest[1:]; len(rest) > 2 && rest[0].is("(") && rest[len(rest)-1].is(")") {
		rest = rest[1 : len(rest)-1]
	}
	for i, t := range rest {
		if _, named := t.name(); i%2 == 0 && !named || i%2 == 1 && !t.is(",") {
			return false
		}
	}
	return true
}

func (b *blockTracer) star(it *item) bool {
	if !plainExclude(it) {
		return false
	}
	left := len(it.except)
	found := false
	for _, s := range b.sources {
		if it.of != "" && !strings.EqualFold(it.of, s.alias) {
			continue
		}
		if found && it.of != "" || it.of == "" && len(s.merged) > 0 {
			return false
		}
		found = true
		b.items = slices.Grow(b.items, len(s.columns))
		for _, c := range s.columns {
			if it.except[c.name] || it.except[strings.ToLower(c.name)] {
				left--
				continue
			}
			b.items = append(b.items, c)
		}
	}
	return found && left == 0
}

// factor brings a relation into the scope of a block.
func (b *blockTracer) factor(x *block, i int, scope *with) bool {
	f := &x.factors[i]
	s := tracedSource{alias: f.alias}
	if f.pairing != "" || f.call != nil || i > 1 && f.comma != x.factors[1].comma {
		return false
	}
	r, ok := b.read(f, scope)
	if !ok {
		return false
	}
	s.columns = r.columns
	if len(f.columns) > 0 {
		if s.columns, ok = renamed(r.columns, f.columns); !ok {
			return false
		}
	}
	for _, before := range b.sources {
		if s.alias != "" && strings.EqualFold(before.alias, s.alias) {
			return false
		}
	}
	if i == 0 {
		b.sources, b.rows = append(b.sources, s), slices.Clone(r.rows)
		return true
	}
	return b.join(f, s, r.rows)
}

// unsafeAliases are words that would be taken for the alias of a relation and are not.
var unsafeAliases = set("pivot", "unpivot", "sample", "at", "match_recognize", "window")

func (b *blockTracer) read(f *factor, scope *with) (*result, bool) {
	if f.query != nil {
		b.within++
		defer func() { b.within-- }()
		return b.query(f.query, scope)
	}
	if unsafeAliases[f.alias] {
		return nil, false
	}
	switch len(f.name) {
	case 1:
		c := scope.find(f.name[0])
		if c == nil || c.failed {
			return nil, false
		}
		if c.result == nil {
			r, ok := b.query(c.cte.query, c.sees)
			if ok && len(c.cte.columns) > 0 {
				columns, same := renamed(r.columns, c.cte.columns)
				r, ok = &result{columns: columns, rows: r.rows}, same
			}
			if !ok {
				c.failed = true
				return nil, false
			}
			c.result = r
		}
		return &result{columns: c.result.columns}, true // its rows count once, where it is written
	case 3:
		rel, ok := b.relation(sql.Name{Database: f.name[0], Schema: f.name[1], Identifier: f.name[2]})
		if !ok {
			return nil, false
		}
		out := &result{columns: make([]traced, len(rel.Columns))}
		for i, c := range rel.Columns {
			out.columns[i] = traced{c.Name, value{from: origins{{table: rel, column: i}}, typ: c.Type, bare: true}}
		}
		return out, true
	}
	return nil, false // where it is depends on the session
}

// renamed gives columns other names; DuckDB allows fewer, and then the others keep theirs.
func renamed(columns []traced, names []string) ([]traced, bool) {
	if len(names) != len(columns) {
		return nil, false
	}
	out := slices.Clone(columns)
	for i, n := range names {
		out[i].name = n
		if slices.Contains(names[:i], n) {
			return nil, false
		}
	}
	return out, true
}

func (b *blockTracer) windowNames(tokens []token) bool {
	b.windows = map[string]value{}
	for _, part := range split(tokens) {
		if len(part) < 4 || !part[1].is("as") || !part[2].is("(") {
			return false
		}
		name, ok := part[0].name()
		if !ok {
			return false
		}
		e := &expression{b: b, parser: parser{tokens: part, pos: 2}}
		v, ok := e.window()
		if !ok || !e.done() {
			return false
		}
		b.windows[strings.ToLower(name)] = v
	}
	return true
}

// ordering reports that what stands behind ORDER BY has a meaning.
func (b *blockTracer) ordering(tokens []token) bool {
	e := &expression{b: b, parser: parser{tokens: tokens}}
	_, ok := e.sorts()
	return ok && e.done()
}
