// Package jinja is the template engine: Jinja2 as dbt configures it, with dbt's own tags.
//
// A template is parsed once into an immutable program that any number of goroutines render
// at the same time. Everything that varies — names, policies, limits, cancellation — comes
// with the value.Thread of each render. Names are resolved to slots when parsing, so that
// rendering a variable is an array access; what the program calls and reads is known
// without running it (see Calls, FreeNames and StaticCalls).
package jinja

import (
	"errors"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// Template is a parsed template.
type Template struct {
	src        *diag.Source
	start, end int
	fn         *function
	macros     []*Macro
	free       []string
}

// Parse parses a whole source.
func Parse(src *diag.Source) (*Template, *diag.Diagnostic) { return ParseAt(src, 0, len(src.Text)) }

// ParseAt parses the bytes start to end of a source; all positions stay those of the source.
func ParseAt(src *diag.Source, start, end int) (*Template, *diag.Diagnostic) {
	if start < 0 || end > len(src.Text) || start > end {
		return nil, diag.New(diag.CodeTemplateSyntax, diag.Internal, src.At(0, 0), "the range to parse is outside of the file")
	}
	body, p, d := parseRange(src, start, end)
	if d != nil {
		return nil, d
	}
	t := &Template{src: src, start: start, end: end}
	t.fn = &function{pos: pos{int32(start), int32(end)}, kind: "template", src: p.src, body: body, caller: -1, kwargs: -1, varargs: -1}
	if t.free, d = resolveTemplate(src, t.fn); d != nil {
		return nil, d
	}
	for _, m := range p.macros {
		m.def.tmpl = t
		t.macros = append(t.macros, m.def)
	}
	return t, nil
}

func resolveTemplate(src *diag.Source, fn *function) (free []string, d *diag.Diagnostic) {
	defer func() {
		if r := recover(); r != nil {
			failed, ok := r.(*diag.Diagnostic)
			if !ok {
				panic(r)
			}
			d = failed
		}
	}()
	r := &resolver{src: src, names: map[string]bool{}}
	r.root(fn)
	return r.free, nil
}

// Source is the source that the template was parsed from.
func (t *Template) Source() *diag.Source { return t.src }

// Text is the template as written.
func (t *Template) Text() string { return t.src.Text[t.start:t.end] }

// Constant returns the text as it is if it contains no delimiter of a tag, which is dbt's
// own short cut: such text is not rendered at all and even keeps its final newline, which
// Render would drop.
func (t *Template) Constant() (string, bool) {
	text := t.Text()
	return text, IsConstant(text)
}

// IsConstant reports whether dbt takes text as it is instead of rendering it.
func IsConstant(text string) bool {
	for i := 0; i+1 < len(text); i++ {
		switch text[i] {
		case '{':
			if c := text[i+1]; c == '{' || c == '%' || c == '#' {
				return false
			}
		case '}', '%', '#':
			if text[i+1] == '}' {
				return false
			}
		}
	}
	return true
}

// Macros are the definitions at the top level, in order.
func (t *Template) Macros() []*Macro { return t.macros }

// FreeNames are the names that the template reads, or may read, from the context, macro
// bodies included. The order is that of the scopes, outer ones first.
func (t *Template) FreeNames() []string { return t.free }

// Render renders the template as text. An error is a *diag.Diagnostic with a position, or
// the error of the thread's context.
func (t *Template) Render(th *value.Thread) (string, error) {
	native := th.Native
	th.Native = false
	defer func() { th.Native = native }()
	s := newSink()
	defer s.free()
	err := t.run(th, s)
	if err != nil {
		return "", err
	}
	return string(s.b), nil
}

func (t *Template) run(th *value.Thread, out *sink) error {
	if err := th.Enter(); err != nil {
		return t.settle(th, err)
	}
	defer th.Leave()
	f := newFrame(t.fn, th, nil)
	f.out = out
	err := f.run(t.fn.body)
	f.out = nil
	f.free()
	if err != nil {
		return t.settle(th, err)
	}
	return nil
}

// settle makes sure that what leaves a render is an error for its caller: a diagnostic with
// a position or a cancellation.
func (t *Template) settle(th *value.Thread, err error) error {
	f := &frame{fn: t.fn, th: &value.Thread{}}
	whole := pos{int32(t.start), int32(t.end)}
	var ret *returnSignal
	if errors.As(err, &ret) {
		return diag.New(diag.CodeTemplateRuntime, diag.Compilation, f.at(whole), ret.Error())
	}
	err = f.fail(whole, err)
	if th.Translate != nil {
		err = th.Translate(err)
	}
	return err
}
