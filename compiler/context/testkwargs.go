package context

import (
	"strings"

	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// testKwargsMember is _dbt_generic_test_kwargs: the arguments of a generic test, rendered
// natively when the test's template first names them.
func testKwargsMember(s *Scope, th *value.Thread) value.Value {
	if !s.kwargs.IsUndefined() {
		return s.kwargs
	}
	var raw *value.Dict
	switch {
	case s.node != nil && s.node.Test != nil:
		raw = s.node.Test.Kwargs
	case s.parse != nil:
		raw = s.parse.TestKwargs
	}
	if raw == nil {
		return value.UndefinedNamed("_dbt_generic_test_kwargs")
	}
	out := value.NewDict(raw.Len())
	for k, v := range raw.All() {
		if name, _ := k.AsString(); name != "column_name" {
			rendered, err := s.renderArgument(th, v)
			if err != nil {
				// Names are looked up, not called: the error waits until the arguments are spread.
				return value.FromObject(failed{err})
			}
			v = rendered
		}
		_ = out.Set(k, v) // the key comes from a dict
	}
	s.kwargs = value.FromDict(out)
	return s.kwargs
}

// failed stands for arguments that could not be rendered.
type failed struct{ err error }

func (failed) TypeName() string { return "dict" }

// Iterate raises what rendering raised.
func (f failed) Iterate(*value.Thread, func(value.Value) bool) error { return f.err }

// Index raises what rendering raised.
func (f failed) Index(*value.Thread, value.Value) (value.Value, bool, error) {
	return value.Undef, false, f.err
}

// IsMapping lets the arguments be spread.
func (failed) IsMapping() {}

// TestArguments renders the arguments of a generic test, for callers that want the error at once.
func (s *Scope) TestArguments(th *value.Thread) (value.Value, error) {
	v := testKwargsMember(s, th)
	if o, ok := v.AsObject(); ok {
		if f, ok := o.(failed); ok {
			return value.Undef, f.err
		}
	}
	return v, nil
}

func (s *Scope) renderArgument(th *value.Thread, v value.Value) (value.Value, error) {
	switch v.Kind() {
	case value.KindString:
		text, _ := v.AsString()
		if looksLikeCall(text) {
			text = "{{ " + text + " }}"
		}
		if jinja.IsConstant(text) {
			return value.String(text), nil
		}
		if v, ok := s.renderTarget(th, text); ok {
			return v, nil
		}
		t, err := s.env.template(text)
		if err != nil {
			return value.Undef, err
		}
		return t.RenderNative(s.thread(th))
	case value.KindList, value.KindTuple:
		items := make([]value.Value, len(v.Items()))
		for i, item := range v.Items() {
			var err error
			if items[i], err = s.renderArgument(th, item); err != nil {
				return value.Undef, err
			}
		}
		return value.NewList(items...), nil
	case value.KindDict:
		d, _ := v.AsDict()
		out := value.NewDict(d.Len())
		for k, item := range d.All() {
			rendered, err := s.renderArgument(th, item)
			if err != nil {
				return value.Undef, err
			}
			_ = out.Set(k, rendered) // the key comes from a dict
		}
		return value.FromDict(out), nil
	}
	return v, nil
}

// looksLikeCall reports a bare call like ref('x') that stands in YAML without braces.
func looksLikeCall(s string) bool {
	s = strings.TrimSpace(s)
	if !strings.HasSuffix(s, ")") {
		return false
	}
	open := strings.IndexByte(s, '(')
	if open < 0 || strings.ContainsAny(s, "\n") || len(s) < open+3 {
		return false
	}
	switch strings.TrimRight(s[:open], " \t") {
	case "env_var", "ref", "var", "source", "doc":
		return true
	}
	return false
}
