package parse

import (
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/project"
	"github.com/millrace/millrace/compiler/yaml"
)

// schemaFile is one YAML file with resource properties.
type schemaFile struct {
	pkg     *project.Package
	file    *project.File
	root    *yaml.Node
	entries map[string][]*entry // by top-level key
}

// id is dbt's file_id, which becomes patch_path.
func (f *schemaFile) id() string { return f.pkg.Name + "://" + f.file.Path }

// entry is one element of a list like `models:`; d is rendered, node is as written.
type entry struct {
	file *schemaFile
	key  string
	node *yaml.Node
	d    *value.Dict
}

func (e *entry) span() diag.Span {
	if name := e.node.Get("name"); name != nil {
		return name.Span()
	}
	return e.node.Span()
}

func (e *entry) name() string { return textOf(e.d, "name") }

func (e *entry) get(key string) value.Value {
	v, _ := e.d.GetString(key)
	return v
}

func (e *entry) dict(key string) *value.Dict { return dictAt(e.d, key) }

func (e *entry) str(key string) string { return textOf(e.d, key) }

// textOf is the string under a key, "" when it is absent or None; other scalars as text.
func textOf(d *value.Dict, key string) string {
	v, ok := d.GetString(key)
	if !ok || v.IsNull() {
		return ""
	}
	return value.Str(v)
}

func dictAt(d *value.Dict, key string) *value.Dict {
	v, _ := d.GetString(key)
	out, _ := v.AsDict()
	return out
}

// dictsAt are the mappings in the list under a key.
func dictsAt(d *value.Dict, key string) []*value.Dict {
	v, _ := d.GetString(key)
	var out []*value.Dict
	for _, item := range v.Items() {
		if sub, ok := item.AsDict(); ok {
			out = append(out, sub)
		}
	}
	return out
}

// stringsAt are the strings under a key: a list, or one string.
func stringsAt(d *value.Dict, key string) []string {
	v, _ := d.GetString(key)
	return stringList(v)
}

func stringList(v value.Value) []string {
	if s, ok := v.AsString(); ok {
		return []string{s}
	}
	var out []string
	for _, item := range v.Items() {
		if !item.IsNull() {
			out = append(out, value.Str(item))
		}
	}
	return out
}

func fileError(f *schemaFile, code diag.Code, span diag.Span, summary string) *diag.Diagnostic {
	return diag.New(code, diag.Parsing, span, summary)
}

// ownReader are the kinds that dbt reads one by one.
var ownReader = map[string]bool{
	"sources": true, "exposures": true, "groups": true, "metrics": true, "semantic_models": true, "saved_queries": true, "unit_tests": true,
}

// invalid is dbt's complaint about an entry of the wrong shape.
func (e *entry) invalid(span diag.Span, reason string) *diag.Diagnostic {
	d := e.d
	if !ownReader[e.key] {
		d = d.Copy() // dbt's reader of these adds where they are from
		d.SetString("original_file_path", value.String(e.file.file.Path))
		d.SetString("yaml_key", value.String(e.key))
		d.SetString("package_name", value.String(e.file.pkg.Name))
	}
	shown := value.Repr(value.FromDict(d))
	if len(shown) > 300 {
		shown = strings.ToValidUTF8(shown[:300], "") + "..."
	}
	return fileError(e.file, diag.CodeConfigValue, span,
		"Invalid "+e.key+" config given in "+e.file.file.Path+" @ "+e.key+": "+shown+" - "+reason)
}
