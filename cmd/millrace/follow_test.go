package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/adaptertest"
	"github.com/millrace/millrace/adapters/duckdb"
	"github.com/millrace/millrace/adapters/kafka/ledger"
	"github.com/millrace/millrace/adapters/postgres"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// followProject has models of every way to follow a stream.
var followProject = map[string]string{
	"dbt_project.yml": "name: shop\nversion: '1.0.0'\nconfig-version: 2\nprofile: shop\nmodel-paths: [models]\nseed-paths: [seeds]\n",
	"profiles.yml": `shop:
  target: "{{ env_var('FOLLOW_TARGET') }}"
  outputs:
    duckdb: {type: duckdb, path: shop.duckdb, schema: main, threads: 3}
    postgres: {type: postgres, host: "{{ env_var('FOLLOW_HOST', '') }}", port: "{{ env_var('FOLLOW_PORT', '5432') | int }}", user: "{{ env_var('FOLLOW_USER', '') }}",
      password: "{{ env_var('FOLLOW_PASSWORD', '') }}", dbname: "{{ env_var('FOLLOW_DB', '') }}", schema: main, threads: 3}
`,
	"streams.yml":     "connections:\n  main:\n    brokers: \"{{ env_var('SHOP_BROKERS') }}\"\n",
	"seeds/tiers.csv": "customer,tier\nc1,gold\nc2,silver\n",
	"models/sources.yml": `sources:
  - name: raw
    schema: raw
    tables:
      - name: orders
        config: {meta: {stream: {type: kafka, connection: main, topics: [orders], max_latency: 100ms}}}
        columns:
          - {name: id, data_type: bigint}
          - {name: customer, data_type: text}
          - {name: amount, data_type: "numeric(10,2)"}
          - {name: placed_at, data_type: timestamp}
      - name: payments
        config: {meta: {stream: {type: kafka, connection: main, topics: [payments], max_latency: 100ms}}}
        columns:
          - {name: order_id, data_type: bigint}
          - {name: paid, data_type: "numeric(10,2)"}
`,
	"models/lines.sql": `{{ config(materialized='incremental', meta={'stream': true}) }}
select o.id, o.customer, o.amount * 2 as double, t.tier, o._stream_batch, o._stream_partition, o._stream_offset
from {{ source('raw', 'orders') }} o left join {{ ref('tiers') }} t on t.customer = o.customer
`,
	"models/big_lines.sql": `{{ config(materialized='incremental', meta={'stream': true}) }}
select * from {{ ref('lines') }} where double > 500
`,
	"models/stg_orders.sql": `{{ config(materialized='view') }}
select *, upper(customer) as who from {{ source('raw', 'orders') }}
`,
	"models/eph_orders.sql": `{{ config(materialized='ephemeral') }}
select id, who, amount, _stream_batch from {{ ref('stg_orders') }}
`,
	"models/daily.sql": `{{ config(materialized='incremental', unique_key='day', meta={'stream': true}) }}
with s as (select cast(placed_at as date) as day, amount from {{ ref('stg_orders') }})
select day, count(*) as n, sum(amount) as total, max(amount) as largest from s group by day having count(*) % 7 <> 0
`,
	"models/sums.sql": `{{ config(materialized='incremental', unique_key=['customer', 'small'], meta={'stream': true}) }}
select customer, count(*) as n, amount < 100 as small, sum(amount) as total, count(customer) filter (where amount > 50) as named, min(placed_at) as first_at, max(who) as last_who,
  sum(case when amount > 300 then amount end) as large
from {{ ref('stg_orders') }} where id % 5 <> 0 group by customer, 3
`,
	"models/customers.sql": `{{ config(materialized='incremental', unique_key='customer', meta={'stream': {'advance': 'keyed'}}) }}
select customer, tier, count(*) as n, sum(double) as total from {{ ref('lines') }} group by 1, 2
`,
	"models/people.sql": `{{ config(materialized='incremental', unique_key=['who', 'small'], meta={'stream': true}) }}
select who, amount < 100 as small, count(distinct id) as n from {{ ref('eph_orders') }} group by 1, 2
`,
	"models/paid.sql": `{{ config(materialized='incremental', unique_key='id', incremental_strategy='merge' if target.type == 'duckdb' else 'delete+insert', meta={'stream': true}) }}
with p as (select order_id, sum(paid) as paid from {{ source('raw', 'payments') }} group by order_id)
select o.id, o.amount, p.paid from (
  select id, amount, row_number() over (partition by id order by _stream_partition, _stream_offset desc) as nth from {{ source('raw', 'orders') }}
) o left join p on p.order_id = o.id where o.nth = 1
`,
	"models/both.sql": `{{ config(materialized='incremental', meta={'stream': true}) }}
select id as order_id, amount from {{ source('raw', 'orders') }} union all select order_id, -paid from {{ source('raw', 'payments') }}
`,
	"models/totals.sql": "{{ config(materialized='table') }}\nselect count(*) as n, sum(total) as total from {{ ref('customers') }}\n",
	"models/schema.yml": `models:
  - name: lines
    columns:
      - {name: id, data_tests: [not_null]}
  - name: customers
    columns:
      - {name: customer, data_tests: [unique]}
unit_tests:
  - name: paid_in_batches
    model: paid
    given:
      - input: source('raw', 'orders')
        rows:
          - {id: 1, amount: 5, _stream_batch: 1, _stream_partition: 0, _stream_offset: 1}
          - {id: 2, amount: 6, _stream_batch: 2, _stream_partition: 0, _stream_offset: 2}
          - {id: 1, amount: 7, _stream_batch: 3, _stream_partition: 0, _stream_offset: 3}
      - input: source('raw', 'payments')
        rows: [{order_id: 1, paid: 2, _stream_batch: 1}, {order_id: 1, paid: 3, _stream_batch: 2}]
    expect:
      rows: [{id: 1, amount: 7, paid: "5.00"}, {id: 2, amount: 6, paid: null}]
`,
}

