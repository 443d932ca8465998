package macros

import (
	"bufio"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// projects maps each macro project to its folder. Those of the engines are embedded by
// their adapters, which link drivers; here their files are enough.
var projects = map[string]fs.FS{
	Name:           Files(),
	"dbt_duckdb":   os.DirFS(filepath.Join("..", "duckdb", "macros")),
	"dbt_postgres": os.DirFS(filepath.Join("..", "postgres", "macros")),
}

// definition is a macro with the file it stands in.
type definition struct {
	macro  *jinja.Macro
	source *diag.Source
}

// load parses every file of a macro project; a name defined twice is an error.
func load(t *testing.T, project string) map[string]definition {
	t.Helper()
	found := map[string]definition{}
	err := fs.WalkDir(projects[project], ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".sql") {
			return err
		}
		text, err := fs.ReadFile(projects[project], path)
		if err != nil {
			return err
		}
		source := diag.NewSource(path, string(text))
		blocks, d := jinja.ScanBlocks(source, "macro", "materialization", "test")
		if d != nil {
			return d
		}
		template, d := jinja.Parse(source)
		if d != nil {
			return d
		}
		macros := template.Macros()
		if len(macros) != len(blocks) || len(macros) == 0 {
			t.Errorf("%s %s: %d blocks found, %d macros parsed", project, path, len(blocks), len(macros))
		}
		for _, macro := range macros {
			if other, ok := found[macro.Name]; ok {
				t.Errorf("%s: %s is defined in %s and in %s", project, macro.Name, other.source.Path, path)
			}
			found[macro.Name] = definition{macro, source}
		}
		return nil
	})
	if err != nil {
		t.Fatalf("%s: %v", project, err)
	}
	if len(found) == 0 {
		t.Fatalf("%s: no macros", project)
	}
	return found
}

func signature(m *jinja.Macro) string {
	if m.Kind == jinja.KindMaterialization {
		return fmt.Sprintf("%s(%s)", m.Name, strings.Join(m.SupportedLanguages, ", "))
	}
	names := make([]string, len(m.Params))
	for i, p := range m.Params {
		names[i] = p.Name
	}
	return fmt.Sprintf("%s(%s)", m.Name, strings.Join(names, ", "))
}

// Every public name exists in its project with dbt's arguments in dbt's order.
func TestPublicNames(t *testing.T) {
	list, err := os.Open(filepath.Join("testdata", "names.txt"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = list.Close() }()
	loaded := map[string]map[string]definition{}
	for project := range projects {
		loaded[project] = load(t, project)
	}
	count := 0
	lines := bufio.NewScanner(list)
	for lines.Scan() {
		line := lines.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		count++
		project, want, _ := strings.Cut(line, " ")
		name, _, _ := strings.Cut(want, "(")
		def, ok := loaded[project][name]
		if !ok {
			t.Errorf("%s has no macro %s", project, name)
		} else if got := signature(def.macro); got != want {
			t.Errorf("%s: got %s, want %s", project, got, want)
		}
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
	if count < 500 {
		t.Errorf("only %d names in the list", count)
	}
}

// A macro that dispatches must find a version without help of an engine.
func TestDispatchHasDefault(t *testing.T) {
	defined := load(t, Name)
	for name, def := range defined {
		for _, call := range def.macro.Calls() {
			if call.Name != "adapter.dispatch" || !call.Literal || len(call.Args) == 0 {
				continue
			}
			target := "default__" + value.Str(call.Args[0])
			if _, ok := defined[target]; !ok {
				t.Errorf("%s dispatches to %s, which does not exist", name, target)
			}
		}
	}
}

// Versions for an engine override something: a dispatched name of the neutral project
// or one of the engine's own helpers, which other macros of the project call.
func TestEngineMacrosAreUsed(t *testing.T) {
	neutral := load(t, Name)
	for project, engine := range map[string]string{"dbt_duckdb": "duckdb", "dbt_postgres": "postgres"} {
		defined := load(t, project)
		called := map[string]bool{}
		for _, def := range defined {
			for _, call := range def.macro.Calls() {
				called[call.Name] = true
			}
		}
		for name := range defined {
			base, ok := strings.CutPrefix(name, engine+"__")
			if !ok || called[name] {
				continue
			}
			if _, ok := neutral[base]; ok {
				continue
			}
			if _, ok := neutral["default__"+base]; !ok && !called[base] {
				t.Errorf("%s: %s neither overrides a macro nor is called", project, name)
			}
		}
	}
}

// One line above every macro says what it is for.
func TestEveryMacroIsDocumented(t *testing.T) {
	for project := range projects {
		for name, def := range load(t, project) {
			start := def.macro.Span.Start
			above := strings.TrimRight(def.source.Text[:start], " \n")
			if !strings.HasSuffix(above, "#}") {
				t.Errorf("%s %s: no comment above %s", project, def.source.Path, name)
			}
		}
	}
}

// Files stay small enough to be read as one thing.
func TestFilesAreSmall(t *testing.T) {
	var sizes []int
	for project, files := range projects {
		err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".sql") {
				return err
			}
			info, err := entry.Info()
			if err != nil {
				return err
			}
			sizes = append(sizes, int(info.Size()))
			if info.Size() > 16<<10 {
				t.Errorf("%s %s has %d bytes", project, path, info.Size())
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	slices.Sort(sizes)
	if median := sizes[len(sizes)/2]; median > 5<<10 {
		t.Errorf("the median file has %d bytes", median)
	}
}
