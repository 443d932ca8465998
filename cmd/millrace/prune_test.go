package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/millrace/millrace/adapters/adaptertest"
)

// TestPruneOnPostgres drops what nobody owns, materialized views included, but nothing that a
// model or another team's view reads: drops cascade there.
func TestPruneOnPostgres(t *testing.T) {
	server := adaptertest.Postgres(t)
	dir := t.TempDir()
	files := map[string]string{
		"dbt_project.yml":  "name: p\nprofile: p\n",
		"profiles.yml":     fmt.Sprintf("p: {target: dev, outputs: {dev: {type: postgres, host: '%s', port: %d, user: '%s', password: '%s', dbname: '%s', schema: prune_p, threads: 1}}}\n", server.Host, server.Port, server.User, server.Password, server.Database),
		"models/plain.sql": "select 1 as id\n",
		"models/hard.sql":  "{{ config(enabled=var('later', false)) }} select * from prune_p.read_by_model\n",
	}
	writeFiles(t, dir, files)
	t.Chdir(dir)
	millrace := func(args ...string) string {
		t.Helper()
		var out bytes.Buffer
		if code := newApp(&out, &out).run(context.Background(), args); code != exitOK {
			t.Fatalf("millrace %s: exit code %d\n%s", strings.Join(args, " "), code, out.String())
		}
		return out.String()
	}
	millrace("run-operation", "--sql", "drop schema if exists prune_p cascade; drop schema if exists prune_other cascade; create schema prune_p; create schema prune_other; "+
		"create table prune_p.read_by_model as select 1 as id; create table prune_p.read_by_others as select 1 as id; "+
		"create view prune_other.report as select * from prune_p.read_by_others; create table prune_p.gone as select 1 as id; create view prune_p.gone_too as select * from prune_p.gone; "+
		"create materialized view prune_p.stale as select 1 as id; create table prune_p.renamed__dbt_backup as select 1 as id; create function prune_p.f() returns int language sql as 'select 1'")
	defer millrace("run-operation", "--sql", "drop schema if exists prune_p cascade; drop schema if exists prune_other cascade")
	millrace("build", "--vars", "{later: true}")
	out := millrace("prune", "--apply", "--vars", "{later: true}")
	for _, want := range []string{
		`kept        table             "` + server.Database + `"."prune_p"."read_by_model" (no node owns it, but "` + server.Database + `"."prune_p"."hard" reads it)`,
		`kept        table             "` + server.Database + `"."prune_p"."read_by_others" (no node owns it, but "` + server.Database + `"."prune_other"."report" reads it)`,
		`dropped     materialized_view "` + server.Database + `"."prune_p"."stale" (no node owns it)`,
		`"prune_p"."renamed__dbt_backup" (left over from an interrupted build)`,
		`"prune_p"."gone_too"`, "Dropped 4 relations, kept 2, failed 0.",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	again := millrace("prune", "--vars", "{later: true}")
	if !strings.Contains(again, "(2 relations of nodes, tests and sources)") || !strings.Contains(again, "Nothing to drop.") || strings.Contains(again, "would drop") {
		t.Errorf("after the prune:\n%s", again)
	}
}