// followed are the models of the project that follow streams.
var followed = []string{"lines", "big_lines", "daily", "sums", "customers", "people", "paid", "both"}

// feed is what comes to a project: its topics, and how their next random record comes about.
type feed struct {
	topics []string
	record func(f *shopFloor) *kgo.Record
}

// shopFeed is what comes to followProject.
var shopFeed = feed{topics: []string{"orders", "payments"}, record: shopRecord}

// shopFloor is a project with its brokers and its database.
type shopFloor struct {
	t        testing.TB
	feed     feed
	kind     string
	brokers  *kfake.Cluster
	producer *kgo.Client
	driver   adapters.Driver
	output   *value.Dict
	random   *rand.Rand
	sent     int
}

// onFollowEngines runs a test on a project of the shop with an empty database of each kind.
func onFollowEngines(t *testing.T, files map[string]string, seed uint64, do func(t *testing.T, f *shopFloor)) {
	fedOnEngines(t, files, shopFeed, seed, do)
}

// fedOnEngines runs a test on a project and its feed with an empty database of each kind.
func fedOnEngines(t *testing.T, files map[string]string, in feed, seed uint64, do func(t *testing.T, f *shopFloor)) {
	for _, kind := range []string{"duckdb", "postgres"} {
		t.Run(kind, func(t *testing.T) {
			f := &shopFloor{t: t, feed: in, kind: kind, random: rand.New(rand.NewPCG(seed, 3))}
			dir := t.TempDir()
			writeFiles(t, dir, files)
			if kind == "postgres" {
				f.driver, f.output = postgres.Driver{}, adaptertest.Postgres(t).Profile("main")
				for name, key := range map[string]string{"FOLLOW_HOST": "host", "FOLLOW_PORT": "port", "FOLLOW_USER": "user", "FOLLOW_PASSWORD": "password", "FOLLOW_DB": "dbname"} {
					v, _ := f.output.GetString(key)
					text := ""
					if !v.IsNull() {
						text = value.Str(v)
					}
					t.Setenv(name, text)
				}
			} else {
				f.driver, f.output = duckdb.Driver{}, value.NewDict(2)
				f.output.SetString("path", value.String(filepath.Join(dir, "shop.duckdb")))
				f.output.SetString("schema", value.String("main"))
			}
			t.Setenv("FOLLOW_TARGET", kind)
			var err error
			if f.brokers, err = kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, in.topics...)); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(f.brokers.Close)
			t.Setenv("SHOP_BROKERS", strings.Join(f.brokers.ListenAddrs(), ","))
			if f.producer, err = kgo.NewClient(kgo.SeedBrokers(f.brokers.ListenAddrs()...)); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(f.producer.Close)
			t.Chdir(dir)
			do(t, f)
		})
	}
}

