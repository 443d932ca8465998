package tracing

import (
	"slices"
	"strings"

	"github.com/millrace/millrace/compiler/sql"
	"github.com/millrace/millrace/compiler/sql/query"
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
	block   *query.Block
}

// tracedSource is a relation that a block reads.
type tracedSource struct {
	alias   string
	columns []traced
	merged  map[string]bool // by USING: they are columns of an earlier source
}

func (b *blockTracer) trace(x *query.Block, order []query.Token, scope *with) (*result, bool) {
	if len(x.Items) == 0 {
		return nil, false
	}
	for i := range x.Factors {
		if !b.factor(x, i, scope) {
			return nil, false
		}
	}
	if !b.windowNames(x.Windows) {
		return nil, false
	}
	b.aliases = true
	b.items = make([]traced, 0, len(x.Items))
	for i := range x.Items {
		if !b.item(&x.Items[i]) {
			return nil, false
		}
	}
	if !b.filter(x.Where, sql.Filter) || !b.groups(x.Group) {
		return nil, false
	}
	b.either = true
	if !b.filter(x.Having, sql.Filter) || !b.filter(x.Qualify, sql.Filter) {
		return nil, false
	}
	b.either = false
	if len(x.DistinctOn) > 0 {
		if _, ok := b.all(x.DistinctOn); !ok {
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
func (b *blockTracer) groups(list [][]query.Token) bool {
	for _, g := range list {
		if _, ok := b.whole(g); !ok {
			return false
		}
	}
	return true
}

func (b *blockTracer) filter(tokens []query.Token, kind sql.Kind) bool {
	if len(tokens) == 0 {
		return true
	}
	v, ok := b.whole(tokens)
	b.rows.choose(v.from, kind)
	return ok
}

func (b *blockTracer) item(it *query.Item) bool {
	if it.Star {
		return b.star(it)
	}
	v, ok := b.whole(it.Tokens)
	if !ok {
		return false
	}
	name := ""
	last := it.Tokens[len(it.Tokens)-1]
	switch {
	case it.Named.End > 0 && it.Named.Start >= last.End:
		name = it.Named.Text
		if it.Named.Kind == query.Word {
			name = b.text[it.Named.Start:it.Named.End]
		}
	case len(it.Tokens) == 1 || len(it.Tokens) == 3 && it.Tokens[1].Is("."):
		if name, ok = b.declared(it.Tokens); !ok {
			return false
		}
	default:
		return false // it is named after its text, in words of the engine
	}
	b.items = append(b.items, traced{name, v})
	return true
}

// declared is the name of a column as the relation that has it writes it.
func (b *blockTracer) declared(tokens []query.Token) (string, bool) {
	last, ok := tokens[len(tokens)-1].Name()
	if !ok {
		return "", false
	}
	for _, s := range b.sources {
		if len(tokens) == 3 {
			if n, _ := tokens[0].Name(); !strings.EqualFold(n, s.alias) {
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
func plainExclude(it *query.Item) bool {
	rest := it.Tokens[1:]
	if it.Of != "" {
		rest = it.Tokens[3:]
	}
	if len(rest) == 0 {
		return true
	}
	if rest = rest[1:]; len(rest) > 2 && rest[0].Is("(") && rest[len(rest)-1].Is(")") {
		rest = rest[1 : len(rest)-1]
	}
	for i, t := range rest {
		if _, named := t.Name(); i%2 == 0 && !named || i%2 == 1 && !t.Is(",") {
			return false
		}
	}
	return true
}

func (b *blockTracer) star(it *query.Item) bool {
	if !plainExclude(it) {
		return false
	}
	left := len(it.Except)
	found := false
	for _, s := range b.sources {
		if it.Of != "" && !strings.EqualFold(it.Of, s.alias) {
			continue
		}
		if found && it.Of != "" || it.Of == "" && len(s.merged) > 0 {
			return false
		}
		found = true
		b.items = slices.Grow(b.items, len(s.columns))
		for _, c := range s.columns {
			if it.Except[c.name] || it.Except[strings.ToLower(c.name)] {
				left--
				continue
			}
			b.items = append(b.items, c)
		}
	}
	return found && left == 0
}

// factor brings a relation into the scope of a block.
func (b *blockTracer) factor(x *query.Block, i int, scope *with) bool {
	f := &x.Factors[i]
	s := tracedSource{alias: f.Alias}
	if f.Pairing != "" || f.Call != nil || i > 1 && f.Comma != x.Factors[1].Comma {
		return false
	}
	r, ok := b.read(f, scope)
	if !ok {
		return false
	}
	s.columns = r.columns
	if len(f.Columns) > 0 {
		if s.columns, ok = renamed(r.columns, f.Columns); !ok {
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
var unsafeAliases = query.Words("pivot", "unpivot", "sample", "at", "match_recognize", "window")

func (b *blockTracer) read(f *query.Factor, scope *with) (*result, bool) {
	if f.Query != nil {
		b.within++
		defer func() { b.within-- }()
		return b.query(f.Query, scope)
	}
	if unsafeAliases[f.Alias] {
		return nil, false
	}
	switch len(f.Name) {
	case 1:
		c := scope.find(f.Name[0])
		if c == nil || c.failed {
			return nil, false
		}
		if c.result == nil {
			r, ok := b.query(c.cte.Query, c.sees)
			if ok && len(c.cte.Columns) > 0 {
				columns, same := renamed(r.columns, c.cte.Columns)
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
		rel, ok := b.relation(sql.Name{Database: f.Name[0], Schema: f.Name[1], Identifier: f.Name[2]})
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

func (b *blockTracer) windowNames(tokens []query.Token) bool {
	b.windows = map[string]value{}
	for _, part := range query.Split(tokens) {
		if len(part) < 4 || !part[1].Is("as") || !part[2].Is("(") {
			return false
		}
		name, ok := part[0].Name()
		if !ok {
			return false
		}
		e := &expression{b: b, Parser: query.Parser{Tokens: part, Pos: 2}}
		v, ok := e.window()
		if !ok || !e.Done() {
			return false
		}
		b.windows[strings.ToLower(name)] = v
	}
	return true
}

// ordering reports that what stands behind ORDER BY has a meaning.
func (b *blockTracer) ordering(tokens []query.Token) bool {
	e := &expression{b: b, Parser: query.Parser{Tokens: tokens}}
	_, ok := e.sorts()
	return ok && e.Done()
}
