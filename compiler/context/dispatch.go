package context

import (
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/macros"
)

// Dispatcher is adapter.dispatch as templates of a package see it.
func (e *Env) Dispatcher(pkg string) value.Value {
	return value.Func("dispatch", func(_ *value.Thread, a value.Args) (value.Value, error) { return e.dispatch(pkg, false, a) })
}

// DispatchFor is Dispatcher for the templates of a scope. While a generic test is parsed, dispatch without a name
// space looks in every package, as dbt does: the test may be of another package than the file that uses it.
func (s *Scope) DispatchFor() value.Value {
	return value.Func("dispatch", func(_ *value.Thread, a value.Args) (value.Value, error) { return s.dispatch(a) })
}

func (s *Scope) dispatch(a value.Args) (value.Value, error) {
	return s.env.dispatch(s.pkg, s.parse != nil && s.parse.TestKwargs != nil, a)
}

func (e *Env) dispatch(pkg string, anywhere bool, a value.Args) (value.Value, error) {
	v, err := a.Bind("dispatch", "macro_name", "macro_namespace=None", "packages=None")
	if err != nil {
		return value.Undef, err
	}
	name, ok := v[0].AsString()
	if !ok {
		return value.Undef, value.Errorf("TypeError", "argument of type '%s' is not iterable", value.TypeName(v[0]))
	}
	if ns, rest, dotted := strings.Cut(name, "."); dotted {
		return value.Undef, compilation(`In adapter.dispatch, got a macro name of "%s", but "." is not a valid macro name component. `+
			"Did you mean `adapter.dispatch(\"%s\", macro_namespace=\"%s\")`?", name, rest, ns)
	}
	if !v[2].IsNull() {
		d := compilation("The \"packages\" argument of adapter.dispatch() has been deprecated.\nUse the \"macro_namespace\" argument instead.\n\n"+
			"Raised during dispatch for: %s", name)
		return value.Undef, d
	}
	packages, shown, err := e.searchPackages(v[1])
	if err != nil {
		return value.Undef, err
	}
	if found, ok := e.Macros.Dispatch(name, packages, pkg, e.adapters); ok {
		return found.Value(), nil
	}
	if anywhere && v[1].IsNull() {
		if found, ok := e.Macros.DispatchAnywhere(name, e.adapters); ok {
			return found.Value(), nil
		}
	}
	tried := macros.Candidates(name, packages, e.adapters)
	for i := range tried {
		tried[i] = value.Repr(value.String(tried[i]))
	}
	return value.Undef, compilationCode(diag.CodeUnknownMacro, "In dispatch: No macro named '%s' found within namespace: '%s'\n    Searched for: %s",
		name, shown, strings.Join(tried, ", "))
}

// searchPackages are the packages in which dispatch looks, "" for what the template itself can see.
func (e *Env) searchPackages(ns value.Value) (packages []string, shown string, err error) {
	if ns.IsNull() {
		return []string{""}, "None", nil
	}
	name, ok := ns.AsString()
	if !ok {
		return nil, "", compilation(`In adapter.dispatch, got a %s macro_namespace argument ("%s"), but macro_namespace should be None or a string.`, pythonType(ns), value.Str(ns))
	}
	if order := e.Project.SearchOrder(name); len(order) > 0 {
		return order, name, nil
	}
	if _, known := e.Project.PackageNamed(name); known {
		return []string{e.Project.Name, name}, name, nil
	}
	return []string{""}, name, nil
}
