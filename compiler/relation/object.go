package relation

import (
	"github.com/millrace/millrace/compiler/jinja/value"
)

// TypeName is the class name that templates see; packages test its ending.
func (r *Relation) TypeName() string {
	if r.InformationSchema {
		return "InformationSchema"
	}
	return r.Dialect.className("Relation")
}

// Module implements value.Moduled.
func (r *Relation) Module() string {
	if r.InformationSchema {
		return "dbt.adapters.base.relation"
	}
	return r.Dialect.module("relation")
}

// Value wraps the relation for templates.
func (r *Relation) Value() value.Value { return value.FromObject(r) }

// FromValue unwraps a relation.
func FromValue(v value.Value) (*Relation, bool) {
	o, ok := v.AsObject()
	if !ok {
		return nil, false
	}
	r, ok := o.(*Relation)
	return r, ok
}

func (r *Relation) Str() string     { return r.String() }
func (r *Relation) Repr() string    { return "<" + r.TypeName() + " " + r.Render() + ">" }
func (r *Relation) Truth() bool     { return true }
func (r *Relation) HashKey() string { return r.Render() }

// IsMapping makes `relation is mapping` hold: packages recognise relations by it.
func (r *Relation) IsMapping() {}

// Index makes relation['name'] the attribute.
func (r *Relation) Index(th *value.Thread, key value.Value) (value.Value, bool, error) {
	if name, ok := key.AsString(); ok {
		return r.Attr(th, name)
	}
	return value.Undef, false, nil
}

// Contains makes 'name' in relation ask for an attribute.
func (r *Relation) Contains(item value.Value) (bool, error) {
	_, ok, err := r.Index(nil, item)
	return ok, err
}

// Iterate fails: relations were dicts once, and dbt says what happened.
func (r *Relation) Iterate(*value.Thread, func(value.Value) bool) error { return r.notADict() }

func (r *Relation) notADict() error { return notADict(r.String()) }

func notADict(printed string) error {
	return compilationError(`The object ("%s") was used as a dictionary. This capability has been removed from objects of this type.`, printed)
}

// Equal compares every field, as the dataclass does.
func (r *Relation) Equal(other value.Value) (equal, ok bool) {
	o, ok := FromValue(other)
	return ok && r.Same(o), ok
}

// Compare reports that relations have no order.
func (r *Relation) Compare(value.Value) (int, bool) { return 0, false }

func (r *Relation) part(s string, present bool) value.Value {
	if !present {
		return value.None
	}
	return value.String(s)
}

// Attr answers fields, properties and methods.
func (r *Relation) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	switch name {
	case "database":
		return r.part(r.Database, r.HasDatabase), true, nil
	case "schema":
		return r.part(r.Schema, r.HasSchema), true, nil
	case "identifier", "name", "table":
		return r.part(r.Identifier, r.HasIdentifier), true, nil
	case "type":
		return value.OptString(string(r.Type)), true, nil
	case "is_table":
		return value.Bool(r.Type == Table), true, nil
	case "is_view":
		return value.Bool(r.Type == View), true, nil
	case "is_cte":
		return value.Bool(r.Type == CTE), true, nil
	case "is_materialized_view":
		return value.Bool(r.Type == MaterializedView), true, nil
	case "is_pointer":
		return value.Bool(r.Type == PointerTable), true, nil
	case "is_function":
		return value.Bool(r.Type == Function), true, nil
	case "can_be_renamed":
		return value.Bool(!r.InformationSchema && r.Dialect.RenameTypes[r.Type]), true, nil
	case "can_be_replaced":
		return value.Bool(!r.InformationSchema && r.Dialect.ReplaceTypes[r.Type]), true, nil
	case "path":
		return value.FromObject(&pathObject{r}), true, nil
	case "quote_policy":
		return r.QuotePolicy.Value(), true, nil
	case "include_policy":
		return r.IncludePolicy.Value(), true, nil
	case "quote_character":
		return value.String(string(rune(r.Dialect.quote()))), true, nil
	case "dbt_created":
		return value.Bool(r.DBTCreated), true, nil
	case "limit":
		return r.limitValue(), true, nil
	case "event_time_filter":
		if r.EventTime == nil {
			return value.None, true, nil
		}
		return value.FromObject(&eventTimeObject{*r.EventTime}), true, nil
	case "require_alias":
		return value.Bool(r.RequireAlias), true, nil
	case "catalog":
		return value.OptString(r.Catalog), true, nil
	case "renameable_relations":
		return r.typeNames(r.Dialect.RenameTypes), true, nil
	case "replaceable_relations":
		return r.typeNames(r.Dialect.ReplaceTypes), true, nil
	case "information_schema_view":
		if r.InformationSchema {
			return value.OptString(r.InformationView), true, nil
		}
	}
	m, ok := relationMethods[name]
	if !ok && !r.InformationSchema {
		m, ok = r.Dialect.Methods[name]
	}
	if ok {
		return value.Func(name, func(th *value.Thread, a value.Args) (value.Value, error) { return m(r, th, a) }), true, nil
	}
	if v, ok := r.Dialect.classAttr(name); ok {
		return v, true, nil
	}
	if v, ok := r.Metadata[name]; ok {
		return value.String(v), true, nil
	}
	if name == externalKey {
		return value.None, true, nil
	}
	return value.Undef, false, nil
}

func (r *Relation) limitValue() value.Value {
	if r.Limit == nil {
		return value.None
	}
	return value.Int(int64(*r.Limit))
}

func (r *Relation) typeNames(types map[Type]bool) value.Value {
	l := &value.List{}
	if !r.InformationSchema {
		for _, t := range [...]Type{Table, View, CTE, MaterializedView, Ephemeral, External, PointerTable, Function} {
			if types[t] {
				l.Items = append(l.Items, value.String(string(t)))
			}
		}
	}
	return value.FromList(l)
}
