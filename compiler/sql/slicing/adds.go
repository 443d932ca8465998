package slicing

import (
	"fmt"

	"github.com/millrace/millrace/compiler/sql/query"
)

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

func (a *analysis) adds(key []string) ([]Fold, *query.Error) {
	q := a.query
	switch {
	case len(q.Terms) != 1 || q.Terms[0].Block == nil:
		return nil, query.ErrorAt(q.At, "it is not one select with a group by")
	case q.Limited != nil:
		return nil, query.ErrorAt(*q.Limited, "'%s' would apply to each slice by itself", q.Limited.Text)
	}
	b := block{q.Terms[0].Block}
	switch {
	case b.GroupAt == nil:
		return nil, query.ErrorAt(b.At, "it has no group by")
	case b.Distinct != nil:
		return nil, query.ErrorAt(*b.Distinct, "distinct compares whole rows")
	case b.Having != nil:
		return nil, query.ErrorAt(b.Having[0], "having drops groups that new rows may bring back")
	case b.Qualify != nil:
		return nil, query.ErrorAt(b.Qualify[0], "qualify asks about the rows of a window")
	}
	if err := a.only(q, nil); err != nil {
		return nil, err
	}
	s := open(q, nil)
	if src := a.source(&b.Factors[0], s); src.query != nil {
		if err := a.appends(src.query, src.scope); err != nil {
			return nil, err
		}
	}
	return b.folds(key)
}

// only checks that a query reads nothing but its inputs, row by row and each by itself: what
// other relations hold may change, and then the keys' earlier rows would count as they did.
func (a *analysis) only(q *query.Query, up *scope) *query.Error {
	s := open(q, up)
	for _, t := range q.Terms {
		if t.Query != nil {
			if err := a.only(t.Query, s); err != nil {
				return err
			}
			continue
		}
		b := block{t.Block}
		if len(b.Factors) != 1 {
			return query.ErrorAt(b.At, "it joins, and what it joins may change")
		}
		src := a.source(&b.Factors[0], s)
		switch {
		case src.query != nil:
			if err := a.only(src.query, src.scope); err != nil {
				return err
			}
		case src.input == nil:
			return query.ErrorAt(b.Factors[0].At, "it reads '%s', which may change", b.Factors[0].Alias)
		}
		for _, tokens := range b.Expressions() {
			for i, t := range tokens {
				if t.Is("(") && i+1 < len(tokens) && tokens[i+1].Is("select", "with", "values", "from") {
					return query.ErrorAt(t, "a subquery may give another answer later")
				}
			}
		}
	}
	return nil
}

// folds are those of a block's columns, which must be the key, by which alone it groups, and aggregates.
func (b block) folds(key []string) ([]Fold, *query.Error) {
	if g := b.unclearGroup(); g != nil {
		return nil, query.ErrorAt(*g, "whether '%s' is the column of that name or what the select gives under it is not to be seen", g.Text)
	}
	left := b.groups()
	wanted := map[string]bool{}
	for _, k := range key {
		tokens, err := query.Lex(k)
		if err != nil {
			return nil, err
		}
		if n, ok := tokens[0].Name(); ok && len(tokens) == 1 {
			wanted[n] = true
		}
	}
	out := make([]Fold, len(b.Items))
	for i, it := range b.Items {
		switch {
		case it.Star:
			return nil, query.ErrorAt(b.At, "its columns are not written out")
		case it.Alias == "":
			return nil, query.ErrorAt(it.Tokens[0], "a column has no name")
		}
		grouped := false
		for j := 0; j < len(left); j++ {
			if query.Same(it.Tokens, left[j]) {
				left = append(left[:j:j], left[j+1:]...)
				grouped = true
				j--
			}
		}
		if grouped {
			if !wanted[it.Alias] {
				return nil, query.ErrorAt(it.Tokens[0], "it groups by '%s', which is not in the unique_key", it.Alias)
			}
			delete(wanted, it.Alias)
			continue
		}
		fold, why := foldOf(it.Tokens)
		if why != "" {
			return nil, query.ErrorAt(it.Tokens[0], "the column '%s' %s", it.Alias, why)
		}
		out[i] = fold
	}
	switch {
	case len(left) > 0:
		return nil, query.ErrorAt(*b.GroupAt, "it groups by an expression that is not one of its columns")
	case len(wanted) > 0:
		return nil, query.ErrorAt(*b.GroupAt, "it does not group by the whole unique_key")
	}
	return out, nil
}

