package jinja

import (
	"context"
	"errors"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

func syntaxError(span diag.Span, message string) *diag.Diagnostic {
	return diag.New(diag.CodeTemplateSyntax, diag.Compilation, span, message)
}

// unclosedError points at the opening tag, because that is what the user has to look at;
// where the input ended is told in words and as a related place.
func unclosedError(src *diag.Source, open, openEnd, inputEnd int, message string) *diag.Diagnostic {
	d := diag.New(diag.CodeUnclosedBlock, diag.Compilation, src.At(open, openEnd), message)
	end := src.At(inputEnd, inputEnd)
	d.Detail = "The input ends at " + end.String() + " without it being closed."
	d.Related = []diag.Related{{Span: end, Message: "the input ends here"}}
	return d
}

// returnSignal carries the value of return() to the nearest enclosing macro. It travels
// as an error so that every host function on the way passes it on by itself.
type returnSignal struct{ v value.Value }

func (*returnSignal) Error() string { return "return() was called outside of a macro" }

// Return makes the error by which a host function ends the enclosing macro with a value:
// the template function `return` is one line around it. Host functions that call back into
// templates must hand errors on unchanged (or wrapped with %w) for it to work.
func Return(v value.Value) error { return &returnSignal{v} }

// IsReturn reports whether err is a return() on its way to its macro. Host functions that
// swallow errors (try_or_compiler_error) must let it pass.
func IsReturn(err error) bool {
	_, ok := asReturn(err)
	return ok
}

func asReturn(err error) (*returnSignal, bool) {
	if r, ok := err.(*returnSignal); ok {
		return r, true
	}
	var r *returnSignal
	ok := errors.As(err, &r)
	return r, ok
}

// loopSignal is break or continue on its way to its loop.
type loopSignal struct{ name string }

func (s *loopSignal) Error() string { return s.name + " outside of a loop" }

var (
	errBreak    = &loopSignal{"break"}
	errContinue = &loopSignal{"continue"}
)

// fail gives an error that arose at p its position and its diagnostic form. Errors that
// already have a position, return() and cancellation pass unchanged.
func (f *frame) fail(p pos, err error) error {
	switch e := err.(type) {
	case *value.Error:
		return f.raise(p, e)
	case *diag.Diagnostic:
		if e.Span.Valid() && len(e.Related) == 0 {
			return e
		}
		return f.placed(p, e)
	case *returnSignal, *loopSignal:
		return err
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || IsReturn(err) {
		return err
	}
	var d *diag.Diagnostic
	if errors.As(err, &d) {
		return f.placed(p, d)
	}
	d = diag.New(diag.CodeTemplateRuntime, diag.Compilation, f.at(p), err.Error())
	d.Cause = err
	return d
}

// placed fills the positions that the callee could not know: that of the diagnostic
// itself, and those of the calls that led to it. The diagnostic may be shared, so it is
// copied rather than changed.
func (f *frame) placed(p pos, d *diag.Diagnostic) *diag.Diagnostic {
	open := len(d.Related)
	for open > 0 && !d.Related[open-1].Span.Valid() {
		open--
	}
	if d.Span.Valid() && open == len(d.Related) {
		return d
	}
	c := *d
	if !c.Span.Valid() {
		c.Span = f.at(p)
	}
	c.Related = append([]diag.Related(nil), d.Related...)
	for i := open; i < len(c.Related); i++ {
		c.Related[i].Span = f.at(p)
	}
	return &c
}

// raise turns a Python-like exception into a diagnostic at p.
func (f *frame) raise(p pos, e *value.Error) error {
	code := diag.CodeTemplateRuntime
	switch e.Type {
	case "UndefinedError":
		code = diag.CodeUndefined
	case "LimitError":
		if e.Cause != nil && (errors.Is(e.Cause, context.Canceled) || errors.Is(e.Cause, context.DeadlineExceeded)) {
			return e.Cause
		}
		code = diag.CodeLimit
	}
	d := diag.New(code, diag.Compilation, f.at(p), e.Message)
	d.Cause = e
	if code == diag.CodeUndefined && f.th != nil && e.Name != "" && strings.HasSuffix(e.Message, "is undefined") {
		d.Hint = diag.DidYouMean(e.Name, f.visibleNames())
	}
	return d
}

// UnknownMacroHint is for a call of something that nothing is like.
const UnknownMacroHint = "check the spelling; if the macro comes from a package, is the package installed?"

// Undefined reports an error of using something undefined, outside of any macro.
func Undefined(d *diag.Diagnostic) bool {
	var cause *value.Error
	if d.Code != diag.CodeUndefined && d.Code != diag.CodeUnknownMacro || !errors.As(d.Cause, &cause) {
		return false
	}
	return len(MacrosOf(d)) == 0 && cause.Type == "UndefinedError"
}

// definedHere marks an error of a call that a macro did not take.
const definedHere = "the macro is defined here"

// RefusedCall reports an error of a macro's arguments: the macro itself was not entered.
func RefusedCall(d *diag.Diagnostic) bool {
	return len(d.Related) > 0 && d.Related[0].Message == definedHere
}

// MacrosOf are the names of the macros that an error came through, innermost first.
func MacrosOf(d *diag.Diagnostic) []string {
	var names []string
	for _, r := range d.Related {
		if name, ok := strings.CutPrefix(r.Message, inMacroPrefix); ok {
			names = append(names, name)
		}
	}
	return names
}

// maxTrace bounds the recorded macro calls, so that endless recursion gives a short trace.
const maxTrace = 24

const inMacroPrefix = "in macro "

// inMacro records on an error's way out that it happened inside a macro. The place of the
// call is filled in by the caller (see placed).
func inMacro(err error, name string) error {
	d, ok := err.(*diag.Diagnostic)
	if !ok || len(d.Related) >= maxTrace {
		return err
	}
	c := *d
	c.Related = append(append(make([]diag.Related, 0, len(d.Related)+1), d.Related...), diag.Related{Message: inMacroPrefix + name})
	return &c
}
