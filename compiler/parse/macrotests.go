package parse

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/yaml"
)

// macroTestKeys are the keys of a unit test of a macro, and those below them.
var macroTestKeys = map[string][]string{
	"":          {"name", "description", "args", "sql", "given", "expect", "overrides", "config"},
	"given":     {"input", "rows", "format", "fixture"},
	"expect":    {"text", "rows", "format", "fixture"},
	"overrides": {"macros", "vars", "env_vars"},
}

// buildMacroTests makes the unit tests that stand in config.meta.unit_tests of macros. dbt
// reads them as any other meta.
func (p *parser) buildMacroTests(files []*schemaFile) []*manifest.UnitTestDef {
	var out []*manifest.UnitTestDef
	for _, f := range files {
		for _, e := range f.entries["macros"] {
			meta, node := dictAt(emptyIfNil(e.dict("config")), "meta"), e.node.At("config", "meta")
			tests, given := emptyIfNil(meta).GetString("unit_tests")
			if !given {
				continue
			}
			list := node.Get("unit_tests")
			if tests.Kind() != value.KindList {
				p.report(fileError(f, diag.CodeConfigValue, list.Span(), "config.meta.unit_tests of macro "+e.name()+" must be a list of tests"))
				continue
			}
			for i, item := range tests.Items() {
				d, ok := item.AsDict()
				if !ok {
					p.report(fileError(f, diag.CodeConfigValue, list.At(i).Span(), "a unit test of macro "+e.name()+" must be a mapping with 'name' and 'expect'"))
					continue
				}
				if u := p.macroTest(e.name(), &entry{file: f, key: "unit_tests", node: list.At(i), d: d}); u != nil {
					out = append(out, u)
				}
			}
		}
	}
	return out
}

// macroTest reads one test of a macro.
func (p *parser) macroTest(macro string, e *entry) *manifest.UnitTestDef {
	pkg, name := e.file.pkg, e.name()
	fail := func(span diag.Span, format string, args ...any) *manifest.UnitTestDef {
		p.report(fileError(e.file, diag.CodeConfigValue, span, fmt.Sprintf("unit test '%s' of macro '%s': ", name, macro)+fmt.Sprintf(format, args...)))
		return nil
	}
	if name == "" {
		return fail(e.node.Span(), "it needs a 'name'")
	}
	if !p.knownKeys(macro, e) {
		return nil
	}
	id := "macro." + pkg.Name + "." + macro
	if p.m.Macros[id] == nil {
		d := diag.New(diag.CodeUnknownMacro, diag.Compilation, e.span(), fmt.Sprintf("unit test '%s' is of macro '%s', which package '%s' does not have", name, macro, pkg.Name))
		d.Hint = diag.DidYouMean(macro, p.macroNames(pkg.Name))
		p.report(d)
		return nil
	}
	u := p.newUnitTest(e, macro)
	if u == nil {
		return nil
	}
	u.DependsOn.Macros = []string{id}
	call, inputs, problem := macroCall(pkg.Name+"."+macro, e.get("args"))
	if problem != "" {
		return fail(e.node.Get("args").Span(), "%s", problem)
	}
	u.Macro = &manifest.MacroTest{ID: id, Code: call, Inputs: inputs}
	expect, expectAt := e.dict("expect"), e.node.Get("expect")
	if expect == nil {
		return fail(e.span(), "it needs 'expect' with 'text' or 'rows'")
	}
	if text, ok := expect.GetString("text"); ok {
		_, isText := text.AsString()
		switch {
		case !isText:
			return fail(expectAt.Get("text").Span(), "'text' must be a string")
		case expect.Len() > 1:
			return fail(expectAt.Span(), "'expect' has either 'text', which the macro's result is compared with, or rows")
		case !e.get("sql").IsNull():
			return fail(e.node.KeySpan("sql"), "'sql' is for tests that expect rows")
		case !e.get("given").IsNull():
			return fail(e.node.KeySpan("given"), "'given' is for tests that expect rows")
		}
		u.Macro.Text = true
		u.Expect = manifest.Fixture{Rows: text, Format: "sql", Span: expectAt.Span()}
	} else {
		var ok bool
		if u.Expect, ok = p.fixture(e, u, expect, expectAt, "expected"); !ok {
			return nil
		}
	}
	if sql := e.get("sql"); !sql.IsNull() {
		text, isText := sql.AsString()
		if !isText || !strings.Contains(text, macroResult) {
			return fail(e.node.Get("sql").Span(), "'sql' must be a query in which %s stands for the macro's result", macroResult)
		}
		u.Macro.Code = strings.ReplaceAll(text, macroResult, call)
	}
	u.Checksum = unitTestChecksum(u)
	return u
}

// macroResult is what stands for a macro's result in the `sql` of its test: no Jinja, which would be
// rendered when the file is read.
const macroResult = "{result}"

