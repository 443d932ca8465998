package decode

import (
	"context"
	"unicode/utf8"

	"github.com/millrace/millrace/adapters/columnar"
)

// target is where a key of an object leads: to a column, to further keys, or both ways nowhere.
type target struct {
	column   int // -1 for none
	children map[string]*target
	keys     []string // in declared order, with order their targets
	order    []*target
	schema   *connectSchema // what its values mean, where an envelope says so
}

func newTarget() *target { return &target{column: -1} }

func (t *target) add(path []string, column int) {
	for _, key := range path {
		child := t.children[key]
		if child == nil {
			child = newTarget()
			if t.children == nil {
				t.children = map[string]*target{}
			}
			t.children[key] = child
			t.keys = append(t.keys, key)
			t.order = append(t.order, child)
		}
		t = child
	}
	t.column = column
}

// JSON decodes objects. It serves one goroutine.
type JSON struct {
	setters []setter
	root    *target
	strict  bool
	watch   Watcher         // nil when undeclared fields matter to nobody
	lacked  []bool          // columns whose absence the watcher knows of
	passed  map[string]bool // fields that the watcher lets pass
	seen    []uint64        // the row number in which a column was last set
	row     uint64
	scan    scanner

	schemas   *schemas[struct{}] // nil for values without a registry's header
	schema    int
	enveloped bool // values are in Kafka Connect's envelope
	connect   connectSchemas
	described *connectSchema
}

// NewJSON makes a decoder of JSON objects. strict makes undeclared keys errors.
func NewJSON(fields []Field, d Dialect, strict bool) *JSON {
	j := &JSON{setters: setters(fields, d), root: newTarget(), strict: strict, seen: make([]uint64, len(fields))}
	j.root.addFields(fields)
	return j
}

// NewConnectJSON makes a decoder of JSON objects in Kafka Connect's envelope of schema and payload.
func NewConnectJSON(fields []Field, d Dialect, strict bool) *JSON {
	j := NewJSON(fields, d, strict)
	j.enveloped = true
	return j
}

func setters(fields []Field, d Dialect) []setter {
	out := make([]setter, len(fields))
	for i := range fields {
		out[i] = setter{field: &fields[i], noNUL: d.NoNUL}
	}
	return out
}

// Decode implements Decoder.
func (j *JSON) Decode(out *columnar.Batch, data []byte) *Error {
	data, err := j.open(data)
	if err != nil {
		return err
	}
	if !utf8.Valid(data) {
		return failed(CodeUTF8, "the text is not UTF-8")
	}
	if j.enveloped {
		schema, payload, err := j.unwrap(data)
		if err != nil {
			return err
		}
		if string(payload) == "null" {
			return failed(CodeTombstone, "the payload is null")
		}
		j.describe(schema)
		data = payload
	}
	return j.decode(out, data)
}

// open takes the registry's header off a value where there is one.
func (j *JSON) open(data []byte) ([]byte, *Error) {
	j.schema = 0
	if j.schemas == nil {
		return data, nil
	}
	id, payload, err := wireHeader(data)
	if err != nil {
		return nil, err
	}
	j.schema = id
	_, err = j.schemas.lookup(id)
	return payload, err
}

// SchemaID implements Schemed.
func (j *JSON) SchemaID() int { return j.schema }

// Framed makes the decoder take values with the header of a registry of JSON schemas.
func (j *JSON) Framed(ctx context.Context, registry Registry, judge Judge) {
	j.schemas = newSchemas(ctx, registry, judge, SchemaJSON, func(*Schema) (struct{}, Shape, error) { return struct{}{}, nil, nil })
}

// decode decodes an object of valid UTF-8.
func (j *JSON) decode(out *columnar.Batch, data []byte) *Error {
	j.scan.data, j.scan.pos = data, 0
	j.row++
	s := &j.scan
	s.space()
	if s.next() != '{' {
		if s.pos < len(data) && s.skip(0) == nil {
			return failed(CodeType, "the value is not a JSON object")
		}
		s.pos = 0
		s.space()
		return s.syntax("an object")
	}
	if err := j.object(out, j.root, 0); err != nil {
		return err
	}
	if s.space(); s.pos != len(data) {
		return failed(CodeTrailing, "there is text after the object, at byte %d", s.pos)
	}
	for i := range j.setters {
		if j.seen[i] != j.row {
			if j.watch != nil && !j.lacked[i] {
				j.lacked[i] = true
				j.watch.Lacks(j.setters[i].field.Name)
			}
			if err := j.setters[i].missing(out.Columns[i]); err != nil {
				return err
			}
		}
	}
	return nil
}

// Watcher is told what records without schemas hold beyond what is declared, or lack of it.
type Watcher interface {
	// Field is told of a field that is not declared, with a value; nil lets it pass.
	Field(name string, sample []byte) *Error
	// Lacks is told of a column for which a record has nothing.
	Lacks(column string)
	// Misfits is told of a value that does not fit its column; nil leaves it at that.
	Misfits(column string, sample []byte) *Error
}

// Watch makes a watcher know what records hold.
func (j *JSON) Watch(w Watcher) {
	j.watch, j.lacked, j.passed = w, make([]bool, len(j.setters)), map[string]bool{}
}

func (j *JSON) field(name string, sample []byte) *Error {
	err := j.watch.Field(name, sample)
	if err == nil && sample[0] != 'n' && len(j.passed) < 4096 {
		j.passed[name] = true
	}
	return err
}

