package semver

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"
)

// The answers in testdata/dbt.json were given by dbt's own version code.
type answers struct {
	Versions    []string
	Parse       [][2]*string
	Pairs       [][4]any
	Ranges      [][3]any
	Installable [][2]any
}

func load(t *testing.T) answers {
	t.Helper()
	raw, err := os.ReadFile("testdata/dbt.json")
	if err != nil {
		t.Fatal(err)
	}
	var a answers
	if err := json.Unmarshal(raw, &a); err != nil {
		t.Fatal(err)
	}
	return a
}

func TestParse(t *testing.T) {
	for _, row := range load(t).Parse {
		v, err := Parse(*row[0])
		switch {
		case (err == nil) != (row[1] != nil):
			t.Errorf("%q: error %v", *row[0], err)
		case err == nil && v.String() != *row[1]:
			t.Errorf("%q: %s, want %s", *row[0], v, *row[1])
		}
	}
}

func must(t *testing.T, s string) Spec {
	t.Helper()
	v, err := Parse(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestCompareAndReduce(t *testing.T) {
	for _, row := range load(t).Pairs {
		a, b := must(t, row[0].(string)), must(t, row[1].(string))
		if got := a.Compare(b); got != int(row[2].(float64)) {
			t.Errorf("%s ? %s: %d, want %v", a, b, got, row[2])
		}
		check(t, []Spec{a, b}, row[3])
	}
}

func check(t *testing.T, specs []Spec, want any) (Range, bool) {
	t.Helper()
	r, err := Reduce(specs...)
	if (err != nil) != (want == nil) {
		t.Errorf("%v: error %v, want %v", specs, err, want)
		return r, false
	}
	if err == nil && r.String() != want {
		t.Errorf("%v: %s, want %v", specs, r, want)
	}
	return r, err == nil
}

func TestRangesAndBest(t *testing.T) {
	a := load(t)
	for _, row := range a.Ranges {
		var specs []Spec
		for _, s := range row[0].([]any) {
			specs = append(specs, must(t, s.(string)))
		}
		r, ok := check(t, specs, row[1])
		want, _ := row[2].(string)
		if got := r.Best(a.Versions); ok && got != want {
			t.Errorf("best of %v: %q, want %q", specs, got, want)
		}
	}
	for _, row := range a.Installable {
		var want []string
		for _, v := range row[1].([]any) {
			want = append(want, v.(string))
		}
		if got := Installable(a.Versions, row[0].(bool)); !reflect.DeepEqual(got, want) {
			t.Errorf("installable %v: %v, want %v", row[0], got, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"1.2.3", ">=1.0.0-rc.1+b", "<0.0.0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := Parse(s)
		if err != nil {
			return
		}
		again, err := Parse(v.String())
		if err != nil || again.Compare(v) != 0 {
			t.Errorf("%q → %s → %v, %v", s, v, again, err)
		}
	})
}
