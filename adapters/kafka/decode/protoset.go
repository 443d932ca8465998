package decode

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/millrace/millrace/adapters/columnar"
)

// wireOf is how a single value of a field is written.
func wireOf(f protoreflect.FieldDescriptor) protowire.Type {
	switch f.Kind() {
	case protoreflect.StringKind, protoreflect.BytesKind, protoreflect.MessageKind:
		return protowire.BytesType
	case protoreflect.Fixed32Kind, protoreflect.Sfixed32Kind, protoreflect.FloatKind:
		return protowire.Fixed32Type
	case protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind, protoreflect.DoubleKind:
		return protowire.Fixed64Type
	case protoreflect.GroupKind:
		return protowire.StartGroupType
	}
	return protowire.VarintType
}

// set fills a column from a field's value.
func (p *Protobuf) set(s *setter, c *columnar.Column, slot *protoSlot, o *occurrence) *Error {
	f := slot.field
	if s.field.Type.class == classJSON {
		return p.asJSON(s, c, slot, o)
	}
	switch {
	case f.IsMap():
		return s.mismatch("a map")
	case f.IsList():
		return s.mismatch("a list")
	case o.kind != wireOf(f):
		return wrongWire(f)
	}
	switch f.Kind() {
	case protoreflect.BoolKind:
		return s.boolean(c, o.n != 0)
	case protoreflect.EnumKind:
		return enumValue(s, c, f, int32(o.n))
	case protoreflect.Int32Kind:
		return s.integer(c, int64(int32(o.n)))
	case protoreflect.Int64Kind, protoreflect.Sfixed64Kind:
		return s.integer(c, int64(o.n))
	case protoreflect.Sint32Kind, protoreflect.Sint64Kind:
		return s.integer(c, protowire.DecodeZigZag(o.n))
	case protoreflect.Sfixed32Kind:
		return s.integer(c, int64(int32(o.n)))
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return s.integer(c, int64(uint32(o.n)))
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return unsigned(s, c, o.n)
	case protoreflect.FloatKind:
		return s.float(c, float64(math.Float32frombits(uint32(o.n))))
	case protoreflect.DoubleKind:
		return s.float(c, math.Float64frombits(o.n))
	case protoreflect.StringKind:
		if !utf8.Valid(o.data) {
			return failed(CodeUTF8, "a string is not UTF-8")
		}
		return s.text(c, o.data)
	case protoreflect.BytesKind:
		return s.bytes(c, o.data)
	case protoreflect.MessageKind:
		return p.wellKnown(s, c, slot, o)
	}
	return s.mismatch("a message")
}

// enumValue takes the name of an enum's value, or its number where a number is declared or
// the name is not known to this schema.
func enumValue(s *setter, c *columnar.Column, f protoreflect.FieldDescriptor, n int32) *Error {
	if s.field.Type.class == classInteger {
		return s.integer(c, int64(n))
	}
	if v := f.Enum().Values().ByNumber(protoreflect.EnumNumber(n)); v != nil {
		return s.text(c, []byte(v.Name()))
	}
	return s.text(c, strconv.AppendInt(nil, int64(n), 10))
}

func unsigned(s *setter, c *columnar.Column, n uint64) *Error {
	if n <= math.MaxInt64 {
		return s.integer(c, int64(n))
	}
	switch s.field.Type.class {
	case classDecimal:
		return s.decimal(c, strconv.AppendUint(nil, n, 10))
	case classFloat:
		return s.float(c, float64(n))
	case classInteger:
		return s.fail(CodeRange, "%d does not fit %s", n, s.field.Type.Name)
	}
	return s.mismatch("an integer")
}

// small reads a message whose fields are single numbers, texts or bytes, by number.
func small(data []byte) (numbers [8]int64, text []byte, err *Error) {
	for len(data) > 0 {
		number, kind, n := protowire.ConsumeTag(data)
		if n < 0 {
			return numbers, nil, wireFailed(n)
		}
		value := data[n:]
		size := protowire.ConsumeFieldValue(number, kind, value)
		if size < 0 {
			return numbers, nil, wireFailed(size)
		}
		data = value[size:]
		switch kind {
		case protowire.VarintType:
			if v, _ := protowire.ConsumeVarint(value); int(number) < len(numbers) {
				numbers[number] = int64(v)
			}
		case protowire.BytesType:
			text, _ = protowire.ConsumeBytes(value)
		}
	}
	return numbers, text, nil
}

