package decode

import (
	"encoding/binary"
	"unicode/utf8"

	"github.com/millrace/millrace/adapters/columnar"
)

// BareKey decodes keys that are one value: text as it is, or a number as Kafka's own
// serializers of integers write it.
type BareKey struct {
	set     setter
	integer bool
}

// NewTextKey makes a decoder of keys that are text.
func NewTextKey(field Field, d Dialect) *BareKey {
	return &BareKey{set: setter{field: &field, noNUL: d.NoNUL}}
}

// NewIntegerKey makes a decoder of keys of 2, 4 or 8 bytes.
func NewIntegerKey(field Field, d Dialect) *BareKey {
	return &BareKey{set: setter{field: &field, noNUL: d.NoNUL}, integer: true}
}

// Decode implements Decoder.
func (k *BareKey) Decode(out *columnar.Batch, data []byte) *Error {
	c := out.Columns[0]
	if k.integer {
		switch len(data) {
		case 2:
			return k.set.integer(c, int64(int16(binary.BigEndian.Uint16(data))))
		case 4:
			return k.set.integer(c, int64(int32(binary.BigEndian.Uint32(data))))
		case 8:
			return k.set.integer(c, int64(binary.BigEndian.Uint64(data)))
		}
		return failed(CodeKey, "a key of %d bytes is no integer: %s", len(data), shown(data))
	}
	if k.set.field.Type.class == classBytes {
		return k.set.bytes(c, data)
	}
	if !utf8.Valid(data) {
		return failed(CodeUTF8, "the key is not UTF-8: %s", shown(data))
	}
	return k.set.loose(c, data)
}

// JSONKey decodes keys that are a JSON object with the key's columns, or, for one column,
// its bare value; Kafka Connect's envelope is taken off where there is one.
type JSONKey struct{ JSON }

// NewJSONKey makes a decoder of JSON keys.
func NewJSONKey(fields []Field, d Dialect) *JSONKey {
	return &JSONKey{*NewJSON(fields, d, false)}
}

// Decode implements Decoder.
func (k *JSONKey) Decode(out *columnar.Batch, data []byte) *Error {
	if !utf8.Valid(data) {
		return failed(CodeUTF8, "the key is not UTF-8")
	}
	k.scan.data, k.scan.pos = data, 0
	k.scan.space()
	if k.scan.next() == '{' {
		var found [2][]byte
		if err := k.top(data, []string{"schema", "payload"}, found[:]); err != nil {
			return err
		}
		k.describe(nil)
		if found[1] != nil && found[0] != nil {
			schema, err := k.connect.schema(found[0])
			if err != nil {
				return err
			}
			data = found[1]
			if data[0] == '{' {
				k.describe(schema)
			}
		}
	}
	k.scan.data, k.scan.pos = data, 0
	k.scan.space()
	if k.scan.next() == '{' || len(k.setters) != 1 {
		return k.decode(out, data)
	}
	k.row++
	if err := k.value(out, &target{}, 0); err != nil {
		return err
	}
	if k.scan.space(); k.scan.pos != len(data) {
		return failed(CodeTrailing, "there is text after the key, at byte %d", k.scan.pos)
	}
	return nil
}
