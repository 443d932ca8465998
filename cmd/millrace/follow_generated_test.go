package main

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"strings"
	"testing"
)

// generator writes random models that follow streams, each over sources or earlier models.
type generator struct {
	r    *rand.Rand
	base []string // what can be read row by row: has id, customer, amount, placed_at and _stream_batch
}

func pick(r *rand.Rand, list ...string) string { return list[r.IntN(len(list))] }

// rows is a query over rows of one relation, with the columns that others can go on with.
func (g *generator) rows() string {
	from := pick(g.r, g.base...)
	where := pick(g.r, "", " where o.amount > 100", " where coalesce(o.customer, 'none') <> 'c3'", " where o.id % 3 = 1 or o.amount is null", " where o.placed_at >= timestamp '2026-01-04'")
	columns := "o.id, " + pick(g.r, "o.customer", "lower(o.customer) as customer", "case when o.amount > 200 then o.customer else 'few' end as customer") + ", " +
		pick(g.r, "o.amount", "o.amount * 2 as amount", "o.amount + 1 as amount") + ", o.placed_at, o._stream_batch"
	switch g.r.IntN(4) {
	case 0:
		return "with o as (select * from " + from + ") select " + columns + " from o" + where
	case 1:
		return "select " + columns + " from " + from + " as o left join {{ ref('tiers') }} as t on t.customer = o.customer" + where
	case 2:
		return "select * from (select " + columns + " from " + from + " o" + where + ") as inner_query where id > 2"
	}
	return "select " + columns + " from " + from + " o" + where + " union all select " + columns + " from " + from + " o where o.id % 2 = 0"
}

// keyed is a query whose rows belong to keys, and the key.
func (g *generator) keyed() (sql, key string) {
	from := pick(g.r, g.base...)
	aggregates := pick(g.r, "count(*) as n", "sum(amount) as n", "min(id) as n, max(amount) as m", "count(distinct id) as n, avg(amount) as m", "sum(case when amount > 150 then 1 else 0 end) as n")
	having := pick(g.r, "", " having count(*) > 1", " having sum(amount) > 300")
	switch g.r.IntN(6) {
	case 0:
		return "select customer, " + aggregates + " from " + from + " group by customer" + having, "customer"
	case 1:
		return "select cast(placed_at as date) as day, " + aggregates + " from " + from + " group by 1" + having, "day"
	case 2:
		return "select day, customer, " + aggregates + " from (select cast(placed_at as date) as day, customer, id, amount from " + from + ") as x group by day, customer" + having, "['day', 'customer']"
	case 3:
		return "select id, customer, amount from (select *, row_number() over (partition by id order by _stream_batch desc, amount, customer, placed_at) as nth from " + from + ") as x where nth = 1", "id"
	case 4:
		return "select o.id, sum(p.paid) as paid, count(*) as n from " + from + " o left join {{ source('raw', 'payments') }} p on p.order_id = o.id group by o.id", "id"
	}
	return "with c as (select customer, id, amount, sum(amount) over (partition by customer) as total from " + from + ") select distinct customer, total from c where amount is not null", "customer"
}

func generated(seed uint64, count int) (files map[string]string, models []string) {
	g := &generator{r: rand.New(rand.NewPCG(seed, 17)), base: []string{"{{ source('raw', 'orders') }}"}}
	files = map[string]string{}
	for name, text := range followProject {
		if !strings.HasPrefix(name, "models/") || name == "models/sources.yml" {
			files[name] = text
		}
	}
	for i := range count {
		name := fmt.Sprintf("m%d", i)
		switch {
		case g.r.IntN(5) == 0:
			files["models/"+name+".sql"] = "{{ config(materialized='" + pick(g.r, "view", "ephemeral") + "') }}\n" + g.rows()
			if strings.Contains(files["models/"+name+".sql"], "'view'") {
				g.base = append(g.base, "{{ ref('"+name+"') }}")
			}
			continue
		case g.r.IntN(2) == 0:
			files["models/"+name+".sql"] = "{{ config(materialized='incremental', meta={'stream': " + pick(g.r, "true", "{'isolate': true}") + "}) }}\n" + g.rows()
			g.base = append(g.base, "{{ ref('"+name+"') }}")
		default:
			sql, key := g.keyed()
			if !strings.HasPrefix(key, "[") {
				key = "'" + key + "'"
			}
			files["models/"+name+".sql"] = "{{ config(materialized='incremental', unique_key=" + key + ", meta={'stream': true}) }}\n" + sql
		}
		models = append(models, name)
	}
	return files, models
}

