package yaml

import (
	"fmt"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
)

// findMistake looks for the usual slips of hand in a file that does not parse: tabs,
// indentation that fits no level, a missing space after a colon, a value with a colon or
// a template that needs quotes, quotes and brackets that are never closed. It reads the
// file line by line and gives up silently when nothing stands out.
func findMistake(src *diag.Source) *diag.Diagnostic {
	m := &mistakes{src: src}
	offset := 0
	for offset <= len(src.Text) {
		end := strings.IndexByte(src.Text[offset:], '\n')
		next := len(src.Text) + 1
		if end >= 0 {
			end += offset
			next = end + 1
		} else {
			end = len(src.Text)
		}
		if d := m.line(offset, strings.TrimSuffix(src.Text[offset:end], "\r")); d != nil {
			return d
		}
		offset = next
	}
	return m.unclosed()
}

// mistakes carries what is open while lines are read.
type mistakes struct {
	src     *diag.Source
	levels  []level // open block mappings and sequences, outermost first
	block   int     // indentation of the key that owns an open block scalar; -1 when none
	inBlock bool
	quote   byte // an open quote that began on an earlier line
	opened  int  // where the open quote or bracket began
	flow    []int
	loose   diag.Span // a word on a line of its own before the first key
}

// level is one open block collection.
type level struct {
	indent  int
	seq     bool
	hasText bool // the last value was a scalar on the key's own line: nothing may be nested
	key     string
	at      int
}

func (m *mistakes) line(start int, text string) *diag.Diagnostic {
	if m.quote != 0 || len(m.flow) > 0 {
		return m.scan(start, text, 0)
	}
	trimmed := strings.TrimLeft(text, " ")
	indent := len(text) - len(trimmed)
	if strings.TrimSpace(trimmed) == "" {
		return nil
	}
	if m.inBlock {
		if indent > m.block {
			return nil
		}
		m.inBlock = false
	}
	if trimmed[0] == '#' || strings.HasPrefix(text, "---") || strings.HasPrefix(text, "...") {
		return nil
	}
	if trimmed[0] == '\t' {
		at := start + indent
		width := len(trimmed) - len(strings.TrimLeft(trimmed, "\t "))
		return syntax(m.src.At(at, at+width), "this line is indented with a tab; YAML allows only spaces")
	}
	return m.content(start, indent, trimmed)
}

func (m *mistakes) content(start, indent int, rest string) *diag.Diagnostic {
	at := start + indent
	for {
		if d := m.settle(at, indent, rest); d != nil {
			return d
		}
		if rest != "-" && !strings.HasPrefix(rest, "- ") {
			break
		}
		m.open(level{indent: indent, seq: true, at: at})
		item := strings.TrimLeft(rest[1:], " ")
		step := len(rest) - len(item)
		if item == "" || item[0] == '#' {
			return nil
		}
		at, indent, rest = at+step, indent+step, item
	}
	key, val, valAt, isKey := splitKey(rest, at)
	if !isKey {
		return m.scalarLine(at, rest)
	}
	if m.loose.Valid() && len(m.levels) == 0 {
		return noColon(m.loose)
	}
	l := level{indent: indent, key: key, at: at}
	l.hasText = val != "" && val[0] != '#' && val[0] != '&' && val[0] != '!'
	m.open(l)
	if val == "" {
		return nil
	}
	return m.value(valAt, indent, val)
}

