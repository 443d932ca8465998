package parse

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/project"
	"github.com/millrace/millrace/compiler/yaml"
)

// indexFixtures lists the fixture files by package and name.
func (p *parser) indexFixtures() {
	p.fixtures = map[string]*project.File{}
	for _, pkg := range p.project.Packages {
		files, _ := pkg.Files()
		for _, f := range files.Of(project.FixtureFile) {
			key := pkg.Name + "\x00" + f.Name()
			if first := p.fixtures[key]; first != nil {
				p.report(diag.New(diag.CodeDuplicateName, diag.Compilation, diag.Span{}, fmt.Sprintf(
					"two fixtures are named %q: %s and %s", f.Name(), first.Path, f.Path)))
				continue
			}
			p.fixtures[key] = f
		}
	}
}

// buildUnitTests makes the unit tests of all files; the model under test is found later.
func (p *parser) buildUnitTests(files []*schemaFile) []*manifest.UnitTestDef {
	p.indexFixtures()
	var out []*manifest.UnitTestDef
	for _, f := range files {
		for _, e := range f.entries["unit_tests"] {
			if u := p.unitTest(e); u != nil {
				out = append(out, u)
			}
		}
	}
	return out
}

func (p *parser) unitTest(e *entry) *manifest.UnitTestDef {
	if versions := e.dict("versions"); versions != nil && value.Truth(get(versions, "include")) && value.Truth(get(versions, "exclude")) {
		p.report(e.invalid(e.node.KeySpan("versions"), "Unit tests can not both include and exclude versions."))
		return nil
	}
	u := p.newUnitTest(e, e.str("model"))
	if u == nil {
		return nil
	}
	expect, ok := p.fixture(e, u, e.dict("expect"), e.node.Get("expect"), "expected")
	if !ok {
		return nil
	}
	u.Expect = expect
	u.Checksum = unitTestChecksum(u)
	return u
}

// newUnitTest is a test of a model or macro without what it expects; nil if an input is wrong.
func (p *parser) newUnitTest(e *entry, tested string) *manifest.UnitTestDef {
	pkg, name := e.file.pkg, e.name()
	dirs := folders(e.file.file.Path)
	if len(dirs) > 0 {
		dirs = dirs[1:]
	}
	fqn := append(fqnOf(pkg.Name, dirs, tested), name)
	b := p.build(manifest.UnitTest, p.layersFor(manifest.UnitTest, pkg, fqn), e.dict("config"), nil)
	u := &manifest.UnitTestDef{
		UniqueID: "unit_test." + pkg.Name + "." + tested + "." + name, Name: name, PackageName: pkg.Name,
		Path: e.file.file.Rel, OriginalFilePath: e.file.file.Path, FQN: fqn, Model: tested,
		Description: e.str("description"), Config: &manifest.Config{Values: b.dict()}, CreatedAt: p.now, Span: e.span(),
		Versions: unitTestVersions(e.dict("versions")), Version: value.Undef,
	}
	if o := e.dict("overrides"); o != nil {
		u.Overrides = value.NewDict(3)
		for _, key := range []string{"macros", "vars", "env_vars"} {
			u.Overrides.SetString(key, dictOrEmpty(o, key))
		}
	}
	for i, given := range dictsAt(e.d, "given") {
		fixture, ok := p.fixture(e, u, given, e.node.At("given", i), "input")
		if !ok {
			return nil
		}
		u.Given = append(u.Given, fixture)
	}
	return u
}

func unitTestVersions(d *value.Dict) value.Value {
	if d == nil {
		return value.Undef
	}
	out := value.NewDict(2)
	out.SetString("include", none(get(d, "include")))
	out.SetString("exclude", none(get(d, "exclude")))
	return value.FromDict(out)
}

