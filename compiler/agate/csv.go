package agate

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// CSVOptions say how a seed is written.
type CSVOptions struct {
	Delimiter   string   // one character; "" is a comma
	TextColumns []string // columns that stay text whatever they hold
	Path        string   // names the file in errors
}

const bom = "\ufeff"

// maxField is the longest field that Python's reader accepts, in characters.
const maxField = 131072

// ReadCSV reads a seed as dbt does: a header line, values of inferred types, null for the
// empty field and for "null".
func ReadCSV(src io.Reader, opts CSVOptions) (*Table, error) {
	data, err := io.ReadAll(src)
	if err != nil {
		return nil, err
	}
	return ParseCSV(string(data), opts)
}

// ParseCSV is ReadCSV of a text that is in memory.
func ParseCSV(text string, opts CSVOptions) (*Table, error) {
	r, err := newReader(text, opts)
	if err != nil {
		return nil, err
	}
	header, ok, err := r.record(nil)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, r.fail(1, "the file is empty: a seed needs a header line with column names")
	}
	var rows [][]string
	for {
		row, ok, err := r.record(make([]string, 0, len(header)))
		if err != nil {
			return nil, err
		}
		if !ok {
			break
		}
		rows = append(rows, row)
	}
	if len(header) == 0 && len(rows) > 0 { // a blank first line: letters name the columns
		header = make([]string, len(rows[0]))
	}
	for i, row := range rows {
		if len(row) > len(header) {
			return nil, r.fail(i+2, fmt.Sprintf("Row %d has %d values, but Table only has %d columns.", i, len(row), len(header)))
		}
	}
	return typedRows(uniqueNames(header), rows, opts.TextColumns), nil
}

func typedRows(names []string, rows [][]string, textColumns []string) *Table {
	cells := make([]value.Value, len(names)*len(rows))
	out := make([][]value.Value, len(rows))
	for i := range out {
		out[i] = cells[i*len(names) : (i+1)*len(names) : (i+1)*len(names)]
	}
	types := make([]Type, len(names))
	for i, name := range names {
		if slices.Contains(textColumns, name) || !seedColumn(rows, out, i, &types[i]) {
			seedText(rows, out, i)
			types[i] = Text
		}
	}
	return NewTyped(names, types, out)
}

// seedColumn finds the type that takes every field of a column. Text is never an integer
// on its own, so a seed's whole numbers are Number; without any row the first type wins.
func seedColumn(rows [][]string, out [][]value.Value, col int, t *Type) bool {
	if len(rows) == 0 || allShort(rows, col) {
		*t = Integer
		for _, row := range out {
			row[col] = value.None
		}
		return true
	}
	for _, candidate := range inferred[1:] {
		if seedCast(rows, out, col, candidate) {
			*t = candidate
			return true
		}
	}
	return false
}

// allShort reports that every row ends before the column.
func allShort(rows [][]string, col int) bool {
	for _, row := range rows {
		if len(row) > col {
			return false
		}
	}
	return true
}

func seedCast(rows [][]string, out [][]value.Value, col int, t Type) bool {
	for i, row := range rows {
		if col >= len(row) {
			out[i][col] = value.None
			continue
		}
		s := strip(row[col])
		if isNullText(s) {
			out[i][col] = value.None
			continue
		}
		v, ok := castString(t, s)
		if !ok {
			return false
		}
		out[i][col] = v
	}
	return true
}

func seedText(rows [][]string, out [][]value.Value, col int) {
	for i, row := range rows {
		if col >= len(row) || isNullText(strip(row[col])) {
			out[i][col] = value.None
			continue
		}
		out[i][col] = value.String(row[col])
	}
}

// strip is Python's str.strip().
func strip(s string) string {
	if s == "" || s[0] > ' ' && s[0] < utf8.RuneSelf && s[len(s)-1] > ' ' && s[len(s)-1] < utf8.RuneSelf {
		return s
	}
	return strings.TrimFunc(s, pySpace)
}

func pySpace(r rune) bool {
	switch {
	case r >= '\t' && r <= '\r', r >= 0x1c && r <= 0x20, r == 0x85, r == 0xa0:
		return true
	case r < 0x1680:
		return false
	}
	return r == 0x1680 || r >= 0x2000 && r <= 0x200a || r == 0x2028 || r == 0x2029 || r == 0x202f || r == 0x205f || r == 0x3000
}