// settle closes the levels that a line at this indentation ends and checks that it fits one.
func (m *mistakes) settle(at, indent int, rest string) *diag.Diagnostic {
	isItem := rest == "-" || strings.HasPrefix(rest, "- ")
	var closed *level
	for len(m.levels) > 0 {
		top := m.levels[len(m.levels)-1]
		if indent > top.indent || indent == top.indent && (isItem || !top.seq) {
			break
		}
		closed = &top
		m.levels = m.levels[:len(m.levels)-1]
	}
	if len(m.levels) == 0 {
		if closed != nil && indent < closed.indent {
			return m.misfit(at, indent, closed)
		}
		return nil
	}
	top := m.levels[len(m.levels)-1]
	_, _, _, isKey := splitKey(rest, at)
	if indent > top.indent {
		if closed != nil && indent < closed.indent {
			return m.misfit(at, indent, closed)
		}
		if closed != nil && indent == closed.indent && rest[0] == '-' {
			return dashGap(m.src.At(at, at+1))
		}
		if closed != nil && indent == closed.indent {
			d := syntax(m.src.At(at, at+len(strings.TrimRight(rest, " "))), "this line stands at the column of the list items above but has no dash")
			d.Related = []diag.Related{{Span: m.src.At(closed.at, closed.at+1), Message: "the list item"}}
			return d
		}
		if top.hasText && (isKey || isItem) {
			what := "key"
			if isItem {
				what = "list item"
			}
			return syntax(m.src.At(at, at+len(strings.TrimRight(rest, " "))),
				fmt.Sprintf("this %s is indented under '%s', which already has a value; indent it by %d spaces to be its neighbour", what, top.key, top.indent))
		}
		return nil
	}
	if top.seq && !isItem {
		return m.misfit(at, indent, &top)
	}
	if isItem && !top.seq && top.hasText {
		return syntax(m.src.At(at, at+len(strings.TrimRight(rest, " "))),
			fmt.Sprintf("this list item stands beside the key '%s' instead of below a key that has no value", top.key))
	}
	return nil
}

func (m *mistakes) misfit(at, indent int, closed *level) *diag.Diagnostic {
	line, _ := m.src.Position(closed.at)
	d := syntax(m.src.At(at-indent, at+1),
		fmt.Sprintf("this line is indented by %d spaces, which fits no level above it: line %d has %d", indent, line, closed.indent))
	d.Related = []diag.Related{{Span: m.src.At(closed.at, closed.at+1), Message: fmt.Sprintf("indented by %d", closed.indent)}}
	return d
}

func (m *mistakes) open(l level) {
	if n := len(m.levels); n > 0 && m.levels[n-1].indent == l.indent && m.levels[n-1].seq == l.seq {
		m.levels[n-1] = l
		return
	}
	m.levels = append(m.levels, l)
}

// splitKey splits "key: value" of a block mapping. Quoted keys are understood.
func splitKey(s string, at int) (key, val string, valAt int, ok bool) {
	if s == "" {
		return "", "", 0, false
	}
	colon := -1
	switch s[0] {
	case '"', '\'':
		end := strings.IndexByte(s[1:], s[0])
		if end < 0 {
			return "", "", 0, false
		}
		end += 2
		if rest := strings.TrimLeft(s[end:], " "); rest != "" && rest[0] == ':' {
			colon = len(s) - len(rest)
		}
	case '{', '[', '|', '>', '#':
		return "", "", 0, false
	default:
		for i := 0; i < len(s); i++ {
			if s[i] == ':' && (i+1 == len(s) || s[i+1] == ' ' || s[i+1] == '\t') {
				colon = i
				break
			}
			if s[i] == '#' && i > 0 && s[i-1] == ' ' {
				return "", "", 0, false
			}
		}
	}
	if colon < 0 || colon+1 < len(s) && s[colon+1] != ' ' && s[colon+1] != '\t' {
		return "", "", 0, false
	}
	val = strings.TrimSpace(s[colon+1:])
	valAt = at + len(s) - len(strings.TrimLeft(s[colon+1:], " \t"))
	return strings.Trim(strings.TrimSpace(s[:colon]), `"'`), val, valAt, true
}

func (m *mistakes) value(at, indent int, val string) *diag.Diagnostic {
	switch c := val[0]; c {
	case '|', '>':
		m.inBlock, m.block = true, indent
		return nil
	case '"', '\'', '[', '{':
		if c == '{' && (strings.HasPrefix(val, "{{") || strings.HasPrefix(val, "{%")) {
			return syntax(m.src.At(at, at+len(val)), "a value that begins with a template must stand in quotes, or YAML reads its brace as a mapping")
		}
		return m.scan(at, val, c)
	case '@', '`', '%':
		return syntax(m.src.At(at, at+len(val)), fmt.Sprintf("a value cannot begin with %q; put it in quotes", string(c)))
	case '&', '!', '*', '#':
		return nil
	}
	return m.plain(at, val)
}

// plain looks at a value without quotes.
func (m *mistakes) plain(at int, val string) *diag.Diagnostic {
	if i := strings.Index(val, " #"); i >= 0 {
		val = strings.TrimRight(val[:i], " ")
	}
	if i := strings.Index(val, ": "); i >= 0 || strings.HasSuffix(val, ":") {
		return syntax(m.src.At(at, at+len(val)), "this value has a colon in it; put the value in quotes")
	}
	if strings.HasPrefix(val, "- ") {
		return syntax(m.src.At(at, at+len(val)), "a list cannot begin on the line of its key; begin it on the next line")
	}
	return nil
}

