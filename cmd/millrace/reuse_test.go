package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/millrace/millrace/adapters/adaptertest"
)

// TestReuseAfterCrash: whatever moment a build of a node ends at, the next one builds the node
// and what is made from it; none takes for unchanged what the crash left behind.
func TestReuseAfterCrash(t *testing.T) {
	t.Run("duckdb", func(t *testing.T) { crashReuse(t, duckdbKillTarget(t)) })
	t.Run("postgres", func(t *testing.T) { crashReuse(t, postgresKillTarget(t, adaptertest.Postgres(t))) })
}

func crashReuse(t *testing.T, target killTarget) {
	dir := t.TempDir()
	t.Chdir(dir) // the command goes there itself
	write := func(name, text string) {
		t.Helper()
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("dbt_project.yml", "name: p\nprofile: p\n")
	write("profiles.yml", "p: {target: dev, outputs: {dev: "+target.profile+"}}\n")
	write("seeds/raw.csv", "id\n1\n")
	write("models/total.sql", "{{ config(materialized='table') }} select sum(id) as n from {{ ref('raw') }}")
	write("models/kept.sql", "{{ config(materialized='incremental', unique_key='id') }} select id from {{ ref('raw') }}")
	write("models/seen.sql", "select n from {{ ref('total') }}")
	build := func(crash string) string {
		t.Helper()
		var out bytes.Buffer
		a := newApp(&out, &out)
		a.steps = func(where string) error {
			if where == crash {
				return errors.New("crash")
			}
			return nil
		}
		a.run(context.Background(), []string{"build", "--skip-unchanged", "--threads", "1", "--project-dir", dir, "--profiles-dir", dir})
		return out.String()
	}
	reused := func(out string) string { return regexp.MustCompile(`REUSED=\d+`).FindString(out) }
	rows := func(want string) {
		t.Helper()
		got, err := target.rows("select n from main.seen")
		if err != nil || got != "n\n"+want+"\n" {
			t.Fatalf("seen holds %q, want %s: %v", got, want, err)
		}
	}
	build("")
	build("") // the incremental model shows that nothing is left
	if out := build(""); reused(out) != "REUSED=4" {
		t.Fatalf("not all was reused:\n%s", out)
	}
	seeds := []string{"id\n1\n2\n", "id\n1\n", "id\n1\n2\n3\n"}
	wants := []string{"3", "1", "6"}
	for i, crash := range []string{"forgotten", "built", "built"} {
		write("seeds/raw.csv", seeds[i])
		build(crash)
		out := build("")
		for _, name := range []string{"raw", "total", "kept", "seen"} {
			if !strings.Contains(out, "Not reused: "+name+",") {
				t.Errorf("after a crash at %q, %s was reused:\n%s", crash, name, out)
			}
		}
		rows(wants[i])
	}
	build("")
	if out := build(""); reused(out) != "REUSED=4" {
		t.Errorf("not all was reused in the end:\n%s", out)
	}
	// The seed is as it was at its last success, but another build has loaded another one.
	write("seeds/raw.csv", "id\n7\n")
	build("built")
	write("seeds/raw.csv", seeds[2])
	if out := build(""); !strings.Contains(out, "Not reused: raw,") {
		t.Errorf("a seed was reused that another build had replaced:\n%s", out)
	}
	rows("6")
	// Rows that are changed by hand are none that a build has left.
	build("")
	build("")
	for _, hand := range []struct{ name, sql string }{{"total", "update main.total set n = 9"}, {"kept", "delete from main.kept where id = 1"}} {
		if _, err := target.rows(hand.sql); err != nil {
			t.Fatal(err)
		}
		if out := build(""); !strings.Contains(out, "Not reused: "+hand.name+", something else has changed its relation") {
			t.Errorf("after %q:\n%s", hand.sql, out)
		}
	}
	rows("6")
}
