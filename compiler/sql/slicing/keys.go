package slicing

import (
	"fmt"
	"strings"
)

// Access is one way in which a query reads an input: for which of its rows a key of the
// result can change is told by expressions over the input's own columns.
type Access struct {
	Input *Input
	Exprs []string // one for each column of the key
}

// Keys proves that every row of a query's result depends on those rows of each input alone
// that have the same key, and says how the key is computed from them. The error says why
// that is not so, or not to be seen.
func Keys(code string, inputs []Input, key []string) ([]Access, error) {
	a, err := analyse(code, inputs)
	if err == nil {
		err = a.check()
	}
	var out []Access
	if err == nil {
		exprs := make([][]token, len(key))
		for i, k := range key {
			if exprs[i], err = lex(k); err == nil && len(exprs[i]) != 1 {
				err = &Error{What: "the unique_key '" + k + "' is no column"}
			}
		}
		if err == nil {
			out, err = a.keys(a.query, nil, exprs)
		}
	}
	if err != nil {
		return nil, a.mapped(err)
	}
	if len(out) == 0 {
		return nil, &Error{What: "the query reads no stream"}
	}
	return distinct(out), nil
}

func distinct(list []Access) []Access {
	var out []Access
	seen := map[string]bool{}
	for _, x := range list {
		k := x.Input.ID + "\x00" + strings.Join(x.Exprs, "\x00")
		if !seen[k] {
			seen[k] = true
			out = append(out, x)
		}
	}
	return out
}

