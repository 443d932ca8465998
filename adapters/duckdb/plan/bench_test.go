package plan_test

import (
	"context"
	"fmt"
	"reflect"
	"testing"

	"github.com/millrace/millrace/adapters/duckdb"
	"github.com/millrace/millrace/compiler/sql"
	"github.com/millrace/millrace/compiler/sql/tracing"
)

// BenchmarkCheck binds a project of a thousand models: 400 that clean a source, 400 that join
// and number rows, 200 that aggregate a union. The metric is the cost of one model.
func BenchmarkCheck(b *testing.B) {
	for _, c := range []struct {
		name          string
		lineage, read bool
	}{{"bind", false, false}, {"lineage", true, false}, {"lineage-of-texts", true, true}} {
		b.Run(c.name, func(b *testing.B) {
			models := madeModels(1000)
			for range b.N {
				bindAll(b, models, c.lineage, c.read)
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*len(models)), "µs/model")
		})
	}
}

type benchModel struct{ name, query string }

func madeModels(n int) []benchModel {
	var out []benchModel
	add := func(name, format string, args ...any) {
		out = append(out, benchModel{name, fmt.Sprintf(format, args...)})
	}
	for i := range n * 2 / 5 {
		add(fmt.Sprintf("stg_%d", i), `with source as (select * from shop.main.raw_%d), renamed as (
  select id as order_id, customer as customer_id, cast(placed as date) as ordered_on, upper(status) as status, amount / 100.0 as amount, coalesce(note, '') as note from source
) select * from renamed`, i%20)
	}
	for i := range n * 2 / 5 {
		add(fmt.Sprintf("int_%d", i), `select o.*, c.status as other_status, row_number() over (partition by o.customer_id order by o.ordered_on desc) as nth
from shop.main.stg_%d o left join shop.main.stg_%d c on c.order_id = o.order_id and c.ordered_on <= o.ordered_on`, i, (i+7)%(n*2/5))
	}
	for i := range n / 5 {
		add(fmt.Sprintf("fct_%d", i), `with everything as (select customer_id, amount, nth from shop.main.int_%d union all select customer_id, amount, nth from shop.main.int_%d)
select customer_id, sum(amount) as total, count(*) as orders, max(case when nth = 1 then amount end) as last from everything group by customer_id`, i, i+n/5)
	}
	return out
}

// bindAll binds models in their order; with read, the texts of queries are read where they suffice.
func bindAll(b testing.TB, models []benchModel, lineage, read bool) (*sql.Checker, map[string]*sql.Trace) {
	ctx := context.Background()
	a, err := duckdb.Driver{}.Analyzer(ctx, nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = a.Close() })
	c := sql.NewChecker(a, false)
	if read {
		c.ReadTexts(tracing.Trace)
	}
	traces := map[string]*sql.Trace{}
	name := func(s string) sql.Name { return sql.Name{Database: "shop", Schema: "main", Identifier: s} }
	for i := range 20 {
		c.Define(ctx, sql.Relation{Name: name(fmt.Sprintf("raw_%d", i)), Certainty: sql.Known, Columns: []sql.Column{{Name: "id", Type: "bigint"}, {Name: "customer", Type: "bigint"},
			{Name: "placed", Type: "timestamp"}, {Name: "status", Type: "text"}, {Name: "amount", Type: "bigint"}, {Name: "note", Type: "text"}}})
	}
	for _, m := range models {
		relation := sql.Relation{Name: name(m.name)}
		var r *sql.Result
		var exact, fromText bool
		if lineage {
			r, traces[m.name], exact, fromText = c.Trace(ctx, m.query)
		} else {
			r, exact = c.Check(ctx, m.query), true
		}
		if r.Certainty != sql.Known || !exact {
			b.Fatalf("%s: %+v", m.name, r)
		}
		relation.Columns, relation.Certainty = r.Columns, r.Certainty
		if fromText {
			c.DefineRead(ctx, relation, m.query)
		} else {
			c.Define(ctx, relation)
		}
	}
	return c, traces
}

// TestTextsOfAProject: reading texts gives what binding gives, the engine is asked only where it has to be,
// and what it binds sees the types of what was read.
func TestTextsOfAProject(t *testing.T) {
	models := append(madeModels(40), benchModel{"pivoted", "from (select customer_id, other_status, nth from shop.main.int_3) pivot (sum(nth) for other_status in ('a', 'b') group by customer_id)"},
		benchModel{"typed", "select cast(total as hugeint) as same, cast(customer_id as varchar) as other from shop.main.fct_1"})
	bound, want := bindAll(t, models, true, false)
	read, got := bindAll(t, models, true, true)
	for _, m := range models {
		if !reflect.DeepEqual(got[m.name], want[m.name]) {
			t.Errorf("%s is made from\n%v, want\n%v", m.name, got[m.name], want[m.name])
		}
	}
	if read.Bound() >= bound.Bound()/2 {
		t.Errorf("%d of %d queries were bound", read.Bound(), bound.Bound())
	}
}
