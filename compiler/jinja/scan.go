package jinja

import (
	"strconv"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
)

// Block is one top-level definition of a file: {% macro x() %}…{% endmacro %}.
type Block struct {
	Kind     string    // "macro", "test", "data_test", "snapshot", "docs", "materialization"
	Name     string    // "" when the tag has none
	FullSpan diag.Span // both tags, with the white space that "{%-" and "-%}" remove
	BodySpan diag.Span // between the tags, without that white space
}

// ScanBlocks finds the top-level blocks of a file as dbt does, without parsing what is in
// them. allow lists the wanted kinds; without it they are macro, materialization, docs and
// snapshot. Everything outside of the blocks is ignored, comments and raw blocks hide what
// they contain, and blocks may stand neither inside if or for nor inside each other.
func ScanBlocks(src *diag.Source, allow ...string) (blocks []Block, d *diag.Diagnostic) {
	if len(allow) == 0 {
		allow = []string{"snapshot", "macro", "materialization", "docs"}
	}
	defer func() {
		if r := recover(); r != nil {
			failed, ok := r.(*diag.Diagnostic)
			if !ok {
				panic(r)
			}
			blocks, d = nil, failed
		}
	}()
	s := blockScanner{src: src, text: src.Text, allow: allow}
	return s.scan(), nil
}

// scanTag is one {% … %} tag. start includes white space before "{%-", end that after "-%}".
type scanTag struct {
	kind, name string
	start, end int
	at         int // offset of "{%"
}

type blockScanner struct {
	src   *diag.Source
	text  string
	pos   int
	allow []string
	flow  []scanTag // open if and for tags
}

func (s *blockScanner) scan() []Block {
	var blocks []Block
	var open *scanTag
	for {
		tag, ok := s.next()
		if !ok {
			break
		}
		s.controlFlow(tag)
		switch {
		case containsString(s.allow, tag.kind):
			if len(s.flow) > 0 {
				s.fail(tag.at, "Got a block definition inside control flow at "+s.linePos(tag.start)+". All dbt block definitions must be at the top level")
			}
			if open != nil {
				d := syntaxError(s.src.At(open.at, open.end), "Got nested tags: "+open.kind+" (started at "+strconv.Itoa(open.start)+
					") did not have a matching {% end"+open.kind+" %} before a subsequent "+tag.kind+" was found (started at "+strconv.Itoa(tag.start)+")")
				d.Code = diag.CodeUnclosedBlock
				d.Related = []diag.Related{{Span: s.src.At(tag.at, tag.end), Message: "the next block starts here"}}
				panic(d)
			}
			t := tag
			open = &t
		case open != nil && len(tag.kind) > 3 && tag.kind[:3] == "end" && tag.kind[3:] == open.kind:
			blocks = append(blocks, Block{
				Kind: open.kind, Name: open.name,
				FullSpan: s.src.At(open.start, tag.end), BodySpan: s.src.At(open.end, tag.start),
			})
			open = nil
		}
	}
	if open != nil {
		line, _ := s.src.Position(open.end)
		panic(unclosedError(s.src, open.at, open.end, len(s.text),
			"Reached EOF without finding a close tag for "+open.kind+" (searched from line "+strconv.Itoa(line)+")"))
	}
	return blocks
}

func (s *blockScanner) controlFlow(tag scanTag) {
	switch tag.kind {
	case "if", "for":
		s.flow = append(s.flow, tag)
	case "endif", "endfor":
		want := tag.kind[3:]
		if len(s.flow) == 0 {
			s.fail(tag.at, "Got an unexpected control flow end tag, got "+tag.kind+" but never saw a preceding "+want+" (@ "+s.linePos(tag.start)+")")
		}
		top := s.flow[len(s.flow)-1]
		s.flow = s.flow[:len(s.flow)-1]
		if top.kind != want {
			d := syntaxError(s.src.At(tag.at, tag.end), "Got an unexpected control flow end tag, got "+tag.kind+" but expected end"+top.kind+" next (@ "+s.linePos(tag.start)+")")
			d.Related = []diag.Related{{Span: s.src.At(top.at, top.end), Message: "opened here"}}
			panic(d)
		}
	}
}

func (s *blockScanner) fail(at int, message string) {
	end := min(at+2, len(s.text))
	panic(syntaxError(s.src.At(at, end), message))
}

