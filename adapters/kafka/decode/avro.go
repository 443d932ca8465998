package decode

import (
	"context"

	"github.com/millrace/millrace/adapters/columnar"
)

// Avro decodes records by the schema they were written with: the one that the registry has
// under the id in the value's header, or a local one for values without a header.
type Avro struct {
	schemas   *schemas[*avroStep]
	local     *avroStep
	setters   []setter
	root      *target
	bare      *target // of the only column, for values that are no records
	seen      []uint64
	row       uint64
	schema    int
	bounds    map[bound][]*target
	last      bound // of the record that was read last, with what bounds has for it
	lastBound []*target
	r         avroReader
	buf       []byte
}

// NewAvro makes a decoder of values in the registry's wire format. ctx bounds questions to
// the registry; judge may be nil.
func NewAvro(ctx context.Context, fields []Field, d Dialect, registry Registry, judge Judge) *Avro {
	a := newAvro(fields, d)
	a.schemas = newSchemas(ctx, registry, judge, SchemaAvro, compileAvro)
	return a
}

// NewLocalAvro makes a decoder of bare values that were all written with one schema.
func NewLocalAvro(fields []Field, d Dialect, schema string) (*Avro, error) {
	a := newAvro(fields, d)
	var err error
	a.local, _, err = compileAvro(&Schema{Kind: SchemaAvro, Text: schema})
	return a, err
}

func newAvro(fields []Field, d Dialect) *Avro {
	a := &Avro{setters: setters(fields, d), root: newTarget(), bare: &target{}, seen: make([]uint64, len(fields)), bounds: map[bound][]*target{}}
	a.root.addFields(fields)
	return a
}

// SchemaID implements Schemed.
func (a *Avro) SchemaID() int { return a.schema }

// Decode implements Decoder.
func (a *Avro) Decode(out *columnar.Batch, data []byte) *Error {
	st, data, err := a.open(data)
	if err != nil {
		return err
	}
	a.r = avroReader{data: data}
	a.row++
	if st.op != avRecord {
		if len(a.setters) != 1 {
			return failed(CodeIncompatible, "the schema is no record")
		}
		// A key is often a bare value.
		if err := a.value(out, st, a.bare, 0); err != nil {
			return err
		}
		return a.finish(out)
	}
	if err := a.record(out, st, a.root, 0); err != nil {
		return err
	}
	return a.finish(out)
}