// scalarLine is a line of a block collection that is neither a key nor a list item.
func (m *mistakes) scalarLine(at int, rest string) *diag.Diagnostic {
	if strings.HasPrefix(rest, "{{") || strings.HasPrefix(rest, "{%") {
		return syntax(m.src.At(at, at+len(strings.TrimRight(rest, " "))), "a template must stand inside a quoted value; YAML reads its brace as a mapping")
	}
	switch rest[0] {
	case '"', '\'', '[', '{':
		return m.scan(at, rest, rest[0])
	case '-':
		if len(rest) > 1 && rest[1] != '-' && (rest[1] >= 'a' && rest[1] <= 'z' || rest[1] >= 'A' && rest[1] <= 'Z' || rest[1] == '"') {
			return dashGap(m.src.At(at, at+2))
		}
	}
	word := strings.TrimRight(rest, " ")
	if len(m.levels) == 0 {
		if isWord(word) {
			m.loose = m.src.At(at, at+len(word))
		}
		return nil
	}
	top := m.levels[len(m.levels)-1]
	if i := strings.IndexByte(rest, ':'); i > 0 && isWord(rest[:i]) {
		return syntax(m.src.At(at+i, at+i+1), fmt.Sprintf("the key '%s' needs a space after its colon", rest[:i]))
	}
	if !top.seq && at-m.lineStart(at) <= top.indent && isWord(word) {
		return noColon(m.src.At(at, at+len(word)))
	}
	return nil
}

func dashGap(span diag.Span) *diag.Diagnostic {
	return syntax(span, "a list item needs a space after its dash")
}

func noColon(word diag.Span) *diag.Diagnostic {
	return syntax(word, fmt.Sprintf("'%s' stands where a key is expected but has no colon", word.Source.Text[word.Start:word.End]))
}

func (m *mistakes) lineStart(at int) int { return strings.LastIndexByte(m.src.Text[:at], '\n') + 1 }

func isWord(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c != '_' && c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return s != ""
}

// scan follows quotes and brackets through a line and says when text follows a closed
// quoted value.
func (m *mistakes) scan(at int, s string, first byte) *diag.Diagnostic {
	began := m.quote == 0 && len(m.flow) == 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if m.quote != 0 {
			switch {
			case m.quote == '"' && c == '\\':
				i++
			case c == m.quote && c == '\'' && i+1 < len(s) && s[i+1] == '\'':
				i++
			case c == m.quote:
				m.quote = 0
				rest := strings.TrimLeft(s[i+1:], " \t")
				if began && len(m.flow) == 0 && c == first && rest != "" && rest[0] != '#' {
					from := at + len(s) - len(rest)
					return syntax(m.src.At(from, at+len(s)), fmt.Sprintf("the quoted value ends before this text; a %s inside it must be %s", quoteName(c), quoteEscape(c)))
				}
			}
			continue
		}
		switch {
		case (c == '"' || c == '\'') && (i == 0 || strings.IndexByte(" \t,[{:", s[i-1]) >= 0):
			m.quote, m.opened = c, at+i
		case c == '[' || c == '{':
			m.flow = append(m.flow, at+i)
		case (c == ']' || c == '}') && len(m.flow) > 0:
			m.flow = m.flow[:len(m.flow)-1]
		case c == '#' && i > 0 && s[i-1] == ' ':
			return nil
		}
	}
	return nil
}

func quoteName(c byte) string {
	if c == '"' {
		return "double quote"
	}
	return "single quote"
}

func quoteEscape(c byte) string {
	if c == '"' {
		return `written \"`
	}
	return "written twice"
}

func (m *mistakes) unclosed() *diag.Diagnostic {
	if m.quote != 0 {
		return syntax(m.src.At(m.opened, m.opened+1), fmt.Sprintf("this %s is never closed", quoteName(m.quote)))
	}
	if n := len(m.flow); n > 0 {
		at := m.flow[n-1]
		return syntax(m.src.At(at, at+1), fmt.Sprintf("this %q is never closed", m.src.Text[at:at+1]))
	}
	return nil
}
