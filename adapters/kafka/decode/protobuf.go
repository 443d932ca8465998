package decode

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/millrace/millrace/adapters/columnar"
)

// Protobuf decodes messages by walking over their wire form: only fields that a column
// wants are looked at. It serves one goroutine.
type Protobuf struct {
	schemas *schemas[protoreflect.FileDescriptor]
	local   *protoMessage
	setters []setter
	root    *target
	plans   map[protoreflect.FullName]*protoMessage // of the descriptor that was used last under a name
	schema  int

	row  uint64
	got  []occurrence // per column
	done []bool       // per column: filled in this row
}

// NewProtobuf makes a decoder of messages in the registry's wire format.
func NewProtobuf(ctx context.Context, fields []Field, d Dialect, registry Registry, judge Judge) *Protobuf {
	p := newProtobuf(fields, d)
	p.schemas = newSchemas(ctx, registry, judge, SchemaProtobuf, func(s *Schema) (protoreflect.FileDescriptor, Shape, error) {
		file, err := CompileProto(ctx, s)
		if err != nil || file.Messages().Len() == 0 {
			return file, nil, err
		}
		return file, protoShape(file.Messages().Get(0), 0), nil
	})
	return p
}

// NewLocalProtobuf makes a decoder of bare messages of one type.
func NewLocalProtobuf(fields []Field, d Dialect, message protoreflect.MessageDescriptor) *Protobuf {
	p := newProtobuf(fields, d)
	p.local = p.plan(message)
	return p
}

func newProtobuf(fields []Field, d Dialect) *Protobuf {
	p := &Protobuf{setters: setters(fields, d), root: newTarget(), plans: map[protoreflect.FullName]*protoMessage{}, got: make([]occurrence, len(fields)), done: make([]bool, len(fields))}
	p.root.addFields(fields)
	return p
}

// SchemaID implements Schemed.
func (p *Protobuf) SchemaID() int { return p.schema }

// Decode implements Decoder.
func (p *Protobuf) Decode(out *columnar.Batch, data []byte) *Error {
	m, data, err := p.open(data)
	if err != nil {
		return err
	}
	return p.message(out, m, data)
}

// open takes the header off a value and finds the message type that it names.
func (p *Protobuf) open(data []byte) (*protoMessage, []byte, *Error) {
	p.schema = 0
	if p.local != nil {
		return p.local, data, nil
	}
	id, rest, err := wireHeader(data)
	if err != nil {
		return nil, nil, err
	}
	p.schema = id
	file, err := p.schemas.lookup(id)
	if err != nil {
		return nil, nil, err
	}
	md, rest, err := indexed(file, rest)
	if err != nil {
		return nil, nil, err
	}
	return p.plan(md), rest, nil
}

// indexed reads which message of a file a value is: the places of nested types, or nothing
// for the first one.
func indexed(file protoreflect.FileDescriptor, data []byte) (protoreflect.MessageDescriptor, []byte, *Error) {
	next := func() (int64, *Error) {
		v, n := binary.Varint(data)
		switch {
		case n == 0:
			return 0, failed(CodeTruncated, "the value ends inside its message indexes")
		case n < 0 || v < 0:
			return 0, failed(CodeSyntax, "the message indexes make no sense")
		}
		data = data[n:]
		return v, nil
	}
	count, err := next()
	if err != nil {
		return nil, nil, err
	}
	if count > maxDepth {
		return nil, nil, failed(CodeDepth, "%d message indexes", count)
	}
	var md protoreflect.MessageDescriptor
	types := file.Messages()
	for i := int64(0); i < max(count, 1); i++ {
		at := int64(0)
		if count > 0 {
			if at, err = next(); err != nil {
				return nil, nil, err
			}
		}
		if at >= int64(types.Len()) {
			return nil, nil, failed(CodeIncompatible, "the schema has no message %d at level %d", at, i)
		}
		md = types.Get(int(at))
		types = md.Messages()
	}
	return md, data, nil
}

// protoMessage is a message type as the declared columns want it.
type protoMessage struct {
	desc   protoreflect.MessageDescriptor
	slots  map[protowire.Number]*protoSlot
	order  []*protoSlot
	before protowire.Number // of the parts of a change event, 0 for none
	after  protowire.Number
	op     protowire.Number
	seen   uint64
}