// wellKnown takes messages that stand for one value.
func (p *Protobuf) wellKnown(s *setter, c *columnar.Column, slot *protoSlot, o *occurrence) *Error {
	f := slot.field
	switch f.Message().FullName() {
	case "google.protobuf.Timestamp":
		n, _, err := small(o.data)
		if err != nil {
			return err
		}
		if n[1] > maxMicros/1_000_000 || n[1] < minMicros/1_000_000 || n[2] < 0 || n[2] >= 1e9 {
			return s.fail(CodeRange, "the moment %d.%09d is out of range", n[1], n[2])
		}
		micros := n[1]*1e6 + n[2]/1000
		if s.field.Type.class == classText {
			return s.text(c, time.UnixMicro(micros).UTC().AppendFormat(nil, time.RFC3339Nano))
		}
		return s.moment(c, asMicros, micros)
	case "google.protobuf.Duration":
		n, _, err := small(o.data)
		if err != nil {
			return err
		}
		seconds := float64(n[1]) + float64(n[2])/1e9
		if s.field.Type.class == classFloat {
			return s.float(c, seconds)
		}
		return p.quotedJSON(s, c, slot, o)
	case "google.type.Date":
		n, _, err := small(o.data)
		if err != nil {
			return err
		}
		y, m, d := int(n[1]), int(n[2]), int(n[3])
		if y < 1 || y > 9999 || m < 1 || m > 12 || d < 1 || d > daysIn(y, m) {
			return s.fail(CodeRange, "%d-%d-%d is no day", n[1], n[2], n[3])
		}
		return s.days(c, civil(y, m, d))
	case "google.type.TimeOfDay":
		n, _, err := small(o.data)
		if err != nil {
			return err
		}
		if n[1] < 0 || n[1] > 23 || n[2] < 0 || n[2] > 59 || n[3] < 0 || n[3] > 59 || n[4] < 0 || n[4] >= 1e9 {
			return s.fail(CodeRange, "%d:%d:%d is no time of day", n[1], n[2], n[3])
		}
		return s.clock(c, asClockMicros, ((n[1]*60+n[2])*60+n[3])*1e6+n[4]/1000)
	case "google.type.Decimal":
		_, text, err := small(o.data)
		if err != nil {
			return err
		}
		return s.text(c, text)
	case "confluent.type.Decimal":
		n, raw, err := small(o.data)
		if err != nil {
			return err
		}
		scale := int64(int32(n[3]))
		if scale < 0 || scale > maxScale {
			return s.fail(CodeRange, "a decimal of scale %d", scale)
		}
		return s.unscaled(c, raw, int(scale))
	case "google.protobuf.BoolValue", "google.protobuf.Int32Value", "google.protobuf.Int64Value", "google.protobuf.UInt32Value", "google.protobuf.UInt64Value",
		"google.protobuf.FloatValue", "google.protobuf.DoubleValue", "google.protobuf.StringValue", "google.protobuf.BytesValue":
		return p.wrapped(s, c, slot, o)
	case "google.protobuf.FieldMask":
		return p.quotedJSON(s, c, slot, o)
	}
	return s.mismatch("a message")
}

// wrapped takes the value of a wrapper, which is the default of its type when the message is empty.
func (p *Protobuf) wrapped(s *setter, c *columnar.Column, slot *protoSlot, o *occurrence) *Error {
	inner := &protoSlot{field: slot.field.Message().Fields().ByNumber(1), column: slot.column}
	value := occurrence{kind: wireOf(inner.field)}
	for data := o.data; len(data) > 0; {
		number, kind, n := protowire.ConsumeTag(data)
		if n < 0 {
			return wireFailed(n)
		}
		size := protowire.ConsumeFieldValue(number, kind, data[n:])
		if size < 0 {
			return wireFailed(size)
		}
		if number == 1 {
			kept := p.got[slot.column]
			p.got[slot.column] = occurrence{}
			p.keep(inner, kind, data[n:n+size], nil)
			value = p.got[slot.column]
			p.got[slot.column] = kept
		}
		data = data[n+size:]
	}
	return p.set(s, c, inner, &value)
}

var (
	readWire  = proto.UnmarshalOptions{AllowPartial: true, DiscardUnknown: true, RecursionLimit: maxDepth}
	writeJSON = protojson.MarshalOptions{AllowPartial: true, UseProtoNames: true}
)

// jsonOf is the JSON form of a field, as Protobuf defines it.
func (p *Protobuf) jsonOf(slot *protoSlot, o *occurrence) ([]byte, *Error) {
	f := slot.field
	m := dynamicpb.NewMessage(slot.parent.desc)
	if err := readWire.Unmarshal(o.raw, m); err != nil {
		return nil, failed(CodeSyntax, "the field '%s' cannot be read: %v", f.Name(), err)
	}
	if !m.Has(f) {
		switch {
		case f.IsMap():
			return []byte("{}"), nil
		case f.IsList():
			return []byte("[]"), nil
		}
		return p.defaultJSON(f), nil
	}
	text, err := writeJSON.Marshal(m)
	if err != nil {
		return nil, failed(CodeType, "the field '%s' has no JSON form: %v", f.Name(), err)
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(text, &members); err != nil {
		return nil, failed(CodeType, "the field '%s' has no JSON form: %v", f.Name(), err)
	}
	var out bytes.Buffer
	// The package spaces its output at random; ours is always the same.
	if err := json.Compact(&out, members[f.TextName()]); err != nil {
		return nil, failed(CodeType, "the field '%s' has no JSON form: %v", f.Name(), err)
	}
	return out.Bytes(), nil
}

func (p *Protobuf) defaultJSON(f protoreflect.FieldDescriptor) []byte {
	switch f.Kind() {
	case protoreflect.StringKind, protoreflect.BytesKind:
		return []byte(`""`)
	case protoreflect.BoolKind:
		return []byte("false")
	case protoreflect.EnumKind:
		if v := f.Enum().Values().ByNumber(0); v != nil {
			return strconv.AppendQuote(nil, string(v.Name()))
		}
	case protoreflect.Int64Kind, protoreflect.Uint64Kind, protoreflect.Sint64Kind, protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind:
		return []byte(`"0"`)
	}
	return []byte("0")
}

func (p *Protobuf) asJSON(s *setter, c *columnar.Column, slot *protoSlot, o *occurrence) *Error {
	text, err := p.jsonOf(slot, o)
	if err != nil {
		return err
	}
	return s.rawJSON(c, text)
}

// quotedJSON takes the text of a message whose JSON form is one.
func (p *Protobuf) quotedJSON(s *setter, c *columnar.Column, slot *protoSlot, o *occurrence) *Error {
	text, err := p.jsonOf(slot, o)
	if err != nil {
		return err
	}
	var v string
	if e := json.Unmarshal(text, &v); e != nil {
		return s.mismatch("a message")
	}
	return s.text(c, []byte(v))
}
