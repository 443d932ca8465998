package main

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// TestFollowRetention: what models have made of rows stays when the rows go. A model that
// would need them is refused, before anything of it changes.
func TestFollowRetention(t *testing.T) {
	source := func(retention string) string {
		return "sources:\n  - name: raw\n    schema: kept_raw\n    tables:\n      - name: orders\n        config: {meta: {stream: {type: kafka, connection: main, topics: [orders]" + retention + "}}}\n" +
			"        columns: [{name: id, data_type: bigint}, {name: customer, data_type: bigint}, {name: amount, data_type: bigint}]\n"
	}
	project := map[string]string{
		"dbt_project.yml":    windowProject["dbt_project.yml"],
		"profiles.yml":       windowProject["profiles.yml"],
		"streams.yml":        windowProject["streams.yml"],
		"models/sources.yml": source(""),
		"models/each.sql":    "{{ config(materialized='incremental', meta={'stream': true}) }}\nselect id, customer, amount, _stream_batch from {{ source('raw', 'orders') }}\n",
		"models/sums.sql":    "{{ config(materialized='incremental', unique_key='customer', meta={'stream': true}) }}\nselect customer, count(*) as n, sum(amount) as total{% if var('more', false) %}, max(id) as latest{% endif %} from {{ source('raw', 'orders') }} group by customer\n",
		// Above them all rows are there: each keeps what has gone from the stream's table.
		"models/means.sql": "{{ config(materialized='incremental', unique_key='customer', meta={'stream': true}) }}\nselect customer, avg(amount) as mean from {{ ref('each') }} group by customer\n",
	}
	onBothTargets(t, project, func(t *testing.T, target string) {
		writeFiles(t, ".", project) // as it was before the other target
		c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "orders"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		t.Setenv("SHOP_BROKERS", strings.Join(c.ListenAddrs(), ","))
		cl, err := kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...), kgo.DefaultProduceTopic("orders"))
		if err != nil {
			t.Fatal(err)
		}
		defer cl.Close()
		sent := 0
		send := func() {
			t.Helper()
			for range 20 {
				cl.Produce(context.Background(), &kgo.Record{Value: fmt.Appendf(nil, `{"id":%d,"customer":%d,"amount":%d}`, sent, sent%3, sent)}, nil)
				sent++
			}
			if err := cl.Flush(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		ask := func(sql string) string {
			t.Helper()
			out := millrace(t, "show", "--quiet", "--output", "json", "--target", target, "--inline", "select cast(("+sql+") as bigint) as answer")
			_, out, _ = strings.Cut(out, `"answer": `)
			out, _, _ = strings.Cut(out, "}")
			return strings.TrimSpace(out)
		}
		fails := func(want string, args ...string) {
			t.Helper()
			var out syncBuffer
			if code := newApp(&out, &out).run(context.Background(), append(args, "--target", target)); code == exitOK || !strings.Contains(out.String(), want) {
				t.Errorf("millrace %s: exit %d, and it does not say %q:\n%s", strings.Join(args, " "), code, want, out.String())
			}
		}
		send()
		millrace(t, "build", "--target", target) // the table has no partitions: rows go one by one on both engines
		writeFiles(t, ".", map[string]string{"models/sources.yml": source(", retention: 1ms")})
		send()
		// Rows go when the next build lands, after their models have taken them in.
		millrace(t, "build", "--target", target)
		send()
		if out := millrace(t, "build", "--target", target); !strings.Contains(out, "rows that were older than 1ms are gone") {
			t.Errorf("nothing is said of rows that went:\n%s", out)
		}
		if n := ask("select count(*) from {{ source('raw', 'orders') }}"); n == "60" || n == "0" {
			t.Errorf("%s rows are in the stream's table", n)
		}
		for _, model := range []string{"select count(*) from {{ ref('each') }}", "select sum(n) from {{ ref('sums') }}"} {
			if n := ask(model); n != "60" {
				t.Errorf("%s: %s", model, n)
			}
		}
		if n := ask("select sum(total) from {{ ref('sums') }}"); n != "1770" {
			t.Errorf("the sum is %s", n)
		}
		if n := ask("select round(sum(mean)) from {{ ref('means') }}"); n != "89" { // (28.5 + 29.5 + 30.5), rounded
			t.Errorf("the means are %s", n)
		}
		if out := millrace(t, "stream", "verify", "--target", target); !strings.Contains(out, "are gone (retention)") {
			t.Errorf("verify compares with what is gone:\n%s", out)
		}
		// A changed query would be built from what is left.
		send()
		fails("that it has taken in are gone (retention)", "build", "--vars", "more: true")
		if n := ask("select sum(n) from {{ ref('sums') }}"); n != "60" {
			t.Errorf("after the refusal the model has %s orders", n)
		}
		writeFiles(t, ".", map[string]string{"models/means.sql": "{{ config(materialized='incremental', unique_key='customer', meta={'stream': true}) }}\nselect customer, avg(amount) as mean from {{ source('raw', 'orders') }} group by customer\n"})
		fails("raw.orders keeps rows for a time only (retention)", "build", "--select", "means", "--full-refresh")
		millrace(t, "build", "--select", "sums", "--full-refresh", "--vars", "more: true", "--target", target)
		if n := ask("select sum(n) from {{ ref('sums') }}"); n == "80" || n == "" {
			t.Errorf("a full refresh has %s orders, also those that are gone", n)
		}
	})
}