// fixture reads one input or the expectation; rows of a CSV become dicts.
func (p *parser) fixture(e *entry, u *manifest.UnitTestDef, d *value.Dict, node *yaml.Node, kind string) (manifest.Fixture, bool) {
	f := manifest.Fixture{
		Input: textOf(d, "input"), Rows: get(d, "rows"), Format: textOf(d, "format"), Fixture: textOf(d, "fixture"), Span: node.Span(),
	}
	if f.Format == "" {
		f.Format = "dict"
	}
	fail := func(format string, args ...any) (manifest.Fixture, bool) {
		x := fileError(e.file, diag.CodeConfigValue, node.Span(), fmt.Sprintf(format, args...))
		x.NodeID = u.UniqueID
		p.report(x)
		return f, false
	}
	if kind == "input" && f.Input == "" {
		return fail("Unit test %s has an input without 'input'", u.Name)
	}
	mismatch := "Unit test %s has %s rows or fixtures which do not match format %s.  Expected string."
	_, isText := f.Rows.AsString()
	switch f.Format {
	case "dict":
		if f.Rows.IsNull() && f.Fixture == "" {
			rows, err := p.seedRows(e, f.Input)
			if err != "" {
				return fail("%s", err)
			}
			f.Rows = rows
		}
		if f.Rows.Kind() != value.KindList {
			return fail("Unit test %s has %s rows which do not match format %s", u.Name, kind, f.Format)
		}
	case "csv":
		if !isText && f.Fixture == "" {
			return fail(mismatch, u.Name, kind, f.Format)
		}
		text, _ := f.Rows.AsString()
		if f.Fixture != "" {
			content, err := p.fixtureText(e, f.Fixture)
			if err != "" {
				return fail("%s", err)
			}
			text = content
		}
		rows, err := csvRows(strings.NewReader(text), true)
		if err != nil {
			return fail("Unit test %s has %s rows that are not CSV: %s", u.Name, kind, err)
		}
		f.Rows = rows
	case "sql":
		if !isText && f.Fixture == "" {
			return fail(mismatch, u.Name, kind, f.Format)
		}
		if f.Fixture != "" {
			content, err := p.fixtureText(e, f.Fixture)
			if err != "" {
				return fail("%s", err)
			}
			f.Rows = value.String(content)
		}
	default:
		return fail("at path ['format']: '%s' is not one of ['csv', 'dict', 'sql']", f.Format)
	}
	if f.Format != "sql" {
		f.Rows = fullRowFirst(f.Rows)
	}
	return f, true
}

// fullRowFirst swaps the first row without a null to the front: some engines take a
// column's type from its first value.
func fullRowFirst(rows value.Value) value.Value {
	items := append([]value.Value(nil), rows.Items()...)
	for i, row := range items {
		d, ok := row.AsDict()
		if !ok {
			continue
		}
		full := true
		for _, v := range d.All() {
			full = full && !v.IsNone()
		}
		if full {
			items[0], items[i] = items[i], items[0]
			break
		}
	}
	return value.NewList(items...)
}

func (p *parser) fixtureText(e *entry, name string) (text, problem string) {
	file := p.fixtures[e.file.pkg.Name+"\x00"+name]
	if file == nil {
		return "", fmt.Sprintf("File not found for fixture '%s' in unit tests in %s", name, e.file.file.Path)
	}
	src, bad := file.Load()
	if bad != nil {
		return "", bad.Summary
	}
	body := project.Body(src)
	return src.Text[body.Start:body.End], ""
}

