// Package tablediff shows how two tables with the same columns differ, the way unit tests
// report it: changed cells as before→after, added rows with +++, removed rows with ---,
// unchanged rows and columns only next to a change.
package tablediff

import "strings"

// Cell is one value as text; Null is the database's null.
type Cell struct {
	Text string
	Null bool
}

func (c Cell) equal(o Cell) bool { return c.compare() == o.compare() }

// compare is what equality looks at: null equals the text None, as the tables of the
// differ know no other null.
func (c Cell) compare() string {
	if c.Null {
		return "None"
	}
	return c.Text
}

// shown is how a changed cell prints a value.
func (c Cell) shown() string {
	if c.compare() == "None" {
		return "NULL"
	}
	if strings.TrimLeft(c.Text, "_") == "NULL" {
		return "_" + c.Text // text that looks like null
	}
	return c.Text
}

// Activity of a row or column: whether it is shown.
const (
	hidden  = 0
	changed = 1
	context = 2
	gap     = 3
)

// Diff compares tables whose first row holds the column names. It returns the picture, and
// whether there is any difference. Lines end in CR LF; with colors they carry terminal codes.
func Diff(expected, actual [][]Cell, colors bool) (picture string, differs bool) {
	al := align(expected, actual)
	d := &differ{a: expected, b: actual, pairs: al.order()}
	d.columns = make([]int, len(expected[0]))
	for i, isKey := range al.keyColumns {
		if isKey {
			d.columns[i] = changed
		}
	}
	d.separator = separator(expected, actual)
	d.scan()
	if !d.found {
		return "", false
	}
	spread1(d.rows)
	spread1(d.columns)
	for i, a := range d.columns {
		if a == gap {
			d.columns[i] = hidden
		}
	}
	text := render(d.grid(), d.separator)
	if !colors {
		text = stripCodes(text)
	}
	return text, true
}

type differ struct {
	a, b      [][]Cell
	pairs     []pair
	rows      []int // activity by pair
	columns   []int // activity by column
	acts      []string
	separator string
	found     bool
}

// separator is an arrow that no value contains.
func separator(a, b [][]Cell) string {
	sep := "->"
	for _, rows := range [][][]Cell{a, b} {
		for _, r := range rows {
			for _, c := range r {
				for strings.Contains(c.Text, sep) {
					sep = "-" + sep
				}
			}
		}
	}
	return sep
}

// scan finds what changed.
func (d *differ) scan() {
	d.rows = make([]int, len(d.pairs))
	d.acts = make([]string, len(d.pairs))
	for n, p := range d.pairs {
		switch {
		case p.right == 0:
			continue // the header
		case p.left == none:
			d.acts[n] = "+++"
			for c := range d.columns {
				d.columns[c] = changed
			}
		case p.right == none:
			d.acts[n] = "---"
		default:
			for c := range d.columns {
				if !d.a[p.left][c].equal(d.b[p.right][c]) {
					d.columns[c] = changed
					d.acts[n] = d.separator
				}
			}
		}
		if d.acts[n] != "" {
			d.rows[n] = changed
			d.found = true
		}
	}
}

// spread1 shows one neighbour on each side of a change, and a gap next to it.
func spread1(active []int) {
	for pass := 0; pass < 2; pass++ {
		last, seen := 0, false
		for n := range active {
			i := n
			if pass == 1 {
				i = len(active) - 1 - n
			}
			switch active[i] {
			case hidden, gap:
				if !seen {
					continue
				}
				if dist := abs(i - last); dist <= 1 {
					active[i] = context
				} else if dist == 2 {
					active[i] = gap
				}
			case changed:
				last, seen = i, true
			}
		}
	}
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}

// grid lays the picture out: the header, then every row that is shown, hidden columns as dots.
func (d *differ) grid() [][]Cell {
	show := make([]int, 0, len(d.columns)) // column number, or none for dots
	off := 0
	for c, a := range d.columns {
		if a == hidden {
			if off++; off == 1 {
				show = append(show, none)
			}
			continue
		}
		off = 0
		show = append(show, c)
	}
	line := func(act string, cell func(c int) Cell) []Cell {
		out := []Cell{{Text: act}}
		for _, c := range show {
			if c == none {
				out = append(out, Cell{Text: "..."})
			} else {
				out = append(out, cell(c))
			}
		}
		return out
	}
	grid := [][]Cell{line("@@", func(c int) Cell { return d.b[0][c] })}
	inGap := false
	for n, p := range d.pairs {
		if p.right == 0 || d.rows[n] == hidden || d.rows[n] == gap && inGap {
			continue
		}
		if inGap = d.rows[n] == gap; inGap {
			grid = append(grid, line("...", func(int) Cell { return Cell{Text: "..."} }))
			continue
		}
		grid = append(grid, line(d.acts[n], func(c int) Cell { return d.cell(p, c) }))
	}
	return grid
}

func (d *differ) cell(p pair, c int) Cell {
	switch {
	case p.left == none:
		return d.b[p.right][c]
	case p.right == none:
		return d.a[p.left][c]
	}
	before, after := d.a[p.left][c], d.b[p.right][c]
	if before.equal(after) {
		return before
	}
	return Cell{Text: before.shown() + d.separator + after.shown()}
}