// TestFollowGenerated builds random models over random streams with random ticks, and compares
// every one of them with a full build.
func TestFollowGenerated(t *testing.T) {
	for seed := range followSeeds(1) {
		files, models := generated(uint64(seed), 12)
		onFollowEngines(t, files, uint64(seed), func(t *testing.T, f *shopFloor) {
			defer func() {
				if t.Failed() {
					for name, text := range files {
						if strings.HasPrefix(name, "models/m") {
							t.Logf("%s: %s", name, text)
						}
					}
					t.Logf("seed %d", seed)
				}
			}()
			f.send(120)
			f.run("build")
			f.advanceAtRandom(models)
		})
	}
}

// TestFollowAdds tells which keyed models are added to, once their types are known.
func TestFollowAdds(t *testing.T) {
	files := maps.Clone(followProject)
	files["models/floats.sql"] = "{{ config(materialized='incremental', unique_key='customer', meta={'stream': true}) }}\n" +
		"select customer, sum(cast(amount as double precision)) as total from {{ source('raw', 'orders') }} group by customer\n"
	files["models/hooked.sql"] = "{{ config(materialized='incremental', unique_key='customer', meta={'stream': true}, post_hook='update {{ this }} set n = n') }}\n" +
		"select customer, count(*) as n from {{ source('raw', 'orders') }} group by customer\n"
	onFollowEngines(t, files, 11, func(t *testing.T, f *shopFloor) {
		f.send(40)
		f.run("build")
		f.send(40)
		f.run("build", "--tick")
		out := f.run("stream", "explain", "--sql")
		for model, want := range map[string]string{
			"sums":      "adds what new rows give to the rows of their keys (customer, small)",
			"floats":    "because the column 'total' is a sum of type ",
			"hooked":    "because a hook may change its rows",
			"daily":     "because having drops groups that new rows may bring back",
			"customers": "because it groups by 'tier', which is not in the unique_key",
			"people":    "because the column 'n' counts or adds distinct values, which may come again",
		} {
			_, after, _ := strings.Cut(out, "keyed    "+model+": ")
			if line, _, _ := strings.Cut(after, "\n"); !strings.Contains(line, want) {
				t.Errorf("%s: %s", model, line)
			}
		}
		if !strings.Contains(out, "_stream_kept_") {
			t.Error(out)
		}
	})
}

// TestFollowLive runs the loop with an isolated model: it ends up with the same rows, and its
// position is its own.
func TestFollowLive(t *testing.T) {
	files := maps.Clone(followProject)
	files["models/daily.sql"] = strings.Replace(files["models/daily.sql"], "'stream': true", "'stream': {'isolate': true}", 1)
	files["models/below_daily.sql"] = "{{ config(materialized='table') }}\nselect count(*) as n from {{ ref('daily') }}\n"
	onFollowEngines(t, files, 9, func(t *testing.T, f *shopFloor) {
		f.send(50)
		ctx, cancel := context.WithCancel(context.Background())
		var out syncBuffer
		done := make(chan int, 1)
		go func() { done <- newApp(&out, &out).run(ctx, []string{"stream", "run"}) }()
		waitIn(t, &out, "tick 1:")
		ticks := 1
		for range 4 {
			f.send(40)
			waitIn(t, &out, fmt.Sprintf("tick %d:", ticks+1))
			for strings.Contains(out.String(), fmt.Sprintf("tick %d:", ticks+1)) {
				ticks++
			}
		}
		waitIn(t, &out, "isolated models")
		cancel()
		if code := <-done; code != exitOK {
			t.Fatalf("exit %d\n%s", code, out.String())
		}
		if strings.Contains(out.String(), "1 failed") {
			t.Error(out.String())
		}
		f.run("build", "--tick")
		f.same(append([]string{"totals", "below_daily"}, followed...))
	})
}