// protoSlot is a wanted field.
type protoSlot struct {
	field  protoreflect.FieldDescriptor
	column int // -1 for none
	inner  *protoMessage
	parent *protoMessage
	target *target
}

func (p *Protobuf) plan(md protoreflect.MessageDescriptor) *protoMessage {
	if m := p.plans[md.FullName()]; m != nil && m.desc == md {
		return m
	}
	m := p.bind(md, p.root, 0)
	for _, part := range []struct {
		name   protoreflect.Name
		number *protowire.Number
	}{{"before", &m.before}, {"after", &m.after}, {"op", &m.op}} {
		if f := md.Fields().ByName(part.name); f != nil {
			*part.number = f.Number()
		}
	}
	p.plans[md.FullName()] = m
	return m
}

func (p *Protobuf) bind(md protoreflect.MessageDescriptor, t *target, depth int) *protoMessage {
	m := &protoMessage{desc: md, slots: map[protowire.Number]*protoSlot{}}
	for i, key := range t.keys {
		f := md.Fields().ByName(protoreflect.Name(key))
		if f == nil {
			f = md.Fields().ByJSONName(key)
		}
		if f == nil {
			continue
		}
		child := t.order[i]
		s := &protoSlot{field: f, column: child.column, parent: m, target: child}
		if child.children != nil && f.Message() != nil && !f.IsList() && !f.IsMap() && depth < maxDepth {
			s.inner = p.bind(f.Message(), child, depth+1)
		}
		m.slots[f.Number()] = s
		m.order = append(m.order, s)
	}
	return m
}

// occurrence is a field's value in the message that is being read. Of a field that occurs
// more than once the last value counts, unless it is a list, a map or a message.
type occurrence struct {
	row  uint64
	slot *protoSlot
	kind protowire.Type
	n    uint64 // of numbers
	data []byte // of texts, bytes and messages
	raw  []byte // with its tag, all of them
}

