package context

import (
	"strings"
	"time"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/flags"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/project"
	"github.com/millrace/millrace/compiler/relation"
	"github.com/millrace/millrace/compiler/yaml"
)

// NewRenderers renders the files that are read before there is a project: profiles.yml,
// packages.yml, dbt_project.yml and selectors.yml.
func NewRenderers(env project.Env, f *flags.Flags, now time.Time, invocationID string) project.Renderers {
	return &renderers{env: env, flags: f, now: now, id: invocationID}
}

type renderers struct {
	env   project.Env
	flags *flags.Flags
	now   time.Time
	id    string
}

// early is an Env for a project that is not loaded yet.
func (r *renderers) early(vars *value.Dict) *Env {
	if vars == nil {
		vars = value.NewDict(0)
	}
	p := &project.Project{Package: &project.Package{Vars: value.NewDict(0)}, Flags: r.flags, Env: r.env, CLIVars: vars}
	e := &Env{Project: p, Flags: r.flags, Dialect: &relation.Dialect{}, Events: event.Discard, Now: r.now, InvocationID: r.id, Clock: func() time.Time { return r.now }}
	e.shared = e.sharedMembers()
	return e
}

// Secret renders profiles.yml and packages.yml.
func (r *renderers) Secret(vars *value.Dict) yaml.Renderer {
	e := r.early(vars)
	s := &Scope{env: e, members: baseSet}
	s.Set("env_var", value.Func("env_var", func(_ *value.Thread, a value.Args) (value.Value, error) {
		v, err := a.Bind("env_var", "var", "default=None")
		if err != nil {
			return value.Undef, err
		}
		name := value.Str(v[0])
		found, ok := r.env.Getenv(name)
		switch {
		case ok && strings.HasPrefix(name, secretPrefix):
			return value.String(secretMark(name)), nil
		case ok:
			return value.String(found), nil
		case v[1].IsNull():
			return value.Undef, missingEnv(name)
		}
		return v[1], nil
	}))
	return &scopeRenderer{e: e, scope: s, reveal: func(name string) string {
		secret, _ := r.env.Getenv(name)
		return secret
	}}
}

// Project renders dbt_project.yml and selectors.yml.
func (r *renderers) Project(target value.Value, vars *value.Dict, lenient bool) yaml.Renderer {
	e := r.early(vars)
	s := &Scope{env: e, members: baseSet}
	if target.IsUndefined() {
		target = value.FromObject(noTarget{})
	}
	s.Set("target", target)
	if lenient {
		s.Set("var", value.Func("var", func(th *value.Thread, a value.Args) (value.Value, error) {
			v, err := s.varFunction(th, a)
			if d, ok := err.(*diag.Diagnostic); ok && d.Code == diag.CodeVar {
				return value.None, nil
			}
			return v, err
		}))
	}
	return &scopeRenderer{e: e, scope: s}
}

// scopeRenderer renders YAML values in a scope.
type scopeRenderer struct {
	e      *Env
	scope  *Scope
	reveal func(name string) string // replaces marks of secrets in the result; nil without secrets
}

// Renderer renders the values of property files in a scope.
func (e *Env) Renderer(scope *Scope) yaml.Renderer { return &scopeRenderer{e: e, scope: scope} }

func (r *scopeRenderer) parse(text string, span diag.Span) (*jinja.Template, error) {
	t, err := r.e.template(text)
	if err != nil {
		return nil, at(err, span)
	}
	return t, nil
}

// at gives an error that arose in a template without a file the place of the YAML value.
func at(err error, span diag.Span) error {
	d, ok := err.(*diag.Diagnostic)
	if !ok || !span.Valid() || d.Span.Source != nil && d.Span.Source.Path != inlinePath {
		return err
	}
	c := *d
	c.Span = span
	return &c
}

// thread renders a value of a YAML file. dbt tells what is undefined there without its advice about macros.
func (r *scopeRenderer) thread() *value.Thread {
	th := r.scope.thread(nil)
	th.Translate = nil
	return th
}

// Native renders in dbt's native environment: a single expression keeps its type.
func (r *scopeRenderer) Native(text string, span diag.Span) (value.Value, error) {
	if jinja.IsConstant(text) {
		return value.String(text), nil
	}
	t, err := r.parse(text, span)
	if err != nil {
		return value.Undef, err
	}
	v, err := t.RenderNative(r.thread())
	if err != nil {
		return value.Undef, at(err, span)
	}
	if s, ok := v.AsString(); ok && r.reveal != nil {
		v = value.String(eachSecret(s, r.reveal))
	}
	return v, nil
}

// Text renders to a string.
func (r *scopeRenderer) Text(text string, span diag.Span) (string, error) {
	if jinja.IsConstant(text) {
		return text, nil
	}
	t, err := r.parse(text, span)
	if err != nil {
		return "", err
	}
	out, err := t.Render(r.thread())
	if err != nil {
		return "", at(err, span)
	}
	if r.reveal != nil {
		out = eachSecret(out, r.reveal)
	}
	return out, nil
}
