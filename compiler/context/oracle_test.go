package context

import (
	"encoding/json"
	"errors"
	"math/big"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/flags"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/macros"
	"github.com/millrace/millrace/compiler/project"
	"github.com/millrace/millrace/compiler/relation"
)

var duckdb = &relation.Dialect{
	Name: "duckdb", ClassPrefix: "DuckDB", Quote: '"',
	Quoting: relation.Policy{Database: true, Schema: true, Identifier: true},
	Include: relation.Policy{Database: true, Schema: true, Identifier: true},
	Columns: relation.ColumnDialect{
		Structs: true,
		Floats:  relation.TypeSet("real", "float", "float4", "float8", "double"),
		Integers: relation.TypeSet("tinyint", "smallint", "integer", "bigint", "hugeint", "utinyint", "usmallint", "uinteger", "ubigint",
			"int1", "int2", "int4", "int8", "short", "int", "signed", "long"),
	},
}

var postgres = &relation.Dialect{
	Name: "postgres", ClassPrefix: "Postgres", Quote: '"',
	Quoting:       relation.Policy{Database: true, Schema: true, Identifier: true},
	Include:       relation.Policy{Database: true, Schema: true, Identifier: true},
	MaxIdentifier: 63, RequireAlias: true,
	RenameTypes:  map[relation.Type]bool{relation.View: true, relation.Table: true},
	ReplaceTypes: map[relation.Type]bool{relation.View: true, relation.Table: true},
	Columns:      relation.ColumnDialect{UnsizedText: true},
}

// events collects what templates print and log.
type events struct{ list []event.Event }

func (e *events) Emit(ev event.Event) { e.list = append(e.list, ev) }

func (e *events) printed() string {
	var b strings.Builder
	for _, ev := range e.list {
		if ev.Name == "PrintEvent" {
			b.WriteString(ev.Msg + "\n")
		}
	}
	return b.String()
}

func testEnv(t testing.TB, vars map[string]value.Value, entries ...macros.Entry) (*Env, *events) {
	t.Helper()
	cli := value.NewDict(len(vars))
	for _, k := range []string{"v1", "tmpl", "n"} {
		if v, ok := vars[k]; ok {
			cli.SetString(k, v)
		}
	}
	f := &flags.Flags{Print: true, Version: "1.12.6", Which: "run"}
	p := &project.Project{
		Package: &project.Package{Name: "shop", Vars: value.NewDict(0)},
		Flags:   f, Env: project.EnvMap{"MR_TEST_SET": "set"}, CLIVars: cli,
	}
	set, problems := macros.Build("shop", []string{"duckdb", "dbt"}, entries)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	ev := &events{}
	e := New(Options{
		Project: p, Macros: set, Dialect: duckdb, Events: ev,
		Now: time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC), InvocationID: "id", Target: value.FromDict(value.NewDict(0)),
	})
	return e, ev
}

type oracleCase struct {
	Group, Template, Dialect, Name, Want, Error, Message string
	CSV                                                  []string
	Names, Types                                         []string
	Cells                                                [][]string
}

