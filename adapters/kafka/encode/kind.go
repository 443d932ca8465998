package encode

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/hamba/avro/v2"

	"github.com/millrace/millrace/compiler/relation"
)

// kind is how the values of a column are written.
type kind struct {
	class            class
	precision, scale int // of decimals
}

type class uint8

const (
	text class = iota // also JSON, arrays and whatever Avro has no type for, as JSON text
	boolean
	integer
	long
	float
	double
	decimal
	date
	timestamp   // an instant
	localMoment // a date and time without a zone
)

// classes are the types that engines give their columns, without what stands in brackets.
var classes = map[string]class{
	"boolean": boolean, "bool": boolean,
	"tinyint": integer, "smallint": integer, "integer": integer, "int": integer, "int2": integer, "int4": integer, "utinyint": integer, "usmallint": integer,
	"bigint": long, "int8": long, "uinteger": long,
	"real": float, "float": float, "float4": float,
	"double": double, "double precision": double, "float8": double,
	"date":                     date,
	"timestamp with time zone": timestamp, "timestamptz": timestamp,
	"timestamp without time zone": localMoment, "timestamp": localMoment, "datetime": localMoment,
}

// wide are integers beyond 64 bits, as decimals that hold them.
var wide = map[string]int{"ubigint": 20, "hugeint": 39, "uhugeint": 39}

func kindOf(c *relation.Column) kind {
	name, sizes, _ := strings.Cut(strings.ToLower(c.DType), "(")
	name, sizes = strings.TrimSpace(name), strings.TrimSuffix(sizes, ")")
	if digits := wide[name]; digits > 0 {
		return kind{class: decimal, precision: digits}
	}
	if name == "numeric" || name == "decimal" {
		k := kind{class: decimal}
		switch {
		case c.NumericPrecision != nil:
			k.precision = *c.NumericPrecision
			if c.NumericScale != nil {
				k.scale = *c.NumericScale
			}
		case sizes != "":
			precision, scale, _ := strings.Cut(sizes, ",")
			k.precision, _ = strconv.Atoi(precision)
			k.scale, _ = strconv.Atoi(scale) // 0 without one
		}
		if k.precision == 0 {
			return kind{class: text} // of any size: only text keeps every digit
		}
		return k
	}
	return kind{class: classes[name]}
}

// schema is the kind's type in a schema.
func (k kind) schema() any {
	logical := func(base, name string) any { return map[string]any{"type": base, "logicalType": name} }
	switch k.class {
	case boolean:
		return "boolean"
	case integer:
		return "int"
	case long:
		return "long"
	case float:
		return "float"
	case double:
		return "double"
	case decimal:
		return map[string]any{"type": "bytes", "logicalType": "decimal", "precision": k.precision, "scale": k.scale}
	case date:
		return logical("int", "date")
	case timestamp:
		return logical("long", "timestamp-micros")
	case localMoment:
		return logical("long", "local-timestamp-micros")
	}
	return "string"
}

// write writes a value that is not null.
func (k kind) write(w *avro.Writer, v json.RawMessage) error {
	s := string(v)
	if s[0] == '"' {
		if err := json.Unmarshal(v, &s); err != nil {
			return err
		}
	}
	switch k.class {
	case boolean:
		b, err := strconv.ParseBool(s)
		w.WriteBool(b)
		return err
	case integer:
		n, err := strconv.ParseInt(s, 10, 32)
		w.WriteInt(int32(n)) //nolint:gosec // ParseInt has seen to it
		return err
	case long:
		n, err := strconv.ParseInt(s, 10, 64)
		w.WriteLong(n)
		return err
	case float:
		f, err := strconv.ParseFloat(s, 32)
		w.WriteFloat(float32(f))
		return err
	case double:
		f, err := strconv.ParseFloat(s, 64)
		w.WriteDouble(f)
		return err
	case decimal:
		b, err := k.unscaled(s)
		w.WriteBytes(b)
		return err
	case date:
		t, err := time.Parse(time.DateOnly, s)
		w.WriteInt(int32(t.Unix() / secondsADay)) //nolint:gosec // five million years
		return err
	case timestamp, localMoment:
		t, err := parseMoment(s)
		w.WriteLong(t.UnixMicro())
		return err
	}
	w.WriteString(s)
	return nil
}

const secondsADay = 24 * 60 * 60

// unscaled is a decimal's integer of the kind's scale, big-endian in two's complement.
func (k kind) unscaled(s string) ([]byte, error) {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		return nil, fmt.Errorf("'%s' is no number", s)
	}
	r.Mul(r, new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(k.scale)), nil)))
	if !r.IsInt() {
		return nil, fmt.Errorf("%s has more than %d digits behind the point", s, k.scale)
	}
	return twosComplement(r.Num()), nil
}

func twosComplement(n *big.Int) []byte {
	switch n.Sign() {
	case 0:
		return []byte{0}
	case 1:
		b := n.Bytes()
		if b[0]&0x80 != 0 {
			b = append([]byte{0}, b...)
		}
		return b
	}
	size := uint(n.BitLen()/8+1) * 8
	b := new(big.Int).Add(new(big.Int).Lsh(big.NewInt(1), size), n).Bytes()
	if len(b) > 1 && b[0] == 0xff && b[1]&0x80 != 0 { // the shortest form
		b = b[1:]
	}
	return b
}

// momentLayouts are the forms in which engines write moments in JSON.
var momentLayouts = []string{"2006-01-02T15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999Z07",
	"2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999"}

func parseMoment(s string) (time.Time, error) {
	for _, layout := range momentLayouts {
		if t, err := time.Parse(layout, s); err == nil {
			return t, nil
		}
	}
	return time.Time{}, errors.New("'" + s + "' is no moment that Avro can hold")
}
