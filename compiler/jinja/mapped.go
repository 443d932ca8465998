package jinja

import (
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// Segment says where a piece of the output came from.
type Segment struct {
	Out, End int       // bytes of the output
	Span     diag.Span // the literal text, or the expression whose value was printed
	Literal  bool      // the output repeats the span byte by byte
}

// segment describes what is about to be written. Literal text may have lost white space at
// its ends.
func (f *frame) segment(p pos, text string) Segment {
	seg := Segment{Out: len(f.out.b), End: len(f.out.b) + len(text), Span: f.at(p)}
	source := seg.Span.Source.Text[seg.Span.Start:seg.Span.End]
	if at := strings.Index(source, text); at >= 0 {
		seg.Span.Start += at
		seg.Span.End = seg.Span.Start + len(text)
		seg.Literal = true
	}
	return seg
}

// RenderMapped is Render that also tells where each piece of the output came from. What a
// macro printed counts as coming from its call.
func (t *Template) RenderMapped(th *value.Thread) (string, []Segment, error) {
	native := th.Native
	th.Native = false
	defer func() { th.Native = native }()
	var trace []Segment
	s := newSink()
	s.trace = &trace
	defer s.free()
	if err := t.run(th, s); err != nil {
		return "", nil, err
	}
	return string(s.b), trace, nil
}
