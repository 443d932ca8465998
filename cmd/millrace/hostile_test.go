package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// hostileModels are models that would run for ever or take all memory. Each ends in an error
// that holds the text; "" means that the model is small work after all and parses.
var hostileModels = map[string]struct{ model, macros, want string }{
	"macro recursion":       {"{{ f(0) }}", "{% macro f(n) %}{{ f(n+1) }}{% endmacro %}", "maximum recursion depth of 500 exceeded"},
	"mutual recursion":      {"{{ f(0) }}", "{% macro f(n) %}{{ g(n) }}{% endmacro %}{% macro g(n) %}{{ f(n) }}{% endmacro %}", "maximum recursion depth"},
	"caller recursion":      {"{{ f() }}", "{% macro f() %}{% call f() %}{{ caller() }}{% endcall %}{% endmacro %}", "maximum recursion depth"},
	"render of itself":      {"{{ f() }}", "{% macro f() %}{{ render('{{ f() }}') }}{% endmacro %}", "maximum recursion depth"},
	"endless range":         {"{% for i in range(10**12) %}x{% endfor %}", "", "longer than the limit"},
	"nested loops":          {"{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}", "", "more than 50000000 steps"},
	"doubling output":       {"{{ f(60) }}", "{% macro f(n) %}{% if n %}{{ f(n-1) }}{{ f(n-1) }}{% else %}xxxxxxxxxxxxxxxx{% endif %}{% endmacro %}", "the template produced more than"},
	"repeated string":       {"{{ 'x' * 10**12 }}", "", "longer than the limit"},
	"wide format":           {"{{ '%1000000000000d' % 1 }}", "", "longer than the limit"},
	"repeated list":         {"{{ ([1] * 10**12)|length }}", "", "longer than the limit"},
	"kept strings":          {"{% set l = [] %}{% for i in range(1000) %}{% do l.append('x' * 20000000) %}{% endfor %}", "", "templates hold more than"},
	"tower of powers":       {"{{ 9**(9**9) }}", "", "more than 1048576 bits"},
	"list within itself":    {"{% set l = [] %}{% do l.append(l) %}{{ l }}", "", ""},
	"shared lists, equal":   {"{% set n = namespace(a=[1], b=[1]) %}{% for i in range(60) %}{% set n.a = [n.a, n.a] %}{% set n.b = [n.b, n.b] %}{% endfor %}{{ n.a == n.b }}", "", ""},
	"shared tuples as key":  {"{% set n = namespace(a=(1,)) %}{% for i in range(60) %}{% set n.a = (n.a, n.a) %}{% endfor %}{{ {n.a: 1}|length }}", "", ""},
	"shared lists, shown":   {"{% set n = namespace(a=[1]) %}{% for i in range(60) %}{% set n.a = [n.a, n.a] %}{% endfor %}{{ n.a|pprint }}", "", "expands to more than"},
	"shared lists, printed": {"{% set n = namespace(a=[1]) %}{% for i in range(60) %}{% set n.a = [n.a, n.a] %}{% endfor %}{{ n.a }}", "", "expands to more than"},
	"shared lists, as JSON": {"{% set n = namespace(a=[1]) %}{% for i in range(60) %}{% set n.a = [n.a, n.a] %}{% endfor %}{{ tojson(n.a) }}", "", "expands to more than"},
	"many parts":            {"{{ ('a,' * 50000000).split(',')|length }}", "", "a list of 50000001 elements"},
	"shared lists, config":  {"{% set n = namespace(a=[1]) %}{% for i in range(60) %}{% set n.a = [n.a, n.a] %}{% endfor %}{{ config(meta={'a': n.a}) }}", "", "expands to more than"},
	"permutations":          {"{{ modules.itertools.permutations(range(30))|list|length }}", "", "MR2006"},
	"backtracking":          {"{{ modules.re.match('(a+)+$', 'a' * 40 ~ 'b') }}", "", "took longer than"},
	"huge repetition":       {"{{ modules.re.match('a{1000}{1000}{1000}', 'a') }}", "", "cannot compile the regular expression"},
	"deep brackets":         {"{{ " + strings.Repeat("(", 200000) + "1" + strings.Repeat(")", 200000) + " }}", "", "nested too deeply"},
	"deep blocks":           {strings.Repeat("{% if 1 %}", 50000), "", "nested too deeply"},
	"deep JSON":             {"{{ fromjson('[' * 1000000) }}", "", ""},
	"deep YAML":             {"{{ fromyaml('- ' * 100000) }}", "", ""},
}