// unclearGroup finds a group by the name of a column of the select that may as well be a
// column of what is read: an expression that would be valid under that reading too.
func (b block) unclearGroup() *query.Token {
	for i, g := range b.Group {
		name, ok := g[0].Name()
		if !ok || len(g) > 1 {
			continue
		}
		for _, it := range b.Items {
			if it.Alias == name && !it.Star && !query.Same(it.Tokens, g) && !b.needsAlias(it.Tokens, i) {
				return &b.Group[i][0]
			}
		}
	}
	return nil
}

// needsAlias reports that an expression reads a column by which the block does not group
// otherwise than through the group at, so that this one must stand for the expression.
func (b block) needsAlias(expr []query.Token, at int) bool {
	if lambda(expr) {
		return false // its parameters are no columns
	}
	for i := range expr {
		if !surelyColumn(expr, i) {
			continue
		}
		from := i
		for from >= 2 && expr[from-1].Is(".") {
			from -= 2
		}
		grouped := query.Same(expr[from:i+1], b.Group[at])
		for j, g := range b.Group {
			grouped = grouped || j != at && (query.Same(expr[from:i+1], g) || query.Same(expr, g))
		}
		if !grouped {
			return true
		}
	}
	return false
}

// surelyColumn reports that the word at i can be nothing but a column: no part of a type, of
// a collation or of a call's own syntax.
func surelyColumn(expr []query.Token, i int) bool {
	before, after := query.Token{Kind: query.Symbol}, query.Token{Kind: query.Symbol}
	if i > 0 {
		before = expr[i-1]
	}
	if i+1 < len(expr) {
		after = expr[i+1]
	}
	operand := func(t query.Token) bool {
		return t.Kind == query.Symbol || t.Kind == query.Word && query.Reserved[t.Text]
	}
	return query.ColumnAt(expr, i) && operand(before) && operand(after) && !before.Is("collate") && !after.Is("from")
}

// lambda reports that an expression may hold an anonymous function. An arrow before a
// literal is the access to a field of JSON.
func lambda(expr []query.Token) bool {
	for i, t := range expr {
		arrow := t.Is("-") && i+2 < len(expr) && expr[i+1].Is(">") && expr[i+2].Kind != query.Text && expr[i+2].Kind != query.Number && !expr[i+2].Is(">")
		if arrow || t.Is("lambda") {
			return true
		}
	}
	return false
}

// foldOf is the fold of an expression that is one aggregate and nothing else.
func foldOf(tokens []query.Token) (fold Fold, why string) {
	if len(tokens) < 3 || !tokens[1].Is("(") || tokens[0].Kind != query.Word {
		return "", "is more than one aggregate by itself"
	}
	name := tokens[0].Text
	fold, ok := folds[name]
	switch {
	case ok:
	case query.ClassOf(name) == query.Scalar:
		return "", "is more than one aggregate by itself"
	default:
		return "", fmt.Sprintf("is computed by %s(), whose results do not add up", name)
	}
	p := query.Parser{Tokens: tokens, Pos: 1}
	args, err := p.Parens()
	if err == nil && p.Take("filter") {
		_, err = p.Parens()
	}
	switch {
	case err != nil || !p.Done():
		return "", "is more than one aggregate by itself"
	case len(args) > 0 && args[0].Is("distinct"):
		return "", "counts or adds distinct values, which may come again"
	case len(query.Split(args)) > 1:
		return "", fmt.Sprintf("is computed by %s() of several arguments", name)
	}
	for i, t := range args {
		if t.Is("order") && i+1 < len(args) && args[i+1].Is("by") {
			return "", "depends on an order"
		}
	}
	return fold, ""
}
