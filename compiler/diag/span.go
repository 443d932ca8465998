package diag

import (
	"sort"
	"sync"
)

// Source is one file (or inline text) of the user. It is immutable and shared:
// spans point into it instead of copying lines.
type Source struct {
	Path string // as the user would type it, relative to the project, '/'-separated
	Text string

	once  sync.Once
	lines []int // byte offset of each line start
}

// NewSource wraps text under a path for positions.
func NewSource(path, text string) *Source { return &Source{Path: path, Text: text} }

func (s *Source) index() {
	s.once.Do(func() {
		s.lines = append(s.lines, 0)
		for i := 0; i < len(s.Text); i++ {
			if s.Text[i] == '\n' {
				s.lines = append(s.lines, i+1)
			}
		}
	})
}

// Position turns a byte offset into a 1-based line and a 1-based column in runes.
func (s *Source) Position(offset int) (line, col int) {
	s.index()
	if offset > len(s.Text) {
		offset = len(s.Text)
	}
	i := sort.SearchInts(s.lines, offset+1) - 1
	return i + 1, len([]rune(s.Text[s.lines[i]:offset])) + 1
}

// Offset is the byte offset of a 1-based line and column; out of range is clamped.
func (s *Source) Offset(line, col int) int {
	s.index()
	if line < 1 {
		line = 1
	}
	if line > len(s.lines) {
		return len(s.Text)
	}
	off := s.lines[line-1]
	for _, r := range s.Line(line) {
		if col <= 1 {
			break
		}
		off += len(string(r))
		col--
	}
	return off
}

// Line is the text of a 1-based line without its newline.
func (s *Source) Line(line int) string {
	s.index()
	if line < 1 || line > len(s.lines) {
		return ""
	}
	start, end := s.lines[line-1], len(s.Text)
	if line < len(s.lines) {
		end = s.lines[line] - 1
	}
	if end > start && s.Text[end-1] == '\r' {
		end--
	}
	return s.Text[start:end]
}

// Span is a half-open byte range of a Source. The zero Span means "no position".
type Span struct {
	Source     *Source
	Start, End int
}

// At makes a span.
func (s *Source) At(start, end int) Span { return Span{s, start, end} }

// Valid reports whether the span points anywhere.
func (s Span) Valid() bool { return s.Source != nil }

// String is "path:line:col", or the empty string without a source.
func (s Span) String() string {
	if s.Source == nil {
		return ""
	}
	line, col := s.Source.Position(s.Start)
	return s.Source.Path + ":" + itoa(line) + ":" + itoa(col)
}

func itoa(n int) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}
