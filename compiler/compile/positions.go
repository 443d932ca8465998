package compile

import (
	"sort"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja"
)

// Map leads from compiled code back to the files it was written in. It is immutable once
// its Output has been returned.
type Map struct {
	pieces  []piece
	size    int
	body    *Map // the node's own code, when parents were put in front
	parents []cte
}

type piece struct {
	out, end int
	span     diag.Span
	literal  bool
}

func newMap(segments []jinja.Segment) *Map {
	m := &Map{pieces: make([]piece, 0, len(segments))}
	for _, s := range segments {
		if s.Out == s.End {
			continue
		}
		m.pieces = append(m.pieces, piece{s.Out, s.End, s.Span, s.Literal})
		m.size = s.End
	}
	return m
}

func constantMap(span diag.Span) *Map {
	n := span.End - span.Start
	return &Map{pieces: []piece{{0, n, span, true}}, size: n}
}

// own is the map of the node's own code.
func (m *Map) own() *Map {
	if m != nil && m.body != nil {
		return m.body
	}
	return m
}

// shift copies the pieces of from between start and end, moved by delta.
func (m *Map) shift(from *Map, start, end, delta int) {
	if from == nil {
		return
	}
	for _, p := range from.pieces {
		if p.end <= start || p.out >= end {
			continue
		}
		if p.out < start {
			if p.literal {
				p.span.Start += start - p.out
			}
			p.out = start
		}
		if p.end > end {
			if p.literal {
				p.span.End -= p.end - end
			}
			p.end = end
		}
		p.out += delta
		p.end += delta
		m.pieces = append(m.pieces, p)
	}
	m.size = max(m.size, end+delta)
}

// At is the place in a user's file that byte offset of the compiled code came from: the
// character itself in literal text, the whole expression where a value was printed. ok is
// false for text that no file has.
func (m *Map) At(offset int) (diag.Span, bool) {
	if m == nil || offset < 0 || offset > m.size {
		return diag.Span{}, false
	}
	i := sort.Search(len(m.pieces), func(i int) bool { return m.pieces[i].end > offset })
	if i == len(m.pieces) {
		// The end of the code, where "unexpected end of input" is reported.
		if i == 0 || m.pieces[i-1].end != offset {
			return diag.Span{}, false
		}
		p := m.pieces[i-1]
		return diag.Span{Source: p.span.Source, Start: p.span.End, End: p.span.End}, true
	}
	p := m.pieces[i]
	if offset < p.out {
		return diag.Span{}, false
	}
	if !p.literal {
		return p.span, true
	}
	at := p.span.Start + offset - p.out
	return diag.Span{Source: p.span.Source, Start: at, End: word(p.span.Source.Text, at, p.span.End)}, true
}

// Shows reports whether the compiled code has text that stands in this place of a file.
func (m *Map) Shows(span diag.Span) bool {
	if m == nil {
		return false
	}
	for _, p := range m.pieces {
		if p.span.Source == span.Source && p.span.Start <= span.Start && span.End <= p.span.End {
			return true
		}
	}
	return false
}

// word is the end of the identifier or number at start, at least one character on.
func word(text string, start, limit int) int {
	i := start
	for i < limit && (text[i] == '_' || text[i] >= 0x80 || text[i] >= '0' && text[i] <= '9' || text[i] >= 'a' && text[i] <= 'z' || text[i] >= 'A' && text[i] <= 'Z') {
		i++
	}
	if i == start && i < limit {
		i++
	}
	return i
}
