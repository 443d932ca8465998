package tracing

import (
	"fmt"
	"strings"
	"testing"

	"github.com/millrace/millrace/compiler/sql"
)

// known has k INTEGER and v, whose type is not known, in every relation.
func known(n sql.Name) (*sql.Relation, bool) {
	return &sql.Relation{Name: n, Columns: []sql.Column{{Name: "k", Type: "INTEGER"}, {Name: "v"}}, Certainty: sql.Known}, true
}

// The engine's own answers, by the thousand, are compared in adapters/duckdb/plan.
func TestTrace(t *testing.T) {
	for text, want := range map[string]string{
		"select k, v + 1 as w from db.raw.a":                                                   "k INTEGER: a.k passthrough; w : a.v transform",
		"with c as (select * from db.raw.a) select sum(v) as s from c where k > 1":             "s : a.v aggregate; rows: a.k filter",
		"select a.k, b.v from db.raw.a join db.raw.b on b.k = a.k":                             "k INTEGER: a.k passthrough; v : b.v passthrough; rows: a.k join, b.k join",
		"select k from db.raw.a union all select k from db.raw.b":                              "k INTEGER: a.k passthrough, b.k passthrough",
		"select case when v then 1 else 2 end as c, count(*) over (partition by k) from raw.a": "open",
		"select case when v then 1 else 2 end as c from db.raw.a":                              "c INTEGER: a.v transform",
		"select k + 1 from db.raw.a":                                                           "open", // the engine names it
		"select k from raw.a":                                                                  "open", // where it is depends on the session
		"select x + 1 as y from db.raw.a":                                                      "nothing that the query reads has 'x'",
	} {
		if got := shown(Trace(text, known)); got != want {
			t.Errorf("%s\ngot  %s\nwant %s", text, got, want)
		}
	}
}

func shown(found *sql.Traced, err error) string {
	switch {
	case err != nil:
		return err.Error()
	case found == nil:
		return "open"
	}
	origins := func(list []sql.Origin) string {
		parts := make([]string, len(list))
		for i, o := range list {
			parts[i] = fmt.Sprintf("%s.%s %s", o.Table.Identifier, o.Column, o.Kind)
		}
		return strings.Join(parts, ", ")
	}
	var out []string
	for i, c := range found.Columns {
		out = append(out, c.Name+" "+c.Type+": "+origins(found.Trace.Columns[i]))
	}
	if len(found.Trace.Rows) > 0 {
		out = append(out, "rows: "+origins(found.Trace.Rows))
	}
	return strings.Join(out, "; ")
}

func FuzzTrace(f *testing.F) {
	for _, text := range []string{
		`with a as (select k, v::double as v from db.raw.orders) select a.k, sum(v) filter (where v > 1) over (partition by k order by v) as s from a join db.raw.b b on b.k = a.k`,
		`select case when k > 1 then 'a' else null end as c, extract(year from v) as y, [k, v][1] as l from db.raw.orders where k in (1, 2) order by c desc nulls last`,
		`select k from db.raw.a union all select v from db.raw.b order by 1 limit 3`, `select * exclude (v), interval '1 day' as i from db.raw.a`, `select nothing from db.raw.a`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, code string) {
		found, err := Trace(code, known)
		if found != nil && (err != nil || len(found.Trace.Columns) != len(found.Columns)) {
			t.Errorf("%d columns with the origins of %d: %v", len(found.Columns), len(found.Trace.Columns), err)
		}
	})
}
