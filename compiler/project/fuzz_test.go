package project

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/flags"
)

// FuzzDotEnv: any .env is read; lines that cannot be are warnings that point into it.
func FuzzDotEnv(f *testing.F) {
	for _, seed := range []string{"A=1\n", "export A='b'\nB=\"${A}\\n\"\n", "A=${B:-x}\n", "A\n=1\n", "A=\"unclosed", "A=${A}${A}\nB=${A}${A}\n", "\ufeffA=1\r\n#c\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if len(text) > 1<<12 {
			return
		}
		_, list := parseDotEnv(diag.NewSource(".env", text), EnvMap{"HOME": "/h"})
		for _, d := range list {
			if d.Span.Start < 0 || d.Span.End > len(text) {
				t.Fatalf("span %d:%d of %d bytes", d.Span.Start, d.Span.End, len(text))
			}
		}
	})
}

// FuzzLoad: any dbt_project.yml and profiles.yml load, or end in diagnostics.
func FuzzLoad(f *testing.F) {
	f.Add("name: a\nprofile: p\nmodels: {a: {+materialized: view, b: {tags: [x]}}}\n", profileText)
	f.Add("name: a\nprofile: p\nvars: {a: 1}\nflags: {fail_fast: true}\ndispatch: [{macro_namespace: m, search_order: [a]}]\non-run-end: [a, {sql: b}]\n", profileText)
	f.Add("name: '{{ 1 }}'\nprofile: \"{{ env_var('X') }}\"\nquoting: {database: 1}\nquery-comment: {comment: x}\n", "p: {outputs: {}}\n")
	f.Add("name: a\nprofile: p\nmodel-paths: ['../..', '/', '']\nrequire-dbt-version: ['>=1', '<2.']\nsemantic-models: {+x: 1}\n", "p:\n  target: '{{ 1/0 }}'\n  outputs: {dev: {type: 1}}\n")
	f.Fuzz(func(t *testing.T, projectText, profiles string) {
		if len(projectText)+len(profiles) > 1<<13 {
			return
		}
		root := t.TempDir()
		for name, text := range map[string]string{"dbt_project.yml": projectText, ProfilesFile: profiles} {
			if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		fl, _ := flags.Resolve(flags.Input{Command: "run"})
		fl.Version = "1.12.6"
		p, list := Load(Options{Flags: fl, WorkDir: root, NoPackages: true, Renderers: testRenderers{EnvMap{}}})
		if p == nil && list.Err() == nil {
			t.Fatal("neither a project nor a message")
		}
	})
}
