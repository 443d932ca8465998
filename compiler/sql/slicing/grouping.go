package slicing

import "fmt"

// local checks that groups, windows and duplicates never mix rows of two keys.
func (b *block) local(key [][]token) *Error {
	has := func(list [][]token, what string, at token) *Error {
		for _, k := range key {
			if !covered(k, list) {
				return errorAt(at, "%s is not by the key (%s)", what, spell(k))
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
				if c.class == aggregate && b.groupAt == nil {
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
