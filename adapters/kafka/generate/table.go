// Package generate writes the YAML of streamed sources from what is known elsewhere: the
// schemas of a registry, records of a topic, the table definitions of a database.
package generate

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/millrace/millrace/adapters/kafka/decode"
)

// Column is a column to declare.
type Column struct {
	Name        string
	DataType    string
	NotNull     bool
	Description string
	Epoch       string
}

// Table is a source table to declare.
type Table struct {
	Source, Name string
	Connection   string
	Topic        string
	Format       string // of values; "" for json
	Registry     string
	Subject      string
	Envelope     string
	KeyFormat    string
	Landing      string // "" for append
	UniqueKey    []string
	Columns      []Column
}

// Columns are the columns that hold what a schema's records do.
func Columns(s decode.Shape) []Column {
	var out []Column
	for _, m := range s {
		if m.Type != "" {
			out = append(out, Column{Name: m.Name, DataType: m.Type, NotNull: !m.Optional && m.Type != "json"})
		}
	}
	return out
}

// lines writes the table as an item of a source's tables.
func (t *Table) lines() []string {
	out := []string{"- name: " + scalar(t.Name), "  config:", "    meta:", "      stream:"}
	add := func(key, v string) { out = append(out, "        "+key+": "+v) }
	add("type", "kafka")
	add("connection", scalar(t.Connection))
	add("topics", flow(t.Topic))
	if t.KeyFormat != "" {
		key := "format: " + t.KeyFormat
		if t.KeyFormat == "avro" || t.KeyFormat == "protobuf" {
			key += ", registry: " + scalar(t.Registry)
		}
		add("key", "{"+key+"}")
	}
	var v []string
	for _, pair := range [][2]string{{"format", t.Format}, {"registry", t.Registry}, {"subject", t.Subject}, {"envelope", t.Envelope}} {
		if pair[1] != "" {
			v = append(v, pair[0]+": "+scalar(pair[1]))
		}
	}
	if v != nil {
		add("value", "{"+strings.Join(v, ", ")+"}")
	}
	if t.Landing != "" {
		add("landing", t.Landing)
	}
	if t.UniqueKey != nil {
		add("unique_key", flow(t.UniqueKey...))
	}
	out = append(out, "  columns:")
	for _, c := range t.Columns {
		out = append(out, "    - name: "+scalar(c.Name), "      data_type: "+scalar(c.DataType))
		if c.Description != "" {
			out = append(out, "      description: "+scalar(c.Description))
		}
		if c.NotNull {
			out = append(out, "      constraints: [{type: not_null}]")
		}
		if c.Epoch != "" {
			out = append(out, "      meta: {stream: {epoch: "+c.Epoch+"}}")
		}
	}
	return out
}

func flow(list ...string) string {
	quoted := make([]string, len(list))
	for i, s := range list {
		quoted[i] = scalar(s)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// scalar writes a text so that YAML reads it as that text, also inside brackets and braces,
// and a template engine leaves it alone.
func scalar(s string) string {
	plain := s != "" && !strings.Contains(reserved, " "+strings.ToLower(s)+" ")
	for i, ch := range s {
		switch {
		case ch >= 'a' && ch <= 'z' || ch >= 'A' && ch <= 'Z' || ch == '_':
		case i > 0 && (ch >= '0' && ch <= '9' || ch == '.' || ch == '-' || ch == ' ' && i < len(s)-1 || ch == '(' || ch == ')'):
		default:
			plain = false
		}
	}
	if plain {
		return s
	}
	return strconv.Quote(strings.ReplaceAll(s, "{{", "{ {"))
}

// Words that YAML reads as something else than text.
const reserved = " true false yes no on off y n null nan inf "

// YAML is a whole file with the tables.
func YAML(tables []*Table) string {
	var b strings.Builder
	b.WriteString("version: 2\n\nsources:\n")
	last := ""
	for _, t := range tables {
		if t.Source != last {
			last = t.Source
			fmt.Fprintf(&b, "  - name: %s\n    tables:\n", scalar(t.Source))
		}
		for _, line := range t.lines() {
			b.WriteString("      " + line + "\n")
		}
	}
	return b.String()
}
