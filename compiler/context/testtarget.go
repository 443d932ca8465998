package context

import (
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// The `model` argument of nearly every generic test differs only in names from that of all
// others. So it is parsed once with the names taken out, not once a test.
const (
	refTarget    = "{{ get_where_subquery(ref(_test_target)) }}"
	sourceTarget = "{{ get_where_subquery(source(_test_target, _test_table)) }}"
)

// renderTarget renders a `model` argument of that form; false when it has another form, or
// when it fails: its own text then says where.
func (s *Scope) renderTarget(th *value.Thread, text string) (value.Value, bool) {
	call, ok := strings.CutPrefix(text, "{{ get_where_subquery(")
	if !ok {
		return value.Undef, false
	}
	if call, ok = strings.CutSuffix(call, "')) }}"); !ok {
		return value.Undef, false
	}
	named := targetScope{Scope: s}
	form := refTarget
	if name, ok := strings.CutPrefix(call, "ref('"); ok && plainName(name) {
		named.target = value.String(name)
	} else if names, ok := strings.CutPrefix(call, "source('"); ok {
		source, table, ok := strings.Cut(names, "', '")
		if !ok || !plainName(source) || !plainName(table) {
			return value.Undef, false
		}
		form = sourceTarget
		named.target, named.table = value.String(source), value.String(table)
	} else {
		return value.Undef, false
	}
	t, err := s.env.template(form)
	if err != nil {
		return value.Undef, false
	}
	inner := s.thread(th)
	inner.Globals = named
	v, err := t.RenderNative(inner)
	return v, err == nil
}

// plainName reports a text that stands for itself between single quotes.
func plainName(s string) bool { return !strings.ContainsAny(s, "'\\\n\r{}%#") }

// targetScope is a scope that knows the names which a form leaves out.
type targetScope struct {
	*Scope
	target, table value.Value
}

// Lookup finds a name.
func (s targetScope) Lookup(th *value.Thread, name string) (value.Value, bool) {
	switch name {
	case "_test_target":
		return s.target, true
	case "_test_table":
		return s.table, true
	}
	return s.Scope.Lookup(th, name)
}
