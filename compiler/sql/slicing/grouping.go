package slicing

import (
	"fmt"

	"github.com/millrace/millrace/compiler/sql/query"
)

// local checks that groups, windows and duplicates never mix rows of two keys.
func (b block) local(key [][]query.Token) *query.Error {
	has := func(list [][]query.Token, what string, at query.Token) *query.Error {
		for _, k := range key {
			if !covered(k, list) {
				return query.ErrorAt(at, "%s is not by the key (%s)", what, query.Spell(k))
			}
		}
		return nil
	}
	if b.DistinctOn != nil {
		if err := has(query.Split(b.DistinctOn), "distinct on", *b.Distinct); err != nil {
			return err
		}
	}
	group := b.groups()
	if b.GroupAt != nil {
		if err := has(group, "the grouping", *b.GroupAt); err != nil {
			return err
		}
	}
	named := b.named()
	for _, tokens := range b.Expressions() {
		for _, c := range query.OwnCalls(tokens) {
			if !c.Over {
				if c.Class == query.Aggregate && b.GroupAt == nil {
					return query.ErrorAt(c.At, "%s() is computed over the rows of all keys", c.Name)
				}
				continue
			}
			w := c.Window
			if c.WindowBy != "" {
				w = named[c.WindowBy]
			}
			if err := has(partition(w), fmt.Sprintf("the window of %s()", c.Name), c.At); err != nil {
				return err
			}
		}
	}
	return nil
}

// groups are the expressions that a block groups by.
func (b block) groups() [][]query.Token {
	if b.GroupAll {
		var out [][]query.Token
		for _, it := range b.Items {
			plain := true
			for _, c := range query.OwnCalls(it.Tokens) {
				plain = plain && c.Class != query.Aggregate && !c.Over
			}
			if plain && !it.Star {
				out = append(out, it.Tokens)
			}
		}
		return out
	}
	var out [][]query.Token
	for _, g := range b.Group {
		if len(g) == 1 {
			if g[0].Kind == query.Number {
				n := 0
				if _, err := fmt.Sscanf(g[0].Text, "%d", &n); err == nil && n >= 1 && n <= len(b.Items) && !b.starBefore(n) {
					out = append(out, b.Items[n-1].Tokens)
				}
				continue
			}
			// An alias, where no column of that name is read: both readings are kept apart, as
			// only one of them is grouped by.
			if name, ok := g[0].Name(); ok {
				for _, it := range b.Items {
					if it.Alias == name && !it.Star {
						g = it.Tokens
					}
				}
			}
		}
		out = append(out, g)
	}
	return out
}

func (b block) starBefore(n int) bool {
	for _, it := range b.Items[:n] {
		if it.Star {
			return true
		}
	}
	return false
}

// named are the windows of a WINDOW clause.
func (b block) named() map[string][]query.Token {
	out := map[string][]query.Token{}
	for _, w := range query.Split(b.Windows) {
		if len(w) > 3 && w[1].Is("as") && w[2].Is("(") {
			out[w[0].Text] = w[3 : len(w)-1]
		}
	}
	return out
}

// partition are the expressions of PARTITION BY.
func partition(window []query.Token) [][]query.Token {
	if len(window) < 3 || !window[0].Is("partition") {
		return nil
	}
	p := query.Parser{Tokens: window, Pos: 2}
	return query.Split(p.Until("order", "rows", "range", "groups"))
}

// covered reports that a key is the same for all rows which agree in list: it is in the
// list, or all columns that it is computed from are.
func covered(key []query.Token, list [][]query.Token) bool {
	for _, g := range list {
		if query.Same(key, g) {
			return true
		}
	}
	columns := 0
	for i := range key {
		if !query.ColumnAt(key, i) {
			continue
		}
		from := i
		for from >= 2 && key[from-1].Is(".") {
			from -= 2
		}
		columns++
		found := false
		for _, g := range list {
			found = found || query.Same(key[from:i+1], g)
		}
		if !found {
			return false
		}
	}
	return columns > 0
}
