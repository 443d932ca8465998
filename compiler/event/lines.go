package event

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Lines makes the events whose text is laid out for a terminal: a message, dots up to the
// printer width, and a state in brackets.
type Lines struct{ Width int }

const defaultWidth = 80

// fancy lays out "3 of 9 START sql table model x ........ [RUN]". A negative seconds means
// no time; index < 0 means no progress.
func (l Lines) fancy(msg, state string, index, total int, seconds float64, cut bool) string {
	width := l.Width
	if width <= 0 {
		width = defaultWidth
	}
	var b strings.Builder
	if index >= 0 {
		b.WriteString(strconv.Itoa(index))
		b.WriteString(" of ")
		b.WriteString(strconv.Itoa(total))
		b.WriteByte(' ')
	}
	b.WriteString(msg)
	b.WriteByte(' ')
	line := b.String()
	if n := utf8.RuneCountInString(line); n < width {
		line += strings.Repeat(".", width-n)
	}
	if keep := width - 3; cut && utf8.RuneCountInString(line) > keep && keep >= 0 {
		line = string([]rune(line)[:keep]) + "..."
	}
	if seconds < 0 {
		return line + " [" + state + "]"
	}
	return line + " [" + state + fmt.Sprintf(" in %.2fs]", seconds)
}

const (
	noTime  = -1.0
	noIndex = -1
)

// Count is a number of things, in dbt's naive plural: 1 row, 2 rows, 2 batches.
func Count[N int | int64](n N, word string) string {
	switch {
	case n == 1:
	case strings.HasSuffix(word, "ch"):
		word += "es"
	default:
		word += "s"
	}
	return strconv.FormatInt(int64(n), 10) + " " + word
}
