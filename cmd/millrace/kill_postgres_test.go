package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/millrace/millrace/adapters/adaptertest"
)

func postgresKillTarget(t *testing.T, server *adaptertest.Server) killTarget {
	t.Helper()
	rows := func(query string) (string, error) {
		ctx := context.Background()
		c, err := pgx.Connect(ctx, server.DSN())
		if err != nil {
			return "", err
		}
		defer func() { _ = c.Close(ctx) }()
		found, err := c.Query(ctx, query)
		if err != nil {
			return "", err
		}
		defer found.Close()
		var names []string
		for _, f := range found.FieldDescriptions() {
			names = append(names, f.Name)
		}
		lines := []string{strings.Join(names, "|")}
		for found.Next() {
			values, err := found.Values()
			if err != nil {
				return "", err
			}
			cells := make([]string, len(values))
			for i, v := range values {
				cells[i] = fmt.Sprint(v)
			}
			lines = append(lines, strings.Join(cells, "|"))
		}
		return strings.Join(lines, "\n") + "\n", found.Err()
	}
	return killTarget{
		profile: fmt.Sprintf("{type: postgres, host: '%s', port: %d, user: '%s', password: '%s', dbname: '%s', schema: main, threads: 2}",
			server.Host, server.Port, server.User, server.Password, server.Database),
		rows: rows,
		settled: func(t *testing.T) {
			t.Helper()
			for deadline := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
				got, err := rows("select count(*) as n from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()")
				if err == nil && got == "n\n0\n" {
					return
				}
				if time.Now().After(deadline) {
					t.Fatalf("a killed build still holds a connection: %s %v", got, err)
				}
			}
		},
	}
}

// TestServerRestartDuringBuild restarts the server, hard, while models are built: they start again and the build ends well.
func TestServerRestartDuringBuild(t *testing.T) {
	server := adaptertest.Postgres(t)
	if server.Foreign() {
		t.Skip("the server is not this test's to restart")
	}
	dir := t.TempDir()
	files := map[string]string{
		"dbt_project.yml": "name: p\nprofile: p\nmodels: {+materialized: table}\n",
		"profiles.yml":    "p: {target: dev, outputs: {dev: " + postgresKillTarget(t, server).profile + "}}\n",
	}
	for i := range 6 {
		files[fmt.Sprintf("models/m%d.sql", i)] = "select 1 as id, pg_sleep(0.4)::text as slept\n"
	}
	writeFiles(t, dir, files)
	type outcome struct {
		out []byte
		err error
	}
	ended := make(chan outcome)
	go func() {
		out, err := programCommand(dir, "build").CombinedOutput()
		ended <- outcome{out, err}
	}()
	// The moment is after the first model and before the last, however slow the machine is.
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(20 * time.Millisecond) {
		got, err := postgresKillTarget(t, server).rows("select count(*) as n from information_schema.tables where table_schema = 'main'")
		if err != nil {
			t.Fatal(err)
		}
		if got != "n\n0\n" {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("no model was built")
		}
	}
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	end := <-ended
	if end.err != nil || !strings.Contains(string(end.out), "PASS=6") || !strings.Contains(string(end.out), "trying again") {
		t.Errorf("the build over a restart: %v\n%s", end.err, end.out)
	}
}