// finish fills the columns that a whole value said nothing about.
func (a *Avro) finish(out *columnar.Batch) *Error {
	if n := len(a.r.data) - a.r.pos; n != 0 {
		return failed(CodeTrailing, "%d bytes follow the Avro value", n)
	}
	for i := range a.setters {
		if a.seen[i] != a.row {
			if err := a.setters[i].missing(out.Columns[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// open takes the header off a value and finds the schema that it names.
func (a *Avro) open(data []byte) (*avroStep, []byte, *Error) {
	a.schema = 0
	if a.local != nil {
		return a.local, data, nil
	}
	id, payload, err := wireHeader(data)
	if err != nil {
		return nil, nil, err
	}
	a.schema = id
	st, err := a.schemas.lookup(id)
	return st, payload, err
}

// bound is a record's schema with a target that its values go to.
type bound struct {
	step   *avroStep
	target *target
}

// bind says where the fields of a record go, nil for nowhere. It is found out once.
func (a *Avro) bind(st *avroStep, t *target) []*target {
	if a.last.step == st && a.last.target == t {
		return a.lastBound
	}
	key := bound{st, t}
	out, ok := a.bounds[key]
	if !ok {
		out = make([]*target, len(st.parts))
		for i, name := range st.names {
			out[i] = t.children[name]
		}
		a.bounds[key] = out
	}
	a.last, a.lastBound = key, out
	return out
}

func (a *Avro) record(out *columnar.Batch, st *avroStep, t *target, depth int) *Error {
	if depth > maxDepth {
		return failed(CodeDepth, "more than %d levels of nesting", maxDepth)
	}
	children := a.bind(st, t)
	for i, part := range st.parts {
		child := children[i]
		var err *Error
		if child == nil {
			err = a.r.skip(part, depth+1)
		} else {
			err = a.value(out, part, child, depth+1)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (a *Avro) value(out *columnar.Batch, st *avroStep, t *target, depth int) *Error {
	if depth > maxDepth {
		return failed(CodeDepth, "more than %d levels of nesting", maxDepth)
	}
	if st.op == avUnion {
		b, err := a.r.branch(st)
		if err != nil {
			return err
		}
		return a.value(out, b, t, depth+1)
	}
	if t.children != nil && st.op == avRecord {
		start := a.r.pos
		if err := a.record(out, st, t, depth); err != nil || t.column < 0 {
			return err
		}
		a.r.pos = start
		return a.set(out, st, t.column, depth)
	}
	if t.column < 0 {
		if st.op == avNull {
			return nil
		}
		return failed(CodeType, "the declared fields need a record with %s", shown([]byte(t.keys[0])))
	}
	return a.set(out, st, t.column, depth)
}

func (a *Avro) set(out *columnar.Batch, st *avroStep, column, depth int) *Error {
	a.seen[column] = a.row
	s, c, r := &a.setters[column], out.Columns[column], &a.r
	if st.op == avNull {
		return s.null(c)
	}
	if s.field.Type.class == classJSON {
		buf, err := r.json(a.buf[:0], st, depth)
		a.buf = buf
		if err != nil {
			return err
		}
		return s.rawJSON(c, buf)
	}
	switch st.op {
	case avBoolean:
		v, err := r.boolean()
		if err != nil {
			return err
		}
		return s.boolean(c, v)
	case avInt:
		v, err := r.long()
		if err != nil {
			return err
		}
		if st.meaning != plain {
			return s.moment(c, st.meaning, v)
		}
		return s.integer(c, v)
	case avFloat, avDouble:
		v, err := r.float(st.op)
		if err != nil {
			return err
		}
		return s.float(c, v)
	case avBytes, avFixed:
		var b []byte
		var err *Error
		if st.op == avFixed {
			b, err = r.take(int64(st.size), "a fixed value")
		} else {
			b, err = r.block("bytes")
		}
		if err != nil {
			return err
		}
		return s.bytes(c, b)
	case avString:
		b, err := r.str()
		if err != nil {
			return err
		}
		return s.text(c, b)
	case avEnum:
		v, err := r.symbol(st)
		if err != nil {
			return err
		}
		return s.text(c, []byte(v))
	case avDecimal:
		buf, err := r.decimal(a.buf[:0], st)
		a.buf = buf
		if err != nil {
			return err
		}
		switch s.field.Type.class {
		case classDecimal:
			return s.decimal(c, buf)
		case classText:
			return s.text(c, buf)
		}
		return s.mismatch("a decimal")
	case avArray, avMap:
		return s.mismatch("an array or a map")
	}
	if st.meaning == asVariableDecimal && len(st.parts) == 2 {
		return a.variableDecimal(s, c, st)
	}
	return s.mismatch("a record")
}

// variableDecimal reads Debezium's decimal that says its scale itself.
func (a *Avro) variableDecimal(s *setter, c *columnar.Column, st *avroStep) *Error {
	var scale int64
	var raw []byte
	for i, part := range st.parts {
		var err *Error
		switch {
		case st.names[i] == "scale" && part.op == avInt:
			scale, err = a.r.long()
		case part.op == avBytes:
			raw, err = a.r.block("a decimal")
		default:
			return s.mismatch("a record")
		}
		if err != nil {
			return err
		}
	}
	if scale < 0 || scale > maxScale {
		return s.fail(CodeRange, "a decimal of scale %d", scale)
	}
	return s.unscaled(c, raw, int(scale))
}

// split implements imager.
func (a *Avro) split(data []byte) (event, *Error) {
	st, data, err := a.open(data)
	if err != nil {
		return event{}, err
	}
	if st.op != avRecord {
		return event{}, failed(CodeIncompatible, "the schema is no record")
	}
	a.r = avroReader{data: data}
	var ev event
	for i, part := range st.parts {
		switch st.names[i] {
		case "before":
			ev.before, err = a.part(part)
		case "after":
			ev.after, err = a.part(part)
		case "op":
			ev.op, err = a.letter(part)
		default:
			err = a.r.skip(part, 1)
		}
		if err != nil {
			return event{}, err
		}
	}
	if n := len(a.r.data) - a.r.pos; n != 0 {
		return event{}, failed(CodeTrailing, "%d bytes follow the Avro value", n)
	}
	return ev, nil
}

// part passes over an image and says where it stands.
func (a *Avro) part(st *avroStep) (part, *Error) {
	if st.op == avUnion {
		b, err := a.r.branch(st)
		if err != nil {
			return part{}, err
		}
		st = b
	}
	if st.op == avNull {
		return part{}, nil
	}
	if st.op != avRecord {
		return part{}, failed(CodeIncompatible, "the image of a row is no record")
	}
	start := a.r.pos
	err := a.r.skip(st, 1)
	return part{data: a.r.data[start:a.r.pos:a.r.pos], avro: st}, err
}

func (a *Avro) letter(st *avroStep) (string, *Error) {
	if st.op == avUnion {
		b, err := a.r.branch(st)
		if err != nil {
			return "", err
		}
		st = b
	}
	switch st.op {
	case avString:
		b, err := a.r.str()
		return string(b), err
	case avEnum:
		return a.r.symbol(st)
	}
	return "", failed(CodeSyntax, "the change event's 'op' is no text")
}

// image implements imager.
func (a *Avro) image(out *columnar.Batch, p part) *Error {
	a.r = avroReader{data: p.data}
	a.row++
	if err := a.record(out, p.avro, a.root, 1); err != nil {
		return err
	}
	return a.finish(out)
}

// mayLack implements imager.
func (a *Avro) mayLack() { lacking(a.setters) }

// unavailable implements imager.
func (a *Avro) unavailable() []int { return lost(a.setters) }
