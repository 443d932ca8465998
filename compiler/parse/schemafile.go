package parse

import (
	"fmt"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/project"
	"github.com/millrace/millrace/compiler/yaml"
)

// entryKeys are the lists a schema file may have, in the order dbt works through them.
var entryKeys = []string{
	"models", "seeds", "snapshots", "sources", "macros", "data_tests", "analyses", "exposures", "functions",
	"metrics", "groups", "semantic_models", "unit_tests", "saved_queries",
}

// namedKeys are those whose elements dbt checks for being a mapping with a name.
var namedKeys = map[string]bool{
	"models": true, "seeds": true, "snapshots": true, "sources": true, "macros": true, "analyses": true,
	"exposures": true, "metrics": true, "semantic_models": true, "saved_queries": true, "functions": true,
}

var otherTopKeys = map[string]bool{"version": true, "anchors": true, "tests": true, "checks": true}

// readSchemaFile reads and renders one file; nil when it has nothing to say.
func (p *parser) readSchemaFile(pkg *project.Package, file *project.File) *schemaFile {
	src, d := file.Load()
	if d != nil {
		p.report(d)
		return nil
	}
	// dbt reads these files without blanks at the end: a block scalar that ends one has no newline.
	src = diag.NewSource(src.Path, strings.TrimRight(src.Text, " \t\r\n"))
	root, list := yaml.Parse(src)
	if p.flags.Strict {
		for _, d := range list {
			d.Severity = diag.Error // a key given twice
		}
	}
	p.report(list...)
	if list.Err() != nil || root.IsNull() {
		return nil
	}
	f := &schemaFile{pkg: pkg, file: file, root: root, entries: map[string][]*entry{}}
	if !root.IsMapping() {
		p.report(diag.New(diag.CodeYAMLSyntax, diag.Parsing, root.Span(),
			"Contents of file '"+file.Path+"' are not valid. Dictionary expected."))
		return nil
	}
	p.checkTopKeys(f)
	for _, key := range entryKeys {
		if list, ok := root.Lookup(key); ok {
			p.readEntries(f, key, list)
		}
	}
	return f
}

func (p *parser) checkTopKeys(f *schemaFile) {
	known := func(key string) bool {
		if otherTopKeys[key] {
			return true
		}
		for _, k := range entryKeys {
			if k == key {
				return true
			}
		}
		return false
	}
	for _, e := range f.root.Entries() {
		if key := e.Key.Text(); !known(key) {
			d := p.unknownKey(e.Key.Span(), "'"+key+"' is not a top-level key of a properties file", key, entryKeys)
			p.report(d)
		}
	}
}

func (p *parser) unknownKey(span diag.Span, summary, key string, candidates []string) *diag.Diagnostic {
	d := warning(diag.CodeYAMLKey, span, summary).Named("CustomTopLevelKeyDeprecation")
	if p.flags.Strict {
		d.Severity = diag.Error
	}
	d.Hint = diag.DidYouMean(key, candidates)
	return d
}

func (p *parser) readEntries(f *schemaFile, key string, list *yaml.Node) {
	if !list.IsSequence() {
		if list.IsNull() && !namedKeys[key] {
			return
		}
		p.report(diag.New(diag.CodeYAMLKey, diag.Parsing, list.Span(), fmt.Sprintf(
			"The schema file at %s is invalid because the value of '%s' is not a list", f.file.Path, key)))
		return
	}
	renderer := p.yamlRenderer(f.pkg.Name)
	late := lateRendering(key)
	for i, item := range list.Items() {
		if !item.IsMapping() {
			p.report(diag.New(diag.CodeYAMLKey, diag.Parsing, item.Span(), fmt.Sprintf(
				"The schema file at %s is invalid because a list element for '%s' is not a dictionary", f.file.Path, key)))
			continue
		}
		if !item.Has("name") && key == "data_tests" { // dbt goes on without the rest of this section
			p.warn("Note", diag.CodeYAMLKey, item.Span(), fmt.Sprintf(
				"Unable to parse 'data_tests' section of file '%s'\nParsing Error\n  Entry did not contain a name", f.file.Path))
			return
		}
		if !item.Has("name") {
			p.report(diag.New(diag.CodeYAMLKey, diag.Parsing, item.Span(), fmt.Sprintf(
				"The schema file at %s is invalid because a list element for '%s' does not have a name attribute.", f.file.Path, key)))
			continue
		}
		p.checkKeys(f, key, item, i)
		v, errs := yaml.Render(item, renderer, late)
		if errs.Err() != nil {
			for _, d := range errs {
				if d.Kind == diag.Parsing {
					d.Summary = "Failed to render " + f.file.Path + " from project " + f.pkg.Name + ": Parsing Error\n  " + d.Summary
				}
			}
			p.report(errs...)
			continue
		}
		d, ok := v.AsDict()
		if !ok {
			continue
		}
		e := &entry{file: f, key: key, node: item, d: d}
		if p.checkEntry(e) {
			f.entries[key] = append(f.entries[key], e)
		}
	}
}