// reader splits a text into records the way Python's csv module does in its default,
// forgiving mode: text may follow a closing quote, and an open quote ends with the file.
type reader struct {
	src   *diag.Source
	text  string
	pos   int
	delim string
	stops string // the bytes that end plain text
}

func newReader(text string, opts CSVOptions) (*reader, error) {
	r := &reader{text: strings.TrimPrefix(text, bom), delim: opts.Delimiter}
	r.src = diag.NewSource(opts.Path, r.text)
	if r.delim == "" {
		r.delim = ","
	}
	if utf8.RuneCountInString(r.delim) != 1 {
		return nil, r.fail(0, `the delimiter of a seed must be one character, not "`+r.delim+`"`)
	}
	r.stops = "\r\n" + r.delim[:1]
	if i := strings.IndexByte(text, 0); i >= 0 {
		return nil, r.failAt(i, "line contains NUL")
	}
	if i := invalidUTF8(r.text); i >= 0 {
		return nil, r.failAt(i, fmt.Sprintf("the file is not valid UTF-8 (byte 0x%02x)", r.text[i]))
	}
	return r, nil
}

func invalidUTF8(s string) int {
	if utf8.ValidString(s) {
		return -1
	}
	for i := 0; i < len(s); {
		c, n := utf8.DecodeRuneInString(s[i:])
		if c == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

func (r *reader) failAt(offset int, msg string) error {
	return diag.New(diag.CodeConfigValue, diag.Runtime, r.src.At(offset, offset), msg)
}

func (r *reader) fail(line int, msg string) error { return r.failAt(r.src.Offset(line, 1), msg) }

// record appends the fields of the next record; ok is false at the end. A blank line is a
// record without fields.
func (r *reader) record(fields []string) (_ []string, ok bool, err error) {
	if r.pos >= len(r.text) {
		return fields, false, nil
	}
	if r.newline() {
		return fields, true, nil
	}
	for {
		start := r.pos
		field := r.field()
		if len(field) > maxField && utf8.RuneCountInString(field) > maxField {
			return nil, false, r.failAt(start, fmt.Sprintf("a field is longer than the limit of %d characters", maxField))
		}
		fields = append(fields, field)
		switch {
		case r.pos >= len(r.text), r.newline():
			return fields, true, nil
		}
		r.pos += len(r.delim) // field stops at nothing else
	}
}

// newline takes one line break of any kind.
func (r *reader) newline() bool {
	if r.pos >= len(r.text) {
		return false
	}
	switch r.text[r.pos] {
	case '\r':
		r.pos++
		if r.pos < len(r.text) && r.text[r.pos] == '\n' {
			r.pos++
		}
		return true
	case '\n':
		r.pos++
		return true
	}
	return false
}

// field takes the text up to the next delimiter or line break.
func (r *reader) field() string {
	if r.pos < len(r.text) && r.text[r.pos] == '"' && r.delim != `"` {
		return r.quoted()
	}
	return r.plain()
}

func (r *reader) plain() string {
	start := r.pos
	for r.pos < len(r.text) {
		i := strings.IndexAny(r.text[r.pos:], r.stops)
		if i < 0 {
			r.pos = len(r.text)
			break
		}
		r.pos += i
		if b := r.text[r.pos]; b == '\r' || b == '\n' || strings.HasPrefix(r.text[r.pos:], r.delim) {
			break
		}
		r.pos++
	}
	return r.text[start:r.pos]
}

// quoted takes a field that begins with a quote; line breaks inside become "\n", as
// Python's text files deliver them.
func (r *reader) quoted() string {
	r.pos++
	var b strings.Builder
	for r.pos < len(r.text) {
		i := strings.IndexByte(r.text[r.pos:], '"')
		if i < 0 {
			b.WriteString(unixLines(r.text[r.pos:]))
			r.pos = len(r.text)
			return b.String()
		}
		b.WriteString(unixLines(r.text[r.pos : r.pos+i]))
		r.pos += i + 1
		if !strings.HasPrefix(r.text[r.pos:], `"`) {
			break
		}
		b.WriteByte('"')
		r.pos++
	}
	// What follows the closing quote belongs to the field.
	b.WriteString(r.plain())
	return b.String()
}

func unixLines(s string) string {
	if !strings.Contains(s, "\r") {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}
