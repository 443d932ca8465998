// Package encode writes rows as records of topics: what decode reads, the other way round.
package encode

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/hamba/avro/v2"

	"github.com/millrace/millrace/compiler/relation"
)

// Avro writes rows of a relation as Avro records. It is immutable.
type Avro struct {
	fields []field
	schema string
}

// field is a column and how its values are written; every one may be null.
type field struct {
	name string
	kind kind
}

// avroField is a field of a record's schema as it is written down.
type avroField struct {
	Name    string `json:"name"`
	Type    [2]any `json:"type"`
	Default any    `json:"default"`
}

// NewAvro makes a schema of a relation's columns. name and namespace are the record's; what in
// them Avro does not allow becomes "_", but a column must have a name that Avro allows.
func NewAvro(namespace, name string, columns []*relation.Column) (*Avro, error) {
	a := &Avro{fields: make([]field, len(columns))}
	record := struct {
		Type      string      `json:"type"`
		Name      string      `json:"name"`
		Namespace string      `json:"namespace"`
		Fields    []avroField `json:"fields"`
	}{"record", allowedName(name), allowedName(namespace), make([]avroField, len(columns))}
	for i, c := range columns {
		if allowedName(c.Name) != c.Name {
			return nil, fmt.Errorf("the column '%s' has no name that Avro allows: letters, digits and _", c.Name)
		}
		k := kindOf(c)
		a.fields[i] = field{name: c.Name, kind: k}
		record.Fields[i] = avroField{Name: c.Name, Type: [2]any{"null", k.schema()}}
	}
	text, err := json.Marshal(record)
	if err != nil {
		return nil, err
	}
	if _, err := avro.Parse(string(text)); err != nil {
		return nil, err
	}
	a.schema = string(text)
	return a, nil
}

// Schema is the record's schema as JSON.
func (a *Avro) Schema() string { return a.schema }

// Append appends the binary form of a row, which is given as a JSON object.
func (a *Avro) Append(dst []byte, row string) ([]byte, error) {
	values := map[string]json.RawMessage{}
	d := json.NewDecoder(strings.NewReader(row))
	if err := d.Decode(&values); err != nil {
		return dst, fmt.Errorf("the row is no JSON object: %w", err)
	}
	var out bytes.Buffer
	w := avro.NewWriter(&out, 512)
	for _, f := range a.fields {
		v, ok := values[f.name]
		if !ok || string(v) == "null" {
			w.WriteLong(0)
			continue
		}
		w.WriteLong(1)
		if err := f.kind.write(w, v); err != nil {
			return dst, fmt.Errorf("the column '%s': %w", f.name, err)
		}
	}
	if err := w.Flush(); err != nil {
		return dst, err
	}
	return append(dst, out.Bytes()...), nil
}

func allowedName(s string) string {
	out := []byte(s)
	for i, c := range out {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c == '_':
		case c >= '0' && c <= '9' && i > 0:
		default:
			out[i] = '_'
		}
	}
	return string(out)
}