// keys follows the key, expressions over the query's columns, down to the inputs.
func (a *analysis) keys(q *query, up *scope, key [][]token) ([]Access, *Error) {
	s := q.open(up)
	if q.limited != nil {
		return nil, errorAt(*q.limited, "'%s' lets rows of one key decide about those of another", q.limited.text)
	}
	for _, op := range q.ops {
		if op.name != "union" {
			return nil, errorAt(op.at, "'%s' is not understood in a keyed model", op.name)
		}
	}
	var out []Access
	for i, t := range q.terms {
		mine := key
		if i > 0 && !q.ops[i-1].byName {
			var err *Error
			if mine, err = byPosition(q.terms[0], t, key, q.ops[i-1].at); err != nil {
				return nil, err
			}
		}
		list, err := []Access(nil), (*Error)(nil)
		if t.query != nil {
			list, err = a.keys(t.query, s, mine)
		} else {
			list, err = a.keysOfBlock(t.block, s, mine)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// byPosition names the key's columns as a later side of a union does.
func byPosition(first, other term, key [][]token, at token) ([][]token, *Error) {
	bad := errorAt(at, "which column of the second query belongs to the key is not to be seen")
	bad.Hint = "write the columns out on both sides, or use union all by name"
	if first.block == nil || other.block == nil {
		return nil, bad
	}
	out := make([][]token, len(key))
	for i, expr := range key {
		for _, t := range expr {
			n, isName := t.name()
			at := -1
			for j, it := range first.block.items {
				if it.star {
					return nil, bad
				}
				if isName && it.alias == n {
					at = j
				}
			}
			if at < 0 {
				out[i] = append(out[i], t)
				continue
			}
			for _, it := range other.block.items {
				if it.star {
					return nil, bad
				}
			}
			if at >= len(other.block.items) || other.block.items[at].alias == "" {
				return nil, bad
			}
			out[i] = append(out[i], token{kind: quoted, text: other.block.items[at].alias, start: t.start, end: t.end})
		}
	}
	return out, nil
}

func (a *analysis) keysOfBlock(b *block, s *scope, key [][]token) ([]Access, *Error) {
	var streamed []int
	sources := make([]source, len(b.factors))
	for i := range b.factors {
		sources[i] = a.source(&b.factors[i], s)
		if sources[i].input != nil || sources[i].query != nil && a.streamed(sources[i].query, sources[i].scope) {
			streamed = append(streamed, i)
		}
	}
	if len(streamed) == 0 {
		return nil, nil // rows that no slice changes
	}
	exprs := make([][]token, len(key))
	for i, k := range key {
		var err *Error
		if exprs[i], err = b.substitute(k); err != nil {
			return nil, err
		}
	}
	if err := b.local(exprs); err != nil {
		return nil, err
	}
	var out []Access
	for _, at := range streamed {
		mine, err := b.inFactor(exprs, at, len(streamed))
		if err != nil {
			return nil, err
		}
		if b.factors[at].columns != nil {
			return nil, errorAt(b.factors[at].at, "renamed columns of '%s' are not followed; name them in its select", b.factors[at].alias)
		}
		src := sources[at]
		if src.query != nil {
			if len(src.names) > 0 {
				return nil, errorAt(b.factors[at].at, "renamed columns of '%s' are not followed; name them in its select", b.factors[at].alias)
			}
			list, err := a.keys(src.query, src.scope, mine)
			if err != nil {
				return nil, err
			}
			out = append(out, list...)
			continue
		}
		access := Access{Input: src.input}
		for _, e := range mine {
			access.Exprs = append(access.Exprs, spell(e))
		}
		out = append(out, access)
	}
	return out, nil
}

func spell(tokens []token) string {
	var b strings.Builder
	for i, t := range tokens {
		if i > 0 && !t.is(".") && !tokens[i-1].is(".") && (t.start != tokens[i-1].end || t.start == 0) {
			b.WriteByte(' ')
		}
		b.WriteString(render(t))
	}
	return b.String()
}

// columnAt reports that the word at i names a column, as far as its neighbours tell.
func columnAt(tokens []token, i int) bool {
	t := tokens[i]
	if t.kind != word && t.kind != quoted {
		return false
	}
	if i+1 < len(tokens) && tokens[i+1].is("(", ".") || i > 0 && tokens[i-1].is("::", "as") {
		return false
	}
	return t.kind == quoted || !reserved[t.text] && !keywords[t.text]
}

var keywords = set("end", "null", "true", "false", "date", "timestamp", "interval", "cast", "extract", "year", "month", "day", "hour", "minute", "second", "week", "quarter")

// substitute writes an expression over a block's columns as one over what the block reads.
func (b *block) substitute(expr []token) ([]token, *Error) {
	var out []token
	for i, t := range expr {
		n, _ := t.name()
		it := (*item)(nil)
		star := false
		if t.kind == word || t.kind == quoted {
			for j := range b.items {
				switch {
				case b.items[j].star:
					star = star || !b.items[j].except[n]
				case b.items[j].alias == n && !(i > 0 && expr[i-1].is(".")) && (len(expr) == 1 || columnAt(expr, i)):
					it = &b.items[j]
				}
			}
		}
		if it == nil {
			if len(expr) == 1 && !star {
				return nil, errorAt(b.at, "the select has no column '%s'", t.text)
			}
			if star && len(b.factors) > 1 && columnAt(expr, i) {
				if q, ok := b.starQualifier(n); ok {
					out = append(out, token{kind: quoted, text: q, start: t.start, end: t.end}, token{kind: symbol, text: ".", start: t.start, end: t.end})
				}
			}
			out = append(out, t)
			continue
		}
		for _, c := range outside(it.tokens) {
			if c.over {
				return nil, errorAt(c.at, "the key '%s' comes from a window", n)
			}
			if c.class == aggregate || c.class == windowOnly {
				return nil, errorAt(c.at, "the key '%s' comes from an aggregate", n)
			}
		}
		if len(it.tokens) > 1 && len(expr) > 1 && !(len(it.tokens) == 3 && it.tokens[1].is(".")) {
			out = append(out, token{kind: symbol, text: "("})
			out = append(out, it.tokens...)
			out = append(out, token{kind: symbol, text: ")"})
		} else {
			out = append(out, it.tokens...)
		}
	}
	for i, t := range out {
		if t.is("(") && i+1 < len(out) && out[i+1].is("select", "with") {
			return nil, errorAt(t, "the key is computed by a subquery")
		}
	}
	return out, nil
}

// starQualifier is the only t of t.* that a column can come through.
func (b *block) starQualifier(n string) (string, bool) {
	q, count := "", 0
	for _, it := range b.items {
		if it.star && !it.except[n] {
			q = it.of
			count++
		}
	}
	return q, count == 1 && q != ""
}

// local checks that groups, windows and duplicates never mix rows of two keys.
func (b *block) local(key [][]token) *Error {
	has := func(list [][]token, what string, at token) *Error {
		for _, k := range key {
			if !covered(k, list) {
				err := errorAt(at, "%s is not by the key (%s)", what, spell(k))
				return err
			}
		}
		return nil
	}
	if b.distinctOn != nil {
		if err := has(split(b.distinctOn), "distinct on", *b.distinct); err != nil {
			return err
		}
	}
	group := b.groups()
	if b.groupAt != nil {
		if err := has(group, "the grouping", *b.groupAt); err != nil {
			return err
		}
	}
	named := b.named()
	for _, tokens := range b.expressions() {
		for _, c := range outside(tokens) {
			if !c.over {
				if (c.class == aggregate) && b.groupAt == nil {
					return errorAt(c.at, "%s() is computed over the rows of all keys", c.name)
				}
				continue
			}
			w := c.window
			if c.windowBy != "" {
				w = named[c.windowBy]
			}
			if err := has(partition(w), fmt.Sprintf("the window of %s()", c.name), c.at); err != nil {
				return err
			}
		}
	}
	return nil
}

// groups are the expressions that a block groups by.
func (b *block) groups() [][]token {
	if b.groupAll {
		var out [][]token
		for _, it := range b.items {
			plain := true
			for _, c := range outside(it.tokens) {
				plain = plain && c.class != aggregate && !c.over
			}
			if plain && !it.star {
				out = append(out, it.tokens)
			}
		}
		return out
	}
	var out [][]token
	for _, g := range b.group {
		if len(g) == 1 {
			if g[0].kind == number {
				n := 0
				if _, err := fmt.Sscanf(g[0].text, "%d", &n); err == nil && n >= 1 && n <= len(b.items) && !b.starBefore(n) {
					out = append(out, b.items[n-1].tokens)
				}
				continue
			}
			// An alias, where no column of that name is read: both readings are kept apart, as
			// only one of them is grouped by.
			if name, ok := g[0].name(); ok {
				for _, it := range b.items {
					if it.alias == name && !it.star {
						g = it.tokens
					}
				}
			}
		}
		out = append(out, g)
	}
	return out
}

func (b *block) starBefore(n int) bool {
	for _, it := range b.items[:n] {
		if it.star {
			return true
		}
	}
	return false
}

// named are the windows of a WINDOW clause.
func (b *block) named() map[string][]token {
	out := map[string][]token{}
	for _, w := range split(b.windows) {
		if len(w) > 3 && w[1].is("as") && w[2].is("(") {
			out[w[0].text] = w[3 : len(w)-1]
		}
	}
	return out
}

// partition are the expressions of PARTITION BY.
func partition(window []token) [][]token {
	if len(window) < 3 || !window[0].is("partition") {
		return nil
	}
	p := parser{tokens: window, pos: 2}
	return split(p.until("order", "rows", "range", "groups"))
}

// covered reports that a key is the same for all rows which agree in list: it is in the
// list, or all columns that it is computed from are.
func covered(key []token, list [][]token) bool {
	for _, g := range list {
		if same(key, g) {
			return true
		}
	}
	columns := 0
	for i := range key {
		if !columnAt(key, i) {
			continue
		}
		from := i
		for from >= 2 && key[from-1].is(".") {
			from -= 2
		}
		columns++
		found := false
		for _, g := range list {
			found = found || same(key[from:i+1], g)
		}
		if !found {
			return false
		}
	}
	return columns > 0
}

// same compares expressions; a qualifier that one of them leaves out does not count, as a
// name that could mean columns of two relations is no valid SQL.
func same(a, b []token) bool {
	a, b = unqualified(a), unqualified(b)
	for len(a) > 0 && len(b) > 0 {
		switch {
		case equalToken(a[0], b[0]) && (len(a) > 1 && a[1].is(".")) == (len(b) > 1 && b[1].is(".")):
			a, b = a[1:], b[1:]
		case len(a) > 2 && a[1].is(".") && equalToken(a[2], b[0]):
			a = a[2:]
		case len(b) > 2 && b[1].is(".") && equalToken(b[2], a[0]):
			b = b[2:]
		default:
			return false
		}
	}
	return len(a) == len(b)
}

func equalToken(a, b token) bool {
	return a.text == b.text && (a.kind == text) == (b.kind == text) && (a.kind == symbol) == (b.kind == symbol)
}

// unqualified drops parentheses around an expression.
func unqualified(t []token) []token {
	for len(t) > 1 && t[0].is("(") && t[len(t)-1].is(")") {
		p := parser{tokens: t}
		if _, err := p.parens(); err != nil || p.pos != len(t) {
			break
		}
		t = t[1 : len(t)-1]
	}
	return t
}

// inFactor writes the key as expressions over one of the relations that a block reads.
func (b *block) inFactor(key [][]token, at, streamed int) ([][]token, *Error) {
	f := &b.factors[at]
	out := make([][]token, len(key))
	for i, k := range key {
		mine, own := b.strip(k, at, streamed)
		if own {
			if err := b.preserved(at); err != nil {
				return nil, err
			}
			out[i] = mine
			continue
		}
		other, ok := b.equal(k, at)
		if !ok {
			return nil, errorAt(f.at, "'%s' is joined without the key (%s)", f.alias, spell(k))
		}
		if f.join == "right" || f.join == "full" || b.filled(at) {
			return nil, errorAt(f.at, "a %s join is not understood in a keyed model", f.join)
		}
		out[i] = other
	}
	return out, nil
}

// filled reports that a right or full join stands behind a factor.
func (b *block) filled(at int) bool {
	for i, f := range b.factors {
		if i > at && (f.join == "right" || f.join == "full") {
			return true
		}
	}
	return false
}

// strip takes the qualifiers of one factor off; own is false when the expression reads another.
func (b *block) strip(expr []token, at, streamed int) (out []token, own bool) {
	alias := b.factors[at].alias
	for i := 0; i < len(expr); i++ {
		t := expr[i]
		n, isName := t.name()
		if isName && i+2 < len(expr) && expr[i+1].is(".") && !(i > 0 && expr[i-1].is(".")) {
			if n != alias {
				for j := range b.factors {
					if j != at && b.factors[j].alias == n {
						return nil, false
					}
				}
				out = append(out, t) // a field of a column
				continue
			}
			i++ // and the point
			continue
		}
		if columnAt(expr, i) && !(i > 0 && expr[i-1].is(".")) && len(b.factors) > 1 && streamed > 1 {
			return nil, false // of which of them it is cannot be told
		}
		out = append(out, t)
	}
	return out, true
}

// equal finds what a factor's rows have in place of the key: the other side of an equality
// that joins it, or the column of its USING.
func (b *block) equal(key []token, at int) ([]token, bool) {
	if of, ok := b.owner(key); !ok || b.preserved(of) != nil {
		return nil, false // filled up with nulls, the key says nothing about other relations
	}
	for _, name := range b.factors[at].using {
		if n, ok := key[len(key)-1].name(); ok && n == name && (len(key) == 1 || len(key) == 3) {
			return []token{{kind: quoted, text: name}}, true
		}
	}
	// Equalities that hold for every row of the result lead from one relation to the next.
	known := [][]token{key}
	for i := 0; i < len(known); i++ {
		for j := -1; j < len(b.factors); j++ {
			on, everywhere := b.where, true
			if j >= 0 {
				on, everywhere = b.factors[j].on, b.factors[j].join == "inner"
			}
			for _, part := range conjuncts(on) {
				left, right, ok := equality(part)
				if !ok {
					continue
				}
				for _, pair := range [][2][]token{{left, right}, {right, left}} {
					if !same(pair[0], known[i]) {
						continue
					}
					other := pair[1]
					if mine, own := b.strip(other, at, 2); own && qualifiedBy(other, b.factors[at].alias) && (everywhere || j == at) {
						return mine, true
					}
					fresh := everywhere
					for _, x := range known {
						fresh = fresh && !same(x, other)
					}
					if fresh {
						known = append(known, other)
					}
				}
			}
		}
	}
	return nil, false
}

// owner is the only relation that a key's columns are of.
func (b *block) owner(key []token) (int, bool) {
	of := -1
	for i := 0; i+1 < len(key); i++ {
		n, ok := key[i].name()
		if !ok || !key[i+1].is(".") || i > 0 && key[i-1].is(".") {
			continue
		}
		for j := range b.factors {
			if b.factors[j].alias != n {
				continue
			}
			if of >= 0 && of != j {
				return 0, false
			}
			of = j
		}
	}
	if of < 0 && len(key) == 1 {
		for j := range b.factors { // the column of a USING is the left side's
			for _, name := range b.factors[j].using {
				if n, ok := key[0].name(); ok && n == name {
					return 0, true
				}
			}
		}
	}
	return of, of >= 0
}

func qualifiedBy(expr []token, alias string) bool {
	for i := 0; i+1 < len(expr); i++ {
		if n, ok := expr[i].name(); ok && n == alias && expr[i+1].is(".") {
			return true
		}
	}
	return false
}

// conjuncts are the parts of a condition that must all hold.
func conjuncts(tokens []token) [][]token {
	tokens = unqualified(tokens)
	var out [][]token
	depth, start := 0, 0
	for i, t := range tokens {
		switch {
		case t.is("(", "[", "{", "case", "between"):
			if t.is("between") {
				return nil // its AND is no conjunction
			}
			depth++
		case t.is(")", "]", "}", "end"):
			depth--
		case depth == 0 && t.is("or"):
			return nil
		case depth == 0 && t.is("and"):
			out = append(out, tokens[start:i])
			start = i + 1
		}
	}
	return append(out, tokens[start:])
}

func equality(tokens []token) (left, right []token, ok bool) {
	tokens = unqualified(tokens)
	for i, t := range outermost(tokens) {
		if !t.is("=") {
			continue
		}
		if i == 0 || tokens[i-1].is("<", ">", "!", "=") || i+1 >= len(tokens) || tokens[i+1].is("=", ">") {
			return nil, nil, false
		}
		return tokens[:i], tokens[i+1:], true
	}
	return nil, nil, false
}
