package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/adapters/adaptertest"
)

var windowProject = map[string]string{
	"dbt_project.yml": "name: shop\nversion: '1.0.0'\nconfig-version: 2\nprofile: shop\nmodel-paths: [models]\nmodels: {shop: {+materialized: table}}\n",
	"streams.yml":     "connections:\n  main:\n    brokers: \"{{ env_var('SHOP_BROKERS') }}\"\n",
	"profiles.yml": "shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: shop.duckdb, schema: main, threads: 2}\n" +
		"    postgres: {type: postgres, host: \"{{ env_var('PGHOST') }}\", port: \"{{ env_var('PGPORT') | as_number }}\", user: \"{{ env_var('PGUSER') }}\"," +
		" password: \"{{ env_var('PGPASSWORD', '') }}\", dbname: \"{{ env_var('PGDATABASE') }}\", schema: windows, threads: 2}\n",
	"models/sources.yml": `sources:
  - name: raw
    schema: windows_raw
    tables:
      - name: visits
        config:
          event_time: happened_at
          meta:
            stream: {type: kafka, connection: main, topics: [visits], watermark: {lateness: 3m, idle_after: 1h}}
        columns:
          - {name: id, data_type: bigint}
          - {name: visitor, data_type: text}
          - {name: happened_at, data_type: timestamp}
`,
	"models/tumbling.sql": "select {{ stream_tumble('happened_at', '10 minutes') }} as w, count(*) as n, cast(sum(id) as bigint) as ids from {{ source('raw', 'visits') }} group by 1\n",
	"models/hopping.sql":  "select window_start as w, count(*) as n, cast(sum(id) as bigint) as ids from {{ stream_hop(source('raw', 'visits'), 'happened_at', '30 minutes', '10 minutes') }} as hops group by 1\n",
	"models/sessions.sql": "select visitor, session_start as w, session_last as e, count(*) as n, cast(sum(id) as bigint) as ids\n" +
		"from {{ stream_session(source('raw', 'visits'), 'visitor', 'happened_at', '5 minutes') }} as s group by 1, 2, 3\n",
	// emit: final, late: drop
	"models/final.sql": "with windows as (\n  select {{ stream_tumble('happened_at', '10 minutes') }} as w, count(*) as n, cast(sum(id) as bigint) as ids from {{ source('raw', 'visits') }}\n" +
		"  where {{ stream_on_time('happened_at', 'raw', 'visits') }} group by 1\n)\nselect * from windows where {{ stream_closed(\"w + interval '10 minutes'\", 'raw', 'visits') }}\n",
	// late: side
	"models/late.sql": "select * from {{ source('raw', 'visits') }} where not {{ stream_on_time('happened_at', 'raw', 'visits') }}\n",
}

type visit struct {
	id      int
	visitor string
	at      time.Time
}

// window is one row of a model.
type window struct {
	Visitor string `json:"visitor"`
	W       string `json:"w"`
	E       string `json:"e"`
	N       int    `json:"n"`
	IDs     int    `json:"ids"`
}

const windowTime = "2006-01-02T15:04:05"

