package pyyaml

import (
	"fmt"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/yaml"
)

const breaks = "\n\u0085\u2028\u2029"

// analysis says in which styles a text can be written.
type analysis struct {
	multiline     bool
	plain, single bool
}

func analyze(s string) analysis {
	if s == "" {
		return analysis{single: true}
	}
	r := []rune(s)
	isBreak := func(c rune) bool { return strings.ContainsRune(breaks, c) }
	isSpace := func(c rune) bool { return strings.ContainsRune("\x00 \t\r"+breaks, c) }
	indicators := strings.HasPrefix(s, "---") || strings.HasPrefix(s, "...")
	var lineBreaks, special, edge, breakSpace, spaceBreak bool
	afterSpace := true
	var prevSpace, prevBreak bool
	for i, c := range r {
		beforeSpace := i+1 >= len(r) || isSpace(r[i+1])
		if i == 0 {
			indicators = indicators || strings.ContainsRune("#,[]{}&*!|>'\"%@`", c) || strings.ContainsRune("?:-", c) && beforeSpace
		} else {
			indicators = indicators || c == ':' && beforeSpace || c == '#' && afterSpace
		}
		lineBreaks = lineBreaks || isBreak(c)
		if c != '\n' && (c < ' ' || c > '~') {
			special = true // without allow_unicode everything beyond ASCII is escaped
		}
		switch {
		case c == ' ':
			edge = edge || i == 0 || i == len(r)-1
			breakSpace = breakSpace || prevBreak
			prevSpace, prevBreak = true, false
		case isBreak(c):
			edge = edge || i == 0 || i == len(r)-1
			spaceBreak = spaceBreak || prevSpace
			prevSpace, prevBreak = false, true
		default:
			prevSpace, prevBreak = false, false
		}
		afterSpace = isSpace(c)
	}
	return analysis{
		multiline: lineBreaks,
		plain:     !edge && !breakSpace && !spaceBreak && !special && !lineBreaks && !indicators,
		single:    !breakSpace && !spaceBreak && !special,
	}
}

// readsAsText reports whether the bare text would be read back as text.
func readsAsText(s string) bool {
	switch s {
	case "", "=", "<<":
		return false
	}
	n, list := yaml.Parse(diag.NewSource("", s))
	if list.Err() != nil || n == nil {
		return false
	}
	got, ok := n.String()
	return ok && got == s
}

func (d *dumper) text(s string, p place) {
	a := analyze(s)
	switch {
	case a.plain && !(p.key && a.multiline) && readsAsText(s):
		d.plain(s, p)
	case a.single && !(p.key && a.multiline):
		d.singleQuoted(s, p)
	default:
		d.doubleQuoted(s, p)
	}
}

// hanging is the column of continued lines of a text.
func (p place) hanging() int {
	if p.indent < 0 {
		return bestIndent
	}
	return p.indent + bestIndent
}

func (d *dumper) plain(s string, p place) {
	if !d.whitespace {
		d.write(" ")
	}
	d.whitespace, d.indention = false, false
	words := strings.SplitAfter(s, " ")
	for i := 0; i < len(words); i++ {
		word := strings.TrimSuffix(words[i], " ")
		d.write(word)
		if i == len(words)-1 {
			break
		}
		// A run of spaces stays together; a single one may become a line break.
		run := 1
		for i+run < len(words) && words[i+run] == " " {
			run++
		}
		if run == 1 && d.column > bestWidth && !p.key {
			d.newline()
			d.write(strings.Repeat(" ", p.hanging()))
		} else {
			d.write(strings.Repeat(" ", run))
		}
		i += run - 1
	}
	d.whitespace, d.indention = false, false
	d.openEnded = p.root
}

func (d *dumper) singleQuoted(s string, p place) {
	d.indicator("'", true, false, false)
	r := []rune(s)
	for i := 0; i < len(r); {
		start := i
		switch c := r[i]; {
		case c == ' ':
			for i < len(r) && r[i] == ' ' {
				i++
			}
			if i-start == 1 && d.column > bestWidth && !p.key && start != 0 && i != len(r) {
				d.newline()
				d.write(strings.Repeat(" ", p.hanging()))
			} else {
				d.write(string(r[start:i]))
			}
		case strings.ContainsRune(breaks, c):
			for i < len(r) && strings.ContainsRune(breaks, r[i]) {
				i++
			}
			if r[start] == '\n' {
				d.newline()
			}
			for _, br := range r[start:i] {
				if br == '\n' {
					d.newline()
				} else {
					d.b.WriteRune(br)
					d.column = 0
				}
			}
			d.write(strings.Repeat(" ", p.hanging()))
		case c == '\'':
			d.write("''")
			i++
		default:
			for i < len(r) && r[i] != ' ' && r[i] != '\'' && !strings.ContainsRune(breaks, r[i]) {
				i++
			}
			d.write(string(r[start:i]))
		}
	}
	d.indicator("'", false, false, false)
}

var escapes = map[rune]string{
	0: "0", 7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r", 27: "e", '"': `"`, '\\': `\`,
	0x85: "N", 0xa0: "_", 0x2028: "L", 0x2029: "P",
}

func (d *dumper) doubleQuoted(s string, p place) {
	d.indicator(`"`, true, false, false)
	r := []rune(s)
	start := 0
	flush := func(end int) {
		if start < end {
			d.write(string(r[start:end]))
		}
		start = max(start, end)
	}
	for i := 0; i <= len(r); i++ {
		if i == len(r) {
			flush(i)
			break
		}
		c := r[i]
		if c < ' ' || c > '~' || c == '"' || c == '\\' {
			flush(i)
			switch e, ok := escapes[c]; {
			case ok:
				d.write(`\` + e)
			case c <= 0xff:
				d.write(fmt.Sprintf(`\x%02X`, c))
			case c <= 0xffff:
				d.write(fmt.Sprintf(`\u%04X`, c))
			default:
				d.write(fmt.Sprintf(`\U%08X`, c))
			}
			start = i + 1
		}
		if 0 < i && i < len(r)-1 && (c == ' ' || start >= i) && d.column+i-start > bestWidth && !p.key {
			if start < i {
				d.write(string(r[start:i]))
				start = i
			}
			d.write(`\`)
			d.newline()
			d.write(strings.Repeat(" ", p.hanging()))
			if start < len(r) && r[start] == ' ' {
				d.write(`\`)
			}
		}
	}
	d.whitespace, d.indention = false, false
	d.indicator(`"`, false, false, false)
}
