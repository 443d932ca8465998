package slicing

import "fmt"

// Fold is the aggregate that puts the values of one column of several slices together. It is
// empty for a column of the key.
type Fold string

// The folds.
const (
	Sum Fold = "sum"
	Min Fold = "min"
	Max Fold = "max"
)

// folds are the aggregates whose results over slices can be put together.
var folds = map[string]Fold{"count": Sum, "count_star": Sum, "sum": Sum, "min": Min, "max": Max}

// Adds proves that what a query gives for all rows of its inputs comes from what it gives for
// slices of them, one after the other, by folding the rows of each key. It gives the folds of
// the query's columns, in their order. Whether a sum is exact only its type tells: floating
// point numbers give other last digits in another order. The error says why rows cannot be
// folded, or why that is not to be seen; Keys may hold all the same.
func Adds(code string, inputs []Input, key []string) ([]Fold, error) {
	a, err := analyse(code, inputs)
	if err == nil {
		err = a.check()
	}
	var out []Fold
	if err == nil {
		out, err = a.adds(key)
	}
	if err != nil {
		return nil, a.mapped(err)
	}
	return out, nil
}

func (a *analysis) adds(key []string) ([]Fold, *Error) {
	q := a.query
	switch {
	case len(q.terms) != 1 || q.terms[0].block == nil:
		return nil, errorAt(q.at, "it is not one select with a group by")
	case q.limited != nil:
		return nil, errorAt(*q.limited, "'%s' would apply to each slice by itself", q.limited.text)
	}
	b := q.terms[0].block
	switch {
	case b.groupAt == nil:
		return nil, errorAt(b.at, "it has no group by")
	case b.distinct != nil:
		return nil, errorAt(*b.distinct, "distinct compares whole rows")
	case b.having != nil:
		return nil, errorAt(b.having[0], "having drops groups that new rows may bring back")
	case b.qualify != nil:
		return nil, errorAt(b.qualify[0], "qualify asks about the rows of a window")
	}
	if err := a.only(q, nil); err != nil {
		return nil, err
	}
	s := q.open(nil)
	if src := a.source(&b.factors[0], s); src.query != nil {
		if err := a.appends(src.query, src.scope); err != nil {
			return nil, err
		}
	}
	return b.folds(key)
}

// only checks that a query reads nothing but its inputs, row by row and each by itself: what
// other relations hold may change, and then the keys' earlier rows would count as they did.
func (a *analysis) only(q *query, up *scope) *Error {
	s := q.open(up)
	for _, t := range q.terms {
		if t.query != nil {
			if err := a.only(t.query, s); err != nil {
				return err
			}
			continue
		}
		b := t.block
		if len(b.factors) != 1 {
			return errorAt(b.at, "it joins, and what it joins may change")
		}
		src := a.source(&b.factors[0], s)
		switch {
		case src.query != nil:
			if err := a.only(src.query, src.scope); err != nil {
				return err
			}
		case src.input == nil:
			return errorAt(b.factors[0].at, "it reads '%s', which may change", b.factors[0].alias)
		}
		for _, tokens := range b.expressions() {
			for i, t := range tokens {
				if t.is("(") && i+1 < len(tokens) && tokens[i+1].is("select", "with", "values", "from") {
					return errorAt(t, "a subquery may give another answer later")
				}
			}
		}
	}
	return nil
}

// folds are those of a block's columns, which must be the key, by which alone it groups, and aggregates.
func (b *block) folds(key []string) ([]Fold, *Error) {
	if g := b.unclearGroup(); g != nil {
		return nil, errorAt(*g, "whether '%s' is the column of that name or what the select gives under it is not to be seen", g.text)
	}
	left := b.groups()
	wanted := map[string]bool{}
	for _, k := range key {
		tokens, err := lex(k)
		if err != nil {
			return nil, err
		}
		if n, ok := tokens[0].name(); ok && len(tokens) == 1 {
			wanted[n] = true
		}
	}
	out := make([]Fold, len(b.items))
	for i, it := range b.items {
		switch {
		case it.star:
			return nil, errorAt(b.at, "its columns are not written out")
		case it.alias == "":
			return nil, errorAt(it.tokens[0], "a column has no name")
		}
		grouped := false
		for j := 0; j < len(left); j++ {
			if same(it.tokens, left[j]) {
				left = append(left[:j:j], left[j+1:]...)
				grouped = true
				j--
			}
		}
		if grouped {
			if !wanted[it.alias] {
				return nil, errorAt(it.tokens[0], "it groups by '%s', which is not in the unique_key", it.alias)
			}
			delete(wanted, it.alias)
			continue
		}
		fold, why := foldOf(it.tokens)
		if why != "" {
			return nil, errorAt(it.tokens[0], "the column '%s' %s", it.alias, why)
		}
		out[i] = fold
	}
	switch {
	case len(left) > 0:
		return nil, errorAt(*b.groupAt, "it groups by an expression that is not one of its columns")
	case len(wanted) > 0:
		return nil, errorAt(*b.groupAt, "it does not group by the whole unique_key")
	}
	return out, nil
}

