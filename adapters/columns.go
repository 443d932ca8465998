package adapters

import (
	"fmt"
	"strings"

	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/relation"
)

// Columns are the columns of an existing relation, by the macro get_columns_in_relation.
func (b *Bridge) Columns(r *relation.Relation) ([]*relation.Column, error) {
	v, err := b.columnsValue(r.Value())
	if err != nil {
		return nil, err
	}
	if v.Kind() != value.KindList && v.Kind() != value.KindTuple {
		return nil, macroResult("get_columns_in_relation", "a list of columns", v)
	}
	out := make([]*relation.Column, 0, len(v.Items()))
	for _, item := range v.Items() {
		c, ok := relation.ColumnFromValue(item)
		if !ok {
			return nil, macroResult("get_columns_in_relation", "a list of columns", item)
		}
		out = append(out, c)
	}
	return out, nil
}

// columnsValue is what the macro returns: a user's own may return, and take, anything.
func (b *Bridge) columnsValue(of value.Value) (value.Value, error) {
	v, err := b.macro("get_columns_in_relation", kw("relation", of))
	if err != nil && b.surface.MissingIsEmpty != nil && b.surface.MissingIsEmpty(err) {
		return value.NewList(), nil
	}
	return v, err
}

func columnsInRelation(b *Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("get_columns_in_relation", "relation")
	if err != nil {
		return value.Undef, err
	}
	return b.columnsValue(v[0])
}

func columnsInTable(b *Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("get_columns_in_table", "schema", "identifier")
	if err != nil {
		return value.Undef, err
	}
	b.deprecated("get_columns_in_table", "get_columns_in_relation")
	cols, err := b.Columns(b.named(b.opts.Credentials.Database(), textPart(v[0]), textPart(v[1])))
	if err != nil {
		return value.Undef, err
	}
	return relation.Columns(cols), nil
}

func missingColumns(b *Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("get_missing_columns", "from_relation", "to_relation")
	if err != nil {
		return value.Undef, err
	}
	from, to, err := b.columnPair("get_missing_columns", v)
	if err != nil {
		return value.Undef, err
	}
	have := make(map[string]bool, len(to))
	for _, c := range to {
		have[c.Name] = true
	}
	var missing []*relation.Column
	for _, c := range from {
		if !have[c.Name] {
			missing = append(missing, c)
		}
	}
	return relation.Columns(missing), nil
}

func (b *Bridge) columnPair(method string, v []value.Value) (from, to []*relation.Column, err error) {
	rf, err := relationArg(v[0], method, "from_relation")
	if err != nil {
		return nil, nil, err
	}
	rt, err := relationArg(v[1], method, "to_relation")
	if err != nil {
		return nil, nil, err
	}
	if from, err = b.Columns(rf); err != nil {
		return nil, nil, err
	}
	to, err = b.Columns(rt)
	return from, to, err
}

// expandTargetColumnTypes widens string columns of the target that are shorter than the source's.
func expandTargetColumnTypes(b *Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	const name = "expand_target_column_types"
	v, err := a.Bind(name, "from_relation", "to_relation")
	if err != nil {
		return value.Undef, err
	}
	if _, err := relationArg(v[0], name, "from_relation"); err != nil {
		return value.Undef, err
	}
	target, err := relationArg(v[1], name, "to_relation")
	if err != nil {
		return value.Undef, err
	}
	if b.surface.FixedStrings {
		return value.None, nil
	}
	from, to, err := b.columnPair(name, v)
	if err != nil {
		return value.Undef, err
	}
	have := make(map[string]*relation.Column, len(to))
	for _, c := range to {
		have[c.Name] = c
	}
	for _, want := range from {
		old := have[want.Name]
		if old == nil || !old.CanExpandTo(want) {
			continue
		}
		size, err := want.StringSize()
		if err != nil {
			return value.Undef, err
		}
		newType := fmt.Sprintf("character varying(%d)", size)
		b.emit(event.Debug, "ColTypeChange", "E019",
			fmt.Sprintf("Changing col type from %s to %s in table %s", old.DataType(), newType, keyText(target)),
			map[string]any{"orig_type": old.DataType(), "new_type": newType, "table": refKey{target}})
		if _, err := b.macro("alter_column_type", kw("relation", v[1]), kw("column_name", value.String(want.Name)),
			kw("new_column_type", value.String(newType))); err != nil {
			return value.Undef, err
		}
	}
	return value.None, nil
}

// QuerySchema gives the columns that a query would return.
func (b *Bridge) QuerySchema(sql string) ([]*relation.Column, error) {
	text, before := b.opts.Comment.Add(sql)
	var (
		cols    []*relation.Column
		unknown []uint32
	)
	_, err := b.run(text, text, false, func(c Conn) (Response, error) {
		var err error
		if q, ok := c.(QuerySchemer); ok {
			cols, unknown, err = q.QuerySchema(b.opts.Context, text)
		} else {
			cols, err = c.Describe(b.opts.Context, text)
		}
		return Response{Message: "OK", RowsAffected: -1}, err
	})
	if err != nil {
		return nil, ownText(err, sql, before)
	}
	for _, code := range unknown {
		b.emit(event.Debug, "TypeCodeNotFound", "E050", fmt.Sprintf(
			"The `type_code` %d was not recognized: a failed contract and Column.data_type name it by its number", code),
			map[string]any{"type_code": code})
	}
	return cols, nil
}

func columnSchemaFromQuery(b *Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("get_column_schema_from_query", "sql")
	if err != nil {
		return value.Undef, err
	}
	cols, err := b.QuerySchema(value.Str(v[0]))
	if err != nil {
		return value.Undef, err
	}
	return relation.Columns(cols), nil
}

// pseudocolumns: neither engine has columns that select * leaves out.
func pseudocolumns(_ *Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	_, err := a.Bind("get_pseudocolumns_for_relation", "relation")
	return value.NewList(), err
}

func containsFold(cols []*relation.Column, name string) bool {
	for _, c := range cols {
		if strings.EqualFold(c.Name, name) {
			return true
		}
	}
	return false
}
