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
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/millrace/millrace/adapters/adaptertest"
)

// asProgram makes the test binary behave as millrace, for tests that must kill a process.
const asProgram = "MILLRACE_TEST_AS_PROGRAM"

func programCommand(dir string, args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), asProgram+"=1", "NO_COLOR=1")
	return cmd
}

// killTarget is a database to kill builds on.
type killTarget struct {
	profile string                             // the output, as profiles.yml has it
	rows    func(query string) (string, error) // the rows of a query, a line each after the names
	settled func(t *testing.T)                 // waits until the engine has noticed that a client is gone
}

// TestKilledBuildsAreRepaired kills builds at random moments: the database must open again,
// hold for every model the old rows or the new ones and nothing half done, and the next
// build must finish. MILLRACE_KILLS sets how often (default 8 on each engine).
func TestKilledBuildsAreRepaired(t *testing.T) {
	t.Run("duckdb", func(t *testing.T) { killBuilds(t, duckdbKillTarget(t)) })
	t.Run("postgres", func(t *testing.T) { killBuilds(t, postgresKillTarget(t, adaptertest.Postgres(t))) })
}

func duckdbKillTarget(t *testing.T) killTarget {
	t.Helper()
	path := filepath.Join(t.TempDir(), "p.duckdb")
	return killTarget{
		profile: "{type: duckdb, path: '" + path + "', schema: main, threads: 2}",
		rows: func(query string) (string, error) {
			var b bytes.Buffer
			err := printRows(path, query, &b)
			return b.String(), err
		},
		settled: func(*testing.T) {},
	}
}

func killBuilds(t *testing.T, target killTarget) {
	kills := 8
	if n, err := strconv.Atoi(os.Getenv("MILLRACE_KILLS")); err == nil {
		kills = n
	}
	dir := t.TempDir()
	writeKillProject(t, dir, target)
	start := time.Now()
	if out, err := programCommand(dir, "build", "--quiet").CombinedOutput(); err != nil {
		t.Fatalf("first build: %v\n%s", err, out)
	}
	took := time.Since(start)
	seed := time.Now().UnixNano()
	t.Logf("seed %d, a build takes %s", seed, took)
	random := rand.New(rand.NewSource(seed))
	for i := range kills {
		cmd := programCommand(dir, "build", "--quiet", "--vars", fmt.Sprintf("generation: %d", i+1))
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(random.Int63n(int64(took))))
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		target.settled(t)
		target.checkWhole(t, i)
		if t.Failed() {
			return
		}
	}
	out, err := programCommand(dir, "build").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "ERROR=0") {
		t.Fatalf("the build after the kills: %v\n%s", err, out)
	}
	target.checkWhole(t, kills)
}

const killModels = 12

func writeKillProject(t *testing.T, dir string, target killTarget) {
	t.Helper()
	files := map[string]string{
		"dbt_project.yml": "name: p\nprofile: p\nmodels: {+materialized: table}\n",
		"profiles.yml":    "p: {target: dev, outputs: {dev: " + target.profile + "}}\n",
		"seeds/s.csv":     "id,v\n1,a\n2,b\n3,c\n",
	}
	for i := range killModels {
		body := "select id, {{ var('generation', 0) }} as generation from generate_series(1, 20000) t(id)\n"
		if i%3 == 1 {
			body = "{{ config(materialized='incremental', unique_key='id') }}\n" + body
		}
		files[fmt.Sprintf("models/m%02d.sql", i)] = body
	}
	writeFiles(t, dir, files)
}

// checkWhole looks into the database after a kill: every relation is there under its name, with the rows of
// one build, and none beside them.
func (k killTarget) checkWhole(t *testing.T, round int) {
	t.Helper()
	rows := func(query string) string {
		out, err := k.rows(query)
		if err != nil {
			t.Errorf("after kill %d: %v", round, err)
		}
		return out
	}
	want := "table_name\n"
	for i := range killModels {
		want += fmt.Sprintf("m%02d\n", i)
	}
	want += "s\n"
	if got := rows("select table_name from information_schema.tables where table_schema = 'main' order by 1"); got != want {
		t.Errorf("after kill %d the tables are\n%s", round, got)
	}
	for i := range killModels {
		got := rows(fmt.Sprintf("select count(*) as n, count(distinct generation) as generations from main.m%02d", i))
		if got != "n|generations\n20000|1\n" {
			t.Errorf("after kill %d, m%02d is half written: %s", round, i, got)
		}
	}
}

// runAsProgram is main for a process that TestMain started as the program.
func runAsProgram(stdout, stderr io.Writer) int {
	a := newApp(stdout, stderr)
	a.steps = killedAt(os.Getenv(killAt))
	return a.run(context.Background(), os.Args[1:])
}

// killAt says at which step of a model's advance or a tick a process kills itself, and
// the how manieth time: "rows@3".
const killAt = "MILLRACE_TEST_KILL_AT"

func killedAt(text string) func(string) error {
	step, count, ok := strings.Cut(text, "@")
	if !ok {
		return nil
	}
	n, err := strconv.ParseInt(count, 10, 64)
	if err != nil {
		panic(err)
	}
	var left atomic.Int64
	left.Store(n)
	return func(where string) error {
		if where == step && left.Add(-1) == 0 {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // the signal is on its way
		}
		return nil
	}
}
