package main

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// TestQuarantineByTests sets aside what data tests of a source would find: no model ever sees it,
// its bytes are kept, and it lands when the test lets it.
func TestQuarantineByTests(t *testing.T) {
	source := func(values string) string {
		return "sources:\n  - name: raw\n    schema: checked_raw\n    tables:\n      - name: orders\n        config: {meta: {stream: {type: kafka, connection: main, topics: [orders], on_test_failure: quarantine}}}\n" +
			"        columns:\n          - {name: id, data_type: bigint}\n" +
			"          - {name: amount, data_type: bigint, data_tests: [not_null]}\n" +
			"          - name: kind\n            data_type: text\n            data_tests: [{accepted_values: {arguments: {values: [" + values + "]}, config: {where: id < 1000}}}]\n" +
			"          - {name: level, data_type: integer, data_tests: [{accepted_values: {arguments: {values: [1, 2], quote: false}, config: {severity: warn}}}]}\n"
	}
	project := map[string]string{
		"dbt_project.yml":    windowProject["dbt_project.yml"],
		"profiles.yml":       windowProject["profiles.yml"],
		"streams.yml":        windowProject["streams.yml"],
		"models/sources.yml": source("web, app"),
		"models/sums.sql":    "{{ config(materialized='incremental', unique_key='kind', meta={'stream': true}) }}\nselect kind, count(*) as n, sum(amount) as total from {{ source('raw', 'orders') }} group by kind\n",
	}
	onBothTargets(t, project, func(t *testing.T, target string) {
		writeFiles(t, ".", project)
		c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, "orders"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		t.Setenv("SHOP_BROKERS", strings.Join(c.ListenAddrs(), ","))
		cl, err := kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...), kgo.DefaultProduceTopic("orders"), kgo.RecordPartitioner(kgo.ManualPartitioner()))
		if err != nil {
			t.Fatal(err)
		}
		defer cl.Close()
		send := func(id int, rest string) {
			t.Helper()
			r := &kgo.Record{Partition: int32(id % 2), Value: fmt.Appendf(nil, `{"id":%d%s}`, id, rest)}
			if err := cl.ProduceSync(context.Background(), r).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
		for id := range 40 {
			kind := []string{"web", "app", "fax"}[id%3]
			amount := fmt.Sprint(id)
			if id%10 == 7 {
				amount = "null"
			}
			send(id, fmt.Sprintf(`,"kind":%q,"amount":%s,"level":3`, kind, amount))
		}
		send(2000, `,"kind":"fax","amount":1,"level":1`) // the test's where leaves it out
		send(41, `,"amount":1,"level":1`)                // no kind: accepted_values says nothing of it
		send(42, `,"kind":"web","amount":"broken"`)      // bad by itself
		ask := func(sql string) string {
			t.Helper()
			out := millrace(t, "show", "--quiet", "--output", "json", "--target", target, "--inline", "select cast(("+sql+") as text) as answer")
			_, out, _ = strings.Cut(out, `"answer": "`)
			out, _, _ = strings.Cut(out, `"`)
			return out
		}
		is := func(sql, want string) {
			t.Helper()
			if got := ask(sql); got != want {
				t.Errorf("%s: %s, want %s", sql, got, want)
			}
		}
		const codes = "select string_agg(code || ' ' || field || ' ' || n, ', ' order by code, field) from (select code, field, count(*) as n from _stream.quarantine where status = 'quarantined' group by code, field) q"
		out := millrace(t, "build", "--target", target)
		if !strings.Contains(out, "WARN") || strings.Contains(out, "FAIL ") {
			t.Errorf("the tests of the source say:\n%s", out)
		}
		// 13 of 40 are of fax; of the others 3 have no amount (7, 27, 37), and 17 is of fax.
		is(codes, "test_failure amount 4, test_failure kind 12, type_mismatch amount 1")
		is("select count(*) from {{ source('raw', 'orders') }}", "26")
		is("select sum(n) from {{ ref('sums') }}", "26")
		is("select n from {{ ref('sums') }} where kind = 'fax'", "1")
		is("select cast(min(stage) as text) from _stream.quarantine where code = 'test_failure'", "test")
		// Nothing changes while the tests are the same; a test that lets more in lets it land.
		if out := millrace(t, "stream", "quarantine", "replay", "--target", target); !strings.Contains(out, "test_failure") {
			t.Errorf("the replay says:\n%s", out)
		}
		is("select count(*) from {{ source('raw', 'orders') }}", "26")
		writeFiles(t, ".", map[string]string{"models/sources.yml": source("web, app, fax")})
		millrace(t, "stream", "quarantine", "replay", "--target", target)
		is(codes, "test_failure amount 4, type_mismatch amount 1")
		millrace(t, "build", "--target", target)
		is("select n from {{ ref('sums') }} where kind = 'fax'", "13")
		millrace(t, "stream", "verify", "--target", target)
	})
}
