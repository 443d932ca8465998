package parse

import (
	"fmt"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/project"
	"github.com/millrace/millrace/compiler/yaml"
)

// testTarget is what a generic test is written on.
type testTarget struct {
	pkg         *project.Package
	file        *schemaFile
	key         string // "models", "sources" …
	name        string // resource name; of a source its "source_table" name
	version     value.Value
	source      string // of a source table
	table       string
	isModel     bool
	quoteColumn bool
	fileKey     string // "models.orders"
	label       string // in names: "orders", "orders_v2", "raw_orders"
}

// modelText is the `model` argument of the test.
func (t *testTarget) modelText() string {
	target := "ref('" + t.name + "')"
	switch {
	case t.source != "":
		target = "source('" + t.source + "', '" + t.table + "')"
	case t.isModel && value.Truth(t.version):
		target = "ref('" + t.name + "', version='" + value.Str(t.version) + "')"
	}
	return "{{ get_where_subquery(" + target + ") }}"
}

// testDef is one generic test as written, taken apart.
type testDef struct {
	target       *testTarget
	column       string // quoted if it must be
	name         string // of the macro, without "test_"
	namespace    string
	args         *value.Dict
	config       *value.Dict
	description  string
	compiledName string
	fqnName      string
	tags         []string // of the column or source
	span         diag.Span
}

// configArgs are the keys of a test that configure it rather than being arguments.
var configArgs = []string{
	"severity", "tags", "enabled", "where", "limit", "warn_if", "error_if", "fail_calc", "store_failures",
	"store_failures_as", "sql_header", "meta", "database", "schema", "alias",
}

var isConfigArg = func() map[string]bool {
	m := make(map[string]bool, len(configArgs))
	for _, k := range configArgs {
		m[k] = true
	}
	return m
}()

// splitTestName takes "namespace.name" or "name" off the front of a text; name is "" when
// the text begins with no identifier.
func splitTestName(text string) (namespace, name string) {
	name, rest := identifier(text)
	if name == "" || rest == "" || rest[0] != '.' {
		return "", name
	}
	if second, _ := identifier(rest[1:]); second != "" {
		return name, second
	}
	return "", name
}

// identifier is the identifier that text begins with, and the rest.
func identifier(text string) (name, rest string) {
	i := 0
	for i < len(text) && isWordByte(text[i]) && (i > 0 || text[i] < '0' || text[i] > '9') {
		i++
	}
	return text[:i], text[i:]
}

// testDef takes one element of `data_tests:` apart. node is the element as written.
func (p *parser) testDef(t *testTarget, node *yaml.Node, column string, tags []string) (*testDef, *diag.Diagnostic) {
	def := &testDef{target: t, column: column, tags: tags, span: node.Span()}
	if node.IsMapping() && node.Len() > 0 {
		def.span = node.Entries()[0].Key.Span()
	}
	fail := func(kind diag.Kind, format string, args ...any) *diag.Diagnostic {
		d := diag.New(diag.CodeConfigValue, kind, def.span, fmt.Sprintf(format, args...))
		switch kind {
		case diag.Compilation:
			d.Summary = "Invalid generic test configuration given in " + t.file.file.Path + ": \n" + d.Summary
		default:
			d.Summary = "Invalid test config given in " + t.file.file.Path + ":\n\t" + d.Summary
		}
		return d
	}
	testName, args, bad := p.splitTest(def, node.Value(), fail)
	if bad != nil {
		return nil, bad
	}
	if _, has := args.GetString("model"); has {
		return nil, fail(diag.Compilation, `Test arguments include "model", which is a reserved argument`)
	}
	args.SetString("model", value.String(t.modelText()))
	def.namespace, def.name = splitTestName(testName)
	if def.name == "" {
		return nil, fail(diag.Compilation, "Test name string did not match expected pattern: %s", testName)
	}
	def.args = args
	if bad := p.testConfig(def, fail); bad != nil {
		return nil, bad
	}
	if header, ok := def.config.GetString("sql_header"); ok && !header.IsNull() && !p.behavior("require_sql_header_in_test_configs") {
		p.deprecate("CustomKeyInConfigDeprecation", def.span, fmt.Sprintf(
			"Custom key `sql_header` found in `config` at path `models.config` in file `%s`. Custom config keys should move into the `config.meta`.", t.file.file.Path),
			"the flag require_sql_header_in_test_configs makes it work")
	}
	if v, ok := args.GetString("description"); ok {
		def.description = value.Str(v)
		args.DeleteString("description")
	}
	if v, ok := args.GetString("name"); ok {
		def.compiledName, def.fqnName = value.Str(v), value.Str(v)
		args.DeleteString("name")
		return def, nil
	}
	kind := def.name
	if t.source != "" {
		kind = "source_" + kind
	}
	if def.namespace != "" {
		kind = def.namespace + "_" + kind
	}
	def.compiledName, def.fqnName = synthesizeNames(kind, t.label, args)
	if def.compiledName != def.fqnName && !hasKey(def.config, "alias") {
		def.config.SetString("alias", value.String(def.compiledName))
	}
	return def, nil
}

