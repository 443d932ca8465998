package reads

import (
	"strings"
	"testing"
)

// describe is what a query reads, calls and takes from the moment.
func describe(sql string) string {
	q, err := Of(sql)
	if err != nil {
		return "unclear: " + err.Error()
	}
	var b strings.Builder
	for _, r := range q.Relations {
		b.WriteString(r.String() + " ")
	}
	b.WriteString("| " + strings.Join(q.Calls, " "))
	if q.Moment != "" {
		b.WriteString(" | " + q.Moment)
	}
	return b.String()
}

func TestOf(t *testing.T) {
	for _, c := range []struct{ sql, want string }{
		{`select a, count(*) from "d"."s"."t" group by a`, "d.s.t | count"},
		{"select 1", "| "},
		{`with t as (select * from "s"."raw") select * from t`, "s.raw | "},
		{"with orders as (select * from orders) select * from orders", "orders | "},
		{"with a as (select 1), b as (select * from a) select * from b join a on a.x = b.x, s.c", "s.c | "},
		{"select * from (with o as (select 1 as x) select * from o) q join o on o.x = q.x", "o | "},
		{`with o as (select 1) select * from "O"`, "O | "},
		{"with recursive r as (select 1 union all select * from r) select * from r", "r | "},
		{"select * from s.a, s.b b2, (select * from s.c) x, lateral (select * from s.d) y where a.i in (select i from s.e)", "s.a s.b s.c s.d s.e | "},
		{"select * from (s.a cross join s.b) join ((select * from s.c)) x using (i, j), s.d", "s.a s.b s.c s.d | "},
		{"from s.a select upper(x)", "s.a | upper"},
		{"select extract(year from d), substring(x from 2 for 3), trim(both ' ' from y), z is not distinct from w from s.t", "s.t | "},
		{"select extract(year from (select max(d) from s.u)) from s.t", "s.u s.t | max"},
		{"select distinct from s.t", "s.t | "},
		{"select t.from, t.order from s.t as t order by t.from, t.order limit 1", "s.t | "},
		{"select cast(a as decimal(10, 2)), b::numeric(3), row_number() over (partition by a order by b) from s.t as x(a, b)", "s.t | row_number"},
		{"select * from unnest([1]) with ordinality as u(a, b), generate_series(1, 2) g", "| unnest generate_series"},
		{"select pg_catalog.now() from s.t;", "s.t | now"},
		{"select current_date, x from s.t", "s.t |  | current_date"},
		{"select 'today'::date", "|  | 'today'"},
		{"select $$now$$::timestamp", "|  | $$now$$"},
		{"select * from 'a.csv'", "unclear: it reads the file 'a.csv'"},
		{"select * from s.t join 'a.csv' on true", "unclear: it reads the file 'a.csv'"},
		{"select * from read_csv('a.csv')", "| read_csv"},
		{"select my.volatile(x) from s.t", "unclear: it calls a function by a name with dots, my.volatile"},
		{"select x[1].lower() from s.t", "unclear: it calls a method, lower"},
		{"table s.t", "unclear: it says TABLE"},
		{"select 1; select 2", "unclear: it is more than one statement"},
		{"select * from s.t using sample 10%", "unclear: it says SAMPLE"},
		{"select * from s.t where (a", "unclear: its parentheses do not match"},
		{"select a) from s.t", "unclear: its parentheses do not match"},
		{"select * from $1", "unclear: what stands for a relation is $1"},
		{"select * into s.u from s.t", "unclear: it says INTO"},
		{"-- from s.x\nselect /* from s.y */ 'from s.z' from s.t", "s.t | "},
		{"select * from s.t where exists (select from s.u)", "s.t s.u | "},
		{"select coalesce(a, random()) from s.t", "s.t | random"},
		{"select * from s.t x left join s.u on x.a = u.a union all select * from s.v", "s.t s.u s.v | "},
		{"select * from s.t tablesample (10), s.u", "unclear: it says TABLESAMPLE"},
		{"select (select max(x) from s.u), b from s.t", "s.u s.t | max"},
	} {
		if got := describe(c.sql); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.sql, got, c.want)
		}
	}
}

func TestIs(t *testing.T) {
	q, err := Of(`select * from "d"."s"."T", s.t, d.s.t, "S"."t", t`)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []bool{false, true, true, false, false} {
		if got := q.Relations[i].Is("d", "s", "t"); got != want {
			t.Errorf("%s: %v", q.Relations[i], got)
		}
	}
}

// FuzzOf: reading ends for any text, and what is clear names no relation that is not in the text.
func FuzzOf(f *testing.F) {
	for _, s := range []string{"select * from a.b", "with x as (select 1) select * from x", "(((", "from from", "a.", "with", "select 'now'"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		q, err := Of(sql)
		if err != nil {
			return
		}
		for _, r := range q.Relations {
			if len(r.Parts) == 0 {
				t.Errorf("a relation without a name in %q", sql)
			}
		}
	})
}
