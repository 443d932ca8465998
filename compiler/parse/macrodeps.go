package parse

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/macros"
	"github.com/millrace/millrace/compiler/manifest"
)

// contextCalls are functions of the context that shadow macros of the same name.
var contextCalls = map[string]bool{
	"source": true, "ref": true, "config": true, "return": true, "var": true, "env_var": true, "log": true,
	"print": true, "fromjson": true, "tojson": true, "fromyaml": true, "toyaml": true, "set": true,
	"set_strict": true, "zip": true, "zip_strict": true, "diff_of_two_dicts": true, "local_md5": true, "debug": true,
}

// macroDependencies finds which macros a macro may call, from its text alone.
func (p *parser) macroDependencies(list []*manifest.Macro) {
	p.parallel(len(list), func(i int) {
		m := list[i]
		entry, ok := p.macros.ByID(m.UniqueID)
		if !ok {
			return
		}
		m.DependsOn = p.calledMacros(entry.Macro, m.PackageName, m.Name)
	})
}

func (p *parser) calledMacros(m *jinja.Macro, pkg, self string) []string {
	calls := m.Calls()
	sort.SliceStable(calls, func(i, j int) bool { return calls[i].Span.Start < calls[j].Span.Start })
	var out []string
	add := func(pkg, name string) {
		if name == self {
			return
		}
		if i := strings.IndexByte(name, '.'); i >= 0 {
			pkg, name = name[:i], name[i+1:]
		}
		if e := p.findMacro(pkg, name); e != nil && !slices.Contains(out, e.UniqueID) {
			out = append(out, e.UniqueID)
		}
	}
	for _, call := range calls {
		switch {
		case call.Name == "adapter.dispatch":
			for _, e := range p.dispatched(call, pkg) {
				add(pkg, e)
			}
		case strings.HasPrefix(call.Name, "adapter."), contextCalls[call.Name], strings.Count(call.Name, ".") > 1:
		default:
			add(pkg, call.Name)
		}
	}
	return out
}

// findMacro looks in one package, then in the usual order.
func (p *parser) findMacro(pkg, name string) *macros.Entry {
	if e, ok := p.macros.ByID("macro." + pkg + "." + name); ok {
		return e
	}
	if e, ok := p.macros.Find(name, pkg); ok {
		return e
	}
	e, _ := p.macros.Find(name, "")
	return e
}

// dispatched are the names an adapter.dispatch call may lead to: the plain one, and the
// implementation for this engine.
func (p *parser) dispatched(call jinja.StaticCall, pkg string) []string {
	text := func(i int, kw string) string {
		v := value.Undef
		if i < len(call.Args) {
			v = call.Args[i]
		}
		for _, k := range call.Kwargs {
			if k.Name == kw {
				v = k.Value
			}
		}
		s, _ := v.AsString()
		return s
	}
	name := text(0, "macro_name")
	if name == "" {
		return nil
	}
	names := []string{name}
	namespace := text(1, "macro_namespace")
	packages, engines := p.searched(namespace), append([]string{p.dialect.Name}, p.dialect.Parents...)
	if e, ok := p.macros.Dispatch(name, packages, pkg, engines); ok {
		names = append(names, e.Package+"."+e.Name())
	} else if tried := macros.Candidates(name, packages, engines); !p.implementedAnywhere(tried) {
		p.reportNoImplementation(call, name, namespace, tried)
	}
	return names
}

// implementedAnywhere reports whether any package has a macro of one of the names that
// adapter.dispatch tried. Which packages a template can see is settled when it runs.
func (p *parser) implementedAnywhere(tried []string) bool {
	for _, name := range tried {
		name = name[strings.LastIndexByte(name, '.')+1:]
		if _, ok := p.macros.Find(name, ""); ok {
			return true
		}
		for _, pkg := range p.project.Packages {
			if _, ok := p.macros.ByID("macro." + pkg.Name + "." + name); ok {
				return true
			}
		}
	}
	return false
}

// reportNoImplementation: dbt resolves the dispatches of every macro while it parses, also
// of those that nothing calls.
func (p *parser) reportNoImplementation(call jinja.StaticCall, name, namespace string, tried []string) {
	if namespace == "" {
		namespace = "None"
	}
	shown := make([]string, len(tried))
	for i, t := range tried {
		shown[i] = value.Repr(value.String(t))
	}
	p.report(diag.New(diag.CodeUnknownMacro, diag.Compilation, call.Span, fmt.Sprintf(
		"In dispatch: No macro named '%s' found within namespace: '%s'\n    Searched for: %s", name, namespace, strings.Join(shown, ", "))))
}

// searched are the packages in which adapter.dispatch looks for a namespace, "" for what the template itself can see.
func (p *parser) searched(namespace string) []string {
	if namespace != "" {
		if order := p.project.SearchOrder(namespace); order != nil {
			return order
		}
		if _, ok := p.project.PackageNamed(namespace); ok || namespace == macros.Core {
			return []string{p.project.Name, namespace}
		}
	}
	return []string{""}
}
