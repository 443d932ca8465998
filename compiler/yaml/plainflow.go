package yaml

import (
	"slices"
	"strings"
)

// The lists and mappings in brackets of plainReader.

// flow reads the bracket at r.at and all up to where it closes.
func (r *plainReader) flow() *Node {
	if r.depth++; r.depth > plainDepth {
		return r.unknown()
	}
	defer func() { r.depth-- }()
	if r.text[r.at] == '[' {
		return r.flowSequence()
	}
	return r.flowMapping()
}

func (r *plainReader) flowSequence() *Node {
	n := r.new(Sequence, r.at)
	mark := len(r.items)
	r.at++
	for r.flowSpace() && r.text[r.at] != ']' {
		item := r.flowValue()
		if item == nil || !r.flowSpace() {
			return r.unknown()
		}
		r.items = append(r.items, item)
		if !r.flowComma(']') {
			return r.unknown()
		}
	}
	if r.odd || r.at >= len(r.text) {
		return r.unknown()
	}
	n.below = &below{items: slices.Clone(r.items[mark:])}
	r.items = r.items[:mark]
	r.at++
	n.end = int32(r.at)
	return n
}

func (r *plainReader) flowMapping() *Node {
	n := r.new(Mapping, r.at)
	b := newMapBuilder(r.c, 2)
	r.at++
	for r.flowSpace() && r.text[r.at] != '}' {
		key := r.flowKey()
		if key == nil {
			return r.unknown()
		}
		for r.peek(r.at) == ' ' {
			r.at++
		}
		v := r.flowValue()
		if v == nil || !r.flowSpace() {
			return r.unknown()
		}
		b.own(Entry{Key: key, Value: v})
		if !r.flowComma('}') {
			return r.unknown()
		}
	}
	if r.odd || r.at >= len(r.text) {
		return r.unknown()
	}
	n.below = &below{entries: b.entries}
	r.at++
	n.end = int32(r.at)
	return n
}

// flowComma steps over a comma; false when neither it nor the closing bracket comes next.
func (r *plainReader) flowComma(closing byte) bool {
	if r.text[r.at] == ',' {
		r.at++
		return true
	}
	return r.text[r.at] == closing
}

// flowSpace steps over spaces and line breaks within brackets; false at the end of the text.
func (r *plainReader) flowSpace() bool {
	for ; r.at < len(r.text); r.at++ {
		switch r.text[r.at] {
		case ' ':
		case '\n':
			if r.at+1 < len(r.text) && r.marker(r.at+1) {
				r.unknown()
				return false
			}
		default:
			return true
		}
	}
	return false
}

func (r *plainReader) flowKey() *Node {
	var key *Node
	start := r.at
	if c := r.text[r.at]; c == '"' || c == '\'' {
		if end := r.quoteEnd(r.at); end > 0 && strings.IndexByte(r.text[start:end], '\n') < 0 {
			key = r.quoted(start, end)
			r.at = end
		}
	} else {
		key = r.flowPlain()
	}
	if key == nil || r.at-start > longestKey || key.text == "<<" || r.peek(r.at) != ':' || r.peek(r.at+1) != ' ' {
		return nil
	}
	r.at++
	return key
}

// flowValue reads one value within brackets, which must not turn out to be a key.
func (r *plainReader) flowValue() *Node {
	if r.at >= len(r.text) {
		return nil
	}
	var n *Node
	switch c := r.text[r.at]; c {
	case '"', '\'':
		if end := r.quoteEnd(r.at); end > 0 {
			n = r.quoted(r.at, end)
			r.at = end
		}
	case '[', '{':
		n = r.flow()
	default:
		n = r.flowPlain()
	}
	if n == nil || r.peek(r.at) == ':' {
		return nil
	}
	return n
}

// flowPlain reads a scalar without quotes on one line within brackets.
func (r *plainReader) flowPlain() *Node {
	start := r.at
	if !plainStart(r.text, start) {
		return nil
	}
	end := start
	for j := start; ; j++ {
		switch c := r.peek(j); c {
		case ' ':
			continue
		case '[', '{', '#', '?':
			return nil
		case ':':
			if !blankAt(r.peek(j + 1)) {
				return nil
			}
			fallthrough
		case ',', ']', '}', '\n':
			r.at = end
			return r.scalar(start, end, r.text[start:end], true)
		}
		end = j + 1
	}
}
