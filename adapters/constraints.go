package adapters

import (
	"fmt"
	"strings"

	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// constraint is one entry of `constraints` in a model's or a column's properties.
type constraint struct {
	kind, name, expression, to    string
	toColumns, columns            []string
	warnUnenforced, warnUnsupport bool
}

var constraintKinds = map[string]bool{
	"check": true, "not_null": true, "unique": true, "primary_key": true, "foreign_key": true, "custom": true,
}

func parseConstraint(v value.Value) (constraint, error) {
	bad := func() (constraint, error) {
		return constraint{}, RaiseError(kindValidation, "Could not parse constraint: %s", value.Repr(v))
	}
	d, ok := v.AsDict()
	if !ok {
		return bad()
	}
	c := constraint{warnUnenforced: true, warnUnsupport: true}
	for k, x := range d.All() {
		if x.IsNull() {
			continue
		}
		ok := true
		switch key := value.Str(k); key {
		case "type":
			c.kind = value.Str(x)
		case "name":
			c.name, ok = x.AsString()
		case "expression":
			c.expression, ok = x.AsString()
		case "to":
			c.to = value.Str(x) // a relation or text
		case "warn_unenforced":
			c.warnUnenforced, ok = x.AsBool()
		case "warn_unsupported":
			c.warnUnsupport, ok = x.AsBool()
		case "to_columns", "columns":
			var names []string
			if x.Kind() != value.KindList && x.Kind() != value.KindTuple {
				return bad()
			}
			for _, item := range x.Items() {
				names = append(names, value.Str(item))
			}
			if key == "columns" {
				c.columns = names
			} else {
				c.toColumns = names
			}
		}
		if !ok {
			return bad()
		}
	}
	if !constraintKinds[c.kind] {
		return bad()
	}
	return c, nil
}

// rendered applies render if the engine takes the constraint, and warns as the user wants.
func (b *Bridge) rendered(c constraint, render func(constraint) string) string {
	if c.kind == "custom" {
		return render(c)
	}
	support := b.surface.Constraints[c.kind]
	adapter := b.opts.Driver.Name()
	data := map[string]any{"constraint": c.kind, "adapter": adapter}
	if support == NotSupported {
		if c.warnUnsupport {
			b.emit(event.Warn, "ConstraintNotSupported", "E049", fmt.Sprintf(
				"%s has no %s constraints, so this one is left out. 'warn_unsupported: false' on the constraint silences this warning.", adapter, c.kind), data)
		}
		return ""
	}
	if support == NotEnforced && c.warnUnenforced {
		b.emit(event.Warn, "ConstraintNotEnforced", "E048", fmt.Sprintf(
			"%s does not enforce %s constraints: the table is declared with it, but its data may break it. "+
				"'warn_unenforced: false' on the constraint silences this warning.", adapter, c.kind), data)
	}
	return render(c)
}

func (b *Bridge) target(c constraint) string {
	if b.surface.ConstraintTarget != nil {
		return b.surface.ConstraintTarget(c.to)
	}
	return c.to
}

func (b *Bridge) columnConstraint(c constraint) string {
	text := ""
	switch c.kind {
	case "check":
		if c.expression != "" {
			text = "check (" + c.expression + ")"
		}
	case "not_null":
		text = "not null " + c.expression
	case "unique":
		text = "unique " + c.expression
	case "primary_key":
		text = "primary key " + c.expression
	case "foreign_key":
		switch {
		case c.to != "" && len(c.toColumns) > 0:
			text = "references " + b.target(c) + " (" + strings.Join(c.toColumns, ", ") + ")"
		case c.expression != "":
			text = "references " + c.expression
		}
	case "custom":
		text = c.expression
	}
	return strings.TrimSpace(text)
}

func (b *Bridge) modelConstraint(c constraint) string {
	prefix := ""
	if c.name != "" {
		prefix = "constraint " + c.name + " "
	}
	columns := "(" + strings.Join(c.columns, ", ") + ")"
	expression := ""
	if c.expression != "" {
		expression = " " + c.expression
	}
	switch c.kind {
	case "check":
		if c.expression != "" {
			return prefix + "check (" + c.expression + ")"
		}
	case "unique":
		return prefix + "unique" + expression + " " + columns
	case "primary_key":
		return prefix + "primary key" + expression + " " + columns
	case "foreign_key":
		switch {
		case c.to != "" && len(c.toColumns) > 0:
			return prefix + "foreign key " + columns + " references " + b.target(c) + " (" + strings.Join(c.toColumns, ", ") + ")"
		case c.expression != "":
			return prefix + "foreign key " + columns + " references " + c.expression
		}
	case "custom":
		if c.expression != "" {
			return prefix + c.expression
		}
	}
	return ""
}

// renderColumns gives the column definitions of a contract: name, type, constraints.
func renderColumns(b *Bridge, th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("render_raw_columns_constraints", "raw_columns")
	if err != nil {
		return value.Undef, err
	}
	columns, ok := v[0].AsDict()
	if !ok {
		return value.Undef, value.Errorf("AttributeError", "'%s' object has no attribute 'values'", value.TypeName(v[0]))
	}
	var out []string
	for _, col := range columns.All() {
		name, err := item(th, col, "name")
		if err != nil {
			return value.Undef, err
		}
		dtype, err := item(th, col, "data_type")
		if err != nil {
			return value.Undef, err
		}
		quoted, err := item(th, col, "quote")
		if err != nil {
			return value.Undef, err
		}
		text := value.Str(name)
		if value.Truth(quoted) {
			text = b.Quote(text)
		}
		text += " " + value.Str(dtype)
		constraints, err := item(th, col, "constraints")
		if err != nil {
			return value.Undef, err
		}
		for _, raw := range constraints.Items() {
			c, err := parseConstraint(raw)
			if err != nil {
				return value.Undef, err
			}
			if r := b.rendered(c, b.columnConstraint); r != "" {
				text += " " + r
			}
		}
		out = append(out, text)
	}
	return value.Strings(out...), nil
}

func renderModel(b *Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("render_raw_model_constraints", "raw_constraints")
	if err != nil {
		return value.Undef, err
	}
	var out []string
	for _, raw := range v[0].Items() {
		c, err := parseConstraint(raw)
		if err != nil {
			return value.Undef, err
		}
		if r := b.rendered(c, b.modelConstraint); r != "" {
			out = append(out, r)
		}
	}
	return value.Strings(out...), nil
}
