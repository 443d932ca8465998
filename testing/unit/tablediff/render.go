package tablediff

import (
	"math"
	"strings"
	"unicode/utf8"
)

// Terminal codes by what a cell is.
const (
	codeHeader = "\x1b[0;1m"
	codeMinor  = "\x1b[33m"
	codeDone   = "\x1b[0m"
	codeAdd    = "\x1b[32;1m"
	codeModify = "\x1b[34;1m"
	codeRemove = "\x1b[31;1m"
)

const arrow = "→"

// render prints the grid with columns of about even width.
func render(grid [][]Cell, sep string) string {
	sizes := widths(grid, sep)
	var b strings.Builder
	for _, row := range grid {
		act := row[0].Text
		target, at := 0, 0
		for x, c := range row {
			if sizes != nil && target > at {
				b.WriteString(strings.Repeat(" ", target-at))
				at = target
			}
			if x > 0 {
				b.WriteString(codeMinor + "," + codeDone)
			}
			b.WriteString(quoteCSV(painted(c, act, sep)))
			if sizes != nil {
				at += utf8.RuneCountInString(plain(c, act, sep))
				target += sizes[x]
			}
		}
		b.WriteString("\r\n")
	}
	return b.String()
}

// change takes "before->after" of a changed row apart, with spaces made visible where only they differ.
func change(c Cell, act, sep string) (before, after string, ok bool) {
	if act != sep || c.Null || !strings.Contains(c.Text, sep) {
		return "", "", false
	}
	if c.Text == sep {
		return "", "", true
	}
	parts := strings.Split(c.Text, sep)
	before = markSpaces(parts[0], parts[1])
	return before, markSpaces(parts[1], before), true
}

// plain is a cell's text without codes.
func plain(c Cell, act, sep string) string {
	if before, after, ok := change(c, act, sep); ok {
		return quoteCSV(Cell{Text: before + arrow + after})
	}
	return quoteCSV(c)
}

// painted is a cell with codes.
func painted(c Cell, act, sep string) Cell {
	if before, after, ok := change(c, act, sep); ok {
		return Cell{Text: codeRemove + before + codeModify + arrow + codeAdd + after + codeDone}
	}
	code := ""
	switch act {
	case "@@":
		code = codeHeader
	case "+++":
		code = codeAdd
	case "---":
		code = codeRemove
	default:
		return c
	}
	text := c.Text
	if c.Null {
		text = "null"
	}
	return Cell{Text: code + text + codeDone}
}

// quoteCSV quotes text that a comma-separated line could not hold as it is.
func quoteCSV(c Cell) string {
	if c.Null {
		return "NULL"
	}
	s := c.Text
	if s == "" || s[0] != ' ' && s[len(s)-1] != ' ' && !strings.ContainsAny(s, "\"\r\n\t,") {
		return s
	}
	return "\"" + strings.ReplaceAll(s, "\"", "\"\"") + "\""
}

// markSpaces shows the spaces of s that o lacks as ␣, when the two differ in nothing else.
func markSpaces(s, o string) string {
	if s == o || strings.ReplaceAll(s, " ", "") != strings.ReplaceAll(o, " ", "") {
		return s
	}
	var b strings.Builder
	left, right := []rune(s), []rune(o)
	i, j := 0, 0
	for i < len(left) {
		switch {
		case j < len(right) && left[i] == right[j]:
			b.WriteRune(left[i])
			i, j = i+1, j+1
		case j < len(right) && right[j] == ' ':
			j++
		default:
			b.WriteRune('␣')
			i++
		}
	}
	return b.String()
}

// widths picks for every column the longest text that is no outlier, and at least the
// header; nil when the table is too wide to align.
func widths(grid [][]Cell, sep string) []int {
	total := len(grid[0]) - 1
	sizes := make([]int, len(grid[0]))
	for x := range sizes {
		lengths := make([]int, len(grid))
		sum, squares := 0.0, 0.0
		for y, row := range grid {
			n := utf8.RuneCountInString(plain(row[x], row[0].Text, sep))
			lengths[y] = n
			sum += float64(n)
			squares += float64(n * n)
		}
		mean := sum / float64(len(grid))
		variance := squares/float64(len(grid)) - mean*mean
		limit, known := 0, variance >= 0
		if known {
			limit = int(mean + 2*math.Sqrt(variance) + 0.5)
		}
		most := 0
		for _, n := range lengths {
			if known && n <= limit {
				most = max(most, n)
			}
		}
		sizes[x] = max(most, lengths[0])
		total += sizes[x]
	}
	if total > 130 {
		return nil
	}
	return sizes
}

// stripCodes removes terminal codes.
func stripCodes(s string) string {
	var b strings.Builder
	for {
		i := strings.Index(s, "\x1b[")
		if i < 0 {
			b.WriteString(s)
			return b.String()
		}
		b.WriteString(s[:i])
		s = s[i+2:]
		for s != "" && (s[0] < '@' || s[0] > '~') {
			s = s[1:]
		}
		if s != "" {
			s = s[1:]
		}
	}
}
