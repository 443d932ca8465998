package parse

import (
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

var columnKeys = map[string]bool{
	"name": true, "description": true, "meta": true, "data_type": true, "constraints": true, "docs": true,
	"config": true, "data_tests": true, "tests": true, "quote": true, "tags": true, "granularity": true,
	"dimension": true, "entity": true,
}

// columns reads the `columns:` of an entry (or of one version of it).
func (p *parser) columns(e *entry, list []*value.Dict, at func(i int) diag.Span) []*manifest.Column {
	out := make([]*manifest.Column, 0, len(list))
	byName := make(map[string]int, len(list))
	for i, d := range list {
		c := p.column(e, d, at(i))
		if j, dup := byName[c.Name]; dup {
			out[j] = c // as in a dict: the place of the first, the content of the last
			continue
		}
		byName[c.Name] = len(out)
		out = append(out, c)
	}
	return out
}

func (p *parser) column(e *entry, d *value.Dict, span diag.Span) *manifest.Column {
	c := &manifest.Column{
		Name:        textOf(d, "name"),
		Description: textOf(d, "description"),
		DataType:    textOf(d, "data_type"),
		Granularity: textOf(d, "granularity"),
		Span:        span,
	}
	if q, ok := d.GetString("quote"); ok {
		if b, ok := q.AsBool(); ok {
			c.Quote = &b
		}
	}
	config := dictAt(d, "config")
	c.Meta = mergedMeta(dictAt(d, "meta"), config)
	c.Tags = uniqueStrings(stringsAt(d, "tags"), configTags(config))
	for _, constraint := range dictsAt(d, "constraints") {
		if !validConstraint(textOf(constraint, "type")) {
			p.report(fileError(e.file, diag.CodeConfigValue, span, "Invalid constraint type on column "+c.Name))
			continue
		}
		c.Constraints = append(c.Constraints, constraintValue(constraint, false))
	}
	if v, ok := d.GetString("dimension"); ok && !v.IsNull() {
		c.Dimension = columnDimension(v, c)
	}
	if v, ok := d.GetString("entity"); ok && !v.IsNull() {
		c.Entity = columnEntity(v, c)
	}
	for k, v := range d.All() {
		if key := value.Str(k); !columnKeys[key] {
			if c.Extra == nil {
				c.Extra = value.NewDict(1)
			}
			c.Extra.SetString(key, v)
		}
	}
	return c
}

func configTags(config *value.Dict) []string {
	if config == nil {
		return nil
	}
	return stringsAt(config, "tags")
}

// mergedMeta is the property's meta with that of its config on top.
func mergedMeta(meta, config *value.Dict) *value.Dict {
	out := value.NewDict(0)
	add := func(d *value.Dict) {
		if d == nil {
			return
		}
		for k, v := range d.All() {
			out.SetString(value.Str(k), v)
		}
	}
	add(meta)
	if config != nil {
		add(dictAt(config, "meta"))
	}
	return out
}

func uniqueStrings(lists ...[]string) []string {
	var out []string
	for _, list := range lists {
		for _, s := range list {
			addOnce(&out, s)
		}
	}
	return out
}

var constraintTypes = []string{"check", "not_null", "unique", "primary_key", "foreign_key", "custom"}

func validConstraint(name string) bool {
	for _, t := range constraintTypes {
		if t == name {
			return true
		}
	}
	return false
}

// constraintValue fills a constraint up with dbt's defaults, in dbt's order.
func constraintValue(d *value.Dict, model bool) *value.Dict {
	out := value.NewDict(8)
	put := func(key string, def value.Value) {
		v, ok := d.GetString(key)
		if !ok {
			v = def
		}
		out.SetString(key, v)
	}
	put("type", value.None)
	put("name", value.None)
	put("expression", value.None)
	put("warn_unenforced", value.True)
	put("warn_unsupported", value.True)
	put("to", value.None)
	put("to_columns", value.NewList())
	if model {
		put("columns", value.NewList())
	}
	return out
}

// columnDimension is the semantic-layer dimension a column declares: a type name, or a mapping.
func columnDimension(v value.Value, c *manifest.Column) value.Value {
	d, ok := v.AsDict()
	if !ok {
		return v
	}
	out := semanticPart(d, c)
	partition := value.False
	if b, ok := d.GetString("is_partition"); ok {
		partition = b
	}
	out.SetString("is_partition", partition)
	out.SetString("config", dictOrEmpty(d, "config"))
	validity := value.None
	if params := dictAt(d, "validity_params"); params != nil {
		validity = filled(value.FromDict(params), pairs("is_start", value.False, "is_end", value.False)())
	}
	out.SetString("validity_params", validity)
	return value.FromDict(out)
}

func columnEntity(v value.Value, c *manifest.Column) value.Value {
	d, ok := v.AsDict()
	if !ok {
		return v
	}
	out := semanticPart(d, c)
	out.SetString("config", dictOrEmpty(d, "config"))
	return value.FromDict(out)
}

// semanticPart starts a dimension or entity; the column's own name and description stand in.
func semanticPart(d *value.Dict, c *manifest.Column) *value.Dict {
	out := value.NewDict(7)
	name := textOf(d, "name")
	if name == "" {
		name = c.Name
	}
	description := textOf(d, "description")
	if description == "" {
		description = c.Description
	}
	out.SetString("name", value.String(name))
	out.SetString("type", value.String(textOf(d, "type")))
	out.SetString("description", value.String(description))
	out.SetString("label", value.OptString(textOf(d, "label")))
	return out
}

func dictOrEmpty(d *value.Dict, key string) value.Value {
	if sub := dictAt(d, key); sub != nil {
		return value.FromDict(sub)
	}
	return emptyDict()
}

// refOrSource reads "ref('x')" or "source('a', 'b')" as written in YAML.
func refOrSource(text string, span diag.Span) (ref *manifest.Ref, source *manifest.SourceRef, ok bool) {
	calls, ok := literalCalls(strings.TrimSpace(text))
	if !ok || len(calls) != 1 {
		return nil, nil, false
	}
	call := calls[0]
	call.Span = span
	switch call.Name {
	case "ref":
		r := staticRef(&call)
		return &r, nil, true
	case "source":
		return nil, &manifest.SourceRef{Source: value.Str(call.Args[0]), Table: value.Str(call.Args[1]), Span: span}, true
	}
	return nil, nil, false
}
