package plan_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/millrace/millrace/compiler/sql"
	"github.com/millrace/millrace/compiler/sql/tracing"
)

// comparing holds what is read from texts against what the engine binds.
type comparing struct {
	analyzer               sql.Analyzer
	relations              map[string]*sql.Relation
	traced, bound, refused int
}

func newComparing(t *testing.T) *comparing {
	tr := &comparing{analyzer: openWarehouse(t), relations: map[string]*sql.Relation{}}
	for name := range warehouse {
		n := sql.Name{Database: "memory", Schema: "main", Identifier: name}
		columns, err := tr.analyzer.Check(context.Background(), "select * from memory.main."+name)
		if err != nil {
			t.Fatal(err)
		}
		tr.relations[name] = &sql.Relation{Name: n, Columns: columns, Certainty: sql.Known}
	}
	bare := sql.Name{Database: "memory", Schema: "main", Identifier: "bare"}
	untyped := []sql.Column{{Name: "x"}, {Name: "y"}}
	if _, err := tr.analyzer.Define(context.Background(), bare, untyped); err != nil {
		t.Fatal(err)
	}
	tr.relations["bare"] = &sql.Relation{Name: bare, Columns: []sql.Column{{Name: "x", Type: sql.Untyped}, {Name: "y", Type: sql.Untyped}}}
	return tr
}

func (tr *comparing) relation(n sql.Name) (*sql.Relation, bool) {
	r, ok := tr.relations[strings.ToLower(n.Identifier)]
	return r, ok && strings.EqualFold(n.Database, "memory") && strings.EqualFold(n.Schema, "main")
}

// compare reports whether a query was traced, and how that differs from what the engine says. A
// query that the engine does not bind may be traced.
func (tr *comparing) compare(query string) (traced bool, differs string) {
	found, missing := tracing.Trace(query, tr.relation)
	if found == nil && missing == nil {
		tr.refused++
		return false, ""
	}
	tr.traced++
	ctx := context.Background()
	want, err := tr.analyzer.Check(ctx, query)
	if missing != nil {
		if err == nil {
			return true, "it binds, and the text says: " + missing.Error()
		}
		return true, ""
	}
	columns, trace := found.Columns, found.Trace
	if err != nil {
		return true, ""
	}
	tr.bound++
	exact, err := tr.analyzer.Lineage(ctx, query)
	if err != nil {
		return true, fmt.Sprintf("the engine says: %v", err)
	}
	if len(columns) != len(want) {
		return true, fmt.Sprintf("columns %v, want %v", columns, want)
	}
	for i, c := range columns {
		if c.Name != want[i].Name || c.Type != "" && c.Type != want[i].Type {
			return true, fmt.Sprintf("column %v, want %v", c, want[i])
		}
		if !slices.Equal(trace.Columns[i], exact.Columns[i]) {
			return true, fmt.Sprintf("%s is made from %v, want %v", c.Name, trace.Columns[i], exact.Columns[i])
		}
	}
	if !slices.Equal(trace.Rows, exact.Rows) {
		return true, fmt.Sprintf("its rows depend on %v, want %v", trace.Rows, exact.Rows)
	}
	return true, ""
}

// qualified writes the tables of a query as compiled code does.
func qualified(query string) string {
	for name := range warehouse {
		for _, before := range []string{"from ", "join ", ", "} {
			for _, behind := range []string{" ", "\n", ")", ",", ""} {
				at := before + name + behind
				if behind == "" && !strings.HasSuffix(query, before+name) {
					continue
				}
				query = strings.ReplaceAll(query, at, before+`"memory"."main"."`+name+`"`+behind)
			}
		}
	}
	return query
}

// TestTraceOfKnownQueries: what is traced of the queries of TestLineage is what the engine says.
func TestTraceOfKnownQueries(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/lineage.txtar")
	if err != nil {
		t.Fatal(err)
	}
	tr := newComparing(t)
	for i := 0; i+1 < len(archive.Files); i += 2 {
		if _, differs := tr.compare(qualified(string(archive.Files[i].Data))); differs != "" {
			t.Errorf("%s: %s", archive.Files[i].Name, differs)
		}
	}
	if tr.bound < 15 {
		t.Errorf("%d traced, %d left to the engine", tr.traced, tr.refused)
	}
}

