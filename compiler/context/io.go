package context

import (
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
)

func (s *Scope) writeFunction(a value.Args) (value.Value, error) {
	v, err := a.Bind("write", "payload")
	if err != nil {
		return value.Undef, err
	}
	if !s.execute {
		return value.String(""), nil
	}
	if s.node == nil || s.rt.Write == nil {
		return value.Undef, compilation(`cannot "write" %s`, orDefault(s.uniqueID(), "macros"))
	}
	return value.String(""), s.rt.Write(value.Str(v[0]))
}

func (s *Scope) renderFunction(th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("render", "string")
	if err != nil {
		return value.Undef, err
	}
	text, ok := v[0].AsString()
	if !ok {
		return v[0], nil
	}
	return s.renderText(th, text)
}

// renderText renders text as a template of this scope inside the render that is in progress.
func (s *Scope) renderText(th *value.Thread, text string) (value.Value, error) {
	if jinja.IsConstant(text) {
		return value.String(text), nil
	}
	t, err := s.env.template(text)
	if err != nil {
		return value.Undef, err
	}
	inner := s.thread(th)
	end, err := inner.Nest(th)
	if err != nil {
		return value.Undef, err
	}
	defer end()
	out, err := t.Render(inner)
	return value.String(out), err
}

// inlinePath is the path of texts that did not come from a file.
const inlinePath = "<template>"

// template parses a text that did not come from a file; such texts repeat, so that the
// result is kept.
func (e *Env) template(text string) (*jinja.Template, error) {
	if t, ok := e.templates.Load(text); ok {
		return t.(*jinja.Template), nil
	}
	t, d := jinja.Parse(diag.NewSource(inlinePath, text))
	if d != nil {
		return nil, d
	}
	e.templates.Store(text, t)
	return t, nil
}

func (s *Scope) tryOrCompilerError(th *value.Thread, a value.Args) (value.Value, error) {
	var message, f value.Value
	rest := value.Args{}
	switch {
	case len(a.Pos) >= 2:
		message, f, rest.Pos = a.Pos[0], a.Pos[1], a.Pos[2:]
	case len(a.Pos) == 1:
		message = a.Pos[0]
	}
	for _, kw := range a.Kwargs {
		switch kw.Name {
		case "message_if_exception":
			message = kw.Value
		case "func":
			f = kw.Value
		default:
			rest.Kwargs = append(rest.Kwargs, kw)
		}
	}
	if message.IsUndefined() || f.IsUndefined() {
		return value.Undef, value.Errorf("TypeError", "try_or_compiler_error() missing 1 required positional argument: 'func'")
	}
	v, err := value.Call(th, f, rest)
	if err == nil || jinja.IsReturn(err) {
		return v, err
	}
	if th != nil && th.Context != nil && th.Context.Err() != nil {
		return value.Undef, err
	}
	d := compilation("%s", value.Str(message))
	d.Cause = err
	return value.Undef, d
}

func (s *Scope) loadAgateTable(a value.Args) (value.Value, error) {
	if _, err := a.Bind("load_agate_table"); err != nil {
		return value.Undef, err
	}
	kind := ""
	switch {
	case s.node != nil:
		kind = string(s.node.ResourceType)
	case s.parse != nil:
		kind = s.parse.ResourceType
	default:
		kind = "macro"
	}
	if kind != "seed" {
		return value.Undef, compilation("can only load_agate_table for seeds (got a %s)", kind)
	}
	if s.rt == nil || s.rt.LoadSeed == nil {
		return value.Undef, compilation("load_agate_table() is not available here: the seed is not being run")
	}
	t, err := s.rt.LoadSeed()
	if err != nil {
		return value.Undef, err
	}
	return t.Value(), nil
}

func (s *Scope) submitPythonJob(th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("submit_python_job", "parsed_model", "compiled_code")
	if err != nil {
		return value.Undef, err
	}
	if s.rt == nil || s.rt.SubmitPython == nil {
		return value.Undef, runtimeError("Python models are not supported by the %s adapter: '%s' cannot be run", s.env.Dialect.Name, orDefault(s.name, "this model"))
	}
	if th == nil || len(th.Frames) != 2 || th.Frames[1].Macro != "macro.dbt.statement" {
		return value.Undef, runtimeError("submit_python_job is not intended to be called here, at model %s", s.name)
	}
	return s.rt.SubmitPython(v[0], value.Str(v[1]))
}

func (s *Scope) adapterMacro(a value.Args) (value.Value, error) {
	name := value.None
	if len(a.Pos) > 0 {
		name = a.Pos[0]
	}
	return value.Undef, compilation(`The "adapter_macro" macro has been deprecated. Instead, use the `+
		"`adapter.dispatch` method to find a macro and call the result. adapter_macro was called for: %s", value.Str(name))
}
