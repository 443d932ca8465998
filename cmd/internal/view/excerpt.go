package view

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/millrace/millrace/compiler/diag"
)

// Excerpt writes what a person needs to act on a diagnostic: its stable code and
// position, the line with a caret, related places, and the hint.
func Excerpt(b *strings.Builder, d *diag.Diagnostic, color bool) {
	c := func(code, s string) string {
		if !color {
			return s
		}
		return code + s + reset
	}
	if place := strings.TrimSpace(string(d.Code) + " " + d.Span.String()); place != "" {
		fmt.Fprintf(b, "  %s\n", c(cyan, place))
	}
	if d.Span.Valid() {
		sourceLine(b, d.Span, c)
	}
	for _, r := range d.Related {
		if !r.Span.Valid() {
			fmt.Fprintf(b, "  %s\n", r.Message)
			continue
		}
		fmt.Fprintf(b, "  %s %s\n", r.Message, c(cyan, r.Span.String()))
		sourceLine(b, r.Span, c)
	}
	if d.Hint != "" {
		fmt.Fprintf(b, "  %s %s\n", c(bold, "hint:"), d.Hint)
	}
}

// sourceLine prints one line of the user's file and carets under the span.
func sourceLine(b *strings.Builder, s diag.Span, c func(code, s string) string) {
	line, col := s.Source.Position(s.Start)
	text := s.Source.Line(line)
	if strings.TrimSpace(text) == "" {
		return
	}
	number := strconv.Itoa(line)
	gutter := strings.Repeat(" ", len(number))
	fmt.Fprintf(b, "   %s %s %s\n", c(dim, number), c(dim, "|"), strings.ReplaceAll(text, "\t", "    "))
	pad, n := 0, 0
	for _, r := range text {
		n++
		if n >= col {
			break
		}
		if r == '\t' {
			pad += 4
		} else {
			pad++
		}
	}
	width := 1
	if endLine, _ := s.Source.Position(s.End); endLine == line && s.End > s.Start {
		width = utf8.RuneCountInString(s.Source.Text[s.Start:s.End])
	} else if s.End > s.Start {
		width = utf8.RuneCountInString(text) - col + 1
	}
	if width < 1 {
		width = 1
	}
	fmt.Fprintf(b, "   %s %s %s%s\n", gutter, c(dim, "|"), strings.Repeat(" ", pad), c(red, strings.Repeat("^", width)))
}