// seedRows are the rows of the seed that an input without rows names.
func (p *parser) seedRows(e *entry, input string) (rows value.Value, problem string) {
	ref, _, ok := refOrSource(input, diag.Span{})
	if !ok || ref == nil {
		return value.Undef, "Unit test given inputs must be either a 'ref', 'source' or 'this' call. Got: '" + input + "'."
	}
	pkg := ref.Package
	if pkg == "" {
		pkg = e.file.pkg.Name
	}
	for _, d := range among(p.byName[ref.Name], pkg, true) {
		if d.node.ResourceType != manifest.Seed {
			continue
		}
		r, err := d.file.Open()
		if err != nil {
			return value.Undef, err.Error()
		}
		rows, err := csvRows(r, false)
		if closeErr := r.Close(); err == nil {
			err = closeErr
		}
		if err != nil {
			return value.Undef, err.Error()
		}
		return rows, ""
	}
	if pkg != e.file.pkg.Name {
		return value.Undef, fmt.Sprintf("Unable to find seed '%s.%s' for unit tests in '%s' package", pkg, ref.Name, pkg)
	}
	return value.Undef, fmt.Sprintf("Unable to find seed '%s.%s' for unit tests in directories: %s", pkg, ref.Name, value.Repr(value.Strings(e.file.pkg.SeedPaths...)))
}

// csvRows reads CSV with a header as a list of dicts; with nulls an empty field is None.
func csvRows(r io.Reader, nulls bool) (value.Value, error) {
	in := csv.NewReader(r)
	in.FieldsPerRecord = -1
	in.LazyQuotes = true
	header, err := in.Read()
	if err == io.EOF {
		return value.NewList(), nil
	}
	if err != nil {
		return value.Undef, err
	}
	if len(header) > 0 {
		header[0] = strings.TrimPrefix(header[0], "\ufeff")
	}
	var rows []value.Value
	for {
		record, err := in.Read()
		if err == io.EOF {
			return value.NewList(rows...), nil
		}
		if err != nil {
			return value.Undef, err
		}
		d := value.NewDict(len(header))
		for i, name := range header {
			v := value.None
			if i < len(record) && (record[i] != "" || !nulls) {
				v = value.String(record[i])
			}
			d.SetString(name, v)
		}
		rows = append(rows, value.FromDict(d))
	}
}

