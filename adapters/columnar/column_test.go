package columnar

import "testing"

func TestTruncateAndAppend(t *testing.T) {
	a := NewBatch([]string{"t", "i", "f"}, []Kind{Text, Integer, Float})
	add := func(s string, i int64, f float64) {
		a.Columns[0].String(s)
		a.Columns[1].Int(i)
		a.Columns[2].Float(f)
		a.Rows++
	}
	add("one", 1, 1.5)
	add("two", 2, 2.5)
	a.Columns[0].String("half a row")
	a.Truncate(2)
	for _, c := range a.Columns {
		c.Null()
	}
	a.Rows++
	b := NewBatch(a.Names, []Kind{Text, Integer, Float})
	b.Append(a, 1, 3)
	b.Append(a, 0, 1)
	if b.Rows != 3 || string(b.Columns[0].DataAt(0)) != "two" || !b.Columns[0].IsNull(1) || string(b.Columns[0].DataAt(2)) != "one" {
		t.Errorf("text: %d %q %q", b.Rows, b.Columns[0].DataAt(0), b.Columns[0].DataAt(2))
	}
	if b.Columns[1].IntAt(2) != 1 || !b.Columns[1].IsNull(1) || b.Columns[2].FloatAt(0) != 2.5 {
		t.Error("numbers are in the wrong rows")
	}
	b.Truncate(1)
	b.Columns[0].String("x")
	if string(b.Columns[0].DataAt(1)) != "x" || string(b.Columns[0].DataAt(0)) != "two" {
		t.Errorf("after truncation: %q %q", b.Columns[0].DataAt(0), b.Columns[0].DataAt(1))
	}
}
