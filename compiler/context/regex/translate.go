// Package regex is Python's re module for templates: the syntax, the matching rules and
// the objects of Python, on an engine that backtracks as Python's does.
package regex

import (
	"strconv"
	"strings"
	"unicode"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// Python's flag values.
const (
	flagI = 2
	flagL = 4
	flagM = 8
	flagS = 16
	flagU = 32
	flagX = 64
	flagA = 256
)

// translation is a pattern in the engine's syntax. All groups are numbered, as the engine
// would count named groups after all others; names are kept here.
type translation struct {
	text   string
	groups int
	names  map[string]int
	order  []string // group names in order of their numbers
	flags  int      // with those set inside the pattern
}

type translator struct {
	src    []rune
	pos    int
	out    strings.Builder
	t      translation
	opened bool  // the last group() left a group open: no comment, no flags, no reference
	open   []int // positions of groups that are not closed yet
}

func reError(pos int, format string, args ...any) error {
	e := value.Errorf("error", format, args...)
	e.Message += " at position " + strconv.Itoa(pos)
	return e
}

// translate rewrites Python's syntax where the engine's differs.
func translate(pattern string, flags int) (*translation, error) {
	tr := &translator{src: []rune(pattern)}
	tr.t.flags = flags
	tr.t.names = make(map[string]int)
	for tr.pos < len(tr.src) {
		if err := tr.next(); err != nil {
			return nil, err
		}
	}
	if n := len(tr.open); n > 0 {
		return nil, reError(tr.open[n-1], "missing ), unterminated subpattern")
	}
	tr.t.text = tr.out.String()
	return &tr.t, nil
}

func (tr *translator) rest(prefix string) bool {
	return strings.HasPrefix(string(tr.src[tr.pos:min(len(tr.src), tr.pos+len(prefix))]), prefix)
}

func (tr *translator) next() error {
	switch c := tr.src[tr.pos]; {
	case c == '\\':
		return tr.escape(false)
	case c == '[':
		return tr.class()
	case c == '(':
		at := tr.pos
		if err := tr.group(); err != nil {
			return err
		}
		if tr.opened {
			tr.open = append(tr.open, at)
		}
		return nil
	case c == ')':
		if len(tr.open) == 0 {
			return reError(tr.pos, "unbalanced parenthesis")
		}
		tr.open = tr.open[:len(tr.open)-1]
		tr.out.WriteRune(c)
		tr.pos++
		return nil
	case c == '{' && tr.rest("{,"):
		// {,n} means {0,n}
		tr.out.WriteString("{0,")
		tr.pos += 2
		return nil
	case c == '#' && tr.t.flags&flagX != 0:
		// A comment in verbose mode may hold anything: the engine skips it, so drop it here.
		for tr.pos < len(tr.src) && tr.src[tr.pos] != '\n' {
			tr.pos++
		}
		return nil
	default:
		tr.out.WriteRune(c)
		tr.pos++
		return nil
	}
}

// escape rewrites one escape; inClass says whether it stands in brackets.
func (tr *translator) escape(inClass bool) error {
	at := tr.pos
	if at+1 >= len(tr.src) {
		return reError(at, "bad escape (end of pattern)")
	}
	c := tr.src[at+1]
	tr.pos += 2
	switch {
	case c == 'Z' && !inClass:
		tr.out.WriteString(`\z`)
	case c == 'U' && at+10 <= len(tr.src):
		n, err := strconv.ParseUint(string(tr.src[at+2:at+10]), 16, 32)
		if err != nil {
			return reError(at, "incomplete escape \\U")
		}
		tr.out.WriteString(quoteRune(rune(n)))
		tr.pos += 8
	case tr.t.flags&flagA != 0 && strings.ContainsRune("dDwWsS", c):
		tr.asciiClass(c, inClass)
	case c >= '1' && c <= '9' && !inClass:
		// The engine would read \10 as a group only if there are that many, so mark the end.
		n := int(c - '0')
		if tr.pos < len(tr.src) && tr.src[tr.pos] >= '0' && tr.src[tr.pos] <= '9' {
			n = n*10 + int(tr.src[tr.pos]-'0')
			tr.pos++
		}
		if n > tr.t.groups {
			return reError(at+1, "invalid group reference %d", n)
		}
		tr.out.WriteString(`(?:\` + strconv.Itoa(n) + ")")
	case unicode.IsLetter(c) && c < unicode.MaxASCII && !strings.ContainsRune("AbBdDsSwWabfnrtuvxN0", c):
		return reError(at, "bad escape \\%c", c)
	default:
		tr.out.WriteRune('\\')
		tr.out.WriteRune(c)
	}
	return nil
}

func (tr *translator) asciiClass(c rune, inClass bool) {
	sets := map[rune]string{'d': "0-9", 'w': "a-zA-Z0-9_", 's': ` \t\n\r\f\v`}
	set := sets[unicode.ToLower(c)]
	switch {
	case !unicode.IsUpper(c) && inClass:
		tr.out.WriteString(set)
	case !unicode.IsUpper(c):
		tr.out.WriteString("[" + set + "]")
	case inClass: // a negated set inside a set: leave the Unicode one
		tr.out.WriteString(`\` + string(c))
	default:
		tr.out.WriteString("[^" + set + "]")
	}
}

func quoteRune(r rune) string {
	if strings.ContainsRune(`\.+*?()|[]{}^$#- `, r) {
		return `\` + string(r)
	}
	return string(r)
}

// class copies a set; an opening bracket inside is plain text in Python.
func (tr *translator) class() error {
	at := tr.pos
	tr.out.WriteRune('[')
	tr.pos++
	if tr.pos < len(tr.src) && tr.src[tr.pos] == '^' {
		tr.out.WriteRune('^')
		tr.pos++
	}
	first := true
	for tr.pos < len(tr.src) {
		c := tr.src[tr.pos]
		switch {
		case c == ']' && !first:
			tr.out.WriteRune(']')
			tr.pos++
			return nil
		case c == '\\':
			if err := tr.escape(true); err != nil {
				return err
			}
		case c == '[' || c == ']':
			tr.out.WriteString(`\` + string(c))
			tr.pos++
		default:
			tr.out.WriteRune(c)
			tr.pos++
		}
		first = false
	}
	return reError(at, "unterminated character set")
}

func (tr *translator) group() error {
	at := tr.pos
	tr.opened = true
	switch {
	case tr.rest("(?P<"):
		name, err := tr.name(at+4, '>')
		if err != nil {
			return err
		}
		if _, dup := tr.t.names[name]; dup {
			return reError(at+4, "redefinition of group name %s", value.Repr(value.String(name)))
		}
		tr.t.groups++
		tr.t.names[name] = tr.t.groups
		tr.t.order = append(tr.t.order, name)
		tr.out.WriteRune('(')
	case tr.rest("(?P="):
		name, err := tr.name(at+4, ')')
		if err != nil {
			return err
		}
		n, ok := tr.t.names[name]
		if !ok {
			return reError(at+4, "unknown group name %s", value.Repr(value.String(name)))
		}
		tr.out.WriteString(`(?:\` + strconv.Itoa(n) + ")")
		tr.opened = false
	case tr.rest("(?P"):
		return reError(at+1, "unknown extension ?P%s", string(tr.src[min(at+3, len(tr.src)):min(at+4, len(tr.src))]))
	case tr.rest("(?("):
		name, err := tr.name(at+3, ')')
		if err != nil {
			return err
		}
		n, isNumber := strconv.Atoi(name)
		if isNumber != nil {
			var ok bool
			if n, ok = tr.t.names[name]; !ok {
				return reError(at+3, "unknown group name %s", value.Repr(value.String(name)))
			}
		}
		tr.out.WriteString("(?(" + strconv.Itoa(n) + ")")
	case tr.rest("(?#"):
		for tr.pos < len(tr.src) && tr.src[tr.pos] != ')' {
			tr.pos++
		}
		if tr.pos == len(tr.src) {
			return reError(at, "missing ), unterminated comment")
		}
		tr.pos++
		tr.opened = false
	case tr.rest("(?"):
		return tr.extension()
	default:
		tr.t.groups++
		tr.t.order = append(tr.t.order, "")
		tr.out.WriteRune('(')
		tr.pos++
	}
	return nil
}

// name reads a group name that ends with the given rune and moves behind it.
func (tr *translator) name(from int, end rune) (string, error) {
	i := from
	for i < len(tr.src) && tr.src[i] != end {
		i++
	}
	if i >= len(tr.src) {
		return "", reError(from, "missing %c, unterminated name", end)
	}
	if i == from {
		return "", reError(from, "missing group name")
	}
	tr.pos = i + 1
	return string(tr.src[from:i]), nil
}

// extension copies (?:, (?=, (?<!, (?> and inline flags, without the flags the engine has no name for.
func (tr *translator) extension() error {
	at := tr.pos
	i := at + 2
	if i < len(tr.src) && strings.ContainsRune(":=!<>", tr.src[i]) {
		tr.out.WriteString("(?")
		tr.pos = i
		if tr.src[i] == '<' { // (?<= and (?<!
			if i+1 >= len(tr.src) || tr.src[i+1] != '=' && tr.src[i+1] != '!' {
				return reError(at+1, "unknown extension ?<%s", string(tr.src[i+1:min(i+2, len(tr.src))]))
			}
		}
		tr.out.WriteRune(tr.src[i])
		tr.pos++
		return nil
	}
	kept := ""
	off := false
	for i < len(tr.src) && tr.src[i] != ')' && tr.src[i] != ':' {
		c := tr.src[i]
		switch {
		case c == '-':
			off = true
			kept += "-"
		case strings.ContainsRune("imsx", c):
			kept += string(c)
			if !off {
				tr.t.flags |= map[rune]int{'i': flagI, 'm': flagM, 's': flagS, 'x': flagX}[c]
			}
		case c == 'a':
			tr.t.flags |= flagA
		case c == 'u' || c == 'L':
		default:
			return reError(i, "unknown extension ?%c", c)
		}
		i++
	}
	if i >= len(tr.src) {
		return reError(i, "missing -, : or )")
	}
	tr.pos = i + 1
	if tr.src[i] == ':' {
		tr.out.WriteString("(?" + kept + ":")
		return nil
	}
	tr.opened = false
	if kept != "" {
		tr.out.WriteString("(?" + kept + ")")
	}
	return nil
}