// unitTestChecksum identifies all of the test but its description, as dbt computes it.
func unitTestChecksum(u *manifest.UnitTestDef) string {
	given := make([]string, len(u.Given))
	rows := ""
	for i := range u.Given {
		g := &u.Given[i]
		given[i] = "UnitTestInputFixture(input=" + value.Repr(value.String(g.Input)) + ", " + fixtureRepr(g) + ")"
		if g.Fixture != "" {
			rows += "-" + value.Str(g.Rows)
		}
	}
	versions, overrides := "None", "None"
	if d, ok := u.Versions.AsDict(); ok {
		versions = "UnitTestNodeVersions(include=" + value.Repr(get(d, "include")) + ", exclude=" + value.Repr(get(d, "exclude")) + ")"
	}
	if o := u.Overrides; o != nil {
		overrides = "UnitTestOverrides(macros=" + value.Repr(get(o, "macros")) + ", vars=" + value.Repr(get(o, "vars")) + ", env_vars=" + value.Repr(get(o, "env_vars")) + ")"
	}
	if u.Macro != nil {
		rows += "-" + u.Macro.Code
	}
	text := u.Model + "-" + versions + "-[" + strings.Join(given, ", ") + "]-UnitTestOutputFixture(" + fixtureRepr(&u.Expect) + ")-" + overrides + rows
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func fixtureRepr(f *manifest.Fixture) string {
	format := map[string]string{"csv": "CSV", "dict": "Dict", "sql": "SQL"}[f.Format]
	return "rows=" + value.Repr(none(f.Rows)) + ", format=<UnitTestFormat." + format + ": '" + f.Format + "'>, fixture=" + value.Repr(value.OptString(f.Fixture))
}

// resolveUnitTest finds the model under test; a model with versions makes one test a version.
func (p *parser) resolveUnitTest(u *manifest.UnitTestDef) []*manifest.UnitTestDef {
	if u.Macro != nil {
		return p.resolveMacroTest(u)
	}
	fail := func(format string, args ...any) []*manifest.UnitTestDef {
		d := diag.New(diag.CodeRefNotFound, diag.Parsing, u.Span, fmt.Sprintf(format, args...))
		d.NodeID = u.UniqueID
		p.report(d)
		return nil
	}
	name, version := u.Model, value.Undef
	if parts := strings.Fields(u.Model); len(parts) == 2 {
		name, version = parts[0], value.String(parts[1])
	}
	key := name
	if !version.IsUndefined() {
		key += ".v" + value.Str(version)
	}
	var model *manifest.Node
	if res := p.m.LookupRef(u.PackageName, u.PackageName, name, version); res.ID != "" {
		model = p.m.Nodes[res.ID]
	} else if res.Disabled {
		p.setDisabled(u.Config)
		p.disable(u.UniqueID, u)
		return nil
	}
	if model == nil || model.ResourceType != manifest.Model {
		d := diag.New(diag.CodeRefNotFound, diag.Parsing, u.Span, fmt.Sprintf(
			"Unable to find model '%s.%s' for unit test '%s' in %s", u.PackageName, u.Model, u.Name, u.OriginalFilePath))
		d.Hint = diag.DidYouMean(key, p.m.RefCandidates())
		p.report(d)
		return nil
	}
	if !u.Config.Enabled() {
		p.disable(u.UniqueID, u)
		return nil
	}
	u.DependsOn.Nodes = []string{model.UniqueID}
	u.TestedNode, u.Schema = model.UniqueID, model.Schema
	if bad := p.checkIncrementalTest(u, model); bad != "" {
		return fail("%s", bad)
	}
	versions, _ := u.Versions.AsDict()
	if model.Version.IsNull() {
		if versions != nil && (value.Truth(get(versions, "include")) || value.Truth(get(versions, "exclude"))) {
			return fail("Unit test '%s' should not have a versions include or exclude when referencing non-versioned model '%s'", u.Name, model.Name)
		}
		return []*manifest.UnitTestDef{u}
	}
	var out []*manifest.UnitTestDef
	for _, n := range p.m.NodeList() {
		if n.ResourceType != manifest.Model || n.Name != model.Name || n.PackageName != model.PackageName || n.Version.IsNull() || !wantsVersion(versions, n.Version) {
			continue
		}
		c := *u
		c.UniqueID = "unit_test." + u.PackageName + "." + u.Model + "." + u.Name + "_v" + value.Str(n.Version)
		c.DependsOn.Nodes = []string{n.UniqueID}
		c.TestedNode, c.Version = n.UniqueID, n.Version
		out = append(out, &c)
	}
	if len(out) == 0 {
		return fail("Unit test '%s' referenced a version of '%s' which was not found.", u.Name, model.Name)
	}
	return out
}

func (p *parser) checkIncrementalTest(u *manifest.UnitTestDef, model *manifest.Node) string {
	incremental := false
	for _, id := range model.DependsOn.Macros {
		incremental = incremental || id == "macro.dbt.is_incremental"
	}
	if !incremental {
		return ""
	}
	override := value.Undef
	if u.Overrides != nil {
		override = get(emptyIfNil(dictAt(u.Overrides, "macros")), "is_incremental")
	}
	on, ok := override.AsBool()
	if !ok {
		return fmt.Sprintf("Boolean override for 'is_incremental' must be provided for unit test '%s' in model '%s'", u.Name, model.Name)
	}
	for _, g := range u.Given {
		if g.Input == "this" {
			return ""
		}
	}
	if on {
		return fmt.Sprintf("Unit test '%s' for incremental model '%s' must have a 'this' input", u.Name, model.Name)
	}
	return ""
}

func wantsVersion(versions *value.Dict, v value.Value) bool {
	if versions == nil {
		return true
	}
	in := func(key string) bool {
		for _, item := range get(versions, key).Items() {
			if value.Equal(item, v) {
				return true
			}
		}
		return false
	}
	if value.Truth(get(versions, "exclude")) {
		return !in("exclude")
	}
	return !value.Truth(get(versions, "include")) || in("include")
}
