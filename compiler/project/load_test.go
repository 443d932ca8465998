package project

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/flags"
	"github.com/millrace/millrace/compiler/jinja/value"
)

const profileText = "p:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: x.db, schema: main, threads: 3, password: \"{{ not closed\"}\n    prod: {type: duckdb, path: \"{{ env_var('PROD_DB') }}\", schema: prod}\n"

// tree writes files below a new folder.
func tree(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// load loads a project of the given files; cli are flags by name.
func load(t *testing.T, files map[string]string, cli map[string]any) (*Project, diag.List) {
	t.Helper()
	if _, ok := files[ProfilesFile]; !ok {
		files[ProfilesFile] = profileText
	}
	f, list := flags.Resolve(flags.Input{Command: "run", CLI: cli})
	if list.Err() != nil {
		t.Fatal(list)
	}
	f.Version = "1.12.6"
	root := tree(t, files)
	return Load(Options{Flags: f, WorkDir: root, Renderers: testRenderers{EnvMap{"HOME_SCHEMA": "hs"}}})
}

func TestLoadErrors(t *testing.T) {
	const ok = "name: a\nprofile: p\n"
	for name, c := range map[string]struct {
		project  string
		more     map[string]string
		cli      map[string]any
		want, at string
	}{
		"no name":          {project: "profile: p\n", want: `Required "name" field not present in project`, at: "dbt_project.yml:1:1"},
		"bad name":         {project: "name: my-shop\nprofile: p\n", want: "the project name 'my-shop' does not match", at: "dbt_project.yml:1:7"},
		"reserved name":    {project: "name: model\nprofile: p\n", want: "Invalid project name: model is a reserved word", at: "dbt_project.yml:1:7"},
		"not a dictionary": {project: "- a\n", want: "dbt_project.yml does not parse to a dictionary", at: "dbt_project.yml:1:1"},
		"yaml slip":        {project: "name: a\n\tprofile: p\n", want: "indented with a tab", at: "dbt_project.yml:2:1"},
		"old and new":      {project: ok + "source-paths: [x]\nmodel-paths: [y]\n", want: "source-paths and model-paths cannot both be defined.", at: "dbt_project.yml:3:1"},
		"wrong type":       {project: ok + "model-paths: models\n", want: "at path ['model-paths']: 'models' is not valid under any of the given schemas", at: "dbt_project.yml:3:14"},
		"wrong version":    {project: ok + "version: one\n", want: "at path ['version']: 'one' is not valid under any of the given schemas", at: "dbt_project.yml:3:10"},
		"dispatch":         {project: ok + "dispatch:\n  - {macro_namespace: x}\n", want: "Invalid project dispatch config: {'macro_namespace': 'x'}", at: "dbt_project.yml:4:5"},
		"quoting":          {project: ok + "quoting: {schema: maybe}\n", want: "quoting: 'schema' must be true or false", at: "dbt_project.yml:3:19"},
		"two test trees":   {project: ok + "tests: {a: {}}\ndata_tests: {a: {}}\n", want: "cannot have both 'tests' and 'data_tests'", at: "dbt_project.yml:3:1"},
		"newer needed":     {project: ok + "require-dbt-version: '>=2.0.0'\n", want: "This version of dbt is not supported with the 'a' package.\n    Installed version of dbt: =1.12.6\n    Required version of dbt for 'a': ['>=2.0.0']", at: "dbt_project.yml:3:22"},
		"impossible":       {project: ok + "require-dbt-version: ['>2.0.0', '<1.0.0']\n", want: "can never be satisfied", at: "dbt_project.yml:3:22"},
		"bad range":        {project: ok + "require-dbt-version: latest\n", want: `"latest" is not a valid semantic version.`, at: "dbt_project.yml:3:22"},
		"template":         {project: ok + "models:\n  a:\n    +schema: \"{{ env_var('NOPE') }}\"\n", want: "Could not render {{ env_var('NOPE') }}", at: "dbt_project.yml:5:18"},
		"vars twice":       {project: ok + "vars: {x: 1}\n", more: map[string]string{"vars.yml": "vars:\n  y: 2\n"}, want: "Variables cannot be defined in both vars.yml and dbt_project.yml", at: "dbt_project.yml:3:1"},
		"no profile":       {project: "name: a\n", want: "dbt cannot run because no profile was specified"},
		"unknown profile":  {project: "name: a\nprofile: q\n", want: "Could not find profile named 'q'", at: "dbt_project.yml:2:10"},
		"unknown target":   {project: ok, cli: map[string]any{"target": "x"}, want: "The profile 'p' does not have a target named 'x'. The valid target names for this profile are:\n   - dev\n   - prod"},
		"no outputs":       {project: ok, more: map[string]string{ProfilesFile: "p: {target: x}\n"}, want: "outputs not specified in profile 'p'", at: "profiles.yml:1:4"},
		"bad output":       {project: ok, more: map[string]string{ProfilesFile: "p: {target: x, outputs: {x: 1}}\n"}, want: "output 'x' of profile 'p' is misconfigured in profiles.yml"},
		"no type":          {project: ok, more: map[string]string{ProfilesFile: "p: {target: x, outputs: {x: {schema: s}}}\n"}, want: `required field "type" not found in profile p and target x`},
		"empty profiles":   {project: ok, more: map[string]string{ProfilesFile: "# nothing\n"}, want: "is empty"},
		"list of profiles": {project: ok, more: map[string]string{ProfilesFile: "- p\n"}, want: "must be a dictionary of profiles by their names, but is a list", at: "profiles.yml:1:1"},
		"empty profile":    {project: ok, more: map[string]string{ProfilesFile: "p:\n"}, want: "Profile p in profiles.yml is empty"},
		"secret missing":   {project: ok, cli: map[string]any{"target": "prod"}, want: "Could not render {{ env_var('PROD_DB') }}", at: "profiles.yml:5:36"},
		"vars text":        {project: ok, cli: map[string]any{"vars": "[1]"}, want: "The --vars argument must be a YAML dictionary, but was of type 'list'"},
		"packages missing": {project: ok, more: map[string]string{"packages.yml": "packages:\n  - {package: a/b, version: 1.0.0}\n"}, want: `dbt expects 1 package(s) based on packages specified in packages.yml, but found only 0 package(s) installed in dbt_packages. Run "dbt deps" to install package dependencies.`, at: "packages.yml:1:1"},
		"lock missing": {project: ok, more: map[string]string{"package-lock.yml": "packages:\n  - {name: bb, package: a/b, version: 1.0.0}\n"},
			want: "found only 0 package(s) installed in dbt_packages. Following packages were not found: bb. Run"},
		"two flag places": {project: ok + "flags: {debug: true}\n", more: map[string]string{ProfilesFile: "config: {debug: true}\n" + profileText}, want: "Do not specify both 'config' in profiles.yml and 'flags'", at: "dbt_project.yml:3:1"},
		"strict":          {project: ok + "models: {materialized: table}\n", cli: map[string]any{"strict": true}, want: "Missing '+' prefix on `materialized` found at `models`", at: "dbt_project.yml:3:10"},
		"same names": {project: ok, more: map[string]string{"packages.yml": "packages:\n  - {package: a/b, version: 1.0.0}\n", "dbt_packages/b/dbt_project.yml": "name: a\n"},
			want: `dbt found more than one package with the name "a" included in this project.`, at: "dbt_packages/b/dbt_project.yml:1:7"},
		"broken package": {project: ok, more: map[string]string{"packages.yml": "packages:\n  - {package: a/b, version: 1.0.0}\n", "dbt_packages/b/dbt_project.yml": "version: 1\n"},
			want: `Failed to read package: Required "name" field`, at: "dbt_packages/b/dbt_project.yml:1:1"},
		"packages twice": {project: ok, more: map[string]string{"packages.yml": "packages: []\n", "dependencies.yml": "packages: []\n"}, want: "cannot be specified in both packages.yml and dependencies.yml"},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{ProjectFile: c.project}
			for k, v := range c.more {
				files[k] = v
			}
			p, list := load(t, files, c.cli)
			if p != nil || list.Err() == nil {
				t.Fatal("no error")
			}
			for _, d := range list {
				if strings.Contains(d.Error(), c.want) && (c.at == "" || d.Span.String() == c.at) {
					return
				}
			}
			for _, d := range list {
				t.Errorf("%s: %s\nwant %s: %s", d.Span, d.Error(), c.at, c.want)
			}
		})
	}
	_, list := Load(Options{WorkDir: t.TempDir()})
	if list.Err() == nil || !strings.Contains(list.Error(), "No dbt_project.yml found at expected path") {
		t.Errorf("missing file: %v", list)
	}
}

