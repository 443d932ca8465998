package agate

import (
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/millrace/millrace/compiler/jinja/value"
)

const (
	ellipsis     = "..."
	maxPrecision = 3 // decimals shown of a number
)

// PrintTable is the table as `dbt show` prints it, a Markdown table: at most maxRows rows
// and maxColumns columns, cells cut at maxColumnWidth characters. Negative means no limit.
func (t *Table) PrintTable(maxRows, maxColumns, maxColumnWidth int) string {
	return t.print(maxRows, maxColumns, maxColumnWidth, maxPrecision)
}

func (t *Table) print(maxRows, maxColumns, maxColumnWidth, maxPrecision int) string {
	if maxRows < 0 {
		maxRows = len(t.Rows)
	}
	if maxColumns < 0 {
		maxColumns = len(t.Names)
	}
	cols := min(maxColumns, len(t.Names))
	cut := func(s string) string {
		if maxColumnWidth >= 0 && utf8.RuneCountInString(s) > maxColumnWidth {
			return string([]rune(s)[:max(maxColumnWidth-len(ellipsis), 0)]) + ellipsis
		}
		return s
	}
	shown := t.Rows[:min(maxRows, len(t.Rows))]
	grid := make([][]string, 0, len(shown)+1)
	header := make([]string, 0, cols+1)
	for _, n := range t.Names[:cols] {
		header = append(header, cut(n))
	}
	if cols < len(t.Names) {
		header = append(header, ellipsis)
	}
	grid = append(grid, header)
	places := make([]numberFormat, cols)
	for c := range places {
		if t.Types[c] == Number {
			places[c] = formatFor(shown, c, maxPrecision)
		}
	}
	for _, row := range shown {
		line := make([]string, 0, len(header))
		for c, v := range row[:cols] {
			line = append(line, cut(t.cell(c, v, places[c])))
		}
		if cols < len(t.Names) {
			line = append(line, ellipsis)
		}
		grid = append(grid, line)
	}
	widths := make([]int, len(header))
	for _, line := range grid {
		for c, s := range line {
			widths[c] = max(widths[c], utf8.RuneCountInString(s))
		}
	}
	var b strings.Builder
	for i, line := range grid {
		t.writeRow(&b, line, widths)
		if i == 0 {
			b.WriteString("|")
			for c, w := range widths {
				if c > 0 {
					b.WriteString("|")
				}
				b.WriteString(" " + strings.Repeat("-", w) + " ")
			}
			b.WriteString("|\n")
		}
	}
	if maxRows < len(t.Rows) {
		line := make([]string, len(header))
		for c := range line {
			line[c] = ellipsis
		}
		t.writeRow(&b, line, widths)
	}
	return b.String()
}

func (t *Table) cell(c int, v value.Value, f numberFormat) string {
	if v.IsNull() {
		return ""
	}
	if t.Types[c] == Number {
		if s, ok := f.format(v); ok {
			return s
		}
	}
	return value.Str(v)
}

func (t *Table) writeRow(b *strings.Builder, line []string, widths []int) {
	b.WriteString("|")
	for c, s := range line {
		if c > 0 {
			b.WriteString("|")
		}
		pad := strings.Repeat(" ", max(widths[c]-utf8.RuneCountInString(s), 0))
		if t.Types[c] == Text {
			b.WriteString(" " + s + pad + " ")
		} else {
			b.WriteString(" " + pad + s + " ")
		}
	}
	b.WriteString("|\n")
}

// numberFormat is how one column of numbers is printed.
type numberFormat struct {
	places int
	more   bool // digits beyond the places are hidden behind an ellipsis
}

// decimalParts splits the text of a finite decimal into its sign, digits and exponent.
func decimalParts(v value.Value) (neg bool, digits string, exp int, ok bool) {
	s := value.Str(v)
	neg = strings.HasPrefix(s, "-")
	s = strings.TrimPrefix(s, "-")
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		n, err := strconv.Atoi(s[i+1:])
		if err != nil {
			return false, "", 0, false
		}
		exp, s = n, s[:i]
	}
	whole, frac, _ := strings.Cut(s, ".")
	exp -= len(frac)
	digits = whole + frac
	for _, r := range digits {
		if r < '0' || r > '9' {
			return false, "", 0, false
		}
	}
	return neg, digits, exp, digits != ""
}

// formatFor finds the decimals that show every number of a column exactly, up to the limit.
func formatFor(rows [][]value.Value, col, limit int) numberFormat {
	const context = 28
	whole, places := 1, 0
	for _, row := range rows {
		if row[col].IsNull() {
			continue
		}
		_, digits, exp, ok := decimalParts(row[col])
		if !ok {
			continue
		}
		digits = strings.TrimLeft(digits, "0")
		trimmed := strings.TrimRight(digits, "0")
		exp += len(digits) - len(trimmed)
		if trimmed == "" {
			trimmed, exp = "0", 0
		}
		whole = max(whole, len(trimmed)+exp)
		places = max(places, -exp)
	}
	if whole+places > context {
		places = max(context-whole, 0)
	}
	if limit >= 0 && places > limit {
		return numberFormat{limit, true}
	}
	return numberFormat{places, false}
}

// maxShift is the largest power of ten that is written out with all its zeros.
const maxShift = 4096

// format writes a number with thousands separators, rounding half to even. Numbers that
// are not finite, or too large or small to write out, are left to the caller.
func (f numberFormat) format(v value.Value) (string, bool) {
	neg, digits, exp, ok := decimalParts(v)
	if !ok || exp > maxShift || exp < -maxShift || len(digits) > maxShift {
		return "", false
	}
	n, _ := new(big.Int).SetString(digits, 10)
	if shift := exp + f.places; shift >= 0 {
		n.Mul(n, pow10(shift))
	} else {
		n = roundHalfEven(n, pow10(-shift))
	}
	text := n.String()
	if len(text) <= f.places {
		text = strings.Repeat("0", f.places-len(text)+1) + text
	}
	out := group(text[:len(text)-f.places])
	if f.places > 0 {
		out += "." + text[len(text)-f.places:]
	}
	if f.more {
		out += "…"
	}
	if neg {
		out = "-" + out
	}
	return out, true
}

func pow10(n int) *big.Int { return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil) }

func roundHalfEven(n, unit *big.Int) *big.Int {
	q, r := new(big.Int).QuoRem(n, unit, new(big.Int))
	switch c := r.Lsh(r, 1).Cmp(unit); {
	case c > 0, c == 0 && q.Bit(0) == 1:
		q.Add(q, big.NewInt(1))
	}
	return q
}

func group(whole string) string {
	var b strings.Builder
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(',')
		}
		b.WriteByte(whole[i])
	}
	return b.String()
}

// structure lists the columns with their types.
func (t *Table) structure() string {
	rows := make([][]value.Value, len(t.Names))
	for i, n := range t.Names {
		rows[i] = []value.Value{value.String(n), value.String(t.Types[i].String())}
	}
	return NewTyped([]string{"column", "data_type"}, []Type{Text, Text}, rows).PrintTable(-1, 6, -1)
}
