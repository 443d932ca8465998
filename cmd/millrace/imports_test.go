package main

import (
	"encoding/json"
	"io"
	"os/exec"
	"strings"
	"testing"
)

const module = "github.com/millrace/millrace/"

// floors are the rooms from the roof down: a room may import rooms that stand below it.
// ARCHITECTURE.md draws the same picture.
var floors = []string{"cmd", "docs", "testing", "dag", "adapters", "compiler"}

// within orders rooms of one floor where that matters: a room may import what stands to its right.
var within = map[string][]string{
	"compiler": {
		"compiler", "compiler/fix", "compiler/compile", "compiler/sql/slicing", "compiler/sql/tracing", "compiler/sql/query", "compiler/parse", "compiler/context", "compiler/macros",
		"compiler/project", "compiler/packages", "compiler/flags", "compiler/yaml", "compiler/manifest", "compiler/agate", "compiler/relation", "compiler/jinja",
		"compiler/jinja/builtin", "compiler/jinja/value", "compiler/event", "compiler/sql", "compiler/sql/scan", "compiler/diag",
	},
}

func TestImportsPointOneWay(t *testing.T) {
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	dec := json.NewDecoder(strings.NewReader(string(out)))
	packages := 0
	for {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); err == io.EOF {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		packages++
		from := strings.TrimPrefix(p.ImportPath, module)
		for _, imp := range p.Imports {
			if !strings.HasPrefix(imp, module) {
				continue
			}
			to := strings.TrimPrefix(imp, module)
			if why := forbidden(from, to); why != "" {
				t.Errorf("%s imports %s: %s", from, to, why)
			}
		}
	}
	if packages < 15 {
		t.Fatalf("only %d packages were checked", packages)
	}
}

// forbidden says why from must not import to, or "".
func forbidden(from, to string) string {
	if from == "compiler/diag" {
		return "diag imports nothing of ours"
	}
	f, g := floor(from), floor(to)
	switch {
	case f < 0 || g < 0:
		return "a room that ARCHITECTURE.md does not know"
	case f > g:
		return "imports point from " + strings.Join(floors, " → ")
	case f == g:
		order := within[floors[f]]
		if a, b := index(order, room(order, from)), index(order, room(order, to)); order != nil && (a < 0 || b < 0 || a > b) {
			return "the order inside " + floors[f] + " is " + strings.Join(order, " → ")
		}
	}
	return ""
}

// room is the listed package that a package belongs to: its own helpers lie below it.
func room(order []string, path string) string {
	best := ""
	for _, r := range order {
		if (path == r || strings.HasPrefix(path, r+"/")) && len(r) > len(best) && (r != "compiler" || path == r) {
			best = r
		}
	}
	return best
}

func floor(path string) int { return index(floors, strings.SplitN(path, "/", 2)[0]) }

func index(list []string, s string) int {
	for i, x := range list {
		if x == s {
			return i
		}
	}
	return -1
}
