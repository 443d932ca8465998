package compiler_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/compiler"
	"github.com/millrace/millrace/compiler/flags"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/project"
	"github.com/millrace/millrace/compiler/relation"
)

var cacheDialect = &relation.Dialect{
	Name: "test", Quote: '"',
	Quoting: relation.Policy{Database: true, Schema: true, Identifier: true},
	Include: relation.Policy{Database: true, Schema: true, Identifier: true},
}

type cacheCredentials struct{ output *value.Dict }

func (cacheCredentials) Database() string      { return "db" }
func (cacheCredentials) Schema() string        { return "sch" }
func (c cacheCredentials) Target() *value.Dict { return c.output }

// cacheProject is a project in a folder with what lies around it.
type cacheProject struct {
	t    *testing.T
	dir  string
	env  project.EnvMap
	vars string
	tick time.Time

	loads int
}

func newCacheProject(t *testing.T) *cacheProject {
	p := &cacheProject{t: t, dir: t.TempDir(), env: project.EnvMap{"LAYER": "gold"}, tick: time.Now()}
	p.write("profiles.yml", "shop:\n  target: dev\n  outputs:\n    dev: {type: test, database: db, schema: sch, threads: 1}\n")
	p.write("dbt_project.yml", "name: shop\nversion: '1.0'\nprofile: shop\nvars: {depth: 1}\nmodels:\n  shop:\n    +tags: [all]\n    mart: {+materialized: table}\n")
	p.write("macros/cents.sql", "{% macro cents(c) %}{{ c }} * 100{% endmacro %}\n")
	for i := range 6 {
		p.model(i, i)
	}
	p.write("models/schema.yml", schema(6, "first"))
	p.write("models/docs.md", "{% docs about %}About it.{% enddocs %}\n")
	p.write("seeds/raw.csv", "id\n1\n")
	return p
}

func schema(models int, text string) string {
	var b strings.Builder
	b.WriteString("version: 2\nmodels:\n")
	for i := range models {
		fmt.Fprintf(&b, "  - name: m%d\n    description: \"%s {{ doc('about') }}\"\n    columns:\n      - name: id\n        data_tests: [unique, not_null]\n", i, text)
	}
	b.WriteString("sources:\n  - name: raw\n    tables:\n      - name: events\n        columns:\n          - name: id\n            data_tests: [not_null]\nexposures:\n  - name: board\n    type: dashboard\n    owner: {name: a}\n    depends_on: [ref('m1')]\n")
	return b.String()
}

func (p *cacheProject) model(i, version int) {
	text := fmt.Sprintf("{{ config(meta={'v': %d}) }}\nselect {{ cents('x') }} as x, {{ var('depth') }} as d, '{{ env_var('LAYER') }}' as l", version)
	if i > 0 {
		text += fmt.Sprintf(" from {{ ref('m%d') }}", i-1)
	} else {
		text += " from {{ source('raw', 'events') }}"
	}
	p.write(fmt.Sprintf("models/mart/m%d.sql", i), text+"\n")
}

