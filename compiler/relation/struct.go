package relation

import "strings"

// IsStruct reports a STRUCT(…) of an engine whose structs can be taken apart.
func (c *Column) IsStruct() bool {
	return c.types().Structs && strings.HasPrefix(lower(c.DType), "struct")
}

// Fields are the columns inside a struct.
func (c *Column) Fields() []*Column { return c.fields }

// Flatten lists the innermost fields of a struct under dotted names; any other column is itself.
func (c *Column) Flatten() []*Column {
	if !c.IsStruct() {
		return []*Column{c}
	}
	var out []*Column
	for _, f := range c.fields {
		for _, leaf := range f.Flatten() {
			out = append(out, c.dialect.NewColumn(c.Name+"."+leaf.Name, leaf.DType))
		}
	}
	return out
}

// structFields splits the text between the parentheses at commas that are not inside
// parentheses or quotes. A field is a name, a space and its type.
func (d *Dialect) structFields(dtype string) []*Column {
	open, end := strings.IndexByte(dtype, '('), strings.LastIndexByte(dtype, ')')
	if open < 0 || end < open {
		return nil
	}
	var fields []*Column
	for _, f := range splitTop(dtype[open+1:end], ',') {
		parts := splitTop(f, ' ')
		name := parts[0]
		fields = append(fields, d.NewColumn(name, strings.TrimSpace(f[len(name):])))
	}
	return fields
}

func splitTop(s string, sep byte) []string {
	var out []string
	depth, start := 0, 0
	quoted := false
	for i := 0; i < len(s); i++ {
		switch b := s[i]; {
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == '(':
			depth++
		case b == ')':
			depth--
		case b == sep && depth == 0:
			if part := strings.TrimSpace(s[start:i]); part != "" {
				out = append(out, part)
			}
			start = i + 1
		}
	}
	if part := strings.TrimSpace(s[start:]); part != "" {
		out = append(out, part)
	}
	return out
}
