package project

import (
	"fmt"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/yaml"
)

// testRenderers renders with env_var, var and target only.
type testRenderers struct{ env EnvMap }

func (t testRenderers) Secret(vars *value.Dict) yaml.Renderer {
	return t.Project(value.Undef, vars, false)
}

func (t testRenderers) Project(target value.Value, vars *value.Dict, _ bool) yaml.Renderer {
	return testScope{"target": target,
		"var":     lookupFunc("var", func(name string) (value.Value, bool) { return vars.GetString(name) }),
		"env_var": lookupFunc("env_var", func(name string) (value.Value, bool) { s, ok := t.env[name]; return value.String(s), ok })}
}

func lookupFunc(name string, find func(string) (value.Value, bool)) value.Value {
	return value.Func(name, func(_ *value.Thread, a value.Args) (value.Value, error) {
		key, _ := a.Pos[0].AsString()
		if v, ok := find(key); ok {
			return v, nil
		}
		if len(a.Pos) > 1 {
			return a.Pos[1], nil
		}
		return value.Undef, fmt.Errorf("%s required but not provided: '%s'", name, key)
	})
}

type testScope map[string]value.Value

func (s testScope) Lookup(_ *value.Thread, name string) (value.Value, bool) {
	v, ok := s[name]
	return v, ok
}
func (s testScope) Names() []string { return nil }

func (s testScope) Native(text string, span diag.Span) (value.Value, error) {
	tmpl, d := jinja.Parse(diag.NewSource(span.Source.Path, text))
	if span.Source.Text[span.Start:span.End] == text {
		tmpl, d = jinja.ParseAt(span.Source, span.Start, span.End)
	}
	if d != nil {
		return value.Undef, d
	}
	return tmpl.RenderNative(&value.Thread{Globals: s, Native: true})
}

func (s testScope) Text(text string, span diag.Span) (string, error) {
	v, err := s.Native(text, span)
	return value.Str(v), err
}