// write writes a file of the project.
func (p *cacheProject) write(name, text string) {
	path := filepath.Join(p.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

func (p *cacheProject) remove(name string) {
	if err := os.Remove(filepath.Join(p.dir, name)); err != nil && !os.IsNotExist(err) {
		p.t.Fatal(err)
	}
}

var createdAt = regexp.MustCompile(`"created_at": [0-9.]+`)

// parse loads the project with a cache or without, and gives the manifest's text and the
// notes, or the errors.
func (p *cacheProject) parse(cachePath string, change func(*compiler.Options)) (text string, cached bool) {
	p.t.Helper()
	p.tick = p.tick.Add(time.Hour) // every parse is an hour after the last, so that times are trusted
	o := compiler.Options{
		Flags: &flags.Flags{ProjectDir: p.dir, ProfilesDir: p.dir, Which: "parse", Version: "1.12.6", Vars: p.vars, Now: p.tick},
		Env:   p.env, CachePath: cachePath, Identity: "test",
		Internal: []project.Internal{{Name: "dbt", FS: os.DirFS(filepath.Join("parse", "testdata", "internal"))}},
		Check: func(_ string, output *value.Dict) (project.Credentials, []project.Internal, error) {
			return cacheCredentials{output}, nil, nil
		},
		Dialect: func(string) (*relation.Dialect, bool) { return cacheDialect, true }, WorkDir: p.dir, HomeDir: p.dir,
	}
	if change != nil {
		change(&o)
	}
	o.Want = compiler.Want(p.loads % 3)
	p.loads++
	prog, notes := compiler.Load(o)
	if prog != nil && prog.Complete() != nil {
		prog, notes = compiler.Load(o)
		if prog != nil && prog.Cached() {
			p.t.Fatal("a damaged cache was used again")
		}
	}
	var b bytes.Buffer
	for _, d := range notes {
		fmt.Fprintln(&b, d.Span.String(), d.Error(), d.Hint)
	}
	if prog == nil {
		return b.String(), false
	}
	if err := prog.Keep(); err != nil {
		p.t.Fatal(err)
	}
	if err := manifest.Write(&b, prog.Manifest, manifest.Metadata{}, nil); err != nil {
		p.t.Fatal(err)
	}
	if err := manifest.WriteSemantic(&b, prog.Manifest); err != nil {
		p.t.Fatal(err)
	}
	for _, id := range prog.Manifest.Order.Nodes { // spans and what the artifact does not show
		n := prog.Manifest.Nodes[id]
		fmt.Fprintln(&b, id, n.Span, n.BodySpan, n.PatchSpan, n.Refs, n.RootPath)
	}
	return createdAt.ReplaceAllString(b.String(), `"created_at": 0`), prog.Cached()
}

// TestCacheDifferential edits a project at random and compares each parse with the cache to one without.
func TestCacheDifferential(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 9))
	p := newCacheProject(t)
	cache := filepath.Join(p.dir, "target", "partial_parse.millrace")
	hits := 0
	edits := []func(int){
		func(int) {},
		func(int) {},
		func(n int) { p.model(rng.IntN(6), n) },
		func(n int) { p.write("models/schema.yml", schema(6, fmt.Sprint("text ", n))) },
		func(n int) {
			p.write("macros/cents.sql", fmt.Sprintf("{%% macro cents(c) %%}{{ c }} * %d{%% endmacro %%}\n", n))
		},
		func(n int) { p.write("models/extra.sql", fmt.Sprintf("select %d", n)) },
		func(int) { p.remove("models/extra.sql") },
		func(n int) { p.env["LAYER"] = fmt.Sprint("layer", n%3) },
		func(int) { delete(p.env, "LAYER") },
		func(int) { p.env["LAYER"] = "gold" },
		func(n int) { p.vars = fmt.Sprintf("{depth: %d}", n%4) },
		func(n int) {
			p.write("models/docs.md", fmt.Sprintf("{%% docs about %%}About %d.{%% enddocs %%}\n", n))
		},
		func(n int) { p.write("seeds/raw.csv", fmt.Sprintf("id\n%d\n", n)) },
		func(int) { p.write("models/mart/m3.sql", "select {{ cents( }}") },
		func(n int) { p.model(3, n) },
		func(n int) {
			p.write("dbt_project.yml", fmt.Sprintf("name: shop\nversion: '1.0'\nprofile: shop\nvars: {depth: 1}\nmodels:\n  shop:\n    +tags: [t%d]\n", n%3))
		},
		func(int) { // the same size and times, another content: the change time tells
			path := filepath.Join(p.dir, "models", "mart", "m2.sql")
			info, err := os.Stat(path)
			if err != nil {
				return
			}
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			p.write("models/mart/m2.sql", strings.Replace(string(data), "as x", "as y", 1))
			if err := os.Chtimes(path, info.ModTime(), info.ModTime()); err != nil {
				t.Fatal(err)
			}
		},
		func(int) { // a damaged cache
			if data, err := os.ReadFile(cache); err == nil {
				data[rng.IntN(len(data))] ^= 0x41
				if err := os.WriteFile(cache, data, 0o644); err != nil {
					t.Fatal(err)
				}
			}
		},
	}
	for step := range 150 {
		edit := rng.IntN(len(edits))
		edits[edit](step)
		got, cached := p.parse(cache, nil)
		want, _ := p.parse("", nil)
		if got != want {
			t.Fatalf("step %d, edit %d, from the cache: %v\n%s", step, edit, cached, firstDifference(got, want))
		}
		if cached {
			hits++
		}
	}
	if hits < 8 {
		t.Errorf("only %d parses came from the cache", hits)
	}
}

func firstDifference(a, b string) string {
	x, y := strings.Split(a, ", "), strings.Split(b, ", ")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return "got  " + x[i] + "\nwant " + y[i]
		}
	}
	return fmt.Sprintf("lengths %d and %d", len(a), len(b))
}

// TestCacheKeys changes what a parse may see besides files.
func TestCacheKeys(t *testing.T) {
	p := newCacheProject(t)
	cache := filepath.Join(p.dir, "target", "partial_parse.millrace")
	expect := func(want bool, what string, change func(*compiler.Options)) {
		t.Helper()
		if _, cached := p.parse(cache, change); cached != want {
			t.Errorf("%s: cached %v", what, cached)
		}
	}
	expect(false, "first", nil)
	expect(true, "again", nil)
	expect(true, "another command", func(o *compiler.Options) { o.Flags.Which = "ls" })
	expect(false, "another program", func(o *compiler.Options) { o.Identity = "newer" })
	expect(false, "back", nil)
	expect(false, "strict", func(o *compiler.Options) { o.Flags.Strict = true })
	p.write("models/flagged.sql", "{{ config(meta={'w': flags.WHICH}) }} select 1 as w")
	expect(false, "a template with flags", nil)
	expect(true, "the same flags", nil)
	expect(false, "other flags", func(o *compiler.Options) { o.Flags.Which = "ls" })
	p.write("models/timed.sql", "{{ config(meta={'t': run_started_at ~ ''}) }} select 1 as t")
	expect(false, "a template with the time", nil)
	expect(false, "is never kept", nil)
}
