package tablediff

import (
	"sort"
	"strings"
)

// Rows are aligned through keys made of columns: rows whose key is unique on both sides
// belong together. Single columns are tried before pairs and so on, and a column set that
// repeats too much is passed over. What is left is joined to aligned neighbours with the
// same key.

const (
	none     = -1 // no counterpart
	open     = -2 // not decided yet
	keyBound = 5  // columns that take part in keys
)

type pair struct{ left, right int } // row numbers, none on one side for added and removed rows

type alignment struct {
	a, b       [][]Cell
	right      []int // for each row of a
	left       []int // for each row of b
	keyColumns []bool
}

func align(a, b [][]Cell) *alignment {
	al := &alignment{a: a, b: b, right: filled(len(a)), left: filled(len(b)), keyColumns: make([]bool, len(a[0]))}
	columns := al.candidates()
	top := 1 << len(columns)
	pending := len(a)
	waiting := make([]bool, len(a))
	for i := range waiting {
		waiting[i] = true
	}
	used := 0
	var full *index
	for k := 1; k < top && pending > 0; k++ {
		var active []int
		for at, c := range columns {
			if k>>at&1 == 1 {
				active = append(active, c)
				al.keyColumns[c] = true
			}
		}
		ix := newIndex(a, b, active)
		if k == top-1 {
			full = ix
		}
		if repeats := float64(ix.most) / float64(max(len(a), len(b), 1)+20); repeats >= 0.1 && (used > 0 || k < top-1) {
			continue
		}
		used++
		for i := range a {
			if !waiting[i] {
				continue
			}
			j, ok := ix.only(i)
			if ok && al.left[j] == open {
				al.link(i, j)
				waiting[i] = false
				pending--
			}
		}
	}
	if full != nil {
		al.neighbours(full, pending)
	}
	for i := 1; i < len(a); i++ {
		if al.right[i] == open {
			al.right[i] = none
		}
	}
	for j := 1; j < len(b); j++ {
		if al.left[j] == open {
			al.left[j] = none
		}
	}
	al.link(0, 0)
	return al
}

func filled(n int) []int {
	s := make([]int, n)
	for i := range s {
		s[i] = open
	}
	return s
}

func (al *alignment) link(i, j int) { al.right[i], al.left[j] = j, i }

// candidates are the columns for keys: all, or of many those with the most different values.
func (al *alignment) candidates() []int {
	width := len(al.a[0])
	columns := make([]int, width)
	for i := range columns {
		columns[i] = i
	}
	if width <= keyBound {
		return columns
	}
	distinct := make([]int, width)
	for c := range distinct {
		for _, rows := range [][][]Cell{al.a, al.b} {
			seen := map[string]bool{}
			for _, r := range rows {
				seen[r[c].Text] = true
			}
			distinct[c] += len(seen)
		}
	}
	sort.SliceStable(columns, func(x, y int) bool { return distinct[columns[x]] > distinct[columns[y]] })
	return columns[:keyBound]
}

// neighbours goes through the open rows in both directions and from both sides, and links
// a row to the one beside its neighbour's counterpart when the keys agree.
func (al *alignment) neighbours(ix *index, pending int) {
	left := pending
	for _, step := range []int{1, -1} {
		left = spread(al.right, al.left, step, left, func(i, j int) bool { return ix.keyA[i] == ix.keyB[j] })
	}
	left = 0
	for _, i := range al.left {
		if i == open {
			left++
		}
	}
	for _, step := range []int{1, -1} {
		left = spread(al.left, al.right, step, left, func(j, i int) bool { return ix.keyA[i] == ix.keyB[j] })
	}
}

// spread walks the rows of one side (to[i] is the counterpart) and returns how many stay open.
func spread(to, back []int, step, left int, same func(i, j int) bool) int {
	if left <= 0 || len(back) == 0 {
		return left
	}
	at, known := 0, false
	i := 0
	if step < 0 {
		i, at, known = len(to)-1, len(back)-1, true
	}
	for n := 0; n < len(to); n, i = n+1, i+step {
		if to[i] != open {
			at, known = to[i]+step, true
			if at < 0 || at >= len(back) {
				return left
			}
			continue
		}
		if !known || !same(i, at) || back[at] != open {
			continue
		}
		to[i], back[at] = at, i
		left--
		at += step
		if at < 0 || at >= len(back) || left == 0 {
			return left
		}
	}
	return left
}

// order lists the aligned rows: those of b in order, and the removed rows of a before the
// first row that stands behind them in a.
func (al *alignment) order() []pair {
	var out []pair
	var gone []int
	for i, j := range al.right {
		if j == none {
			gone = append(gone, i)
		}
	}
	for j, i := range al.left {
		for len(gone) > 0 && i > gone[0] {
			out = append(out, pair{gone[0], none})
			gone = gone[1:]
		}
		out = append(out, pair{i, j})
	}
	for _, i := range gone {
		out = append(out, pair{i, none})
	}
	return out
}

// index finds rows by the values of some columns.
type index struct {
	keyA, keyB []string
	a, b       map[string][]int
	most       int // rows of the most frequent key
}

func newIndex(a, b [][]Cell, columns []int) *index {
	ix := &index{a: map[string][]int{}, b: map[string][]int{}}
	add := func(rows [][]Cell, by map[string][]int) []string {
		keys := make([]string, len(rows))
		for i, r := range rows {
			keys[i] = key(r, columns, i == 0)
			by[keys[i]] = append(by[keys[i]], i)
			ix.most = max(ix.most, len(by[keys[i]]))
		}
		return keys
	}
	ix.keyA, ix.keyB = add(a, ix.a), add(b, ix.b)
	return ix
}

// only is the row of b for row i of a when both are the only ones with their key. Rows
// without any value have no key.
func (ix *index) only(i int) (int, bool) {
	k := ix.keyA[i]
	if k == "" || len(ix.a[k]) != 1 || len(ix.b[k]) != 1 {
		return 0, false
	}
	return ix.b[k][0], true
}

func key(row []Cell, columns []int, header bool) string {
	var b strings.Builder
	if header {
		b.WriteByte('_')
	}
	for n, c := range columns {
		if n > 0 {
			b.WriteString(" // ")
		}
		if text := row[c].Text; text != "null" && text != "undefined" {
			b.WriteString(text)
		}
	}
	return b.String()
}
