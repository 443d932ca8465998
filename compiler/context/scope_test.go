package context

import (
	"errors"
	"strings"
	"testing"

	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/macros"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/relation"
)

// macroFile parses the macros of a package's file.
func macroFile(t testing.TB, pkg, text string) []macros.Entry {
	t.Helper()
	src := diag.NewSource("macros/"+pkg+".sql", text)
	tmpl, d := jinja.Parse(src)
	if d != nil {
		t.Fatal(d)
	}
	var out []macros.Entry
	for _, m := range tmpl.Macros() {
		out = append(out, macros.Entry{Macro: m, Package: pkg, UniqueID: "macro." + pkg + "." + m.Name, Source: src, OriginalPath: src.Path})
	}
	return out
}

func render(t testing.TB, e *Env, s *Scope, text string) (string, error) {
	t.Helper()
	tmpl, d := jinja.Parse(diag.NewSource("models/m.sql", text))
	if d != nil {
		t.Fatal(d)
	}
	return tmpl.Render(e.Thread(t.Context(), s))
}

func mustRender(t testing.TB, e *Env, s *Scope, text string) string {
	t.Helper()
	out, err := render(t, e, s, text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return out
}

func wantError(t *testing.T, e *Env, s *Scope, text, kind, part string) {
	t.Helper()
	out, err := render(t, e, s, text)
	var d *diag.Diagnostic
	if !errors.As(err, &d) {
		t.Errorf("%s: got %q and no diagnostic", text, out)
		return
	}
	if string(d.Kind) != kind || !strings.Contains(d.Message(), part) {
		t.Errorf("%s: got %s %q\nwant %s %q", text, d.Kind, d.Message(), kind, part)
	}
	if !d.Span.Valid() {
		t.Errorf("%s: the error has no position", text)
	}
}

const coreMacros = `
{% macro shout(x) %}{{ return(adapter.dispatch('shout', 'dbt')(x)) }}{% endmacro %}
{% macro default__shout(x) %}{{ x | upper }}!{% endmacro %}
{% macro hello() %}core{% endmacro %}
{% macro outer() %}{{ hello() }}{% endmacro %}
{% macro statement(name, table=none) %}{% set sql = caller() %}{% do store_result(name, response='OK', agate_table=table) %}{% endmacro %}
{% macro stack() %}{{ context_macro_stack.call_stack }}/{{ context_macro_stack.depth }}{% endmacro %}
{% macro generate_schema_name(custom, node) %}{{ target.schema ~ ('_' ~ custom if custom else '') }}{% endmacro %}
`

func node(name string) ParseNode {
	return ParseNode{Package: "shop", Name: name, UniqueID: "model.shop." + name, ResourceType: "model", Path: "models/" + name + ".sql", Database: "db", Schema: "main"}
}

func TestParseScopeRecords(t *testing.T) {
	e, _ := testEnv(t, nil, macroFile(t, "dbt", coreMacros)...)
	rec := &Recorder{}
	s := e.Parse(rec, node("m"))
	got := mustRender(t, e, s, `{{ config(materialized='table', tags=['a'], meta={'x': 1}) }}{{ config(tags='b', meta={'y': 2}, pre_hook='select 1') }}
{%- if execute %}never{% endif %}{{ ref('a') }} {{ ref('pkg', 'b', v=2) }} {{ source('raw', 't') }} {{ this }} {{ this.identifier }}
{%- set q = run_query('x') %}{{ q.columns[0].values() }} {{ adapter.get_relation(1, 2, 3) }} {{ adapter.get_columns_in_relation(this) }}{{ adapter.type() }}
{{- env_var('MR_TEST_SET') }}{{ env_var('NOPE', 'd') }}{{ var('missing') }} {{ outer() }}{{ outer() }} {{ dbt.hello() }} {{ graph.nodes.values() | list }} {{ model.name }}{{ config.get('x') }}|{{ metric('rev') }} {{ function('f') }}`)
	want := `"db"."main"."m" "db"."main"."m" "db"."main"."m" "db"."main"."m" m None []duckdbset` + `dNone corecore core [] m|rev "db"."main"."m"`
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if len(rec.Refs) != 2 || rec.Refs[1].Package != "pkg" || rec.Refs[1].Name != "b" || value.Str(rec.Refs[1].Version) != "2" {
		t.Errorf("refs %+v", rec.Refs)
	}
	if len(rec.Sources) != 1 || rec.Sources[0].Table != "t" {
		t.Errorf("sources %+v", rec.Sources)
	}
	if got := value.Repr(value.FromDict(rec.Config)); got != "{'materialized': 'table', 'tags': ['a', 'b'], 'meta': {'x': 1, 'y': 2}, 'pre-hook': ['select 1']}" {
		t.Errorf("config %s", got)
	}
	if got := strings.Join(rec.Macros, " "); got != "macro.dbt.outer macro.dbt.hello" {
		t.Errorf("macros %s", got)
	}
	if rec.EnvVars["MR_TEST_SET"] != "set" || rec.EnvVars["NOPE"] != DefaultEnv || !rec.Vars["missing"] {
		t.Errorf("env %v vars %v", rec.EnvVars, rec.Vars)
	}
	if len(rec.Metrics) != 1 || len(rec.Functions) != 1 {
		t.Errorf("metrics %v functions %v", rec.Metrics, rec.Functions)
	}
}

func TestParseScopeErrors(t *testing.T) {
	e, _ := testEnv(t, nil, macroFile(t, "dbt", coreMacros)...)
	for _, c := range []struct{ text, kind, part string }{
		{`{{ ref() }}`, "Compilation", "ref() takes at most two arguments (0 given)"},
		{`{{ ref('a','b','c') }}`, "Compilation", "ref() takes at most two arguments (3 given)"},
		{`{{ ref(3) }}`, "Compilation", "The name argument to ref() must be a string, got <class 'int'>"},
		{`{{ source('a') }}`, "Compilation", "source() takes exactly two arguments (1 given)"},
		{`{{ source('a', 3) }}`, "Compilation", "The table name (second) argument to source() must be a string, got <class 'int'>"},
		{`{{ config('a') }}`, "Compilation", "Invalid inline model config"},
		{`{{ config(pre_hook='a', **{'pre-hook': 'b'}) }}`, "Compilation", `Invalid config, has conflicting keys "pre_hook" and "pre-hook"`},
		{`{{ env_var('NOPE') }}`, "Parsing", "Env var required but not provided: 'NOPE'"},
		{`{{ env_var('DBT_ENV_SECRET_X') }}`, "Parsing", "Secret env vars are allowed only in profiles.yml or packages.yml"},
		{`{{ adapter.dispatch('nope', 'dbt')() }}`, "Compilation", "In dispatch: No macro named 'nope' found within namespace: 'dbt'\n    Searched for: 'duckdb__nope', 'default__nope'"},
		{`{{ adapter.dispatch('a.b') }}`, "Compilation", "Did you mean `adapter.dispatch(\"b\", macro_namespace=\"a\")`?"},
		{`{{ adapter.dispatch('a', packages=['x']) }}`, "Compilation", `The "packages" argument of adapter.dispatch() has been deprecated.`},
		{`{{ exceptions.raise_compiler_error('no ' ~ 1) }}`, "Compilation", "no 1"},
		{`{{ exceptions.raise_database_error('db') }}`, "Database", "db"},
		{`{{ exceptions.missing_relation('x') }}`, "Compilation", "Relation x not found!"},
		{`{{ exceptions.raise_not_implemented('x') }}`, "Runtime", "ERROR: x"},
		{`{{ try_or_compiler_error('broke', exceptions.raise_compiler_error, 'x') }}`, "Compilation", "broke"},
		{`{{ load_agate_table() }}`, "Compilation", "can only load_agate_table for seeds (got a model)"},
		{`{{ exceptions.raise_contract_error([{'name':'a','data_type':'int'},{'name':'b','data_type':'text'}], [{'name':'a','data_type':'text'},{'name':'c','data_type':'int'}]) }}`, "Compilation",
			"| column_name | definition_type | contract_type | mismatch_reason       |\n| ----------- | --------------- | ------------- | --------------------- |\n| a           | text            | int           | data type mismatch    |\n| b           |                 | text          | missing in definition |\n| c           | int             |               | missing in contract   |"},
	} {
		wantError(t, e, e.Parse(&Recorder{}, node("m")), c.text, c.kind, c.part)
	}
}

func TestLookupOrder(t *testing.T) {
	entries := macroFile(t, "dbt", coreMacros)
	entries = append(entries, macroFile(t, "duckdb", `{% macro duckdb__shout(x) %}{{ x }}?{% endmacro %}`)...)
	entries = append(entries, macroFile(t, "utils", `{% macro hello() %}utils{% endmacro %}{% macro only() %}only {{ hello() }}{% endmacro %}`)...)
	e, _ := testEnv(t, nil, entries...)
	inShop, inUtils := e.Parse(&Recorder{}, node("m")), e.Parse(&Recorder{}, ParseNode{Package: "utils", Name: "u", ResourceType: "model"})
	for _, c := range []struct {
		s          *Scope
		text, want string
	}{
		{inShop, `{{ hello() }} {{ dbt.hello() }} {{ utils.hello() }} {{ outer() }}`, "core core utils core"},
		{inUtils, `{{ hello() }} {{ dbt.hello() }} {{ outer() }}`, "utils core utils"},
		{inShop, `{{ utils.only() }}`, "only core"},
		{inShop, `{{ shout('a') }} {{ adapter.dispatch('shout')('b') }} {{ context['shout']('c') }} {{ dbt['shout']('d') }}`, "a? b? c? d?"},
		{inShop, `{{ only is defined }} {{ utils.nope is defined }} {{ 'hello' in context }} {{ context.hello() }} {{ context.get('nope', 1) }}`, "False False True core 1"},
		{inShop, `{{ stack() }}`, "['macro.dbt.stack']/1"},
	} {
		if got := mustRender(t, e, c.s, c.text); got != c.want {
			t.Errorf("%s: got %q, want %q", c.text, got, c.want)
		}
	}

	root := append(entries, macroFile(t, "shop", `{% macro hello() %}shop{% endmacro %}{% macro default__shout(x) %}root {{ x }}{% endmacro %}
{% macro ref(name) %}{{ return('<' ~ builtins.ref(name) ~ '>') }}{% endmacro %}`)...)
	e, _ = testEnv(t, nil, root...)
	rec := &Recorder{}
	s := e.Parse(rec, node("m"))
	got := mustRender(t, e, s, `{{ hello() }} {{ outer() }} {{ dbt.hello() }} {{ shout('a') }} {{ ref('x') }}`)
	if want := `shop shop core a? <"db"."main"."m">`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(rec.Refs) != 1 || rec.Macros[len(rec.Macros)-1] != "macro.shop.ref" {
		t.Errorf("refs %v macros %v", rec.Refs, rec.Macros)
	}
	if !e.Macros.Overridden("shout") || e.Macros.Overridden("generate_schema_name") || !e.Macros.Overridden("hello") {
		t.Error("Overridden is wrong")
	}
}

func testManifest() *manifest.Manifest {
	config := func(materialized string) *manifest.Config {
		d := value.NewDict(2)
		d.SetString("materialized", value.String(materialized))
		d.SetString("unique_key", value.String("id"))
		meta := value.NewDict(1)
		meta.SetString("owner", value.String("me"))
		d.SetString("meta", value.FromDict(meta))
		return &manifest.Config{Values: d}
	}
	n := func(name, materialized string, deps ...string) *manifest.Node {
		return &manifest.Node{ResourceType: manifest.Model, UniqueID: "model.shop." + name, Name: name, PackageName: "shop", Alias: name,
			Database: "db", Schema: "main", OriginalFilePath: "models/" + name + ".sql", Config: config(materialized), Language: "sql",
			DependsOn: manifest.DependsOn{Nodes: deps}}
	}
	m := &manifest.Manifest{
		ProjectName: "shop", AdapterType: "duckdb",
		Nodes: map[string]*manifest.Node{
			"model.shop.a": n("a", "table"), "model.shop.e": n("e", "ephemeral"), "model.shop.x": n("x", "view"),
			"model.shop.m": n("m", "table", "model.shop.a", "model.shop.e", "source.shop.raw.t"),
		},
		Sources: map[string]*manifest.Source{
			"source.shop.raw.t": {UniqueID: "source.shop.raw.t", Name: "t", SourceName: "raw", PackageName: "shop", Identifier: "tbl", Schema: "raw"},
		},
	}
	m.Order.Nodes = []string{"model.shop.a", "model.shop.e", "model.shop.x", "model.shop.m"}
	m.Order.Sources = []string{"source.shop.raw.t"}
	m.Finish("shop")
	return m
}

func TestRunScope(t *testing.T) {
	entries := append(macroFile(t, "dbt", coreMacros), macroFile(t, "shop", `{% macro load(t) %}{% call statement('q', table=t) %}{% endcall %}{% set r = load_result('q') %}{{ return(r) }}{% endmacro %}`)...)
	e, ev := testEnv(t, nil, entries...)
	m := testManifest()
	var written string
	table := agate.New([]string{"a"}, [][]value.Value{{value.Int(1)}, {value.Int(2)}})
	rt := Runtime{
		Write:        func(sql string) error { written = sql; return nil },
		CompiledCode: value.String("select 1"), ThreadName: "Thread-1",
		NodeInfo: &event.NodeInfo{UniqueID: "model.shop.m"},
	}
	s, state := e.Run(m.Nodes["model.shop.m"], m, rt)
	s.Set("tbl", table.Value())
	for _, c := range []struct{ text, want string }{
		{`{{ execute }} {{ ref('a') }} {{ ref('shop', 'a') }} {{ ref('e') }} {{ source('raw', 't') }} {{ this }}`, `True "db"."main"."a" "db"."main"."a" __dbt__cte__e "raw"."tbl" "db"."main"."m"`},
		{`{{ config.get('unique_key') }} {{ config.get('nope') }} {{ config.get('nope', 'd') }} {{ config.require('unique_key') }} {{ config.meta_get('owner') }} {{ config.meta_require('owner') }} {{ config(x=1) }}|{{ config.persist_relation_docs() }}`,
			`id None d id me me |False`},
		{`{{ model.name }} {{ model.config.unique_key }} {{ sql }} {{ compiled_code }} {{ thread_id }} {{ pre_hooks }} {{ database }}.{{ schema }}`, `m id select 1 select 1 Thread-1 [] db.main`},
		{`{% set r = load(tbl) %}{{ r.response }} {{ r['data'] }} {{ r.table.columns[0].values() }} {{ load_result('never') }}`, `OK [(1,), (2,)] (1, 2) None`},
		{`{% do store_raw_result('raw', message='m', code='c', rows_affected=3) %}{% set r = load_result('raw') %}{{ r.response }} {{ r.response.code }} {{ r.response.rows_affected }} {{ r.table.rows | length }}`, `m c 3 0`},
		{`{{ write('create') }}{{ render('{{ 1 + 1 }} {{ this.name }}') }} {{ graph.nodes['model.shop.a'].name }} {{ graph.sources.values() | map(attribute='identifier') | list }}`, `2 m a ['tbl']`},
		{`{{ api.Relation.create(schema='s', identifier='i') }} {{ api.Column.create('c', 'STRING').dtype }} {{ adapter.quote('x') }} {{ validation.any['a', 'b']('a') }}`, `"s"."i" TEXT "x" None`},
		{`{{ flags.WHICH }} {{ flags.FULL_REFRESH }} {{ flags.NOPE is defined }} {{ invocation_id }} {{ run_started_at.strftime('%Y-%m-%d') }} {{ dbt_version }} {{ project_name }}`, `run False False id 2024-01-02 1.12.6 shop`},
		{`{{ modules.datetime.datetime.now().isoformat() }} {{ run_started_at.astimezone(modules.pytz.timezone('Europe/Berlin')) }}`, `2024-01-02T03:04:05 2024-01-02 04:04:05+01:00`},
	} {
		if got := mustRender(t, e, s, c.text); got != c.want {
			t.Errorf("%s\n got %q\nwant %q", c.text, got, c.want)
		}
	}
	if written != "create" {
		t.Errorf("written %q", written)
	}
	if r, ok := state.Result("q"); !ok || len(r.Table.Rows) != 2 {
		t.Error("the result is not kept for the runner")
	}
	for _, c := range []struct{ text, kind, part string }{
		{`{{ ref('x') }}`, "Compilation", "dbt was unable to infer all dependencies for the model \"m\".\nThis typically happens when ref() is placed within a conditional block.\n\nTo fix this, add the following hint to the top of the model \"m\":\n\n-- depends_on: {{ ref('x') }}"},
		{`{{ ref('nope') }}`, "Compilation", "Model 'model.shop.m' (models/m.sql) depends on a node named 'nope' which was not found"},
		{`{{ source('raw', 'nope') }}`, "Compilation", "depends on a source named 'raw.nope' which was not found"},
		{`{{ config.require('nope') }}`, "Compilation", "Model 'model.shop.m' does not define a required config parameter 'nope'."},
		{`{{ var('nope') }}`, "Compilation", "Required var 'nope' not found in config:\nVars supplied to m = {}"},
		{`{% do store_result('twice', 'r') %}{{ load_result('twice') is none }}{{ load_result('twice') }}`, "Compilation", "The 'statement' result named 'twice' has already been loaded into a variable"},
		{`{{ validation.any['a', 'b']('c') }}`, "Runtime", `Expected value "c" to be one of a,b`},
		{`{{ submit_python_job(model, 'x') }}`, "Runtime", "Python models are not supported by the duckdb adapter"},
		{`{{ exceptions.relation_wrong_type(this, 'table') }}`, "Compilation", `Trying to create table "db"."main"."m", but it currently exists as a None.`},
	} {
		wantError(t, e, s, c.text, c.kind, c.part)
	}
	_ = mustRender(t, e, s, `{{ log('hello', info=true) }}{{ log('quiet') }}{{ exceptions.warn('careful') }}{{ print('out') }}{{ config.get('owner') }}`)
	var names []string
	for _, x := range ev.list {
		names = append(names, x.Name+"="+x.Msg)
		if x.Data["node_info"] == nil {
			t.Errorf("%s has no node_info", x.Name)
		}
	}
	want := "JinjaLogInfo=hello JinjaLogDebug=quiet JinjaLogWarning=[WARNING]: careful PrintEvent=out GetMetaKeyWarning="
	if got := strings.Join(names, " "); !strings.HasPrefix(got, want) {
		t.Errorf("events %s", got)
	}
}

func TestRuntimeResolution(t *testing.T) {
	e, _ := testEnv(t, nil, macroFile(t, "dbt", coreMacros)...)
	m := testManifest()
	limit := 0
	rt := Runtime{
		Ref: func(id string) (*relation.Relation, error) {
			r, _ := e.RelationOf(m, id)
			return r.WithLimit(limit), nil
		},
		Extra:   value.NewDict(0),
		Results: value.NewList(record("RunResult", value.NewDict(0))), Schemas: []string{"s"}, DatabaseSchemas: [][2]string{{"db", "s"}},
		AnyDependency: true,
	}
	s, _ := e.Run(m.Nodes["model.shop.m"], m, rt)
	got := mustRender(t, e, s, `{{ ref('x') }} {{ ref('x').render() }} {{ results | length }} {{ schemas }} {{ database_schemas }}`)
	if want := `(select * from "db"."main"."x" where false limit 0) "db"."main"."x" 1 ['s'] [('db', 's')]`; got != want {
		t.Errorf("got %q", got)
	}
	wantError(t, e, s, `{{ ref('e') }}`, "Compilation", "Operations can not ref() ephemeral nodes, but e is ephemeral")
	op, _ := e.Operation("", m, Runtime{})
	if got := mustRender(t, e, op, `{{ ref('a') }} {{ this is defined }} {{ hello() }}`); got != `"db"."main"."a" False core` {
		t.Errorf("operation: %q", got)
	}
	wantError(t, e, op, `{{ write('x') }}`, "Compilation", `cannot "write" macros`)
}

func TestUnitTestOverrides(t *testing.T) {
	e, _ := testEnv(t, map[string]value.Value{"v1": value.String("cli")}, macroFile(t, "dbt", coreMacros)...)
	m := testManifest()
	dict := func(kv ...string) *value.Dict {
		d := value.NewDict(len(kv) / 2)
		for i := 0; i < len(kv); i += 2 {
			d.SetString(kv[i], value.String(kv[i+1]))
		}
		return d
	}
	ut := &UnitTest{Vars: dict("v1", "test"), EnvVars: dict("MR_TEST_SET", "other"), Macros: dict("hello", "plain", "dbt.shout", "quiet"), This: "__dbt__cte__m"}
	s, _ := e.Run(m.Nodes["model.shop.m"], m, Runtime{UnitTest: ut})
	got := mustRender(t, e, s, `{{ var('v1') }} {{ env_var('MR_TEST_SET') }} {{ hello() }} {{ dbt.hello() }} {{ outer() }} {{ shout('x') }} {{ dbt.shout('x') }} {{ dbt.outer() }} {{ this }}`)
	if want := "test other plain plain plain quiet quiet plain __dbt__cte__m"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestOtherScopes(t *testing.T) {
	e, _ := testEnv(t, map[string]value.Value{"tmpl": value.String("{{ 1 + 1 }}")}, macroFile(t, "dbt", coreMacros)...)
	target := value.NewDict(1)
	target.SetString("schema", value.String("dev"))
	e.Target = value.FromDict(target)

	rec := &Recorder{}
	if got := mustRender(t, e, e.YAMLRecorded("shop", rec), `{{ target.schema }} {{ var('tmpl') }} {{ env_var('MR_TEST_SET') }} {{ project_name }} {{ ref is defined }}`); got != "dev {{ 1 + 1 }} set shop False" {
		t.Errorf("yaml: %q", got)
	}
	if !rec.Vars["tmpl"] || rec.EnvVars["MR_TEST_SET"] != "set" {
		t.Errorf("yaml records %v %v", rec.Vars, rec.EnvVars)
	}
	if base, ok := e.Base().(*Scope); !ok || mustRender(t, e, base, `{{ target is defined }} {{ dbt_version }} {{ hello is defined }}`) != "False 1.12.6 False" {
		t.Error("base scope")
	}
	docs := e.Docs("shop", "model.shop.m", func(pkg, name string) (string, bool) { return "text of " + pkg + "." + name, name == "known" })
	if got := mustRender(t, e, docs, `{{ doc('known') }} {{ doc('p', 'known') }}`); got != "text of .known text of p.known" {
		t.Errorf("docs: %q", got)
	}
	wantError(t, e, docs, `{{ doc('nope') }}`, "Compilation", "Documentation for 'model.shop.m' depends on doc 'nope' which was not found")

	exp := &Recorder{}
	if got := mustRender(t, e, e.Exposure("shop", exp), `{{ ref('a') }}{{ source('b', 'c') }}`); got != "" || len(exp.Refs) != 1 || len(exp.Sources) != 1 {
		t.Errorf("exposure: %q %+v", got, exp)
	}
	entry, ok := e.Macros.GenerateName("schema", "shop")
	if !ok {
		t.Fatal("no generate_schema_name")
	}
	out, err := value.Call(e.Thread(t.Context(), e.Naming("shop")), entry.Value(), value.Args{Pos: []value.Value{value.String("x"), value.None}})
	if err != nil || value.Str(out) != "dev_x" {
		t.Errorf("schema name %v %v", value.Repr(out), err)
	}
}

func TestGenericTestArguments(t *testing.T) {
	e, _ := testEnv(t, nil, macroFile(t, "dbt", coreMacros+`{% test uniq(model, column_name, to=none, n=0) %}{{ model }} {{ column_name }} {{ to }} {{ n + 1 }}{% endtest %}`)...)
	kwargs := value.NewDict(4)
	kwargs.SetString("model", value.String("{{ ref('a') }}"))
	kwargs.SetString("column_name", value.String("{{ id }}"))
	kwargs.SetString("to", value.String("ref('b')"))
	kwargs.SetString("n", value.Int(1))
	n := node("t")
	n.TestKwargs = kwargs
	rec := &Recorder{}
	got := mustRender(t, e, e.Parse(rec, n), `{{ test_uniq(**_dbt_generic_test_kwargs) }}`)
	if want := `"db"."main"."t" {{ id }} "db"."main"."t" 2`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if len(rec.Refs) != 2 || strings.Join(rec.Macros, " ") != "macro.dbt.test_uniq" {
		t.Errorf("refs %v macros %v", rec.Refs, rec.Macros)
	}
	kwargs.SetString("to", value.String("{{ exceptions.raise_compiler_error('bad') }}"))
	wantError(t, e, e.Parse(&Recorder{}, n), `{{ test_uniq(**_dbt_generic_test_kwargs) }}`, "Compilation", "bad")
}

func TestNamesAreFound(t *testing.T) {
	e, _ := testEnv(t, nil, macroFile(t, "dbt", coreMacros)...)
	m := testManifest()
	run, _ := e.Run(m.Nodes["model.shop.m"], m, Runtime{})
	for _, s := range []*Scope{e.Parse(&Recorder{}, node("m")), run} {
		for _, name := range s.Names() {
			if _, ok := s.Lookup(nil, name); !ok {
				t.Errorf("%s is listed but not found", name)
			}
		}
	}
	_, err := render(t, e, run, `{{ confg.get('x') }}`)
	var d *diag.Diagnostic
	if !errors.As(err, &d) || d.Hint != "did you mean 'config'?" {
		t.Errorf("no suggestion: %v", err)
	}
}

// TestModelTypes: macros see the engine's names of types in the columns of a model that is built.
func TestModelTypes(t *testing.T) {
	e, _ := testEnv(t, nil)
	m := testManifest()
	n := m.Nodes["model.shop.m"]
	n.Contract.AliasTypes = true
	n.Columns = []*manifest.Column{{Name: "id", DataType: "string"}}
	s, _ := e.Run(n, m, Runtime{Model: n.MacroContextValue(&manifest.Compiled{})})
	if got := mustRender(t, e, s, `{{ model.columns.id.data_type }}`); got != "TEXT" {
		t.Errorf("a column of type string is %q in the model's context", got)
	}
}

func BenchmarkParseScope(b *testing.B) {
	e, _ := testEnv(b, nil, macroFile(b, "dbt", coreMacros)...)
	n := node("m")
	b.ReportAllocs()
	for b.Loop() {
		s := e.Parse(&Recorder{}, n)
		if _, ok := s.Lookup(nil, "ref"); !ok {
			b.Fatal("no ref")
		}
	}
}

func BenchmarkParseModel(b *testing.B) {
	e, _ := testEnv(b, nil, macroFile(b, "dbt", coreMacros)...)
	tmpl, d := jinja.Parse(diag.NewSource("m.sql", `{{ config(materialized='table') }} select * from {{ ref('a') }} join {{ ref('b') }} where {{ var('x', 1) }} = {{ hello() }}`))
	if d != nil {
		b.Fatal(d)
	}
	n := node("m")
	b.ReportAllocs()
	for b.Loop() {
		s := e.Parse(&Recorder{}, n)
		if _, err := tmpl.Render(e.Thread(b.Context(), s)); err != nil {
			b.Fatal(err)
		}
	}
}
