package decode

import (
	"bytes"
	"unicode/utf8"

	"github.com/millrace/millrace/adapters/columnar"
)

// members finds members of the object at the scanner's place, which is checked as a whole.
// found[i] is the text of the value of names[i], nil when it is not there.
func (s *scanner) members(depth int, names []string, found [][]byte) *Error {
	if err := s.expect('{', "an object"); err != nil {
		return err
	}
	s.space()
	if s.next() == '}' {
		s.pos++
		return nil
	}
	for {
		key, err := s.str()
		if err != nil {
			return err
		}
		at := -1
		for i, n := range names {
			if n == string(key) {
				at = i
			}
		}
		s.space()
		if err := s.expect(':', "a colon"); err != nil {
			return err
		}
		s.space()
		start := s.pos
		if err := s.skip(depth + 1); err != nil {
			return err
		}
		if at >= 0 {
			if found[at] != nil {
				return failed(CodeDuplicate, "the key '%s' is given twice", names[at])
			}
			found[at] = s.data[start:s.pos]
		}
		if more, err := s.another('}'); !more {
			return err
		}
	}
}

// top finds members of a whole text that is one object.
func (j *JSON) top(data []byte, names []string, found [][]byte) *Error {
	s := &j.scan
	s.data, s.pos = data, 0
	s.space()
	if err := s.members(0, names, found); err != nil {
		return err
	}
	if s.space(); s.pos != len(data) {
		return failed(CodeTrailing, "there is text after the object, at byte %d", s.pos)
	}
	return nil
}

var isNull = []byte("null")

// unwrap takes Kafka Connect's envelope off a value: its schema and its payload.
func (j *JSON) unwrap(data []byte) (schema *connectSchema, payload []byte, err *Error) {
	var found [2][]byte
	if err := j.top(data, []string{"schema", "payload"}, found[:]); err != nil {
		return nil, nil, err
	}
	if found[1] == nil {
		return nil, nil, failed(CodeSyntax, "the value is not in Kafka Connect's envelope: it has no 'payload'")
	}
	schema, err = j.connect.schema(found[0])
	return schema, found[1], err
}

// split implements imager. Kafka Connect's envelope around a change event is taken off
// where there is one.
func (j *JSON) split(data []byte) (event, *Error) {
	data, err := j.open(data)
	if err != nil {
		return event{}, err
	}
	if !utf8.Valid(data) {
		return event{}, failed(CodeUTF8, "the text is not UTF-8")
	}
	names := []string{"before", "after", "op", "schema", "payload"}
	var found [5][]byte
	if err := j.top(data, names, found[:]); err != nil {
		return event{}, err
	}
	var schema *connectSchema
	if found[4] != nil && found[2] == nil {
		var err *Error
		if schema, err = j.connect.schema(found[3]); err != nil {
			return event{}, err
		}
		if bytes.Equal(found[4], isNull) {
			return event{}, failed(CodeTombstone, "the payload is null")
		}
		payload := found[4]
		found = [5][]byte{}
		if err := j.top(payload, names, found[:]); err != nil {
			return event{}, err
		}
	}
	ev := event{before: part{connect: schema.field("before")}, after: part{connect: schema.field("after")}}
	for i, p := range []*part{&ev.before, &ev.after} {
		if found[i] != nil && !bytes.Equal(found[i], isNull) {
			p.data = found[i]
		}
	}
	if found[2] != nil {
		j.scan.data, j.scan.pos = found[2], 0
		op, err := j.scan.str()
		if err != nil {
			return event{}, failed(CodeSyntax, "the change event's 'op' is no text")
		}
		ev.op = string(op)
	}
	return ev, nil
}

// image implements imager.
func (j *JSON) image(out *columnar.Batch, p part) *Error {
	j.describe(p.connect)
	return j.decode(out, p.data)
}

// unavailable implements imager.
func (j *JSON) unavailable() []int { return lost(j.setters) }

// mayLack implements imager.
func (j *JSON) mayLack() { lacking(j.setters) }

func lacking(setters []setter) {
	for i := range setters {
		setters[i].mayLack = true
	}
}

func lost(setters []setter) []int {
	var out []int
	for i := range setters {
		if setters[i].lost {
			out = append(out, i)
			setters[i].lost = false
		}
	}
	return out
}