// send produces random records.
func (f *shopFloor) send(n int) {
	f.t.Helper()
	list := make([]*kgo.Record, n)
	for i := range list {
		f.sent++
		list[i] = f.feed.record(f)
	}
	if err := f.producer.ProduceSync(context.Background(), list...).FirstErr(); err != nil {
		f.t.Fatal(err)
	}
}

// shopRecord is a random order or payment; some are bad, some have no customer, some ids come twice.
func shopRecord(f *shopFloor) *kgo.Record {
	id := f.sent - f.random.IntN(min(3, f.sent))
	if f.random.IntN(3) == 0 {
		return &kgo.Record{Topic: "payments", Value: fmt.Appendf(nil, `{"order_id":%d,"paid":%d.25}`, 1+f.random.IntN(f.sent+3), f.random.IntN(50))}
	}
	customer := fmt.Sprintf(`"c%d"`, f.random.IntN(6))
	if f.random.IntN(9) == 0 {
		customer = "null"
	}
	text := fmt.Sprintf(`{"id":%d,"customer":%s,"amount":%d.50,"placed_at":"2026-01-%02dT10:00:00"}`, id, customer, f.random.IntN(400), 1+f.random.IntN(9))
	if f.random.IntN(20) == 0 {
		text = `{"id":"bad"}`
	}
	return &kgo.Record{Topic: "orders", Value: []byte(text)}
}

// try runs a command and gives its exit code and what it said.
func (f *shopFloor) try(args ...string) (int, string) {
	var out syncBuffer
	code := newApp(&out, &out).run(context.Background(), args)
	return code, out.String()
}

func (f *shopFloor) run(args ...string) string {
	f.t.Helper()
	code, out := f.try(args...)
	if code != exitOK {
		f.t.Fatalf("millrace %s: exit %d\n%s", strings.Join(args, " "), code, out)
	}
	return out
}

// query opens the database, which no command has at that moment, and runs a query.
func (f *shopFloor) query(sql string) [][]string {
	f.t.Helper()
	return f.queries(sql)[0]
}