const hostileProfile = "p: {target: dev, outputs: {dev: {type: duckdb, path: p.duckdb}}}\n"

// hostileMemory bounds the collector, hostileResident what the process may take at its peak:
// a binary with DuckDB in it, twice the bound of the collector, and room for threads.
const (
	hostileMemory   = "256MiB"
	hostileResident = 1 << 30
	hostileTime     = 2 * time.Minute
)

func TestHostileModelsEnd(t *testing.T) {
	for name, c := range hostileModels {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := map[string]string{"models/a.sql": c.model, "macros/m.sql": c.macros}
			out, code := runHostile(t, files, "parse")
			if want := map[bool]int{true: exitOK, false: exitProject}[c.want == ""]; code != want {
				t.Errorf("exit code %d, want %d:\n%s", code, want, out)
			}
			if !strings.Contains(out, c.want) {
				t.Errorf("the message does not say %q:\n%s", c.want, out)
			}
		})
	}
}

// TestHostileFilesEnd has files that attack the reader instead of the templates.
func TestHostileFilesEnd(t *testing.T) {
	bomb := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for i := 'b'; i < 'n'; i++ {
		bomb += fmt.Sprintf("%c: &%c [%s]\n", i, i, strings.TrimSuffix(strings.Repeat("*"+string(i-1)+",", 9), ","))
	}
	merges := "m0: &m0 {k: 1}\n"
	for i := 1; i < 2000; i++ {
		merges += fmt.Sprintf("m%d: &m%d\n  <<: [%s]\n  k%d: 1\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*m%d,", i-1), 20), ","), i)
	}
	for name, c := range map[string]struct{ path, text, want string }{
		"alias bomb":           {"models/s.yml", bomb, "the aliases of this file expand to more than"},
		"alias bomb, project":  {"dbt_project.yml", "name: p\nprofile: p\n" + bomb, "the aliases of this file expand to more than"},
		"alias to itself":      {"models/s.yml", "x: &x [*x]\n", "refers to a value that contains it"},
		"merges of merges":     {"models/s.yml", merges, "MR1003"},
		"deep flow":            {"models/s.yml", "x: " + strings.Repeat("[", 200000), "MR1003"},
		"deep list in a line":  {"models/s.yml", strings.Repeat("- ", 200000) + "a", "nested more than 400 levels deep"},
		"deep mapping":         {"models/s.yml", deepMapping(1500), "nested more than 400 levels deep"},
		"binary":               {"models/s.yml", "\x00\xff\xfe", "is not valid UTF-8"},
		"tags":                 {"models/s.yml", "x: !!python/object/apply:os.system ['touch owned']\n", "is not supported"},
		"folder as a file":     {"models/s.yml/x", "", ""},
		"folder up":            {"dbt_project.yml", "name: p\nprofile: p\nmodel-paths: ['../../../../../../etc']\n", ""},
		"quotes in the schema": {"models/b.sql", "{{ config(schema='x\"; drop table a; --') }} select 1 as id", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, code := runHostile(t, map[string]string{"models/a.sql": "select 1 as id", c.path: c.text}, "parse")
			if code != exitOK && code != exitProject || c.want != "" && code != exitProject {
				t.Errorf("exit code %d:\n%s", code, out)
			}
			if !strings.Contains(out, c.want) {
				t.Errorf("the message does not say %q:\n%s", c.want, out)
			}
		})
	}
}

func deepMapping(depth int) string {
	var b strings.Builder
	for i := range depth {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

// runHostile runs a command on a project in a process of its own, with little memory.
func runHostile(t *testing.T, files map[string]string, args ...string) (out string, code int) {
	t.Helper()
	dir := t.TempDir()
	all := map[string]string{"dbt_project.yml": "name: p\nprofile: p\n", "profiles.yml": hostileProfile}
	for path, text := range files {
		all[path] = text
	}
	for path, text := range all {
		path = filepath.Join(dir, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), hostileTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), asProgram+"=1", "NO_COLOR=1", "GOMEMLIMIT="+hostileMemory)
	var text bytes.Buffer
	cmd.Stdout, cmd.Stderr = &text, &text
	_ = cmd.Run()
	if ctx.Err() != nil {
		t.Fatalf("still running after %s:\n%s", hostileTime, text.String())
	}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok && usage.Maxrss<<10 > hostileResident {
		t.Errorf("took %d MiB", usage.Maxrss>>10)
	}
	if strings.Contains(text.String(), "goroutine ") {
		t.Errorf("it crashed:\n%.2000s", text.String())
	}
	return text.String(), cmd.ProcessState.ExitCode()
}
