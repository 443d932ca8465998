package yaml

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/millrace/millrace/compiler/diag"
)

// Most properties files use little of YAML: keys, dashes, scalars on one line or in a block,
// lists and mappings in brackets. The reader of this file knows that much, takes nodes straight
// from the text, with a twentieth of the allocations of the general decoder. It never guesses and
// never complains: at the first thing it does not know — a tab, an anchor, a tag, an escape, a
// mistake — it gives up, and the general decoder reads the file from the start.
// TestPlainAsGeneral and FuzzPlain hold both to the same nodes at the same places.

// plainLimit is the largest text that is read here: the limits on nodes cannot be reached below it.
const plainLimit = 4 << 20

// plainDepth is how deep values may be nested here.
const plainDepth = 60

// plainReader reads one document.
type plainReader struct {
	c      *converter // collects what is said about keys
	text   string
	at     int // the next byte
	column int // of the value at r.at, counted from 0, after advance
	depth  int
	odd    bool // something that only the general decoder knows
	nodes  []Node
	items  []*Node // of the sequences that are open, innermost last
}

// parsePlain reads a document of the common kind; ok is false when it is another.
func parsePlain(src *diag.Source) (n *Node, list diag.List, ok bool) {
	if len(src.Text) > plainLimit || !plainBytes(src.Text) {
		return nil, nil, false
	}
	r := &plainReader{c: &converter{src: src}, text: src.Text}
	more := r.advance()
	if more && r.column == 0 && strings.HasPrefix(r.text[r.at:], "---\n") {
		r.at += len("---")
		more = r.advance()
	}
	if !more {
		return nil, nil, false
	}
	n = r.block()
	if r.odd || r.c.fatal != nil || r.at < len(r.text) {
		return nil, nil, false //nolint:nilerr // what is wrong is told by the reader that takes over
	}
	return n, r.c.list, true
}

// plainBytes reports text without the characters that YAML treats specially or forbids.
func plainBytes(text string) bool {
	ascii := true
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c >= utf8.RuneSelf:
			ascii = false
		case c < ' ' && c != '\n' || c == 0x7f:
			return false
		}
	}
	if ascii {
		return true
	}
	for _, c := range text {
		switch {
		case c >= utf8.RuneSelf && c < 0xa0, c == '\u2028', c == '\u2029', c == '\ufeff', c >= utf8.RuneError && c <= 0xffff:
			return false
		}
	}
	return true
}

// unknown gives up.
func (r *plainReader) unknown() *Node {
	r.odd = true
	return nil
}

func (r *plainReader) new(kind Kind, start int) *Node {
	if len(r.nodes) == 0 {
		r.nodes = make([]Node, min(256, 16+(len(r.text)-start)/16))
	}
	n := &r.nodes[0]
	r.nodes = r.nodes[1:]
	*n = Node{kind: kind, src: r.c.src, start: int32(start), end: int32(start)}
	return n
}

// peek is the byte at i, a line end after the last.
func (r *plainReader) peek(i int) byte {
	if i >= len(r.text) {
		return '\n'
	}
	return r.text[i]
}

func blankAt(c byte) bool { return c == ' ' || c == '\n' }

// dashed reports a list item at i.
func (r *plainReader) dashed(i int) bool { return r.peek(i) == '-' && blankAt(r.peek(i+1)) }

// advance goes from the end of a value to the next one on a line below; false at the end.
// Between the two there may only be comments and empty lines.
func (r *plainReader) advance() bool {
	lineStart := r.at
	fresh := r.at == 0
	for r.at < len(r.text) {
		switch c := r.text[r.at]; {
		case c == '\n':
			fresh = true
			lineStart = r.at + 1
		case c == ' ':
		case c == '#' && (fresh || r.text[r.at-1] == ' '):
			next := strings.IndexByte(r.text[r.at:], '\n')
			if next < 0 {
				r.at = len(r.text)
				return false
			}
			r.at += next - 1
		case !fresh:
			r.unknown()
			return false
		default:
			r.column = r.at - lineStart
			if r.column == 0 && r.marker(r.at) && !r.first() {
				r.unknown()
				return false
			}
			return true
		}
		r.at++
	}
	return false
}

// marker reports what may begin or end a document, or be a directive.
func (r *plainReader) marker(i int) bool {
	rest := r.text[i:]
	return strings.HasPrefix(rest, "---") || strings.HasPrefix(rest, "...") || rest[0] == '%'
}

// first reports that nothing has been read yet.
func (r *plainReader) first() bool {
	return r.nodes == nil && strings.HasPrefix(r.text[r.at:], "---\n")
}

// block is the value that begins at r.at; lines that belong to it are indented as far or further.
func (r *plainReader) block() *Node {
	if r.depth++; r.depth > plainDepth {
		return r.unknown()
	}
	defer func() { r.depth-- }()
	switch {
	case r.dashed(r.at):
		return r.sequence()
	case r.keyEnd(r.at) > 0:
		return r.mapping()
	}
	return r.unknown()
}