// queries are queries in one transaction.
func (f *shopFloor) queries(list ...string) [][][]string {
	f.t.Helper()
	ctx := context.Background()
	creds, err := f.driver.Credentials(f.output)
	if err != nil {
		f.t.Fatal(err)
	}
	e, err := f.driver.Open(ctx, creds)
	if err != nil {
		f.t.Fatal(err)
	}
	defer func() { _ = e.Close() }()
	c, err := e.Conn(ctx, "test")
	if err != nil {
		f.t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	out := make([][][]string, len(list))
	if err := ledger.Within(ctx, c, func() error {
		for i, sql := range list {
			_, table, err := c.Execute(ctx, sql, true, -1)
			if err != nil {
				return fmt.Errorf("%s: %w", sql, err)
			}
			for _, r := range table.Rows {
				row := make([]string, len(r))
				for j, v := range r {
					row[j] = value.Str(v)
				}
				out[i] = append(out[i], row)
			}
		}
		return nil
	}); err != nil {
		f.t.Fatal(err)
	}
	return out
}

// same is the oracle: every model that follows a stream has the rows of a full build.
func (f *shopFloor) same(models []string) {
	f.t.Helper()
	keep := make([]string, len(models))
	var compare []string
	for i, m := range models {
		keep[i] = "create table main." + m + "__kept as select * from main." + m
		compare = append(compare, "select * from (select 'missing' as what, * from (select * from main."+m+" except all select * from main."+m+"__kept) a union all "+
			"select 'too many', * from (select * from main."+m+"__kept except all select * from main."+m+") b) c limit 5",
			"select count(*) from main."+m, "drop table main."+m+"__kept")
	}
	f.queries(keep...)
	f.run("run", "--full-refresh")
	answers := f.queries(compare...)
	for i, m := range models {
		if diff := answers[3*i]; len(diff) > 0 {
			f.t.Errorf("%s differs from a full build: %v", m, diff)
		}
		if answers[3*i+1][0][0] == "0" {
			f.t.Errorf("%s is empty", m)
		}
	}
}

// followSeeds is how many seeds a test tries: the number in MILLRACE_STREAM_SOAK.
func followSeeds(short int) int {
	if n, err := strconv.Atoi(os.Getenv("MILLRACE_STREAM_SOAK")); err == nil {
		return n
	}
	return short
}

// TestFollowIsBatch lets records come in random portions and models advance at random
// moments, some of them together and some alone, and compares with full builds.
func TestFollowIsBatch(t *testing.T) {
	for seed := range followSeeds(1) {
		onFollowEngines(t, followProject, uint64(seed), func(t *testing.T, f *shopFloor) {
			rounds := 4
			if followSeeds(0) > 0 {
				rounds = 12
			}
			f.send(200)
			f.run("build")
			for range rounds {
				f.send(f.random.IntN(120))
				switch f.random.IntN(6) {
				case 3, 4:
					f.run("build", "--tick")
				case 0:
					f.run("build", "--select", followed[f.random.IntN(len(followed))])
				case 1:
					f.run("stream", "catch-up")
				default:
					f.run("build")
				}
			}
			f.run("build", "--tick")
			before := f.query("select * from main.lines order by id, _stream_partition, _stream_offset")
			if out := f.run("build"); !strings.Contains(out, "NO NEW ROWS") {
				t.Errorf("nothing has come, but models were advanced:\n%s", out)
			}
			if after := f.query("select * from main.lines order by id, _stream_partition, _stream_offset"); fmt.Sprint(before) != fmt.Sprint(after) {
				t.Error("a build without new rows has changed lines")
			}
			f.same(followed)
			if t.Failed() {
				t.Fatalf("seed %d failed", seed)
			}
		})
	}
}

// counts are how many rows the models have, and where their positions are.
func (f *shopFloor) counts() string {
	f.t.Helper()
	var parts []string
	for _, m := range append([]string{"totals"}, followed...) {
		parts = append(parts, "select '"+m+"' as m, cast(count(*) as text) as n from main."+m)
	}
	return fmt.Sprint(f.query(strings.Join(parts, " union all ") + " union all select consumer_model, cast(batch as text) from _stream.positions order by 1, 2"))
}

// TestTickCrashes stops ticks and builds at every step: what was not committed leaves no
// trace, and in the end every model has the rows of a full build.
func TestTickCrashes(t *testing.T) {
	errCrash := errors.New("crash")
	steps := []string{"read", "rows", "placed", "before commit", "after commit"}
	for seed := range followSeeds(1) {
		onFollowEngines(t, followProject, uint64(seed), func(t *testing.T, f *shopFloor) {
			f.send(60)
			f.run("build")
			for _, at := range steps {
				for _, command := range [][]string{{"build", "--tick"}, {"run", "--threads", "1"}} {
					if command[0] == "run" && strings.HasSuffix(at, "commit") {
						continue // a run has no commit for all
					}
					f.send(30)
					f.run("stream", "catch-up")
					before := f.counts()
					countdown := f.random.IntN(len(followed))
					if strings.HasSuffix(at, "commit") {
						countdown = 0
					}
					crashed := false
					var out syncBuffer
					a := newApp(&out, &out)
					a.steps = func(where string) error {
						if where != at || crashed {
							return nil
						}
						if countdown--; countdown >= 0 {
							return nil
						}
						crashed = true
						return errCrash
					}
					if code := a.run(context.Background(), command); code == exitOK || !crashed {
						t.Fatalf("%v at %s: exit %d, crashed %v\n%s", command, at, code, crashed, out.String())
					}
					if after := f.counts(); command[0] == "build" && (before == after) != (at != "after commit") {
						t.Errorf("seed %d: a crash at '%s' of %v: before %s\nafter %s\n%s", seed, at, command, before, after, out.String())
					}
					f.run(command...)
				}
			}
			f.run("build")
			f.same(followed)
			if t.Failed() {
				t.Fatalf("seed %d failed", seed)
			}
		})
	}
}

// TestTickTests looks at data tests of ticks: they see changed rows alone, and what fails is
// not published, as declared.
func TestTickTests(t *testing.T) {
	files := map[string]string{}
	for name, text := range followProject {
		files[name] = text
	}
	schema := func(policy string) string {
		return `models:
  - name: lines
    config: {meta: {stream: {on_test_failure: ` + policy + `}}}
    columns:
      - {name: id, data_tests: [{relationships: {arguments: {to: ref('stg_orders'), field: id}}}]}
      - {name: customer, data_tests: [not_null, {accepted_values: {arguments: {values: [good]}}}]}
  - name: customers
    columns:
      - {name: customer, data_tests: [unique]}
`
	}
	files["models/schema.yml"] = schema("publish")
	files["models/lines.sql"] = strings.Replace(files["models/lines.sql"], ", meta={'stream': true}", "", 1)
	onFollowEngines(t, files, 1, func(t *testing.T, f *shopFloor) {
		order := func(id int, customer string) {
			text := fmt.Sprintf(`{"id":%d,"customer":%s,"amount":1,"placed_at":"2026-01-01T00:00:00"}`, id, customer)
			if err := f.producer.ProduceSync(context.Background(), &kgo.Record{Topic: "orders", Value: []byte(text)}).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
		lines := func() string { return f.query("select count(*) from main.lines")[0][0] }
		order(1, `"odd"`)
		if code, out := f.try("build"); code != exitFailed || !strings.Contains(out, "FAIL 1 accepted_values_lines_customer__good") {
			t.Fatalf("exit %d\n%s", code, out)
		}
		order(2, `"good"`) // the odd one is no new row
		if out := f.run("build", "--tick"); !strings.Contains(out, "PASS accepted_values_lines_customer__good") || !strings.Contains(out, "PASS unique_customers_customer") {
			t.Fatalf("a tick tests more than its rows:\n%s", out)
		}
		order(3, `null`)
		if code, out := f.try("build", "--tick"); code != exitFailed || !strings.Contains(out, "FAIL 1 not_null_lines_customer") || lines() != "3" {
			t.Fatalf("on_test_failure: publish: exit %d, %s lines\n%s", code, lines(), out)
		}
		for _, policy := range []string{"hold", "stop"} {
			writeFiles(t, ".", map[string]string{"models/schema.yml": schema(policy)})
			order(4, `null`)
			for range 2 { // it is tried again, and is no better
				code, out := f.try("build", "--tick")
				if code != exitFailed || lines() != "3" || strings.Contains(out, "nothing of this tick was published") != (policy == "stop") {
					t.Fatalf("on_test_failure: %s: exit %d, %s lines\n%s", policy, code, lines(), out)
				}
			}
		}
	})
}

// TestFollowRebuilds changes a model's query, and takes back or exchanges rows behind its position.
func TestFollowRebuilds(t *testing.T) {
	onFollowEngines(t, followProject, 5, func(t *testing.T, f *shopFloor) {
		f.send(100)
		f.run("build")
		if out := f.run("stream", "verify"); strings.Count(out, "rows of a full build") != len(followed) || strings.Contains(out, "not compared") {
			t.Errorf("stream verify:\n%s", out)
		}
		f.query("update main.both set amount = amount + 1 where order_id = 7")
		if code, out := f.try("stream", "verify"); code != exitFailed || !strings.Contains(out, "FAIL  model.shop.both  rows of a full build: ") {
			t.Errorf("a changed row is not found: exit %d\n%s", code, out)
		}
		f.query("update main.both set amount = amount - 1 where order_id = 7")
		f.send(50)
		writeFiles(t, ".", map[string]string{"models/lines.sql": strings.Replace(followProject["models/lines.sql"], "o.amount * 2", "o.amount * 3 /* thrice */", 1)})
		out := f.run("build", "--tick")
		for _, m := range []string{"lines", "big_lines", "customers"} { // what hangs below has changed with it
			if !strings.Contains(out, "model "+m+" is built anew from what has landed: its query has changed") {
				t.Errorf("%s was not built anew:\n%s", m, out)
			}
		}
		if strings.Contains(out, "model both is built anew") {
			t.Errorf("a model that has not changed was built anew:\n%s", out)
		}
		f.same(followed)
		writeFiles(t, ".", map[string]string{"models/lines.sql": strings.Replace(followProject["models/lines.sql"], "o.amount * 2", "o.amount *3 -- comment\n", 1)})
		if out := f.run("build"); strings.Contains(out, "built anew") {
			t.Errorf("a comment is no change:\n%s", out)
		}
		f.run("stream", "replay", "--select", "source:raw.orders", "--from", "earliest")
		if out := f.run("build"); !strings.Contains(out, "model both is built anew from what has landed: rows that it had taken in were taken back") {
			t.Errorf("rows were taken back:\n%s", out)
		}
		f.same(followed)
		f.run("stream", "replay", "--shadow", "--select", "source:raw.payments", "--from", "earliest")
		f.send(40)
		if out := f.run("build", "--tick"); !strings.Contains(out, "model paid is built anew") || strings.Contains(out, "model lines is built anew") {
			t.Errorf("the rows of payments were exchanged:\n%s", out)
		}
		f.same(followed)
	})
}
