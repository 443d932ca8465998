package parse

import (
	"path"
	"slices"
	"sort"
	"strings"

	"github.com/millrace/millrace/compiler/context"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/flags"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/yaml"
)

// testUse is one test as written, with where it stands.
type testUse struct {
	target *testTarget
	node   *yaml.Node
	column string
	tags   []string
}

// collectTests lists the generic tests of the models, seeds and snapshots in the order
// in which dbt finds them.
func (p *parser) collectTests(files []*schemaFile) []testUse {
	byFile := make([][]testUse, len(files))
	p.parallel(len(files), func(i int) {
		for _, key := range []string{"models", "seeds", "snapshots"} {
			for _, e := range files[i].entries[key] {
				byFile[i] = p.entryTests(byFile[i], files[i], key, e)
			}
		}
	})
	return slices.Concat(byFile...)
}

// entryTests adds the tests of one entry to a list, as all below do.
func (p *parser) entryTests(uses []testUse, f *schemaFile, key string, e *entry) []testUse {
	versions := dictsAt(e.d, "versions")
	target := func(version value.Value) *testTarget {
		t := &testTarget{
			pkg: f.pkg, file: f, key: key, name: e.name(), version: version, isModel: key == "models",
			fileKey: key + "." + e.name(), label: e.name(),
		}
		if q, ok := e.d.GetString("quote_columns"); ok {
			t.quoteColumn = value.Truth(q)
		}
		if value.Truth(version) {
			t.label = e.name() + "_v" + value.Str(version)
		}
		return t
	}
	if key != "models" || len(versions) == 0 {
		t := target(value.Undef)
		uses = p.columnTests(uses, t, e.node.Get("columns"), nil)
		return p.listedTests(uses, t, e.node, "", nil)
	}
	for i, v := range versions {
		at := e.node.At("versions", i)
		t := target(versionOf(v))
		names := map[string]bool{}
		for _, c := range versionColumns(e.d, v) {
			names[textOf(c, "name")] = true
		}
		own := map[string]bool{}
		for _, c := range at.Get("columns").Items() {
			own[c.Get("name").Text()] = true
		}
		uses = p.columnTests(uses, t, e.node.Get("columns"), func(name string) bool { return names[name] && !own[name] })
		uses = p.columnTests(uses, t, at.Get("columns"), nil)
		if !at.Get("data_tests").IsNull() || !at.Get("tests").IsNull() {
			uses = p.listedTests(uses, t, at, "", nil)
		} else {
			uses = p.listedTests(uses, t, e.node, "", nil)
		}
	}
	return uses
}

// columnTests are the tests on columns; accept, when given, picks the columns.
func (p *parser) columnTests(uses []testUse, t *testTarget, columns *yaml.Node, accept func(string) bool) []testUse {
	for _, c := range columns.Items() {
		nameNode := c.Get("name")
		if nameNode == nil {
			continue // an include/exclude element
		}
		name := value.Str(nameNode.Value())
		if accept != nil && !accept(name) {
			continue
		}
		quote := t.quoteColumn
		if q, ok := c.Get("quote").Bool(); ok {
			quote = q
		}
		if quote {
			name = p.dialect.QuoteIdentifier(name)
		}
		var tags []string
		if c.Has("tags") || c.Has("config") {
			d := c.Dict()
			tags = uniqueStrings(stringsAt(d, "tags"), configTags(dictAt(d, "config")))
		}
		uses = p.listedTests(uses, t, c, name, tags)
	}
	return uses
}

// listedTests are the tests under data_tests: (or tests:, the older name).
func (p *parser) listedTests(uses []testUse, t *testTarget, owner *yaml.Node, column string, tags []string) []testUse {
	list := owner.Get("data_tests")
	if old := owner.Get("tests"); old.Len() > 0 && !owner.Has("data_tests") {
		list = old
	}
	for _, item := range list.Items() {
		uses = append(uses, testUse{target: t, node: item, column: column, tags: tags})
	}
	return uses
}

// buildTests makes the nodes of generic tests, side by side.
func (p *parser) buildTests(uses []testUse) {
	drafts := make([]*draft, len(uses))
	p.parallel(len(uses), func(i int) {
		u := &uses[i]
		def, bad := p.testDef(u.target, u.node, u.column, u.tags)
		if bad != nil {
			p.report(bad)
			return
		}
		drafts[i] = p.testNode(def)
	})
	p.tests = slices.DeleteFunc(drafts, func(d *draft) bool { return d == nil })
}

// testNode makes the node of one test.
func (p *parser) testNode(def *testDef) *draft {
	t := def.target
	file := t.file.file
	dirs := folders(file.Path)
	if len(dirs) > 0 {
		dirs = dirs[1:]
	}
	d := p.newDraft(t.pkg, file, manifest.Test, def.fqnName, def.compiledName+".sql", fqnOf(t.pkg.Name, dirs, def.fqnName))
	d.target = t
	n := d.node
	n.Path = path.Base(def.compiledName + ".sql")
	n.UniqueID = "test." + t.pkg.Name + "." + def.fqnName + "." + testHash(def.fqnName, def.namespace, def.name, def.args)
	n.Language = "sql"
	n.Checksum = manifest.Checksum{Name: "none"}
	n.RawCode = def.rawCode()
	n.BodySpan, n.Span, n.PatchSpan = def.span, def.span, def.span
	n.Description = def.description
	n.ColumnName = def.column
	n.FileKeyName = t.fileKey
	n.Test = &manifest.TestMetadata{Name: def.name, Namespace: def.namespace, Kwargs: def.args}
	tags := append(append([]string(nil), def.tags...), stringList(get(def.config, "tags"))...)
	sort.Strings(tags)
	d.initial = slices.Compact(tags)
	mergeCall(d.calls, def.config)

	entry, ok := p.macros.FindTest(def.name, def.namespace, t.pkg.Name)
	if !ok {
		p.missingTest(d, def)
		p.plainTest(d, def)
		return d
	}
	n.Test.Macro = entry.UniqueID
	// dbt names the dependency without regard to the namespace that the test is written with.
	listed := p.findMacro(t.pkg.Name, "test_"+def.name)
	if listed == nil {
		listed = entry
	}
	addOnce(&n.DependsOn.Macros, listed.UniqueID)
	switch listed.UniqueID {
	case "macro.dbt.test_not_null", "macro.dbt.test_unique":
		p.plainTest(d, def)
	default:
		p.evaluateTest(d, def)
	}
	return d
}