// maker makes queries.
type maker struct {
	*rand.Rand
	depth int
	ctes  []made
	n     int
}

// made is a relation that a query can read.
type made struct {
	text    string
	columns []string
}

func (m *maker) pick(list ...string) string { return list[m.IntN(len(list))] }

func (m *maker) name(prefix string) string { m.n++; return fmt.Sprintf("%s%d", prefix, m.n) }

func (m *maker) relation() made {
	switch k := m.IntN(10); {
	case k < 2 && len(m.ctes) > 0:
		return m.ctes[m.IntN(len(m.ctes))]
	case k < 3 && m.depth < 2:
		m.depth++
		q, columns := m.query()
		m.depth--
		return made{"(" + q + ")", columns}
	}
	names := []string{"nation", "supplier", "customer", "part", "partsupp", "lineitem", "bare"}
	name := names[m.IntN(len(names))]
	var columns []string
	for _, c := range strings.Split(warehouse[name], ", ") {
		if c, _, ok := strings.Cut(c, " "); ok {
			columns = append(columns, c)
		}
	}
	if name == "bare" {
		columns = []string{"x", "y"}
	}
	return made{`"memory"."main"."` + name + `"`, columns}
}

// expression over columns, which stand in it as they are.
func (m *maker) expression(columns []string, depth int) string {
	c := columns[m.IntN(len(columns))]
	if m.IntN(400) == 0 {
		c = "nowhere"
	}
	sub := func() string {
		if depth > 2 {
			return columns[m.IntN(len(columns))]
		}
		return m.expression(columns, depth+1)
	}
	switch m.IntN(26) {
	case 0:
		return "coalesce(" + sub() + ", " + sub() + ")"
	case 1:
		return "cast(" + sub() + " as " + m.pick("varchar", "integer", "text", "bigint", "decimal(15,2)", "date", "double", "timestamp", "numeric", "varchar(10)") + ")"
	case 2:
		return sub() + "::" + m.pick("varchar", "int", "text", "double precision", "varchar[]", "timestamp with time zone")
	case 3:
		return "case when " + sub() + " = " + sub() + " then " + sub() + " else " + sub() + " end"
	case 4:
		return sub() + " " + m.pick("+", "-", "*", "/", "||", "=", "<>", "<", "and", "or", "is distinct from") + " " + sub()
	case 5:
		return m.pick("lower", "upper", "trim", "length", "abs", "md5", "concat", "round", "hash", "year", "strlen", "reverse", "max", "min", "sum", "count", "avg", "any_value", "first") + "(" + sub() + ")"
	case 6:
		return m.pick("'a'", "1", "null", "true", "1.5", "date '2020-01-01'", "interval '1 day'", "interval 3 days", "10000000000", "current_date")
	case 7:
		return "(" + sub() + ")"
	case 8:
		return m.pick("sum", "max", "count", "avg", "row_number", "lag", "first_value", "rank", "string_agg", "any_value") + "(" + m.pick(sub(), "") + ") over (" + m.pick("", "partition by "+c) + m.pick("", " order by "+sub()+m.pick("", " desc", " asc nulls last")) + ")"
	case 9:
		return sub() + " " + m.pick("is null", "is not null", "in (1, 2)", "not in ('a')", "between 1 and 3", "like 'a%'", "not like 'b'", "is true")
	case 10:
		return m.pick("sum", "count", "max", "array_agg", "min") + "(" + m.pick("", "distinct ") + sub() + ")" + m.pick("", " filter (where "+sub()+" > 1)")
	case 11:
		return "not " + sub()
	case 12:
		return "-" + sub()
	case 13:
		return m.pick("nullif", "greatest", "least", "concat", "left", "contains", "starts_with", "date_trunc", "regexp_replace", "replace", "split_part", "arg_max", "string_agg") + "(" + sub() + ", " + sub() + m.pick("", ", "+sub()) + ")"
	case 14:
		return "extract(year from " + sub() + ")"
	case 15:
		return "count(*)"
	case 16:
		return "if(" + sub() + ", " + sub() + ", " + sub() + ")"
	}
	return c
}

