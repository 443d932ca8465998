package query

import "testing"

func TestNormal(t *testing.T) {
	for in, want := range map[string]string{
		"select  A, \"B\" -- c\nfrom t /* d /* e */ */ where x = 'a  -- b'": `select a , "B" from t where x = 'a  -- b'`,
		"select $$ a $$, E'\\'' from t":                                     "select $$ a $$ , E'\\'' from t",
		"select ٧":                                                          "select ٧", // no digit of a number
		"select 'open":                                                      "select 'open",
	} {
		if got := Normal(in); got != want {
			t.Errorf("%s\n%s", got, want)
		}
	}
}

// Whatever a text holds, it is read or refused, with a place that is in it.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"with a as (select 1 as x) select a.x, b.y from a left join s.b using (x) where y > 1 group by all having count(*) > 2 order by 1 limit 3",
		"select distinct on (k) k, * exclude (v) from (select $$ a $$ as k) t (k) union all by name select 1", "select 'open", "select (((", "values (1), (2)", "",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		Normal(text)
		NamedNext(text)
		if q, err := Parse(text); err != nil && (err.Offset < 0 || err.Offset > len(text)) {
			t.Errorf("offset %d in a text of %d bytes", err.Offset, len(text))
		} else if err == nil && len(q.Terms) != len(q.Ops)+1 {
			t.Errorf("%d set operations between %d queries", len(q.Ops), len(q.Terms))
		}
	})
}