func (j *JSON) object(out *columnar.Batch, t *target, depth int) *Error {
	if depth > maxDepth {
		return failed(CodeDepth, "more than %d levels of nesting", maxDepth)
	}
	s := &j.scan
	s.pos++ // the brace
	s.space()
	if s.next() == '}' {
		s.pos++
		return nil
	}
	for hint := 0; ; {
		key, err := s.str()
		if err != nil {
			return err
		}
		var child *target
		// Producers write keys in one order, and declarations follow it.
		if hint < len(t.keys) && t.keys[hint] == string(key) {
			child = t.order[hint]
			hint++
		} else if child = t.children[string(key)]; child == nil && j.strict {
			if j.watch != nil {
				if err := j.watch.Field(string(key), nil); err != nil {
					return err
				}
			}
			return failed(CodeUnknownField, "the field %s is not declared", shown(key))
		}
		unknown := ""
		if child == nil && j.watch != nil && t == j.root && !j.passed[string(key)] {
			unknown = string(key)
		}
		s.space()
		if err := s.expect(':', "a colon"); err != nil {
			return err
		}
		s.space()
		if child == nil {
			start := s.pos
			if err = s.skip(depth + 1); err == nil && unknown != "" {
				err = j.field(unknown, s.data[start:s.pos])
			}
		} else {
			start := s.pos
			err = j.value(out, child, depth+1)
			if err != nil && j.watch != nil && child.column >= 0 && err.Field != "" && (err.Code == CodeType || err.Code == CodeRange) {
				if better := j.watch.Misfits(err.Field, s.data[start:s.pos]); better != nil {
					err = better
				}
			}
		}
		if err != nil {
			return err
		}
		if more, err := s.another('}'); !more {
			return err
		}
	}
}

func (j *JSON) value(out *columnar.Batch, t *target, depth int) *Error {
	s := &j.scan
	if t.children != nil && s.next() == '{' {
		start := s.pos
		if err := j.object(out, t, depth); err != nil || t.column < 0 {
			return err
		}
		return j.raw(out, t.column, start)
	}
	if t.column < 0 {
		return j.noObject(t, depth)
	}
	set := &j.setters[t.column]
	col := out.Columns[t.column]
	if s.next() == 'n' {
		if err := s.word("null"); err != nil {
			return err
		}
		if err := j.once(t.column); err != nil {
			return err
		}
		return set.null(col)
	}
	if set.field.Type.class == classJSON {
		start := s.pos
		if err := s.skip(depth); err != nil {
			return err
		}
		return j.raw(out, t.column, start)
	}
	if err := j.once(t.column); err != nil {
		return err
	}
	switch ch := s.next(); {
	case ch == '"':
		text, err := s.str()
		if err != nil {
			return err
		}
		if t.schema != nil {
			if done, err := set.logical(col, t.schema.meaning, t.schema.scale, text, true); done {
				return err
			}
		}
		return set.text(col, text)
	case ch == '-' || ch >= '0' && ch <= '9':
		text, err := s.number()
		if err != nil {
			return err
		}
		if t.schema != nil {
			if done, err := set.logical(col, t.schema.meaning, t.schema.scale, text, false); done {
				return err
			}
		}
		return set.number(col, text)
	case ch == '{' && t.schema != nil && t.schema.meaning == asVariableDecimal:
		return j.variableDecimal(set, col, depth)
	case ch == 't':
		if err := s.word("true"); err != nil {
			return err
		}
		return set.boolean(col, true)
	case ch == 'f':
		if err := s.word("false"); err != nil {
			return err
		}
		return set.boolean(col, false)
	case ch == '{' || ch == '[':
		if err := s.skip(depth); err != nil {
			return err
		}
		if ch == '{' {
			return set.mismatch("an object")
		}
		return set.mismatch("an array")
	}
	return s.syntax("a value")
}

// noObject reads a value where only an object has something that is declared.
func (j *JSON) noObject(t *target, depth int) *Error {
	s := &j.scan
	if s.next() == 'n' {
		return s.word("null")
	}
	if err := s.skip(depth); err != nil {
		return err
	}
	return failed(CodeType, "the declared fields need an object with %s", shown([]byte(t.keys[0])))
}

// variableDecimal reads Debezium's decimal that has a scale of its own in each record.
func (j *JSON) variableDecimal(set *setter, col *columnar.Column, depth int) *Error {
	var found [2][]byte
	if err := j.scan.members(depth, []string{"scale", "value"}, found[:]); err != nil {
		return err
	}
	scale, ok := parseInt(found[0])
	if !ok || scale < 0 || scale > maxScale || len(found[1]) < 2 {
		return set.mismatch("a decimal without scale and value")
	}
	_, err := set.logical(col, asDecimal, int(scale), found[1][1:len(found[1])-1], true)
	return err
}

// raw stores the text since start.
func (j *JSON) raw(out *columnar.Batch, column, start int) *Error {
	if err := j.once(column); err != nil {
		return err
	}
	set := &j.setters[column]
	if set.field.Type.class != classJSON {
		return set.mismatch("an object")
	}
	return set.rawJSON(out.Columns[column], j.scan.data[start:j.scan.pos])
}

func (j *JSON) once(column int) *Error {
	if j.seen[column] == j.row {
		return j.setters[column].fail(CodeDuplicate, "the key is given twice")
	}
	j.seen[column] = j.row
	return nil
}
