package encode

import (
	"math/big"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hamba/avro/v2"

	"github.com/millrace/millrace/compiler/relation"
)

func size(n int) *int { return &n }

// TestAvro reads with the library what was written: the types of both engines, and null.
func TestAvro(t *testing.T) {
	columns := []*relation.Column{
		{Name: "ok", DType: "BOOLEAN"}, {Name: "small", DType: "integer"}, {Name: "big", DType: "BIGINT"}, {Name: "real", DType: "real"}, {Name: "double", DType: "double precision"},
		{Name: "money", DType: "numeric", NumericPrecision: size(12), NumericScale: size(2)}, {Name: "huge", DType: "HUGEINT"}, {Name: "cents", DType: "DECIMAL(18,2)"},
		{Name: "day", DType: "date"}, {Name: "at", DType: "timestamp with time zone"}, {Name: "local_at", DType: "TIMESTAMP"},
		{Name: "name", DType: "character varying"}, {Name: "tags", DType: "INTEGER[]"}, {Name: "any_size", DType: "numeric"}, {Name: "gone", DType: "bigint"},
	}
	a, err := NewAvro("shop", "order totals", columns)
	if err != nil {
		t.Fatal(err)
	}
	s, err := avro.Parse(a.Schema())
	if err != nil || s.(avro.NamedSchema).FullName() != "shop.order_totals" {
		t.Fatal(s, err)
	}
	at := time.Date(2026, 2, 3, 4, 5, 6, 123456000, time.UTC)
	for row, want := range map[string]map[string]any{
		`{"ok":true,"small":-7,"big":9007199254740993,"real":1.5,"double":-0.1,"money":-1234.5,"cents":12.5,"huge":170141183460469231731687303715884105727,
			"day":"2026-02-03","at":"2026-02-03T05:05:06.123456+01:00","local_at":"2026-02-03 04:05:06.123456","name":"Zoë \"x\"","tags":[1,2],"any_size":1.10,"gone":null}`: {
			"ok": true, "small": -7, "big": int64(9007199254740993), "real": float32(1.5), "double": -0.1, "money": big.NewRat(-12345, 10), "cents": big.NewRat(25, 2),
			"huge": new(big.Rat).SetInt(new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 127), big.NewInt(1))),
			"day":  time.Date(2026, 2, 3, 0, 0, 0, 0, time.UTC), "at": at, "local_at": at, "name": `Zoë "x"`, "tags": "[1,2]", "any_size": "1.10", "gone": nil,
		},
		`{"day":"1969-12-31","at":"2026-02-03 04:05:06.123456+00"}`: {
			"day": time.Date(1969, 12, 31, 0, 0, 0, 0, time.UTC), "at": at, "ok": nil, "small": nil, "big": nil, "real": nil, "double": nil, "money": nil, "huge": nil,
			"local_at": nil, "name": nil, "tags": nil, "any_size": nil, "gone": nil,
		},
	} {
		b, err := a.Append([]byte("ab"), row)
		if err != nil || string(b[:2]) != "ab" {
			t.Fatal(err)
		}
		got := map[string]any{}
		if err := avro.Unmarshal(s, b[2:], &got); err != nil {
			t.Fatal(err)
		}
		for name, v := range want {
			if r, ok := v.(*big.Rat); ok {
				if g, ok := got[name].(*big.Rat); !ok || g.Cmp(r) != 0 {
					t.Errorf("%s is %v, want %v", name, got[name], r)
				}
				continue
			}
			switch m := got[name].(type) {
			case time.Time:
				got[name] = m.UTC()
			case map[string]any: // a local moment, in the zone of this machine
				local, _ := m["long.local-timestamp-micros"].(time.Time)
				got[name] = time.Date(local.Year(), local.Month(), local.Day(), local.Hour(), local.Minute(), local.Second(), local.Nanosecond(), time.UTC)
			}
			if !reflect.DeepEqual(got[name], v) {
				t.Errorf("%s is %#v, want %#v", name, got[name], v)
			}
		}
	}
}

func TestAvroRefuses(t *testing.T) {
	if _, err := NewAvro("p", "m", []*relation.Column{{Name: "two words", DType: "text"}}); err == nil || !strings.Contains(err.Error(), "'two words'") {
		t.Error(err)
	}
	a, err := NewAvro("p", "m", []*relation.Column{{Name: "n", DType: "numeric", NumericPrecision: size(4), NumericScale: size(1)}, {Name: "i", DType: "int"}, {Name: "d", DType: "date"}, {Name: "t", DType: "timestamp"}})
	if err != nil {
		t.Fatal(err)
	}
	for row, says := range map[string]string{
		`{"n":1.25}`: "more than 1 digits", `{"i":3000000000}`: "out of range", `{"d":"infinity"}`: "infinity", `{"t":"infinity"}`: "no moment", `[1]`: "no JSON object",
	} {
		if _, err := a.Append(nil, row); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", row, err)
		}
	}
}

// TestTwosComplement compares with what the definition says, by adding up the bytes.
func TestTwosComplement(t *testing.T) {
	for n := int64(-70000); n <= 70000; n += 7 {
		b := twosComplement(big.NewInt(n))
		back := int64(int8(b[0]))
		for _, c := range b[1:] {
			back = back<<8 | int64(c)
		}
		if back != n || len(b) > 3 {
			t.Fatalf("%d is written as % x", n, b)
		}
	}
}
