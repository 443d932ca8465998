package decode

import (
	"unicode/utf8"

	"github.com/millrace/millrace/adapters/columnar"
)

// CSV decodes records of one line each, whose fields stand in the order of the columns.
type CSV struct {
	setters   []setter
	delimiter byte
	buf       []byte
}

// NewCSV makes a decoder of delimited lines.
func NewCSV(fields []Field, d Dialect, delimiter byte) *CSV {
	return &CSV{setters: setters(fields, d), delimiter: delimiter}
}

// Decode implements Decoder. An empty field without quotes is null.
func (c *CSV) Decode(out *columnar.Batch, data []byte) *Error {
	if !utf8.Valid(data) {
		return failed(CodeUTF8, "the text is not UTF-8")
	}
	for len(data) > 0 && (data[len(data)-1] == '\n' || data[len(data)-1] == '\r') {
		data = data[:len(data)-1]
	}
	pos := 0
	for i := range c.setters {
		if pos > len(data) {
			return failed(CodeFields, "the line has %d fields instead of %d", i, len(c.setters))
		}
		field, quoted, end, err := c.field(data, pos)
		if err != nil {
			return err
		}
		if len(field) == 0 && !quoted {
			err = c.setters[i].missing(out.Columns[i])
		} else {
			err = c.setters[i].loose(out.Columns[i], field)
		}
		if err != nil {
			return err
		}
		pos = end + 1
	}
	if pos <= len(data) {
		return failed(CodeFields, "the line has more than %d fields", len(c.setters))
	}
	return nil
}

// field gives the field at pos and where its delimiter (or the end) stands.
func (c *CSV) field(data []byte, pos int) (field []byte, quoted bool, end int, err *Error) {
	if pos == len(data) || data[pos] != '"' {
		end = pos
		for end < len(data) && data[end] != c.delimiter {
			if data[end] == '"' {
				return nil, false, 0, failed(CodeSyntax, "a quote inside a field without quotes, at byte %d", end)
			}
			end++
		}
		return data[pos:end], false, end, nil
	}
	c.buf = c.buf[:0]
	for i := pos + 1; i < len(data); i++ {
		if data[i] != '"' {
			c.buf = append(c.buf, data[i])
			continue
		}
		if i+1 < len(data) && data[i+1] == '"' {
			c.buf = append(c.buf, '"')
			i++
			continue
		}
		if i+1 < len(data) && data[i+1] != c.delimiter {
			return nil, false, 0, failed(CodeSyntax, "text after a quoted field, at byte %d", i+1)
		}
		return c.buf, true, i + 1, nil
	}
	return nil, false, 0, failed(CodeTruncated, "a quoted field does not end")
}

// Raw stores the value as it is in the only column.
type Raw struct{ set setter }

// NewRaw makes a decoder that checks nothing but the column's own type.
func NewRaw(field Field, d Dialect) *Raw {
	return &Raw{setter{field: &field, noNUL: d.NoNUL}}
}

// Decode implements Decoder.
func (r *Raw) Decode(out *columnar.Batch, data []byte) *Error {
	switch r.set.field.Type.class {
	case classBytes:
		return r.set.bytes(out.Columns[0], data)
	default:
		if !utf8.Valid(data) {
			return failed(CodeUTF8, "the text is not UTF-8")
		}
	}
	return r.set.loose(out.Columns[0], data)
}
