package plan_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/millrace/millrace/adapters/duckdb"
	"github.com/millrace/millrace/compiler/sql"
)

// BenchmarkCheck binds a project of a thousand models: 400 that clean a source, 400 that join
// and number rows, 200 that aggregate a union. The metric is the cost of one model.
func BenchmarkCheck(b *testing.B) {
	for _, lineage := range []bool{false, true} {
		b.Run(fmt.Sprintf("lineage=%t", lineage), func(b *testing.B) {
			models := thousandModels()
			for range b.N {
				bindAll(b, models, lineage)
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(models)), "µs/model")
		})
	}
}

type benchModel struct{ name, query string }

func thousandModels() []benchModel {
	var out []benchModel
	add := func(name, format string, args ...any) {
		out = append(out, benchModel{name, fmt.Sprintf(format, args...)})
	}
	for i := range 400 {
		add(fmt.Sprintf("stg_%d", i), `with source as (select * from shop.main.raw_%d), renamed as (
  select id as order_id, customer as customer_id, cast(placed as date) as ordered_on, upper(status) as status, amount / 100.0 as amount, coalesce(note, '') as note from source
) select * from renamed`, i%20)
	}
	for i := range 400 {
		add(fmt.Sprintf("int_%d", i), `select o.*, c.status as other_status, row_number() over (partition by o.customer_id order by o.ordered_on desc) as nth
from shop.main.stg_%d o left join shop.main.stg_%d c on c.order_id = o.order_id and c.ordered_on <= o.ordered_on`, i, (i+7)%400)
	}
	for i := range 200 {
		add(fmt.Sprintf("fct_%d", i), `with everything as (select customer_id, amount, nth from shop.main.int_%d union all select customer_id, amount, nth from shop.main.int_%d)
select customer_id, sum(amount) as total, count(*) as orders, max(case when nth = 1 then amount end) as last from everything group by customer_id`, i, i+200)
	}
	return out
}

func bindAll(b *testing.B, models []benchModel, lineage bool) {
	ctx := context.Background()
	a, err := duckdb.Driver{}.Analyzer(ctx, nil)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = a.Close() }()
	c := sql.NewChecker(a, false)
	name := func(s string) sql.Name { return sql.Name{Database: "shop", Schema: "main", Identifier: s} }
	for i := range 20 {
		c.Define(ctx, sql.Relation{Name: name(fmt.Sprintf("raw_%d", i)), Certainty: sql.Known, Columns: []sql.Column{{Name: "id", Type: "bigint"}, {Name: "customer", Type: "bigint"},
			{Name: "placed", Type: "timestamp"}, {Name: "status", Type: "text"}, {Name: "amount", Type: "bigint"}, {Name: "note", Type: "text"}}})
	}
	for _, m := range models {
		r := c.Check(ctx, m.query)
		if r.Certainty != sql.Known {
			b.Fatalf("%s: %+v", m.name, r)
		}
		if lineage {
			if _, exact := c.Lineage(ctx, m.query, r.Columns); !exact {
				b.Fatalf("%s: the lineage is not exact", m.name)
			}
		}
		c.Define(ctx, sql.Relation{Name: name(m.name), Columns: r.Columns, Certainty: r.Certainty})
	}
}