const fullProject = `
name: shop
version: 1.0
profile: "{{ 'p' }}"
source-paths: [src]
clean-targets: [out]
on-run-start: "select {{ target.name }}"
on-run-end:
  - one
  - {sql: two, transaction: false}
query-comment: {comment: "by {{ x }}", append: true}
quoting: {identifier: false, database: null}
dispatch:
  - {macro_namespace: dbt_utils, search_order: [shop, dbt_utils]}
vars:
  x: 1
  y: "{{ kept }}"
  shop: {x: 2}
  lib: {x: 3}
models:
  +materialized: view
  shop:
    +schema: "{{ target.schema }}_s"
    meta: {lost: true}
    staging:
      materialized: table
      +tags: [a]
      post-hook: "grant {{ this }}"
    unused:
      +enabled: false
tests:
  +severity: warn
unknown-key: 1
`

func TestLoad(t *testing.T) {
	p, list := load(t, map[string]string{
		ProjectFile:                        fullProject,
		"packages.yml":                     "packages:\n  - local: x\n",
		"dbt_packages/lib/dbt_project.yml": "name: lib\nvars: {x: 9, z: 8}\nmodels:\n  lib:\n    +schema: own\n",
		"selectors.yml":                    "selectors:\n  - name: \"{{ target.name }}\"\n",
	}, map[string]any{"vars": "{c: 5}"})
	if p == nil {
		t.Fatal(list)
	}
	var notes []string
	for _, d := range list {
		notes = append(notes, d.Span.String()+" "+d.Summary)
	}
	if got := strings.Join(notes, "\n"); !strings.Contains(got, "dbt_project.yml:31:1 dbt_project.yml has no key 'unknown-key'") && !strings.Contains(got, "has no key 'unknown-key'") ||
		!strings.Contains(got, "The `source-paths` config has been renamed to `model-paths`") || !strings.Contains(got, "Missing '+' prefix on `materialized` found at `models.shop.staging` in file `dbt_project.yml` (and 1 more)") || !strings.Contains(got, "`meta` at `models.shop` has no '+', so it is read as a folder") || len(notes) != 4 {
		t.Errorf("notes:\n%s", got)
	}
	for what, pair := range map[string][2]string{
		"version":   {p.Version, "1.0"},
		"models":    {strings.Join(p.ModelPaths, ","), "src"},
		"docs":      {strings.Join(p.DocsPaths, ","), "src,seeds,snapshots,analyses,macros,tests,functions"},
		"clean":     {strings.Join(p.CleanTargets, ","), "out"},
		"hook":      {p.OnRunStart[0].SQL, "select {{ target.name }}"},
		"last hook": {p.OnRunEnd[1].SQL, "two"},
		"comment":   {p.QueryComment.Comment, "by {{ x }}"},
		"order":     {strings.Join(p.SearchOrder("dbt_utils"), ","), "shop,dbt_utils"},
		"target":    {value.Repr(p.Profile.Target()), "{'path': 'x.db', 'schema': 'main', 'type': 'duckdb', 'threads': 3, 'name': 'dev', 'target_name': 'dev', 'profile_name': 'p'}"},
		"selectors": {value.Repr(p.SelectorValue), "{'selectors': [{'name': 'dev'}]}"},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: %s, want %s", what, pair[0], pair[1])
		}
	}
	if pass, _ := p.Profile.Credentials.GetString("password"); value.Str(pass) != "{{ not closed" {
		t.Errorf("a password that is no template: %s", value.Str(pass))
	}
	if p.OnRunEnd[1].Transaction || !p.OnRunEnd[0].Transaction || !p.QueryComment.Append {
		t.Error("hook or comment options")
	}
	if p.Quoting.Identifier == nil || *p.Quoting.Identifier || p.Quoting.Database != nil {
		t.Error("quoting")
	}
	for _, c := range []struct{ pkg, name, want string }{
		{"shop", "x", "2"}, {"lib", "x", "3"}, {"other", "x", "1"}, {"lib", "z", "8"}, {"shop", "z", ""}, {"lib", "c", "5"}, {"shop", "y", "{{ kept }}"},
	} {
		v, ok := p.Var(c.pkg, c.name)
		if !ok && c.want == "" {
			continue
		}
		if got := value.Str(v); got != c.want {
			t.Errorf("var %s in %s: %s, want %s", c.name, c.pkg, got, c.want)
		}
	}
}