// message decodes one message into a row.
func (p *Protobuf) message(out *columnar.Batch, m *protoMessage, data []byte) *Error {
	p.row++
	if err := p.scan(m, data, 0); err != nil {
		return err
	}
	clear(p.done)
	if err := p.fill(out, m); err != nil {
		return err
	}
	for i := range p.setters {
		if !p.done[i] {
			if err := p.setters[i].missing(out.Columns[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (p *Protobuf) scan(m *protoMessage, data []byte, depth int) *Error {
	if depth > maxDepth {
		return failed(CodeDepth, "more than %d levels of nesting", maxDepth)
	}
	m.seen = p.row
	for len(data) > 0 {
		number, kind, n := protowire.ConsumeTag(data)
		if n < 0 {
			return wireFailed(n)
		}
		value := data[n:]
		size := protowire.ConsumeFieldValue(number, kind, value)
		if size < 0 {
			return wireFailed(size)
		}
		raw := data[:n+size]
		data = data[n+size:]
		s := m.slots[number]
		if s == nil {
			continue
		}
		if s.inner != nil {
			if kind != protowire.BytesType {
				return wrongWire(s.field)
			}
			inner, _ := protowire.ConsumeBytes(value)
			if err := p.scan(s.inner, inner, depth+1); err != nil {
				return err
			}
		}
		if s.column >= 0 {
			p.keep(s, kind, value[:size], raw)
		}
	}
	return nil
}

func (p *Protobuf) keep(s *protoSlot, kind protowire.Type, value, raw []byte) {
	o := &p.got[s.column]
	if o.row != p.row || o.slot != s {
		*o = occurrence{row: p.row, slot: s, raw: o.raw[:0]}
	}
	o.kind = kind
	if s.field.IsList() || s.field.IsMap() || s.field.Message() != nil || p.setters[s.column].field.Type.class == classJSON {
		o.raw = append(o.raw, raw...)
	}
	switch kind {
	case protowire.VarintType:
		o.n, _ = protowire.ConsumeVarint(value)
	case protowire.Fixed32Type:
		v, _ := protowire.ConsumeFixed32(value)
		o.n = uint64(v)
	case protowire.Fixed64Type:
		o.n, _ = protowire.ConsumeFixed64(value)
	case protowire.BytesType:
		o.data, _ = protowire.ConsumeBytes(value)
	}
}

func wireFailed(code int) *Error {
	err := protowire.ParseError(code)
	if err.Error() == "unexpected EOF" {
		return failed(CodeTruncated, "the message ends inside a field")
	}
	return failed(CodeSyntax, "the message cannot be read: %v", err)
}

func wrongWire(f protoreflect.FieldDescriptor) *Error {
	return failed(CodeSyntax, "the field '%s' is not written as a %s", f.Name(), f.Kind())
}

// fill sets the columns below a message type, and marks them done.
func (p *Protobuf) fill(out *columnar.Batch, m *protoMessage) *Error {
	for _, s := range m.order {
		if s.inner != nil && s.inner.seen == p.row {
			if err := p.fill(out, s.inner); err != nil {
				return err
			}
		}
		if s.column < 0 || p.done[s.column] {
			continue
		}
		set := &p.setters[s.column]
		o := &p.got[s.column]
		if o.row == p.row && o.slot != s {
			continue // another name of the same column is there
		}
		if o.row != p.row {
			if s.field.HasPresence() || m.seen != p.row {
				continue // null or the column's default
			}
			*o = occurrence{row: p.row, slot: s, kind: wireOf(s.field), raw: o.raw[:0]}
		}
		p.done[s.column] = true
		if err := p.set(set, out.Columns[s.column], s, o); err != nil {
			if err.Field == "" {
				err.Field = set.field.Name
			}
			return err
		}
	}
	return nil
}

// split implements imager.
func (p *Protobuf) split(data []byte) (event, *Error) {
	m, data, err := p.open(data)
	if err != nil {
		return event{}, err
	}
	var ev event
	for len(data) > 0 {
		number, kind, n := protowire.ConsumeTag(data)
		if n < 0 {
			return event{}, wireFailed(n)
		}
		value := data[n:]
		size := protowire.ConsumeFieldValue(number, kind, value)
		if size < 0 {
			return event{}, wireFailed(size)
		}
		data = value[size:]
		if kind != protowire.BytesType || !slices.Contains([]protowire.Number{m.before, m.after, m.op}, number) {
			continue
		}
		inner, _ := protowire.ConsumeBytes(value)
		image := func() part {
			md := m.desc.Fields().ByNumber(number).Message()
			if md == nil {
				return part{}
			}
			return part{data: append([]byte{}, inner...), message: &protoMessage{desc: md}}
		}
		switch number {
		case m.before:
			ev.before = image()
		case m.after:
			ev.after = image()
		case m.op:
			ev.op = string(inner)
		}
	}
	return ev, nil
}

// image implements imager.
func (p *Protobuf) image(out *columnar.Batch, part part) *Error {
	return p.message(out, p.plan(part.message.desc), part.data)
}

// mayLack implements imager.
func (p *Protobuf) mayLack() { lacking(p.setters) }

// unavailable implements imager.
func (p *Protobuf) unavailable() []int { return lost(p.setters) }

// MessageOf finds a message type of a compiled file; with no name it must be the only one.
func MessageOf(file protoreflect.FileDescriptor, name string) (protoreflect.MessageDescriptor, error) {
	if name == "" {
		if file.Messages().Len() != 1 {
			return nil, fmt.Errorf("%s has %d messages: name one with 'message'", file.Path(), file.Messages().Len())
		}
		return file.Messages().Get(0), nil
	}
	var found protoreflect.MessageDescriptor
	var search func(protoreflect.MessageDescriptors)
	search = func(types protoreflect.MessageDescriptors) {
		for i := range types.Len() {
			md := types.Get(i)
			if string(md.FullName()) == name || found == nil && string(md.Name()) == name {
				found = md
			}
			search(md.Messages())
		}
	}
	search(file.Messages())
	if found == nil {
		return nil, fmt.Errorf("%s has no message '%s'", file.Path(), name)
	}
	return found, nil
}
