package wire

import (
	"testing"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// FuzzUnpack: whatever comes over the socket is a value or an error.
func FuzzUnpack(f *testing.F) {
	d := value.NewDict(1)
	d.SetString("k", value.NewList(value.Int(1), value.None, value.Float(0.5)))
	for _, v := range []value.Value{value.FromDict(d), value.String("ü"), value.NewBytes([]byte{0, 255}), value.NewDate(2020, 2, 29), value.NewTime(1, 2, 3, 4), value.True} {
		b, err := appendValue(nil, v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		rows, err := unpack(data, 1, 1)
		if err != nil {
			return
		}
		again, err := pack(rows)
		if err != nil {
			t.Fatal(err)
		}
		back, err := unpack(again, 1, 1)
		if err != nil || value.Repr(back[0][0]) != value.Repr(rows[0][0]) {
			t.Fatalf("%v is not %v: %v", back, rows, err)
		}
	})
}