// linePos is the line and the 0-based column of an offset, as dbt writes them.
func (s *blockScanner) linePos(at int) string {
	line, col := s.src.Position(at)
	return strconv.Itoa(line) + ":" + strconv.Itoa(col-1)
}

// next finds the next statement tag, skipping comments, print statements and raw blocks.
func (s *blockScanner) next() (scanTag, bool) {
	from := s.pos
	for from < len(s.text)-1 {
		i := strings.IndexByte(s.text[from:len(s.text)-1], '{')
		if i < 0 {
			break
		}
		at := from + i
		switch s.text[at+1] {
		case '#':
			end := strings.Index(s.text[at+2:], "#}")
			if end < 0 {
				s.unclosed(at, "#}")
			}
			s.pos = at + 2 + end + 2
		case '{':
			s.pos = at + 2
			s.skipTo(at, "}}")
		case '%':
			if tag, ok := s.tag(at); ok {
				if tag.kind != "raw" {
					return tag, true
				}
				break
			}
			from = at + 1
			continue
		default:
			from = at + 1
			continue
		}
		from = s.pos
	}
	s.pos = len(s.text)
	return scanTag{}, false
}

// tag reads the tag at an offset; ok is false when no name follows "{%" (or "{%-").
func (s *blockScanner) tag(at int) (scanTag, bool) {
	t := scanTag{at: at, start: at}
	i := at + 2
	if i < len(s.text) && s.text[i] == '-' {
		i++
		t.start = trimRight(s.text, s.pos, at)
	}
	t.kind, i = s.name(trimLeft(s.text, i, len(s.text)))
	if t.kind == "" {
		return t, false
	}
	if t.kind == "raw" {
		return t, s.skipRaw(at)
	}
	if after := trimLeft(s.text, i, len(s.text)); after > i {
		if name, end := s.name(after); name != "" {
			t.name, i = name, end
		}
	}
	s.pos = i
	s.skipTo(at, "%}")
	t.end = s.pos
	return t, true
}

func (s *blockScanner) name(i int) (string, int) {
	start := i
	for i < len(s.text) && s.text[i] < 0x80 && (isNamePart(s.text[i]) && (i > start || !isDigit(s.text[i]))) {
		i++
	}
	return s.text[start:i], i
}

// skipTo moves behind the closing delimiter, which does not count inside strings.
func (s *blockScanner) skipTo(open int, closer string) {
	for i := s.pos; i < len(s.text); i++ {
		switch c := s.text[i]; c {
		case '\'', '"':
			i = s.skipString(open, i) - 1
		case closer[0]:
			if i+1 < len(s.text) && s.text[i+1] == '}' {
				s.pos = i + 2
				if closer == "%}" && s.text[i-1] == '-' {
					s.pos = trimLeft(s.text, s.pos, len(s.text))
				}
				return
			}
		}
	}
	if closer == "%}" {
		closer = `tag close ("%}")`
	}
	s.unclosed(open, closer)
}

// skipString is the offset behind the first complete string at or after the quote at i.
// That it need not be the one that starts there is dbt's way with a lone quote.
func (s *blockScanner) skipString(open, i int) int {
	const most = 200 // a limit on tries, so that hostile input cannot take quadratic time
	for tries := 0; i < len(s.text) && tries < most; i++ {
		if s.text[i] != '\'' && s.text[i] != '"' {
			continue
		}
		if end := s.stringEnd(i); end >= 0 {
			return end
		}
		tries++
	}
	s.unclosed(open, "string")
	return 0
}

// stringEnd is the offset behind the string that starts at i, or -1.
func (s *blockScanner) stringEnd(i int) int {
	quote := s.text[i]
	for i++; i < len(s.text); i++ {
		switch s.text[i] {
		case '\\':
			i++
		case quote:
			return i + 1
		}
	}
	return -1
}

func (s *blockScanner) unclosed(at int, expected string) {
	panic(unclosedError(s.src, at, min(at+2, len(s.text)), len(s.text), "unexpected EOF, expected "+expected))
}

// skipRaw moves behind the {% endraw %} of the raw tag at an offset.
func (s *blockScanner) skipRaw(at int) bool {
	l := lexer{src: s.src, text: s.text, end: len(s.text)}
	body, ok := l.tagNamed("raw", at)
	if !ok {
		return false
	}
	_, _, after := l.findEnd("endraw", body)
	if after == 0 {
		s.unclosed(at, "{% raw %}...{% endraw %}")
	}
	s.pos = after
	return true
}