type failFunc func(kind diag.Kind, format string, args ...any) *diag.Diagnostic

// splitTest finds the name and the arguments of a test in any of its forms. It keeps v.
func (p *parser) splitTest(def *testDef, v value.Value, fail failFunc) (string, *value.Dict, *diag.Diagnostic) {
	if name, ok := v.AsString(); ok {
		return name, p.testArguments(def, name, value.NewDict(2)), nil
	}
	d, ok := v.AsDict()
	if !ok {
		return "", nil, fail(diag.Parsing, "test must be dict or str, got %s (value %s)", pythonClass(v), value.Str(v))
	}
	name, given := value.Undef, value.Undef
	if n, ok := d.GetString("test_name"); ok {
		d.DeleteString("test_name")
		name, given = n, v
	} else {
		if d.Len() != 1 {
			return "", nil, fail(diag.Parsing, "test definition dictionary must have exactly one key, got %s instead (%d keys)", pairList(d), d.Len())
		}
		for k, args := range d.All() {
			name, given = k, args
		}
	}
	args, ok := given.AsDict()
	if !ok {
		return "", nil, fail(diag.Parsing, "test arguments must be a dict, got %s (value %s)", pythonClass(given), value.Str(given))
	}
	testName, ok := name.AsString()
	if !ok {
		return "", nil, fail(diag.Parsing, "test name must be a str, got %s (value %s)", pythonClass(name), value.Str(name))
	}
	return testName, p.testArguments(def, testName, args), nil
}

// testArguments are the arguments of a test with the column and what stands under `arguments:`.
func (p *parser) testArguments(def *testDef, testName string, args *value.Dict) *value.Dict {
	if def.column != "" {
		args.SetString("column_name", value.String(def.column))
	}
	return p.nestedArguments(def, testName, args)
}

// nestedArguments merges the `arguments:` property into the arguments.
func (p *parser) nestedArguments(def *testDef, testName string, args *value.Dict) *value.Dict {
	if !p.behavior("require_generic_test_arguments_property") {
		if v, ok := args.GetString("arguments"); ok {
			p.notes.add("ArgumentsPropertyInGenericTestDeprecation", def.span, fmt.Sprintf(
				"Found `arguments` property in test definition of `%s` (%s) without usage of `require_generic_test_arguments_property` behavior change flag.", testName, value.Str(v)))
		}
		return args
	}
	nested, has := args.GetString("arguments")
	args.DeleteString("arguments")
	loose := false
	for k := range args.All() {
		key := value.Str(k)
		switch {
		case isConfigArg[key]:
			path := "data_tests." + testName + "." + key
			p.notes.add("PropertyMovedToConfigDeprecation", def.span, fmt.Sprintf(
				"Found `%s` as a top-level property of `%s` in file `%s`. The `%s` top-level property should be moved into the `config` of `%s`.",
				key, path, def.target.file.file.Path, key, path))
		case key != "config" && key != "column_name" && key != "description" && key != "name":
			loose = true
		}
	}
	if loose && (!has || !value.Truth(nested)) {
		p.notes.add("MissingArgumentsPropertyInGenericTestDeprecation", def.span, fmt.Sprintf(
			"Found top-level arguments to test `%s` defined on '%s' in package '%s' (%s). Arguments to generic tests should be nested under the `arguments` property.",
			testName, def.target.name, def.target.pkg.Name, def.target.file.file.Path))
	}
	if d, ok := nested.AsDict(); ok {
		for k, v := range d.All() {
			args.SetString(value.Str(k), v)
		}
	}
	return args
}

