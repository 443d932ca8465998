package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/millrace/millrace/adapters/adaptertest"
)

// TestFailingRowsOnPostgres: an error while rows are fetched, which ends the transaction
// there, changes nothing about what the test found.
func TestFailingRowsOnPostgres(t *testing.T) {
	server := adaptertest.Postgres(t)
	dir := t.TempDir()
	files := map[string]string{
		"dbt_project.yml":        "name: p\nprofile: p\n",
		"profiles.yml":           fmt.Sprintf("p: {target: dev, outputs: {dev: {type: postgres, host: '%s', port: %d, user: '%s', password: '%s', dbname: '%s', schema: rows_p, threads: 1}}}\n", server.Host, server.Port, server.User, server.Password, server.Database),
		"models/a.sql":           "select null::int as id, 'left' as side union all select null, 'right' union all select 3, 'left'\n",
		"models/schema.yml":      "models: [{name: a, columns: [{name: id, data_tests: [not_null]}, {name: side, data_tests: [unique]}]}]\n",
		"macros/not_null.sql":    "{% test not_null(model, column_name) %}select {{ column_name }}\nfrom {{ model }} where {{ column_name }} is null group by {{ column_name }}{% endtest %}\n",
		"tests/uncountable.sql":  "select 1 / (id - 3) as broken from {{ ref('a') }} where id = 3\n",
		"tests/stored_rows.sql":  "{{ config(store_failures=true) }} select * from {{ ref('a') }} where id = 3\n",
		"tests/passes_again.sql": "select * from {{ ref('a') }} where id > 3\n",
	}
	writeFiles(t, dir, files)
	t.Chdir(dir)
	var out bytes.Buffer
	if code := newApp(&out, &out).run(context.Background(), []string{"build"}); code != exitFailed {
		t.Fatalf("exit code %d\n%s", code, out.String())
	}
	section := func(name string) string {
		_, after, ok := strings.Cut(out.String(), "in test "+name+" (")
		if !ok {
			t.Errorf("%s did not fail:\n%s", name, out.String())
		}
		text, _, _ := strings.Cut(after, "compiled code at")
		return text
	}
	for name, want := range map[string]string{
		"not_null_a_id": "| id |", // select * cannot be grouped by id: the test's own query is shown
		"unique_a_side": "| left         |         2 |",
		"stored_rows":   "|  3 | left |",
	} {
		if text := section(name); !strings.Contains(text, "Got 1 result") || !strings.Contains(text, want) {
			t.Errorf("%s: no %q in\n%s", name, want, text)
		}
	}
	if text := section("uncountable"); !strings.Contains(text, "Got 1 result") || strings.Contains(text, "Failing rows") {
		t.Errorf("rows that cannot be fetched are left out:\n%s", text)
	}
	if !strings.Contains(out.String(), "Done. PASS=2 WARN=0 ERROR=4") {
		t.Error(out.String())
	}
}

// TestTestsOfLostColumnOnPostgres: the scan that would clear the tests of a relation together
// fails, and so does each test on its own, for the column and not for the scan's transaction.
func TestTestsOfLostColumnOnPostgres(t *testing.T) {
	server := adaptertest.Postgres(t)
	dir := t.TempDir()
	writeFiles(t, dir, map[string]string{
		"dbt_project.yml":   "name: p\nprofile: p\n",
		"profiles.yml":      fmt.Sprintf("p: {target: dev, outputs: {dev: {type: postgres, host: '%s', port: %d, user: '%s', password: '%s', dbname: '%s', schema: lost_p, threads: 1}}}\n", server.Host, server.Port, server.User, server.Password, server.Database),
		"models/a.sql":      "select 1 as id\n",
		"models/t.sql":      "{{ config(materialized='table') }}\nselect lost_function(1) as id\n",
		"models/schema.yml": "models: [{name: a, columns: [{name: lost, data_tests: [unique, not_null, accepted_values: {arguments: {values: [x]}}]}]}]\n",
	})
	t.Chdir(dir)
	var out bytes.Buffer
	if code := newApp(&out, &out).run(context.Background(), []string{"build"}); code != exitFailed {
		t.Fatalf("exit code %d\n%s", code, out.String())
	}
	text := out.String()
	if n := strings.Count(text, `column "lost" does not exist`); n != 3 || strings.Contains(text, "aborted") {
		t.Errorf("%d of 3 tests tell of the column:\n%s", n, text)
	}
	// as in dbt, whatever stands above the query
	if !strings.Contains(text, "LINE 13: select lost_function(1) as id") {
		t.Errorf("the line is not dbt's:\n%s", text)
	}
}