func TestConfigTree(t *testing.T) {
	p, list := load(t, map[string]string{ProjectFile: fullProject}, nil)
	if p == nil {
		t.Fatal(list)
	}
	var got []string
	for _, l := range p.Configs["models"].For([]string{"shop", "staging", "stg_a"}) {
		got = append(got, strings.Join(l.Path, ".")+" "+value.Repr(value.FromDict(l.Values))+" "+value.Repr(value.FromDict(l.Unrendered)))
	}
	want := []string{
		" {'materialized': 'view'} {'materialized': 'view'}",
		"shop {'schema': 'main_s'} {'schema': '{{ target.schema }}_s'}",
		"shop.staging {'materialized': 'table', 'tags': ['a'], 'post-hook': 'grant {{ this }}'} {'materialized': 'table', 'tags': ['a'], 'post-hook': 'grant {{ this }}'}",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("layers:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	layers := p.Configs["models"].For([]string{"shop", "staging"})
	if at := layers[2].KeySpan("tags"); at.Source.Text[at.Start:at.End] != "+tags" {
		t.Error("key span", at)
	}
	if severity, _ := p.Configs["data_tests"].For(nil)[0].Values.GetString("severity"); value.Str(severity) != "warn" {
		t.Error("tests are data_tests")
	}
	var unused []string
	for _, u := range p.Configs["models"].Unused([][]string{{"shop", "staging", "stg_a"}}) {
		unused = append(unused, u.Path)
	}
	if got := strings.Join(unused, " "); got != "models.shop.meta models.shop.unused" {
		t.Errorf("unused: %s", got)
	}
}

func TestInternals(t *testing.T) {
	root := tree(t, map[string]string{ProjectFile: "name: a\nprofile: p\n", ProfilesFile: profileText})
	files := fstest.MapFS{"macros/x/a.sql": {Data: []byte("{% macro a() %}{% endmacro %}")}, "macros/b.yml": {Data: []byte("version: 2\n")}}
	f, _ := flags.Resolve(flags.Input{Command: "run"})
	p, list := Load(Options{Flags: f, WorkDir: root, Renderers: testRenderers{}, Internal: []Internal{{Name: "dbt", FS: files}},
		Check: func(typ string, output *value.Dict) (Credentials, []Internal, error) {
			return fixedCredentials{}, []Internal{{Name: "dbt_" + typ, FS: fstest.MapFS{}}}, nil
		}})
	if p == nil {
		t.Fatal(list)
	}
	var names []string
	for _, pkg := range p.Packages {
		names = append(names, pkg.Name)
	}
	if got := strings.Join(names, " "); got != "a dbt_duckdb dbt" {
		t.Error(got)
	}
	pkg, _ := p.PackageNamed("dbt")
	set, list := pkg.Files()
	if list.Err() != nil || len(set.Of(MacroFile)) != 1 || len(set.Of(SchemaFile)) != 1 {
		t.Fatal(list, len(set.Of(MacroFile)))
	}
	src, d := set.Of(MacroFile)[0].Load()
	if d != nil || src.Path != "dbt/macros/x/a.sql" || !strings.HasPrefix(src.Text, "{% macro a") {
		t.Error(d, src)
	}
	if p.Profile.Database != "db" || value.Repr(p.Profile.Target()) != "{'host': 'h', 'type': 'duckdb', 'threads': 3, 'name': 'dev', 'target_name': 'dev', 'profile_name': 'p'}" {
		t.Error(p.Profile.Database, value.Repr(p.Profile.Target()))
	}
}

type fixedCredentials struct{}

func (fixedCredentials) Database() string { return "db" }
func (fixedCredentials) Schema() string   { return "sc" }
func (fixedCredentials) Target() *value.Dict {
	d := value.NewDict(1)
	d.SetString("host", value.String("h"))
	return d
}

func TestReadFlags(t *testing.T) {
	home := tree(t, map[string]string{UserSettingsFile: "flags: {quiet: true}\n"})
	root := tree(t, map[string]string{ProjectFile: "name: a\nflags:\n  fail_fast: true\n"})
	project, user, span := ReadFlags(root, home)
	if got := value.Repr(value.FromDict(project)) + value.Repr(value.FromDict(user)); got != "{'fail_fast': True}{'quiet': True}" {
		t.Error(got)
	}
	if got := span("fail_fast").String(); got != "dbt_project.yml:3:3" {
		t.Error(got)
	}
	old := tree(t, map[string]string{ProjectFile: "name: a\n", ProfilesFile: "config: {debug: true}\n"})
	if project, _, _ = ReadFlags(old, ""); value.Repr(value.FromDict(project)) != "{'debug': True}" {
		t.Error("config of profiles.yml", value.Repr(value.FromDict(project)))
	}
	below := filepath.Join(root, "models", "x")
	if err := os.MkdirAll(below, 0o755); err != nil {
		t.Fatal(err)
	}
	if got := FindRoot(below); got != root {
		t.Error(got)
	}
}

func TestQueryComment(t *testing.T) {
	for text, want := range map[string]QueryComment{
		"": {}, "query-comment: null\n": {Given: true}, "query-comment: ''\n": {Given: true}, "query-comment: x\n": {Given: true, Comment: "x"},
		"query-comment: {append: true}\n": {Append: true}, "query-comment: {comment: null}\n": {Given: true},
		"query-comment: {comment: '{{ m() }}', append: false, job-label: true}\n": {Given: true, Comment: "{{ m() }}", JobLabel: true},
	} {
		p, list := load(t, map[string]string{ProjectFile: "name: a\nprofile: p\n" + text}, nil)
		if list.Err() != nil {
			t.Errorf("%q: %v", text, list)
			continue
		}
		got := p.QueryComment
		if got.Span = (diag.Span{}); got != want {
			t.Errorf("%q: got %+v, want %+v", text, got, want)
		}
	}
	for _, text := range []string{"query-comment: [1]\n", "query-comment: {coment: x}\n"} {
		if _, list := load(t, map[string]string{ProjectFile: "name: a\nprofile: p\n" + text}, nil); list.Err() == nil {
			t.Errorf("%q was taken", text)
		}
	}
}
