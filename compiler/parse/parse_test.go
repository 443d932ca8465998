package parse_test

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/millrace/millrace/compiler"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/flags"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/project"
	"github.com/millrace/millrace/compiler/relation"
)

var testDialect = &relation.Dialect{
	Name: "test", Quote: '"',
	Quoting: relation.Policy{Database: true, Schema: true, Identifier: true},
	Include: relation.Policy{Database: true, Schema: true, Identifier: true},
}

// credentials of the test engine.
type credentials struct{ output *value.Dict }

func (credentials) Database() string      { return "db" }
func (credentials) Schema() string        { return "sch" }
func (c credentials) Target() *value.Dict { return c.output }

const profile = "shop:\n  target: dev\n  outputs:\n    dev: {type: test, database: db, schema: sch, threads: 1}\n"

// load writes the archive's files into a folder and loads them as a project.
func load(t *testing.T, a *txtar.Archive, change func(*compiler.Options)) (*compiler.Program, diag.List) {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("profiles.yml", profile)
	write("dbt_project.yml", "name: shop\nversion: '1.0'\nprofile: shop\n")
	for _, f := range a.Files {
		write(f.Name, string(f.Data))
	}
	o := compiler.Options{
		Flags:    &flags.Flags{ProjectDir: dir, ProfilesDir: dir, Which: "parse", Version: "1.12.6", Now: time.Unix(1, 0)},
		Env:      project.EnvMap{},
		Internal: []project.Internal{{Name: "dbt", FS: os.DirFS(filepath.Join("testdata", "internal"))}},
		Check: func(_ string, output *value.Dict) (project.Credentials, []project.Internal, error) {
			return credentials{output}, nil, nil
		},
		Dialect: func(string) (*relation.Dialect, bool) { return testDialect, true },
	}
	if change != nil {
		change(&o)
	}
	return compiler.Load(o)
}

// TestCases runs the archives in testdata/cases: a project, and under "want" what is said
// about it, or facts about the manifest that comes of it.
func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/cases/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var want string
			kept := a.Files[:0]
			for _, f := range a.Files {
				if f.Name == "want" {
					want = string(f.Data)
					continue
				}
				kept = append(kept, f)
			}
			all := *a
			a.Files = kept
			strict := strings.Contains(string(a.Comment), "strict")
			program, list := load(t, a, func(o *compiler.Options) { o.Flags.Strict = strict })
			got := describe(program, list)
			rendered, list2 := load(t, a, func(o *compiler.Options) { o.Flags.Strict = strict; o.RenderAll = true; o.Workers = 1 })
			if again := describe(rendered, list2); again != got {
				t.Errorf("rendering everything gives another result:\n%s\ninstead of\n%s", again, got)
			}
			if got == want {
				return
			}
			if os.Getenv("UPDATE_CASES") != "" {
				all.Files = append(append([]txtar.File(nil), kept...), txtar.File{Name: "want", Data: []byte(got)})
				if err := os.WriteFile(file, txtar.Format(&all), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			t.Errorf("got:\n%s\nwant:\n%s", got, want)
		})
	}
}

// describe writes down diagnostics, and the manifest when there is one.
func describe(p *compiler.Program, list diag.List) string {
	var b strings.Builder
	for _, d := range list {
		fmt.Fprintf(&b, "%s %s %s\n", [...]string{"error", "warning", "note"}[d.Severity], d.Code, d.Span)
		for _, line := range strings.Split(d.Error(), "\n") {
			b.WriteString("  " + line + "\n")
		}
		for _, r := range d.Related {
			fmt.Fprintf(&b, "  %s: %s\n", r.Span, r.Message)
		}
		if d.Hint != "" {
			b.WriteString("  hint: " + d.Hint + "\n")
		}
	}
	if p == nil {
		return b.String()
	}
	for _, id := range p.Manifest.Order.Nodes {
		n := p.Manifest.Nodes[id]
		fmt.Fprintf(&b, "%s %s %s tags=%v meta=%s parents=%v macros=%v\n", id, n.Config.Materialized(), n.Relation, n.Tags,
			value.Repr(none(n.Config.Get("meta"))), n.DependsOn.Nodes, n.DependsOn.Macros)
		if n.Unrendered != nil && n.Unrendered.Len() > 0 {
			b.WriteString("  as written: " + value.Repr(value.FromDict(n.Unrendered)) + "\n")
		}
	}
	disabled := make([]string, 0, len(p.Manifest.Disabled))
	for id := range p.Manifest.Disabled {
		disabled = append(disabled, id)
	}
	sort.Strings(disabled)
	for _, id := range disabled {
		b.WriteString("disabled " + id + "\n")
	}
	return b.String()
}

func none(v value.Value) value.Value {
	if v.IsUndefined() {
		return value.None
	}
	return v
}