// done reports that no line is left that could belong to a value at this column.
func (r *plainReader) done(column int) bool {
	return r.odd || r.at >= len(r.text) || r.column < column
}

func (r *plainReader) sequence() *Node {
	n, column := r.new(Sequence, r.at), r.column
	mark := len(r.items)
	for {
		item := r.item(column)
		if item == nil {
			return nil
		}
		r.items = append(r.items, item)
		n.end = max(n.end, item.end)
		if r.done(column) || r.column == column && !r.dashed(r.at) {
			break
		}
		if r.column != column {
			return r.unknown()
		}
	}
	n.below = &below{items: slices.Clone(r.items[mark:])}
	r.items = r.items[:mark]
	return n
}

// item is what follows a dash.
func (r *plainReader) item(column int) *Node {
	dash := r.at
	r.at++
	for r.peek(r.at) == ' ' {
		r.at++
	}
	switch c := r.peek(r.at); {
	case c == '\n' || c == '#':
		if !r.advance() || r.column <= column {
			return r.empty(dash + 1)
		}
		return r.block()
	case r.dashed(r.at):
		return r.unknown()
	case r.keyEnd(r.at) > 0:
		r.column = column + r.at - dash
		return r.block()
	}
	return r.inline(column)
}

func (r *plainReader) mapping() *Node {
	n, column := r.new(Mapping, r.at), r.column
	b := newMapBuilder(r.c, 4)
	for {
		key := r.key()
		if key == nil {
			return nil
		}
		v := r.under(column)
		if v == nil {
			return nil
		}
		n.end = max(n.end, key.end, v.end)
		b.own(Entry{Key: key, Value: v})
		if r.done(column) {
			break
		}
		if r.column != column {
			return r.unknown()
		}
	}
	n.below = &below{entries: b.entries}
	return n
}

// keyEnd is where the colon of a key at i stands, 0 when there is no key.
func (r *plainReader) keyEnd(i int) int {
	if c := r.peek(i); c == '"' || c == '\'' {
		end := r.quoteEnd(i)
		if end == 0 || r.peek(end) != ':' || !blankAt(r.peek(end+1)) || strings.IndexByte(r.text[i:end], '\n') >= 0 {
			return 0
		}
		return end
	}
	if !plainStart(r.text, i) {
		return 0
	}
	for j := i + 1; j < len(r.text) && r.text[j] != '\n'; j++ {
		switch {
		case r.text[j] == ':' && blankAt(r.peek(j+1)):
			return j
		case r.text[j] == '#' && r.text[j-1] == ' ':
			return 0
		}
	}
	return 0
}

// longestKey is what YAML allows a key without a question mark.
const longestKey = 1000

// key reads a key and its colon.
func (r *plainReader) key() *Node {
	start := r.at
	colon := r.keyEnd(start)
	if colon == 0 || colon-start > longestKey {
		return r.unknown()
	}
	r.at = colon + 1
	if c := r.text[start]; c == '"' || c == '\'' {
		return r.quoted(start, colon)
	}
	end := start + len(strings.TrimRight(r.text[start:colon], " "))
	text := r.text[start:end]
	if text == "<<" {
		return r.unknown()
	}
	return r.scalar(start, end, text, true)
}

// under is the value of a key of a mapping at column; r.at is behind the colon.
func (r *plainReader) under(column int) *Node {
	colon := r.at
	for r.peek(r.at) == ' ' {
		r.at++
	}
	if c := r.peek(r.at); c != '\n' && c != '#' {
		return r.inline(column)
	}
	switch more := r.advance(); {
	case more && r.column > column:
		return r.block()
	case more && r.column == column && r.dashed(r.at):
		return r.block()
	}
	return r.empty(colon)
}

// empty is the null that stands for nothing.
func (r *plainReader) empty(at int) *Node { return r.scalar(at, at, "", true) }

// scalar is a node for text that stands at [start, end).
func (r *plainReader) scalar(start, end int, text string, plain bool) *Node {
	v, problem := resolveTagged("", text, plain)
	if problem != "" {
		return r.unknown()
	}
	n := r.new(Scalar, start)
	n.end, n.text, n.plain = int32(end), text, plain
	n.is(v)
	return n
}

// inline is a value that begins on the line of its key or dash, and goes to the next line.
// Lines that continue it are indented further than column.
func (r *plainReader) inline(column int) *Node {
	var n *Node
	switch c := r.text[r.at]; c {
	case '"', '\'':
		if end := r.quoteEnd(r.at); end > 0 {
			n = r.quoted(r.at, end)
			r.at = end
		}
	case '[', '{':
		n = r.flow()
	case '|', '>':
		n = r.blockText(column, c == '|')
	default:
		n = r.plain(column)
	}
	if n == nil {
		return r.unknown()
	}
	if r.peek(r.at) == '#' {
		return r.unknown()
	}
	r.advance()
	if r.odd {
		return nil
	}
	return n
}
