package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// asProgram makes the test binary behave as millrace, for tests that must kill a process.
const asProgram = "MILLRACE_TEST_AS_PROGRAM"

func programCommand(dir string, args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), asProgram+"=1", "NO_COLOR=1")
	return cmd
}

// TestKilledBuildsAreRepaired kills builds at random moments: the database must open again,
// hold for every model the old rows or the new ones and nothing half done, and the next
// build must finish. MILLRACE_KILLS sets how often (default 12).
func TestKilledBuildsAreRepaired(t *testing.T) {
	kills := 12
	if n, err := strconv.Atoi(os.Getenv("MILLRACE_KILLS")); err == nil {
		kills = n
	}
	dir := t.TempDir()
	writeProject(t, dir)
	if out, err := programCommand(dir, "build", "--quiet").CombinedOutput(); err != nil {
		t.Fatalf("first build: %v\n%s", err, out)
	}
	seed := time.Now().UnixNano()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewSource(seed))
	for i := range kills {
		cmd := programCommand(dir, "build", "--quiet", "--vars", fmt.Sprintf("generation: %d", i+1))
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(random.Intn(700)) * time.Millisecond)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		checkWhole(t, dir, i)
		if t.Failed() {
			return
		}
	}
	out, err := programCommand(dir, "build").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "ERROR=0") {
		t.Fatalf("the build after the kills: %v\n%s", err, out)
	}
	checkWhole(t, dir, kills)
}

func writeProject(t *testing.T, dir string) {
	t.Helper()
	files := map[string]string{
		"dbt_project.yml": "name: p\nprofile: p\nmodels: {+materialized: table}\n",
		"profiles.yml":    "p: {target: dev, outputs: {dev: {type: duckdb, path: p.duckdb, threads: 2}}}\n",
		"seeds/s.csv":     "id,v\n1,a\n2,b\n3,c\n",
	}
	for i := range 12 {
		body := "select range as id, {{ var('generation', 0) }} as generation from range(20000)\n"
		if i%3 == 1 {
			body = "{{ config(materialized='incremental', unique_key='id') }}\n" + body
		}
		files[fmt.Sprintf("models/m%02d.sql", i)] = body
	}
	writeFiles(t, dir, files)
}

// checkWhole looks into the database after a kill.
func checkWhole(t *testing.T, dir string, round int) {
	t.Helper()
	rows := func(query string) string {
		var b bytes.Buffer
		if err := printRows(filepath.Join(dir, "p.duckdb"), query, &b); err != nil {
			t.Errorf("after kill %d: %v", round, err)
		}
		return b.String()
	}
	want := "table_name\n"
	for i := range 12 {
		want += fmt.Sprintf("m%02d\n", i)
	}
	want += "s\n"
	if got := rows("select table_name from information_schema.tables where table_schema = 'main' order by 1"); got != want {
		t.Errorf("after kill %d the tables are\n%s", round, got)
	}
	for i := range 12 {
		got := rows(fmt.Sprintf("select count(*) as n, count(distinct generation) as generations from main.m%02d", i))
		if got != "n|generations\n20000|1\n" {
			t.Errorf("after kill %d, m%02d is half written: %s", round, i, got)
		}
	}
}

// runAsProgram is main for a process that TestMain started as the program.
func runAsProgram(stdout, stderr io.Writer) int {
	return newApp(stdout, stderr).run(context.Background(), os.Args[1:])
}
