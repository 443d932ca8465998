package sql

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
)

// fakeAnalyzer binds queries of the form "COLUMN, COLUMN from RELATION".
type fakeAnalyzer struct {
	tables map[string][]Column
	asked  int
}

func (f *fakeAnalyzer) Define(_ context.Context, n Name, columns []Column) ([]Column, error) {
	for _, c := range columns {
		if c.Type == "nonsense" {
			return nil, errors.New("no such type")
		}
	}
	f.tables[n.Identifier] = columns
	return columns, nil
}

func (f *fakeAnalyzer) Forget(_ context.Context, n Name) error {
	delete(f.tables, n.Identifier)
	return nil
}

func (f *fakeAnalyzer) Check(_ context.Context, sql string) ([]Column, error) {
	f.asked++
	list, from, _ := strings.Cut(sql, " from ")
	table, ok := f.tables[from]
	if !ok {
		return nil, &BindError{Message: "no table " + from}
	}
	var out []Column
	for _, name := range strings.Split(list, ", ") {
		i := slices.IndexFunc(table, func(c Column) bool { return c.Name == name })
		if i < 0 {
			return nil, &BindError{Fault: FaultColumn, Column: name, Message: "no column " + name}
		}
		out = append(out, table[i])
	}
	return out, nil
}

func (f *fakeAnalyzer) Lineage(context.Context, string) (*Trace, error) {
	f.asked++
	return nil, errors.New("not known")
}

func (f *fakeAnalyzer) Close() error { return nil }

func newFake(advisory bool) (*Checker, *fakeAnalyzer) {
	f := &fakeAnalyzer{tables: map[string][]Column{}}
	return NewChecker(f, advisory), f
}

func relation(name string, c Certainty, columns ...string) Relation {
	r := Relation{Name: Name{"db", "main", name}, Certainty: c}
	for _, column := range columns {
		r.Columns = append(r.Columns, Column{column, "int"})
	}
	return r
}

func TestOnlyWhatIsKnownGivesFaults(t *testing.T) {
	ctx := context.Background()
	c, _ := newFake(false)
	c.Define(ctx, relation("known", Known, "a", "b"))
	c.Define(ctx, relation("likely", Assumed, "a"))
	c.Define(ctx, relation("twice", Known, "a", "A"))
	for _, tc := range []struct {
		sql   string
		fault bool
		want  Certainty
	}{
		{"a from known", false, Known},
		{"x from known", true, Unseen},
		{"a from likely", false, Assumed},
		{"x from likely", false, Unseen},
		{"x from nowhere", false, Unseen},
		{"x from twice", false, Unseen}, // which engines would rename or refuse
	} {
		r := c.Check(ctx, tc.sql)
		if (r.Err != nil) != tc.fault || r.Certainty != tc.want {
			t.Errorf("%s: %+v", tc.sql, r)
		}
		if (r.Columns == nil) != (r.Err != nil || r.Unseen != nil) {
			t.Errorf("%s neither binds nor says why: %+v", tc.sql, r)
		}
	}
	if got := c.Check(ctx, "x from known").Err.Candidates; !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("candidates %v", got)
	}
}

func TestAnotherEnginesWordIsNoFault(t *testing.T) {
	ctx := context.Background()
	c, _ := newFake(true)
	c.Define(ctx, relation("t", Known, "a"))
	if r := c.Check(ctx, "x from t"); r.Err != nil || r.Unseen == nil {
		t.Errorf("%+v", r)
	}
	if r := c.Check(ctx, "a from t"); r.Certainty != Assumed {
		t.Errorf("%+v", r)
	}
}

func TestOnlyChangesAreBoundAgain(t *testing.T) {
	ctx := context.Background()
	c, f := newFake(false)
	c.Define(ctx, relation("t", Known, "a"))
	c.Define(ctx, relation("other", Known, "a"))
	bound := func(want int) {
		t.Helper()
		c.Check(ctx, "b from t")
		if f.asked != want {
			t.Errorf("asked %d times, want %d", f.asked, want)
		}
	}
	bound(1)
	bound(1)
	c.Define(ctx, relation("other", Known, "z")) // which the query does not name
	bound(1)
	c.Define(ctx, relation("t", Known, "a", "b"))
	bound(2)
	if r := c.Check(ctx, "b from t"); r.Err != nil {
		t.Error(r.Err)
	}
	c.Define(ctx, relation("t", Unseen))
	if r := c.Check(ctx, "b from t"); r.Err != nil || r.Unseen == nil {
		t.Errorf("a relation that was forgotten still binds: %+v", r)
	}
}

func TestTypesNobodyKnows(t *testing.T) {
	ctx := context.Background()
	c, _ := newFake(false)
	strange := relation("t", Assumed, "a")
	strange.Columns[0].Type = "nonsense"
	if r := c.Define(ctx, strange); r.Certainty != Assumed || len(r.Columns) != 1 {
		t.Errorf("%+v", r)
	}
	strange.Name.Identifier, strange.Certainty = "u", Known
	if r := c.Define(ctx, strange); r.Certainty != Unseen {
		t.Errorf("%+v", r)
	}
}

func TestLineageWithoutAPlan(t *testing.T) {
	ctx := context.Background()
	c, _ := newFake(false)
	c.Define(ctx, relation("t", Known, "a", "b"))
	trace, exact := c.Lineage(ctx, "a, z from t", []Column{{"A", "int"}, {"z", "int"}})
	origins := trace.Columns
	want := Origin{Table: Name{"db", "main", "t"}, Column: "a", Kind: Unknown}
	if exact || len(origins) != 2 || !slices.Equal(origins[0], []Origin{want}) || origins[1] != nil {
		t.Errorf("%v %v", origins, exact)
	}
}