// testConfig moves config from the arguments into def.config, rendered.
func (p *parser) testConfig(def *testDef, fail failFunc) *diag.Diagnostic {
	given, has := def.args.GetString("config")
	config, ok := given.AsDict()
	if has && !ok {
		return fail(diag.Parsing, "'config' must be a dict, got %s (value %s)", pythonClass(given), value.Str(given))
	}
	def.config = value.NewDict(0)
	renderer := p.yamlRenderer(def.target.pkg.Name)
	put := func(key string, v value.Value) *diag.Diagnostic {
		if s, ok := v.AsString(); ok && yaml.HasTemplate(s) {
			rendered, err := renderer.Native(s, def.span)
			if err != nil {
				return fail(diag.Compilation, "%s", err.Error())
			}
			v = rendered
		}
		if !v.IsNull() {
			def.config.SetString(key, v)
		}
		return nil
	}
	for _, key := range configArgs {
		v, _ := def.args.GetString(key)
		def.args.DeleteString(key)
		if config != nil {
			nested, both := config.GetString(key)
			if value.Truth(v) && both {
				return fail(diag.Compilation, "Test cannot have the same key at the top-level and in config")
			}
			if !value.Truth(v) && both {
				v = nested
				config.DeleteString(key)
			}
		}
		if bad := put(key, v); bad != nil {
			return bad
		}
	}
	if config != nil {
		def.args.DeleteString("config")
		for k, v := range config.All() {
			if bad := put(value.Str(k), v); bad != nil {
				return bad
			}
		}
	}
	tags, _ := def.config.GetString("tags")
	for _, tag := range listify(tags) {
		if _, ok := tag.AsString(); !ok {
			return fail(diag.Compilation, "got %s (%s) for tag, expected a str", value.Str(tag), pythonClass(tag))
		}
	}
	return nil
}

// rawCode is the body of the test's node.
func (def *testDef) rawCode() string {
	var b strings.Builder
	b.WriteString("{{ ")
	if def.namespace != "" {
		b.WriteString(def.namespace)
		b.WriteByte('.')
	}
	b.WriteString("test_")
	b.WriteString(def.name)
	b.WriteString("(**_dbt_generic_test_kwargs) }}")
	if def.config.Len() == 0 {
		return b.String()
	}
	b.WriteString("{{ config(")
	first := true
	for k, v := range def.config.All() {
		if !first {
			b.WriteByte(',')
		}
		first = false
		b.WriteString(value.Str(k))
		b.WriteByte('=')
		if s, ok := v.AsString(); ok {
			b.WriteString(`"` + strings.ReplaceAll(s, `"`, `\"`) + `"`)
		} else {
			b.WriteString(value.Str(v))
		}
	}
	b.WriteString(") }}")
	return b.String()
}

func pythonClass(v value.Value) string { return "<class '" + value.TypeName(v) + "'>" }

// pairList is list(d.items()) as Python prints it.
func pairList(d *value.Dict) string {
	items := make([]value.Value, 0, d.Len())
	for k, v := range d.All() {
		items = append(items, value.NewTuple(k, v))
	}
	return value.Repr(value.NewList(items...))
}