func (m *maker) block(width int) (string, []string) {
	first := m.relation()
	a := m.name("t")
	from := first.text + " " + m.pick("", "as ") + a
	var scope, plain []string
	bare := true
	for _, c := range first.columns {
		scope = append(scope, a+"."+c)
	}
	plain = append(plain, first.columns...)
	for m.IntN(3) == 0 {
		r, b := m.relation(), m.name("t")
		var right []string
		for _, c := range r.columns {
			right = append(right, b+"."+c)
		}
		bare = false
		switch m.IntN(6) {
		case 0:
			from += " cross join " + r.text + " " + b
		default:
			on := scope[m.IntN(len(scope))] + " " + m.pick("=", "=", "=", "<", ">=", "<>") + " " + right[m.IntN(len(right))]
			for m.IntN(3) == 0 {
				on += " and " + m.pick(m.expression(right, 3)+" = 1", m.expression(scope, 3)+" > 2", m.expression(append(scope[:len(scope):len(scope)], right...), 2)+" = "+scope[0],
					"("+scope[0]+" = 1 or "+right[0]+" = 2)", "lower("+right[0]+") = "+scope[0], right[0]+" between 1 and 2")
			}
			from += " " + m.pick("join", "inner join", "left join", "left outer join", "right join", "full join") + " " + r.text + " " + b + " on " + on
		}
		scope = append(scope, right...)
	}
	if bare && m.IntN(2) == 0 {
		scope = plain
	}
	var items, names []string
	switch {
	case width == 0 && bare && m.IntN(4) == 0:
		items, names = []string{m.pick("*", a+".*")}, first.columns
		if m.IntN(4) == 0 && len(names) > 1 {
			items[0] = "* exclude (" + names[0] + ")"
			names = names[1:]
		}
	default:
		if width == 0 {
			width = 1 + m.IntN(4)
		}
		for range width {
			n := m.name("c")
			usable := scope
			if m.IntN(8) == 0 && len(names) > 0 {
				usable = names
			}
			items, names = append(items, m.expression(usable, 0)+m.pick(" as ", " ")+n), append(names, n)
		}
	}
	q := "select " + m.pick("", "", "", "distinct ") + strings.Join(items, ", ") + " from " + from
	if m.IntN(3) == 0 {
		q += " where " + m.expression(scope, 1) + m.pick(" = 1", " > 2", " is not null", " in (1, 2)")
	}
	switch m.IntN(5) {
	case 0:
		q += " group by all"
		if m.IntN(2) == 0 {
			q += " having count(*) > 1 and max(" + scope[0] + ") > 2"
		}
	case 1:
		q += " group by " + m.pick("1", scope[0], "1, "+scope[0])
	}
	if m.IntN(6) == 0 {
		q += " qualify row_number() over (order by " + scope[len(scope)-1] + ") = 1"
	}
	return q, names
}

func (m *maker) query() (string, []string) {
	outer := m.ctes
	defer func() { m.ctes = outer }()
	var with []string
	for m.IntN(3) == 0 {
		m.depth++
		q, columns := m.query()
		m.depth--
		n := m.name("w")
		with = append(with, n+" as ("+q+")")
		m.ctes = append(m.ctes[:len(m.ctes):len(m.ctes)], made{n, columns})
	}
	q, names := m.block(0)
	for m.IntN(5) == 0 {
		more, _ := m.block(len(names))
		q += m.pick(" union all ", " union ", " union all ", " except ", " intersect ") + more
	}
	if m.IntN(6) == 0 {
		q += " order by 1" + m.pick("", " limit 5")
	}
	if len(with) > 0 {
		q = "with " + strings.Join(with, ", ") + " " + q
	}
	return q, names
}

// TestTraceOfMadeQueries: what is traced of queries made at random is what the engine says.
func TestTraceOfMadeQueries(t *testing.T) {
	tr := newComparing(t)
	m := &maker{Rand: rand.New(rand.NewPCG(1, 4))}
	count := 2000
	if testing.Short() {
		count = 500
	}
	worst, why := "", ""
	for range count {
		m.n = 0
		q, _ := m.query()
		if _, differs := tr.compare(q); differs != "" && (worst == "" || len(q) < len(worst)) {
			worst, why = q, differs
		}
	}
	if worst != "" {
		t.Errorf("%s\n%s", worst, why)
	}
	if t.Logf("%d traced, of which %d bind; %d left to the engine", tr.traced, tr.bound, tr.refused); tr.bound < count/10 {
		t.Error("too few for saying anything")
	}
}