// plainTest is dbt's short cut for the two most common tests: the target is the only thing
// they depend on.
func (p *parser) plainTest(d *draft, def *testDef) {
	t := def.target
	if t.source != "" {
		d.node.Sources = append(d.node.Sources, manifest.SourceRef{Source: t.source, Table: t.table, Span: def.span})
		return
	}
	ref := manifest.Ref{Name: t.name, Span: def.span}
	if !t.version.IsUndefined() {
		ref.Version = t.version
	}
	d.node.Refs = append(d.node.Refs, ref)
}

// evaluateTest renders the test's macro with its arguments.
func (p *parser) evaluateTest(d *draft, def *testDef) {
	if def.config.Len() > 0 {
		d.unrendered = value.NewDict(def.config.Len())
		for k, v := range def.config.All() {
			d.unrendered.SetString(value.Str(k), writtenValue(v))
		}
	}
	p.stats.countRendered()
	rec := &context.Recorder{}
	rec.At(def.span)
	node := p.parseNode(d)
	node.TestKwargs = def.args
	scope := p.env.Parse(rec, node)
	if err := p.renderText(d.node.RawCode, scope); err != nil {
		bad := nodeError(d.node, err, diag.CodeTemplateRuntime)
		if spanPath(bad.Span) == "" {
			bad.Span = def.span
		}
		p.report(bad)
		d.failed = true
	}
	// The body repeats the config as a call, so lists that append appear twice, as with dbt.
	if rec.Config != nil {
		mergeCall(d.calls, rec.Config)
	}
	rec.Macros = p.testMacros(d.node, rec.Macros)
	p.take(d, rec)
}

// testMacros are the recorded macros that dbt lists: while it parses a test it knows no
// others than the test's own, get_where_subquery and what these may call.
func (p *parser) testMacros(n *manifest.Node, recorded []string) []string {
	roots := append([]string(nil), n.DependsOn.Macros...)
	if e := p.findMacro(n.PackageName, "get_where_subquery"); e != nil {
		roots = append(roots, e.UniqueID)
	}
	plain := true
	for _, id := range recorded {
		plain = plain && contains(roots, id)
	}
	if plain {
		return recorded
	}
	reach := map[string]bool{}
	var visit func(ids []string)
	visit = func(ids []string) {
		for _, id := range ids {
			if !reach[id] {
				reach[id] = true
				if m := p.m.Macros[id]; m != nil {
					visit(m.DependsOn)
				}
			}
		}
	}
	visit(roots)
	var out []string
	for _, id := range recorded {
		if reach[id] {
			out = append(out, id)
		}
	}
	return out
}

// missingTest warns: as with dbt the rest of the project runs, and the test is an error then.
func (p *parser) missingTest(d *draft, def *testDef) {
	full := "test_" + def.name
	if def.namespace != "" {
		full = def.namespace + "." + full
	}
	bad := d.fail(diag.CodeTestNotFound, diag.Compilation, def.span, "'"+full+"' is undefined"+context.MissingMacro)
	bad.Severity, bad.Event = diag.Warning, flags.GenericTestNotFound
	names := p.macros.TestNames(def.target.pkg.Name)
	if near := diag.Suggest(def.name, names); near != "" {
		bad.Hint = "did you mean '" + near + "'?"
	} else if def.namespace != "" {
		if _, ok := p.project.PackageNamed(def.namespace); !ok {
			bad.Hint = "package '" + def.namespace + "' is not installed"
		}
	}
	p.report(bad)
}

// attachTests ties tests to the nodes they are written on.
func (p *parser) attachTests() {
	byName := map[string][]*draft{} // versions have their model's name by now
	for _, d := range p.drafts {
		switch d.node.ResourceType {
		case manifest.Model, manifest.Seed, manifest.Snapshot:
			byName[d.node.Name] = append(byName[d.node.Name], d)
		}
	}
	for _, d := range p.tests {
		t := d.target
		if t == nil || t.source != "" {
			continue
		}
		if on := attached(byName[t.name], t); on != nil {
			d.node.AttachedNode = on.node.UniqueID
			d.node.Group = on.node.Group
		}
	}
}

// attached is the node a test is written on: enabled in the same package, else disabled.
func attached(candidates []*draft, t *testTarget) *draft {
	var disabled *draft
	for _, c := range candidates {
		if !sameVersion(c, t.version) {
			continue
		}
		if !c.disabled && c.pkg == t.pkg {
			return c
		}
		if c.disabled && disabled == nil {
			disabled = c
		}
	}
	return disabled
}

func sameVersion(d *draft, version value.Value) bool {
	if value.Truth(version) {
		return strings.EqualFold(value.Str(d.node.Version), value.Str(version))
	}
	return d.node.Version.IsUndefined() || d.node.IsLatestVersion()
}
