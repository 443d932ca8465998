package parse

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// patchMacros gives macros what the schema files say about them.
func (p *parser) patchMacros(files []*schemaFile) {
	spans := map[string]diag.Span{}
	for _, f := range files {
		for _, e := range f.entries["macros"] {
			id := "macro." + f.pkg.Name + "." + e.name()
			m := p.m.Macros[id]
			if m == nil {
				d := warning(diag.CodeYAMLKey, e.span(), fmt.Sprintf(`Found patch for macro "%s" which was not found`, e.name())).Named("MacroNotFoundForPatch")
				d.Hint = diag.DidYouMean(e.name(), p.macroNames(f.pkg.Name))
				p.report(d)
				continue
			}
			if first, dup := spans[id]; dup {
				d := diag.New(diag.CodeDuplicatePatch, diag.Compilation, e.span(), fmt.Sprintf(
					"dbt found two schema.yml entries for the same macro in package %s named %s. Macros may only be described a single time.", f.pkg.Name, e.name()))
				d.Related = []diag.Related{{Span: first, Message: "first described here"}}
				p.report(d)
				continue
			}
			spans[id] = e.span()
			p.patchMacro(e, m)
		}
	}
}

func (p *parser) macroNames(pkg string) []string {
	var out []string
	for _, id := range p.m.Order.Macros {
		if m := p.m.Macros[id]; m.PackageName == pkg {
			out = append(out, m.Name)
		}
	}
	return out
}

func (p *parser) patchMacro(e *entry, m *manifest.Macro) {
	config := e.dict("config")
	m.PatchPath = e.file.id()
	m.Description = e.str("description")
	m.Meta = mergedMeta(e.dict("meta"), config)
	docs := e.get("docs")
	if config != nil && value.Truth(get(config, "docs")) {
		docs = get(config, "docs")
	}
	m.Docs = docsOf(docs)
	var arguments []*value.Dict
	for _, a := range dictsAt(e.d, "arguments") {
		arguments = append(arguments, macroArgument(textOf(a, "name"), none(get(a, "type")), textOf(a, "description")))
	}
	if !p.behavior("validate_macro_args") {
		m.Arguments = arguments
		return
	}
	if len(arguments) == 0 {
		return
	}
	warn := func(format string, args ...any) {
		p.warn("InvalidMacroAnnotation", diag.CodeConfigValue, e.span(), fmt.Sprintf(format, args...))
	}
	for i, a := range arguments {
		if i < len(m.Arguments) && textOf(a, "name") != textOf(m.Arguments[i], "name") {
			warn("Argument %s in yaml for macro %s does not match the jinja definition.", textOf(a, "name"), m.Name)
		}
	}
	if len(arguments) != len(m.Arguments) {
		warn("The number of arguments in the yaml for macro %s does not match the jinja definition.", m.Name)
	}
	for _, a := range arguments {
		if t := textOf(a, "type"); strings.TrimSpace(t) != "" && !validArgumentType(t) {
			warn("Argument %s in the yaml for macro %s has an invalid type.", textOf(a, "name"), m.Name)
		}
	}
	m.Arguments = arguments
}

// argumentTypes are the types a macro argument may be declared with, and how many
// parameters each takes.
var argumentTypes = map[string]int{
	"str": 0, "string": 0, "bool": 0, "int": 0, "integer": 0, "float": 0, "any": 0,
	"list": 1, "dict": 2, "optional": 1, "relation": 0, "column": 0,
}

var typeName = regexp.MustCompile(`^[a-z]+`)

func validArgumentType(s string) bool {
	rest, ok := argumentType(strings.NewReplacer(" ", "", "\t", "").Replace(s))
	return ok && rest == ""
}

// argumentType takes one type off the front.
func argumentType(s string) (rest string, ok bool) {
	name := typeName.FindString(s)
	n, known := argumentTypes[name]
	if !known {
		return s, false
	}
	s = s[len(name):]
	if n == 0 {
		return s, true
	}
	for i := range n {
		open := "["
		if i > 0 {
			open = ","
		}
		if !strings.HasPrefix(s, open) {
			return s, false
		}
		if s, ok = argumentType(s[1:]); !ok {
			return s, false
		}
	}
	return strings.CutPrefix(s, "]")
}