// unclearGroup finds a group by the name of a column of the select that may as well be a
// column of what is read: an expression that would be valid under that reading too.
func (b *block) unclearGroup() *token {
	for i, g := range b.group {
		name, ok := g[0].name()
		if !ok || len(g) > 1 {
			continue
		}
		for _, it := range b.items {
			if it.alias == name && !it.star && !same(it.tokens, g) && !b.needsAlias(it.tokens, i) {
				return &b.group[i][0]
			}
		}
	}
	return nil
}

// needsAlias reports that an expression reads a column by which the block does not group
// otherwise than through the group at, so that this one must stand for the expression.
func (b *block) needsAlias(expr []token, at int) bool {
	if lambda(expr) {
		return false // its parameters are no columns
	}
	for i := range expr {
		if !surelyColumn(expr, i) {
			continue
		}
		from := i
		for from >= 2 && expr[from-1].is(".") {
			from -= 2
		}
		grouped := same(expr[from:i+1], b.group[at])
		for j, g := range b.group {
			grouped = grouped || j != at && (same(expr[from:i+1], g) || same(expr, g))
		}
		if !grouped {
			return true
		}
	}
	return false
}

// surelyColumn reports that the word at i can be nothing but a column: no part of a type, of
// a collation or of a call's own syntax.
func surelyColumn(expr []token, i int) bool {
	before, after := token{kind: symbol}, token{kind: symbol}
	if i > 0 {
		before = expr[i-1]
	}
	if i+1 < len(expr) {
		after = expr[i+1]
	}
	operand := func(t token) bool { return t.kind == symbol || t.kind == word && reserved[t.text] }
	return columnAt(expr, i) && operand(before) && operand(after) && !before.is("collate") && !after.is("from")
}

// lambda reports that an expression may hold an anonymous function. An arrow before a
// literal is the access to a field of JSON.
func lambda(expr []token) bool {
	for i, t := range expr {
		arrow := t.is("-") && i+2 < len(expr) && expr[i+1].is(">") && expr[i+2].kind != text && expr[i+2].kind != number && !expr[i+2].is(">")
		if arrow || t.is("lambda") {
			return true
		}
	}
	return false
}

// foldOf is the fold of an expression that is one aggregate and nothing else.
func foldOf(tokens []token) (fold Fold, why string) {
	if len(tokens) < 3 || !tokens[1].is("(") || tokens[0].kind != word {
		return "", "is more than one aggregate by itself"
	}
	name := tokens[0].text
	fold, ok := folds[name]
	switch {
	case ok:
	case functions()[name] == scalar:
		return "", "is more than one aggregate by itself"
	default:
		return "", fmt.Sprintf("is computed by %s(), whose results do not add up", name)
	}
	p := parser{tokens: tokens, pos: 1}
	args, err := p.parens()
	if err == nil && p.take("filter") {
		_, err = p.parens()
	}
	switch {
	case err != nil || !p.done():
		return "", "is more than one aggregate by itself"
	case len(args) > 0 && args[0].is("distinct"):
		return "", "counts or adds distinct values, which may come again"
	case len(split(args)) > 1:
		return "", fmt.Sprintf("is computed by %s() of several arguments", name)
	}
	for i, t := range args {
		if t.is("order") && i+1 < len(args) && args[i+1].is("by") {
			return "", "depends on an order"
		}
	}
	return fold, ""
}
