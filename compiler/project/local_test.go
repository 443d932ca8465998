package project

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/millrace/millrace/compiler/flags"
)

// TestLocalCorpus loads every project under MILLRACE_CORPUS when that is set.
func TestLocalCorpus(t *testing.T) {
	root := os.Getenv("MILLRACE_CORPUS")
	if root == "" {
		t.Skip("MILLRACE_CORPUS is not set")
	}
	found, err := filepath.Glob(filepath.Join(root, "*", "repo", ProjectFile))
	nested, nestedErr := filepath.Glob(filepath.Join(root, "*", "repo", "integration_tests", ProjectFile))
	found = append(found, nested...)
	if err != nil || nestedErr != nil || len(found) == 0 {
		t.Fatal("no projects", err)
	}
	for _, path := range found {
		dir := filepath.Dir(path)
		rel, relErr := filepath.Rel(root, dir)
		if relErr != nil {
			t.Fatal(relErr)
		}
		name, _, _ := strings.Cut(filepath.ToSlash(rel), "/")
		t.Run(rel, func(t *testing.T) {
			f, list := flags.Resolve(flags.Input{Command: "run", CLI: map[string]any{"profile": profileOf(t, filepath.Join(root, name)), "project-dir": dir, "profiles-dir": filepath.Join(root, name, "profiles", "duckdb")}})
			if list.Err() != nil {
				t.Fatal(list)
			}
			f.Version = "1.12.6"
			p, list := Load(Options{Flags: f, Renderers: testRenderers{EnvMap{"CORPUS_DB": "x.duckdb"}}})
			for _, d := range list {
				t.Log(d.Severity, d.Span, d.Error(), d.Hint)
			}
			if p == nil {
				t.FailNow()
			}
			for _, pkg := range p.Packages {
				set, list := pkg.Files()
				if list.Err() != nil {
					t.Error(list)
				}
				for _, file := range set.All() {
					if _, d := file.Load(); d != nil {
						t.Error(d)
					}
				}
				t.Log(pkg.Name, len(set.All()), len(set.Of(ModelFile)), len(set.Of(MacroFile)), len(set.Of(SchemaFile)))
			}
		})
	}
}

func profileOf(t *testing.T, dir string) string {
	raw, err := os.ReadFile(filepath.Join(dir, "corpus.json"))
	if err != nil {
		t.Fatal(err)
	}
	var c struct{ Profile string }
	if err := json.Unmarshal(raw, &c); err != nil {
		t.Fatal(err)
	}
	return c.Profile
}
