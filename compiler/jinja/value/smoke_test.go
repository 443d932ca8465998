package value

import "testing"

func TestCore(t *testing.T) {
	d := NewDict(0)
	d.SetString("a", Int(1))
	if err := d.Set(Float(1), String("x")); err != nil {
		t.Fatal(err)
	}
	if err := d.Set(True, String("y")); err != nil {
		t.Fatal(err)
	}
	if got := Repr(FromDict(d)); got != "{'a': 1, 1.0: 'y'}" {
		t.Fatal(got)
	}
	v, err := Binary(nil, "%", String("%05.2f|%s|%(x"), NewTuple(Float(3.14159), String("q")))
	t.Log(Str(v), err)
	out, err := LiteralEval("{'a': [1, -2.5, None], (1,): {True}}")
	if err != nil || Repr(out) != "{'a': [1, -2.5, None], (1,): {True}}" {
		t.Fatal(Repr(out), err)
	}
}
