package unit

import (
	"context"
	"path"

	"github.com/millrace/millrace/compiler/compile"
	rendering "github.com/millrace/millrace/compiler/context"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/dag/run"
)

// builder makes the node that runs for a unit test: the tested model's code under the
// test's name.
type builder struct {
	t      *run.Task
	unit   *manifest.UnitTestDef
	tested *manifest.Node
	node   *manifest.Node
	// endState: the test is of the table after an incremental run, not of the rows that the run adds.
	endState bool
}

func newBuilder(t *run.Task) (*builder, error) {
	u := t.Unit
	tested := t.Session().Manifest.Nodes[u.TestedNode]
	if u.Macro != nil {
		tested = caller(t)
	}
	if tested == nil {
		return nil, diag.New(diag.CodeRefNotFound, diag.Parsing, u.Span, "Unable to find model '"+u.PackageName+"."+u.Model+"' for unit test '"+u.Name+"' in "+u.OriginalFilePath)
	}
	name := u.Name
	if !tested.Version.IsNull() {
		name += "_v" + value.Str(tested.Version)
	}
	config := value.NewDict(6)
	config.SetString("enabled", value.True)
	config.SetString("materialized", value.String("unit"))
	config.SetString("tags", value.NewList())
	config.SetString("meta", value.FromDict(value.NewDict(0)))
	if text, ok := u.Expect.Rows.AsString(); ok {
		config.SetString("expected_rows", value.NewList())
		config.SetString("expected_sql", value.String(text))
	} else {
		rows := u.Expect.Rows
		if rows.IsNull() {
			rows = value.NewList()
		}
		config.SetString("expected_rows", rows)
		config.SetString("expected_sql", value.None)
	}
	b := &builder{t: t, unit: u, tested: tested, node: &manifest.Node{
		ResourceType: manifest.UnitTest, UniqueID: u.UniqueID, Name: name, PackageName: u.PackageName, FQN: u.FQN,
		Path: path.Join(path.Dir(u.OriginalFilePath), name+".sql"), OriginalFilePath: u.OriginalFilePath, RootPath: tested.RootPath,
		Database: tested.Database, Schema: tested.Schema, Alias: name, Config: &manifest.Config{Values: config},
		RawCode: tested.RawCode, BodySpan: tested.BodySpan, Language: tested.Language, DependsOn: tested.DependsOn,
		Meta: value.NewDict(0), Unrendered: value.NewDict(0), Version: value.Undef, LatestVersion: value.Undef,
	}}
	return b, b.wantEndState()
}

// fixtures renders every input of the test.
func (b *builder) fixtures(ctx context.Context) (*compile.Fixtures, error) {
	byID := make(map[string]compile.Fixture, len(b.unit.Given))
	this := ""
	for i := range b.unit.Given {
		in, err := b.input(&b.unit.Given[i])
		if err != nil {
			return nil, err
		}
		sql, err := b.sql(ctx, in, &b.unit.Given[i])
		if err != nil {
			return nil, compile.Named(err, in.node)
		}
		byID[in.id] = compile.Fixture{Identifier: in.cte, SQL: sql}
		if in.id == b.tested.UniqueID {
			this = in.id
		}
	}
	if b.endState {
		b.node.Config.Set("given_this", value.String(byID[this].SQL))
	}
	return compile.NewFixtures("Unit_Test '"+b.unit.UniqueID+"' ("+b.unit.OriginalFilePath+")", byID, this, b.overrides()), nil
}

func (b *builder) overrides() *rendering.UnitTest {
	ut := &rendering.UnitTest{}
	if o := b.unit.Overrides; o != nil {
		ut.Macros, ut.Vars, ut.EnvVars = dictOf(o, "macros"), dictOf(o, "vars"), dictOf(o, "env_vars")
	}
	return ut
}

func dictOf(d *value.Dict, key string) *value.Dict {
	v, _ := d.GetString(key)
	inner, _ := v.AsDict()
	return inner
}

// input is the resource that a fixture stands for.
type input struct {
	id   string
	cte  string // name of its CTE behind the prefix
	node *manifest.Node
}