func loadCases(t *testing.T) []oracleCase {
	t.Helper()
	data, err := os.ReadFile("testdata/cases.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []oracleCase
	if err := json.Unmarshal(data, &cases); err != nil {
		t.Fatal(err)
	}
	return cases
}

func csvText(lines []string) string { return strings.Join(lines, "\n") + "\n" }

// resultTables are the RESULTS of testdata/generate.py.
func resultTables() map[string]*agate.Table {
	dec := func(s string) value.Value {
		v, err := value.NewDecimal(s)
		if err != nil {
			panic(err)
		}
		return v
	}
	i, s, n := value.Int, value.String, value.None
	row := func(v ...value.Value) []value.Value { return v }
	nested := value.NewDict(1)
	nested.SetString("x", value.NewList(i(1), n, value.NewDate(2024, 1, 1)))
	wide := make([]value.Value, 9)
	nulls := make([]value.Value, 9)
	wideNames := make([]string, 9)
	for k := range wide {
		wide[k], nulls[k], wideNames[k] = i(int64(k)), n, "c"+string(rune('0'+k))
	}
	var long [][]value.Value
	for range 25 {
		long = append(long, row(dec("1234567.891234"), s(strings.Repeat("x", 30))))
	}
	clock, err := value.Call(nil, attr(value.DateTimeModule(nil), "time"), value.Args{Pos: row(i(1), i(2), i(3))})
	if err != nil {
		panic(err)
	}
	return map[string]*agate.Table{
		"ints": agate.New([]string{"a", "b"}, [][]value.Value{row(i(1), i(2)), row(n, i(3))}),
		"mixed": agate.New([]string{"i", "f", "s", "b", "n", "d", "dt", "dec"}, [][]value.Value{
			row(i(1), value.Float(1.5), s("x"), value.True, n, value.NewDate(2024, 1, 1), value.NewDateTime(time.Date(2024, 1, 1, 2, 3, 4, 0, time.UTC), false), dec("1.10")),
			row(i(2), n, s("null"), value.False, n, n, n, n),
		}),
		"intfloat": agate.New([]string{"a"}, [][]value.Value{row(i(1)), row(value.Float(2.5))}),
		"intbool":  agate.New([]string{"a"}, [][]value.Value{row(i(1)), row(value.True)}),
		"booldec":  agate.New([]string{"a"}, [][]value.Value{row(value.True), row(dec("0"))}),
		"datedt": agate.New([]string{"a"}, [][]value.Value{row(value.NewDate(2024, 1, 1)),
			row(value.NewDateTime(time.Date(2024, 1, 1, 5, 0, 0, 0, time.UTC), false))}),
		"json":  agate.New([]string{"a", "b"}, [][]value.Value{row(value.FromDict(nested), s("5")), row(value.NewList(i(1), dec("2.5")), s(""))}),
		"other": agate.New([]string{"a", "b"}, [][]value.Value{row(value.NewTimeDelta(24*time.Hour+5*time.Second), clock), row(n, n)}),
		"wide":  agate.New(wideNames, [][]value.Value{wide, nulls}),
		"long":  agate.New([]string{"n", "text"}, long),
		"decs":  agate.New([]string{"a", "b"}, [][]value.Value{row(dec("1000.5"), dec("0.1")), row(dec("-2"), value.NewDecimalScaled(big.NewInt(1), -3))}),
		"sorty": agate.New([]string{"g", "v"}, [][]value.Value{row(s("b"), i(2)), row(s("a"), i(1)), row(s("b"), n), row(s("a"), i(3))}),
	}
}

func attr(v value.Value, name string) value.Value {
	got, err := value.GetAttr(nil, v, name)
	if err != nil {
		panic(err)
	}
	return got
}

// TestOracle compares with what dbt-core made of the same templates and tables.
func TestOracle(t *testing.T) {
	results := resultTables()
	counts := map[string]int{}
	for _, c := range loadCases(t) {
		counts[c.Group]++
		switch c.Group {
		case "csv":
			checkCSV(t, c)
		case "result":
			checkTable(t, c, results[c.Name])
		default:
			extra := value.NewDict(3)
			extra.SetString("o", value.None)
			d := duckdb
			if c.Dialect == "postgres" {
				d = postgres
			}
			extra.SetString("R", d.Class())
			extra.SetString("C", d.ColumnClass())
			switch c.Group {
			case "csv-template":
				table, err := agate.ParseCSV(csvText(c.CSV), agate.CSVOptions{})
				if err != nil {
					t.Errorf("%s: %v", c.Name, err)
					continue
				}
				extra.SetString("t", table.Value())
			case "result-template":
				extra.SetString("t", results[c.Name].Value())
			}
			checkTemplate(t, c, extra)
		}
	}
	for group, n := range map[string]int{"relation": 100, "column": 30, "base": 60, "csv": 10, "csv-template": 60, "result": 12, "result-template": 80} {
		if counts[group] < n {
			t.Errorf("only %d cases of group %s", counts[group], group)
		}
	}
}

func checkTemplate(t *testing.T, c oracleCase, extra *value.Dict) {
	t.Helper()
	e, ev := testEnv(t, map[string]value.Value{"v1": value.String("one"), "tmpl": value.String("{{ 1 + 1 }}"), "n": value.Int(3)})
	scope := &Scope{env: e, members: baseSet, extra: extra}
	tmpl, d := jinja.Parse(diag.NewSource("case", c.Template))
	if d != nil {
		t.Errorf("%s\n%v", c.Template, d)
		return
	}
	got, err := tmpl.Render(e.Thread(t.Context(), scope))
	if err != nil {
		var d *diag.Diagnostic
		msg := err.Error()
		if errors.As(err, &d) {
			msg = d.Message()
		}
		if c.Error == "" {
			t.Errorf("%s %s\n got error %s\nwant %q", c.Name, c.Template, msg, c.Want)
		} else if !sameMessage(msg, c.Message) {
			t.Errorf("%s %s\n got error %q\nwant error %q", c.Name, c.Template, msg, c.Message)
		}
		return
	}
	if c.Group != "base" {
		got = ev.printed() + got
	}
	want := c.Want
	if strings.Contains(c.Template, "print_json") { // an event is a line of its own
		got = strings.TrimSuffix(got, "\n")
	}
	if c.Error != "" {
		t.Errorf("%s %s\n got %q\nwant error %s", c.Name, c.Template, got, c.Message)
	} else if got != want {
		t.Errorf("%s %s\n got %q\nwant %q", c.Name, c.Template, got, want)
	}
}

// sameMessage compares messages without the class that Python puts before a method's name.
func sameMessage(got, want string) bool {
	if got == want {
		return true
	}
	for _, class := range []string{"BaseRelation.", "DuckDBColumn.__init__", "PostgresColumn.__init__", "Column.__init__"} {
		got = strings.ReplaceAll(got, class, "")
		want = strings.ReplaceAll(want, class, "")
	}
	return got == want
}

func checkCSV(t *testing.T, c oracleCase) {
	t.Helper()
	table, err := agate.ParseCSV(csvText(c.CSV), agate.CSVOptions{})
	if err != nil {
		var d *diag.Diagnostic
		if c.Error == "" || !errors.As(err, &d) || d.Message() != c.Message {
			t.Errorf("%s: got error %v, want %q", c.Name, err, c.Message)
		}
		return
	}
	if c.Error != "" {
		t.Errorf("%s: no error, want %s", c.Name, c.Message)
		return
	}
	if strings.Join(table.Names, "|") != strings.Join(c.Names, "|") {
		t.Errorf("%s: names %v, want %v", c.Name, table.Names, c.Names)
	}
	checkTable(t, c, table)
}

func checkTable(t *testing.T, c oracleCase, table *agate.Table) {
	t.Helper()
	for i, want := range c.Types {
		if got := table.Types[i].String(); got != want {
			t.Errorf("%s: column %s is %s, want %s", c.Name, table.Names[i], got, want)
		}
	}
	if len(table.Rows) != len(c.Cells) {
		t.Errorf("%s: %d rows, want %d", c.Name, len(table.Rows), len(c.Cells))
		return
	}
	for r, row := range c.Cells {
		for i, want := range row {
			want = strings.NewReplacer("<isodate.tzinfo.Utc object", "UTC").Replace(want)
			if got := value.Repr(table.Rows[r][i]); got != want && !sameZone(got, want) {
				t.Errorf("%s: row %d column %s is %s, want %s", c.Name, r, table.Names[i], got, want)
			}
		}
	}
}

// sameZone accepts the different classes that stand for the same zone.
func sameZone(got, want string) bool {
	g, _, okG := strings.Cut(got, "tzinfo=")
	w, _, okW := strings.Cut(want, "tzinfo=")
	return okG && okW && g == w
}
