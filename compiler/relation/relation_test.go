package relation

import (
	"strings"
	"testing"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// What templates see of relations and columns is compared with dbt in compiler/context;
// here is what Go code relies on.

var all = Policy{Database: true, Schema: true, Identifier: true}

var plain = &Dialect{Name: "duckdb", Quote: '"', Quoting: all, Include: all, Columns: ColumnDialect{Structs: true}}

var strict = &Dialect{Name: "postgres", Quote: '"', Quoting: all, Include: all, MaxIdentifier: 5, RequireAlias: true}

func TestRender(t *testing.T) {
	r := plain.New("db", "s", "t", Table)
	for _, c := range []struct{ got, want string }{
		{r.Render(), `"db"."s"."t"`},
		{plain.New("", "s", "t", "").Render(), `"s"."t"`},
		{plain.New("", "", "", "").Render(), ""},
		{r.WithQuoting(Policy{}).Render(), "db.s.t"},
		{r.WithInclude(Policy{Identifier: true}).Render(), `"t"`},
		{r.WithoutIdentifier().Render(), `"db"."s"`},
		{r.WithLimit(0).String(), `(select * from "db"."s"."t" where false limit 0)`},
		{strict.New("", "s", "t", "").WithLimit(3).String(), `(select * from "s"."t" limit 3) _dbt_limit_subq_t`},
		{strict.New("", "s", "t", "").WithEventTime(EventTimeFilter{Field: "ts", Start: "a", End: "b"}).String(), `(select * from "s"."t" where ts >= 'a' and ts < 'b') _dbt_et_filter_subq_t`},
		{r.WithEventTime(EventTimeFilter{Field: "ts", End: "b"}).WithLimit(0).String(), `(select * from (select * from "db"."s"."t" where false limit 0) where ts < 'b')`},
		{r.WithEventTime(EventTimeFilter{Field: "ts"}).String(), `"db"."s"."t"`},
		{r.WithType(Function).WithLimit(0).String(), `"db"."s"."t"`},
		{r.WithMetadata("external", "read('x')").WithLimit(1).String(), `(select * from read('x') limit 1)`},
		{r.InformationSchemaFor("tables").Render(), `"db".INFORMATION_SCHEMA.tables`},
		{plain.NewEphemeral("m").Render(), "__dbt__cte__m"},
		{r.WithSchema("z").WithIdentifier("y").Render(), `"db"."z"."y"`},
		{plain.QuoteIdentifier("a"), `"a"`},
	} {
		if c.got != c.want {
			t.Errorf("got %s, want %s", c.got, c.want)
		}
	}
}

func TestSame(t *testing.T) {
	base := plain.New("db", "s", "t", Table)
	same := plain.New("db", "s", "t", Table)
	if !base.Same(same) || !value.Equal(base.Value(), same.Value()) {
		t.Error("equal relations differ")
	}
	for name, other := range map[string]*Relation{
		"type": base.WithType(View), "quoting": base.WithQuoting(Policy{}), "limit": base.WithLimit(1), "schema": base.WithSchema("x"),
		"metadata": base.WithMetadata("k", "v"), "filter": base.WithEventTime(EventTimeFilter{Field: "f"}), "information schema": base.InformationSchemaFor(""),
		"dialect": strict.New("db", "s", "t", Table),
	} {
		if base.Same(other) {
			t.Errorf("a relation of another %s is the same", name)
		}
	}
	if base.WithLimit(1).Same(base.WithLimit(2)) || !base.WithLimit(1).Same(base.WithLimit(1)) {
		t.Error("limits are compared by value")
	}
}

func TestImmutable(t *testing.T) {
	base := plain.New("db", "s", "t", Table).WithMetadata("a", "1")
	before := *base
	base.WithMetadata("b", "2")
	base.WithLimit(1)
	kw := func(name string, v value.Value) value.Args {
		return value.Args{Kwargs: []value.Kwarg{{Name: name, Value: v}}}
	}
	if _, err := incorporate(base, nil, kw("type", value.String("view"))); err != nil {
		t.Fatal(err)
	}
	if _, err := incorporate(base, nil, kw("external", value.String("x"))); err != nil {
		t.Fatal(err)
	}
	if len(base.Metadata) != 1 || base.Type != before.Type || base.Limit != nil {
		t.Errorf("the relation changed: %+v", base)
	}
}

func TestCheck(t *testing.T) {
	long := strings.Repeat("x", 6)
	if err := strict.New("", "s", long, Table).Check(); err == nil || !strings.Contains(err.Error(), "Relation name 'xxxxxx' is longer than 5 characters") {
		t.Errorf("got %v", err)
	}
	for _, r := range []*Relation{strict.New("", "s", long, ""), strict.New("", "s", "xxxxx", Table), plain.New("", "s", long, Table)} {
		if err := r.Check(); err != nil {
			t.Errorf("%s: %v", r, err)
		}
	}
}

func TestStructFields(t *testing.T) {
	for dtype, want := range map[string]string{
		"STRUCT(a INTEGER, b VARCHAR)":                               "c.a INTEGER|c.b VARCHAR",
		"STRUCT(a STRUCT(x DECIMAL(10, 2), y INTEGER[]), b VARCHAR)": "c.a.x DECIMAL(10, 2)|c.a.y INTEGER[]|c.b VARCHAR",
		`STRUCT("odd, name" INTEGER)`:                                `c."odd, name" INTEGER`,
		"INTEGER":                                                    "c INTEGER",
	} {
		var got []string
		for _, f := range plain.NewColumn("c", dtype).Flatten() {
			got = append(got, f.Name+" "+f.DType)
		}
		if s := strings.Join(got, "|"); s != want {
			t.Errorf("%s: got %s, want %s", dtype, s, want)
		}
	}
	for _, odd := range []string{"struct", "STRUCT(", "STRUCT()", "STRUCT(a)", "STRUCT)(", "struct(,,)"} {
		plain.NewColumn("c", odd).Flatten() // must not panic
	}
}