// input finds what ref(), source() or this means.
func (b *builder) input(f *manifest.Fixture) (*input, error) {
	m := b.t.Session().Manifest
	if f.Input == "this" {
		return b.model(b.tested), nil
	}
	call, ok := parseInput(f.Input)
	if !ok {
		return nil, diag.New(diag.CodeConfigValue, diag.Parsing, f.Span, "Unit test given inputs must be either a 'ref', 'source' or 'this' call. Got: '"+f.Input+"'.")
	}
	notFound := func(candidates []string, name string) error {
		d := diag.New(diag.CodeRefNotFound, diag.Parsing, f.Span,
			"Unit test '"+b.unit.Name+"' had an input ("+f.Input+") which was not found in the manifest.")
		d.Hint = diag.DidYouMean(name, candidates)
		return d
	}
	if call.source {
		id, _, found := m.ResolveSource(b.unit.PackageName, call.pkg, call.name)
		if !found {
			return nil, notFound(m.SourceCandidates(), call.pkg+"."+call.name)
		}
		return b.source(m.Sources[id]), nil
	}
	id, _, found := m.ResolveRef(b.unit.PackageName, call.pkg, call.name, call.version)
	if !found {
		return nil, notFound(m.RefCandidates(), call.name)
	}
	return b.model(m.Nodes[id]), nil
}

func (b *builder) model(n *manifest.Node) *input {
	alias := n.Alias
	if alias == "" {
		alias = n.Name
	}
	return &input{id: n.UniqueID, cte: alias, node: b.stand(n.PackageName, n.Name, n.Database, n.Schema, alias, n.FQN)}
}

func (b *builder) source(s *manifest.Source) *input {
	identifier := s.Identifier
	if identifier == "" {
		identifier = s.Name
	}
	return &input{id: s.UniqueID, cte: s.SourceName + "__" + s.Name, node: b.stand(s.PackageName, s.Name, s.Database, s.Schema, identifier, s.FQN)}
}

// stand is the ephemeral model that stands for an input; its relation is the real one, as
// the fixture's columns get their types from it.
func (b *builder) stand(pkg, name, database, schema, alias string, fqn []string) *manifest.Node {
	config := value.NewDict(2)
	config.SetString("enabled", value.True)
	config.SetString("materialized", value.String("ephemeral"))
	return &manifest.Node{ResourceType: manifest.Model, UniqueID: "model." + pkg + "." + name, Name: name, PackageName: pkg, Path: name + ".sql",
		OriginalFilePath: b.unit.OriginalFilePath, Database: database, Schema: schema, Alias: alias, FQN: fqn, Language: "sql",
		Config: &manifest.Config{Values: config}, Meta: value.NewDict(0), Unrendered: value.NewDict(0)}
}

// sql is the query that gives a fixture's rows.
func (b *builder) sql(ctx context.Context, in *input, f *manifest.Fixture) (string, error) {
	s := b.t.Session()
	h := b.t.Host()
	if n := s.Manifest.Nodes[in.id]; n != nil {
		h.Runtime.DeferRelation = b.t.Compiler().DeferRelation(n)
	}
	scope, _ := b.t.Scope(in.node, nil, h)
	th := s.Env.Thread(ctx, scope)
	if text, ok := f.Rows.AsString(); ok {
		tmpl, d := jinja.Parse(diag.NewSource(b.unit.OriginalFilePath, text))
		if d != nil {
			return "", d
		}
		if jinja.IsConstant(text) {
			return text, nil
		}
		return tmpl.Render(th)
	}
	entry, ok := s.Env.Macros.Find("get_fixture_sql", "")
	if !ok {
		return "", diag.New(diag.CodeUnknownMacro, diag.Runtime, f.Span, "dbt could not find a macro with the name 'get_fixture_sql' in any package")
	}
	rows := f.Rows
	if rows.IsNull() {
		rows = value.NewList()
	}
	v, err := entry.Macro.Call(th, value.Args{Pos: []value.Value{rows, value.None}})
	if err != nil {
		return "", err
	}
	return value.Str(v), nil
}

type inputCall struct {
	source    bool
	pkg, name string // of a source: its name and the table
	version   value.Value
}

// parseInput reads ref([package,] name, version=) or source(name, table).
func parseInput(text string) (inputCall, bool) {
	tmpl, d := jinja.Parse(diag.NewSource("input", "{{ "+text+" }}"))
	if d != nil {
		return inputCall{}, false
	}
	calls := tmpl.Calls()
	if len(calls) != 1 || !calls[0].Literal {
		return inputCall{}, false
	}
	c := calls[0]
	var names []string
	for _, a := range c.Args {
		s, ok := a.AsString()
		if !ok {
			return inputCall{}, false
		}
		names = append(names, s)
	}
	out := inputCall{version: value.None}
	for _, kw := range c.Kwargs {
		if kw.Name == "version" || kw.Name == "v" {
			out.version = kw.Value
		}
	}
	switch {
	case c.Name == "source" && len(names) == 2:
		out.source, out.pkg, out.name = true, names[0], names[1]
	case c.Name == "ref" && len(names) == 2:
		out.pkg, out.name = names[0], names[1]
	case c.Name == "ref" && len(names) == 1:
		out.name = names[0]
	default:
		return inputCall{}, false
	}
	return out, true
}