// TestWindows sends visits in random order, in random batches, and compares every window
// with what it is over the whole log; a final window never changes.
func TestWindows(t *testing.T) {
	base := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	r := rand.New(rand.NewPCG(3, 14))
	const count = 600
	visits := make([]visit, count)
	arrives := map[int]float64{}
	for i := range visits {
		visits[i] = visit{id: i, visitor: fmt.Sprintf("v%d", r.IntN(8)), at: base.Add(time.Duration(i*20) * time.Second)}
		arrives[i] = float64(i*20) + r.Float64()*180
		if r.IntN(25) == 0 {
			arrives[i] += 1800 // beyond what the stream declares
		}
	}
	sent := append([]visit{}, visits...)
	sort.Slice(sent, func(a, b int) bool { return arrives[sent[a].id] < arrives[sent[b].id] })
	var cuts []int
	for at := 0; at < count; at += 60 + r.IntN(120) {
		cuts = append(cuts, at)
	}
	cuts = append(cuts, count)

	check := func(t *testing.T, target string) {
		c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, "visits"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		t.Setenv("SHOP_BROKERS", strings.Join(c.ListenAddrs(), ","))
		cl, err := kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...), kgo.DefaultProduceTopic("visits"), kgo.RecordPartitioner(kgo.ManualPartitioner()))
		if err != nil {
			t.Fatal(err)
		}
		defer cl.Close()
		final := map[string]window{}
		for i := 1; i < len(cuts); i++ {
			var records []*kgo.Record
			for _, v := range sent[cuts[i-1]:cuts[i]] {
				records = append(records, &kgo.Record{Partition: int32(v.id % 2), Value: fmt.Appendf(nil, `{"id":%d,"visitor":%q,"happened_at":%q}`, v.id, v.visitor, v.at.Format(time.DateTime))})
			}
			if err := cl.ProduceSync(context.Background(), records...).FirstErr(); err != nil {
				t.Fatal(err)
			}
			millrace(t, "build", "--target", target)
			now := rowsOf(t, target, "select * from {{ ref('final') }}")
			for w, before := range final {
				if now[w] != before {
					t.Errorf("the final window %s was %v and is %v", w, before, now[w])
				}
			}
			final = now
		}
		if len(final) < 5 {
			t.Errorf("%d windows are final", len(final))
		}
		for model, want := range map[string]map[string]window{"tumbling": tumbles(visits, 10*time.Minute, 10*time.Minute), "hopping": tumbles(visits, 30*time.Minute, 10*time.Minute), "sessions": sessions(visits, 5*time.Minute)} {
			got := rowsOf(t, target, "select * from {{ ref('"+model+"') }}")
			if len(got) != len(want) {
				t.Errorf("%s: %d windows, want %d", model, len(got), len(want))
			}
			for w, row := range want {
				if got[w] != row {
					t.Errorf("%s: %s is %v, want %v", model, w, got[w], row)
				}
			}
		}
		late := millrace(t, "show", "--target", target, "--quiet", "--output", "json", "--inline",
			"select (select count(*) from {{ ref('late') }}) as late, (select cast(sum(late) as bigint) from {{ stream_event_time_table() }}) as counted")
		var answer struct{ Show []struct{ Late, Counted int } }
		if err := json.Unmarshal([]byte(late), &answer); err != nil || len(answer.Show) != 1 {
			t.Fatal(err, late)
		}
		if a := answer.Show[0]; a.Late == 0 || a.Late != a.Counted {
			t.Errorf("%d rows are late, the ledger counts %d", a.Late, a.Counted)
		}
	}
	onBothTargets(t, windowProject, check)
}

func rowsOf(t *testing.T, target, sql string) map[string]window {
	t.Helper()
	var answer struct{ Show []window }
	if err := json.Unmarshal([]byte(millrace(t, "show", "--target", target, "--quiet", "--output", "json", "--limit", "-1", "--inline", sql)), &answer); err != nil {
		t.Fatal(err)
	}
	out := map[string]window{}
	for _, w := range answer.Show {
		w.W, w.E = strings.Replace(w.W, " ", "T", 1), strings.Replace(w.E, " ", "T", 1)
		out[w.Visitor+" "+w.W] = w
	}
	return out
}

// onBothTargets lays a project out and runs a test with each of its two targets.
func onBothTargets(t *testing.T, project map[string]string, check func(t *testing.T, target string)) {
	t.Helper()
	dir := t.TempDir()
	writeFiles(t, dir, project)
	t.Chdir(dir)
	for _, name := range []string{"PGHOST", "PGUSER", "PGDATABASE"} {
		t.Setenv(name, "none")
	}
	t.Setenv("PGPORT", "1")
	t.Run("duckdb", func(t *testing.T) { check(t, "dev") })
	t.Run("postgres", func(t *testing.T) {
		shopServer(t, adaptertest.Postgres(t))
		check(t, "postgres")
	})
}

func tumbles(visits []visit, size, slide time.Duration) map[string]window {
	out := map[string]window{}
	for _, v := range visits {
		for start := v.at.Truncate(slide); v.at.Before(start.Add(size)); start = start.Add(-slide) {
			w := out[" "+start.Format(windowTime)]
			w.W = start.Format(windowTime)
			w.N++
			w.IDs += v.id
			out[" "+w.W] = w
		}
	}
	return out
}

func sessions(visits []visit, gap time.Duration) map[string]window {
	out := map[string]window{}
	open, last := map[string]string{}, map[string]time.Time{}
	for _, v := range visits { // in order of time
		if at, ok := last[v.visitor]; !ok || v.at.Sub(at) > gap {
			open[v.visitor] = v.visitor + " " + v.at.Format(windowTime)
			out[open[v.visitor]] = window{Visitor: v.visitor, W: v.at.Format(windowTime)}
		}
		last[v.visitor] = v.at
		w := out[open[v.visitor]]
		w.E = v.at.Format(windowTime)
		w.N++
		w.IDs += v.id
		out[open[v.visitor]] = w
	}
	return out
}