// knownKeys reports keys that mean nothing, and macros in overrides that are not there.
func (p *parser) knownKeys(macro string, e *entry) bool {
	good := true
	check := func(where string, d *value.Dict, node *yaml.Node) {
		if d == nil {
			return
		}
		for k := range d.All() {
			key := value.Str(k)
			if slices.Contains(macroTestKeys[where], key) {
				continue
			}
			good = false
			place := "a unit test of macro '" + macro + "'"
			if where != "" {
				place = "'" + where + "' of " + place
			}
			x := fileError(e.file, diag.CodeYAMLKey, node.KeySpan(key), fmt.Sprintf("'%s' is no key of %s; %s are", key, place, strings.Join(macroTestKeys[where], ", ")))
			x.Hint = diag.DidYouMean(key, macroTestKeys[where])
			p.report(x)
		}
	}
	check("", e.d, e.node)
	check("expect", e.dict("expect"), e.node.Get("expect"))
	check("overrides", e.dict("overrides"), e.node.Get("overrides"))
	for i, given := range dictsAt(e.d, "given") {
		check("given", given, e.node.At("given", i))
	}
	replaced := dictAt(emptyIfNil(e.dict("overrides")), "macros")
	for k := range emptyIfNil(replaced).All() {
		name := value.Str(k)
		if p.someMacro(name) {
			continue
		}
		good = false
		x := fileError(e.file, diag.CodeUnknownMacro, e.node.At("overrides", "macros").KeySpan(name), fmt.Sprintf("a unit test of macro '%s' replaces macro '%s', which no package has", macro, name))
		x.Hint = diag.DidYouMean(name, p.macroNames(e.file.pkg.Name))
		p.report(x)
	}
	return good
}

// someMacro reports whether a macro, named with or without its package, is there.
func (p *parser) someMacro(name string) bool {
	if pkg, rest, ok := strings.Cut(name, "."); ok {
		return p.m.Macros["macro."+pkg+"."+rest] != nil
	}
	for _, id := range p.m.Order.Macros {
		if p.m.Macros[id].Name == name {
			return true
		}
	}
	return false
}

var argumentName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// macroCall is the expression that calls a macro: with a list by position, with a mapping by name.
// inputs are the calls of ref and source in it.
func macroCall(macro string, args value.Value) (call string, inputs []string, problem string) {
	var list []string
	switch {
	case args.IsNull():
	case args.Kind() == value.KindList:
		for _, v := range args.Items() {
			list = append(list, expression(v, &inputs))
		}
	default:
		d, ok := args.AsDict()
		if !ok {
			return "", nil, "'args' must be a mapping of names to values, or a list of values"
		}
		for k, v := range d.All() {
			name := value.Str(k)
			if !argumentName.MatchString(name) {
				return "", nil, "'" + name + "' cannot be the name of an argument"
			}
			list = append(list, name+"="+expression(v, &inputs))
		}
	}
	return "{{ " + macro + "(" + strings.Join(list, ", ") + ") }}", inputs, ""
}

// expression writes a value of YAML as one of the template language. Text that is a call
// of ref or source becomes the call.
func expression(v value.Value, inputs *[]string) string {
	switch v.Kind() {
	case value.KindNone, value.KindBool, value.KindInt, value.KindFloat:
		return value.Repr(v)
	case value.KindList:
		items := make([]string, 0, len(v.Items()))
		for _, item := range v.Items() {
			items = append(items, expression(item, inputs))
		}
		return "[" + strings.Join(items, ", ") + "]"
	case value.KindDict:
		d, _ := v.AsDict()
		items := make([]string, 0, d.Len())
		for k, item := range d.All() {
			items = append(items, expression(k, inputs)+": "+expression(item, inputs))
		}
		return "{" + strings.Join(items, ", ") + "}"
	}
	text := value.Str(v)
	if _, _, ok := refOrSource(text, diag.Span{}); ok {
		*inputs = append(*inputs, text)
		return text
	}
	return value.Repr(value.String(text))
}

// resolveMacroTest finds the relations that the test's arguments and fixtures name.
func (p *parser) resolveMacroTest(u *manifest.UnitTestDef) []*manifest.UnitTestDef {
	if !u.Config.Enabled() {
		p.disable(u.UniqueID, u)
		return nil
	}
	find := func(input string, span diag.Span) bool {
		ref, source, ok := refOrSource(input, span)
		id := ""
		switch {
		case !ok:
		case ref != nil:
			id = p.m.LookupRef(u.PackageName, ref.Package, ref.Name, ref.Version).ID
		default:
			id, _, _ = p.m.ResolveSource(u.PackageName, source.Source, source.Table)
		}
		if id == "" {
			d := diag.New(diag.CodeRefNotFound, diag.Parsing, span, fmt.Sprintf(
				"unit test '%s' of macro '%s' names %s, which is no ref or source of this project", u.Name, u.Model, input))
			d.NodeID = u.UniqueID
			p.report(d)
			return false
		}
		if !slices.Contains(u.DependsOn.Nodes, id) {
			u.DependsOn.Nodes = append(u.DependsOn.Nodes, id)
		}
		return true
	}
	for _, input := range u.Macro.Inputs {
		if !find(input, u.Span) {
			return nil
		}
	}
	for i := range u.Given {
		if !find(u.Given[i].Input, u.Given[i].Span) {
			return nil
		}
	}
	return []*manifest.UnitTestDef{u}
}
