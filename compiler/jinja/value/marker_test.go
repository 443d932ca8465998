package value

import "testing"

func TestMarker(t *testing.T) {
	for _, c := range []struct {
		kind MarkerKind
		text string
		want string
		err  string
	}{
		{MarkText, "1", "'1'", ""},
		{MarkNative, "1", "1", ""},
		{MarkNative, "[1, 'a']", "[1, 'a']", ""},
		{MarkNative, "select 1", "'select 1'", ""},
		{MarkBool, "True", "True", ""},
		{MarkBool, "true", "", "Could not convert value 'true' into type 'bool'"},
		{MarkNumber, "-1.5", "-1.5", ""},
		{MarkNumber, "True", "", "Could not convert value 'True' into type 'number'"},
		{MarkNumber, "x", "", "Could not convert value 'x' into type 'number'"},
	} {
		v := Mark(c.kind, String(c.text))
		m, ok := markerOf(v)
		if !ok {
			t.Fatal("no marker")
		}
		got, err := m.Native()
		switch {
		case err != nil:
			if err.Error() != c.err {
				t.Errorf("%q: %v", c.text, err)
			}
		case c.err != "" || Repr(got) != c.want:
			t.Errorf("%q gave %s", c.text, Repr(got))
		}
	}
}

// TestMarkerIsString checks that a marked string acts as the string.
func TestMarkerIsString(t *testing.T) {
	m := Mark(MarkText, String("ab"))
	d := NewDict(0)
	d.SetString("ab", Int(7))
	if v, ok := d.Get(m); !ok || !Equal(v, Int(7)) {
		t.Error("not found under the marked key")
	}
	if !Equal(m, String("ab")) || !Equal(String("ab"), m) {
		t.Error("not equal")
	}
	if v, err := Add(nil, m, String("c")); err != nil || Str(v) != "abc" {
		t.Error(v, err)
	}
	if v, err := CallMethod(nil, m, "upper", Args{}); err != nil || Str(v) != "AB" {
		t.Error(v, err)
	}
	if n, err := Len(m); n != 2 || err != nil {
		t.Error(n, err)
	}
	if v, err := GetItem(nil, m, Int(1)); err != nil || Str(v) != "b" {
		t.Error(v, err)
	}
	if got := Repr(NewList(m)); got != "['ab']" {
		t.Error(got)
	}
	if c, err := Compare(m, String("b")); c >= 0 || err != nil {
		t.Error(c, err)
	}
}
