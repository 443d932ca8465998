package decode

import (
	"context"
	"errors"

	"github.com/millrace/millrace/adapters/columnar"
)

// Avro decodes records by the schema they were written with: the one that the registry has
// under the id in the value's header, or a local one for values without a header.
type Avro struct {
	ctx      context.Context
	registry Registry
	local    *avroStep
	setters  []setter
	root     *target
	seen     []uint64
	row      uint64
	known    map[int]*avroStep
	refused  map[int]*Error
	schema   int
	r        avroReader
	buf      []byte
}

// NewAvro makes a decoder of values in the registry's wire format. ctx bounds questions to the registry.
func NewAvro(ctx context.Context, fields []Field, d Dialect, registry Registry) *Avro {
	a := newAvro(fields, d)
	a.ctx, a.registry = ctx, registry
	return a
}

// NewLocalAvro makes a decoder of bare values that were all written with one schema.
func NewLocalAvro(fields []Field, d Dialect, schema string) (*Avro, error) {
	a := newAvro(fields, d)
	var err error
	a.local, err = compileAvro(schema)
	return a, err
}

func newAvro(fields []Field, d Dialect) *Avro {
	a := &Avro{setters: setters(fields, d), root: newTarget(), seen: make([]uint64, len(fields)), known: map[int]*avroStep{}, refused: map[int]*Error{}}
	for i := range fields {
		a.root.add(fields[i].path(), i)
	}
	return a
}

// SchemaID implements Schemed.
func (a *Avro) SchemaID() int { return a.schema }

// Decode implements Decoder.
func (a *Avro) Decode(out *columnar.Batch, data []byte) *Error {
	st := a.local
	a.schema = 0
	if st == nil {
		id, payload, err := wireHeader(data)
		if err != nil {
			return err
		}
		a.schema = id
		if st, err = a.lookup(id); err != nil {
			return err
		}
		data = payload
	}
	a.r = avroReader{data: data}
	a.row++
	if st.op != avRecord {
		return failed(CodeIncompatible, "the schema is no record")
	}
	if err := a.record(out, st, a.root, 0); err != nil {
		return err
	}
	if a.r.pos != len(data) {
		return failed(CodeTrailing, "%d bytes follow the Avro value", len(data)-a.r.pos)
	}
	for i := range a.setters {
		if a.seen[i] != a.row {
			if err := a.setters[i].null(out.Columns[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *Avro) lookup(id int) (*avroStep, *Error) {
	if st := a.known[id]; st != nil {
		return st, nil
	}
	if err := a.refused[id]; err != nil {
		return nil, err
	}
	text, err := a.registry.Schema(a.ctx, id)
	switch {
	case errors.Is(err, ErrUnknownSchema):
		// Asked again for the next record: a schema may be registered late.
		return nil, failed(CodeSchema, "the registry has no schema %d", id)
	case err != nil:
		return nil, outage(err)
	}
	st, err := compileAvro(text)
	if err != nil {
		a.refused[id] = failed(CodeIncompatible, "schema %d is no Avro schema: %v", id, err)
		return nil, a.refused[id]
	}
	a.known[id] = st
	return st, nil
}

func (a *Avro) record(out *columnar.Batch, st *avroStep, t *target, depth int) *Error {
	if depth > maxDepth {
		return failed(CodeDepth, "more than %d levels of nesting", maxDepth)
	}
	for i, part := range st.parts {
		child := t.children[st.names[i]]
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
	case avInt, avDate, avTimeMillis, avTimeMicros, avMillis, avMicros:
		v, err := r.long()
		if err != nil {
			return err
		}
		return a.moment(s, c, st.op, v)
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
		if s.field.Type.class != classDecimal {
			return s.mismatch("a decimal")
		}
		return s.decimal(c, buf)
	case avArray, avMap:
		return s.mismatch("an array or a map")
	}
	return s.mismatch("a record")
}

func (a *Avro) moment(s *setter, c *columnar.Column, op avroOp, v int64) *Error {
	switch op {
	case avDate:
		return s.days(c, v)
	case avTimeMillis, avTimeMicros:
		limit := int64(86400e6)
		if op == avTimeMillis {
			limit = 86400e3
		}
		if v < 0 || v >= limit {
			return s.fail(CodeRange, "the time of day %d is out of range", v)
		}
		if s.field.Type.class != classTime {
			return s.mismatch("a time of day")
		}
		a.buf = appendClock(a.buf[:0], op, v)
		return s.text(c, a.buf)
	case avMillis:
		if s.field.Type.class == classInteger {
			return s.integer(c, v)
		}
		if v > maxMicros/1000 || v < minMicros/1000 {
			return s.fail(CodeRange, "the moment %d is out of range", v)
		}
		return s.micros(c, v*1000)
	case avMicros:
		return s.micros(c, v)
	}
	return s.integer(c, v)
}
