package relation

import (
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
)

func lower(s string) string { return strings.ToLower(s) }

// className is the adapter's class as templates see it: "DuckDBRelation".
func (d *Dialect) className(suffix string) string {
	if d.ClassPrefix != "" {
		return d.ClassPrefix + suffix
	}
	if d.Name == "" {
		return "Base" + suffix
	}
	return strings.ToUpper(d.Name[:1]) + d.Name[1:] + suffix
}

// module is where dbt's adapter defines its classes.
func (d *Dialect) module(file string) string {
	if d.Name == "" {
		return "dbt.adapters.base." + file
	}
	return "dbt.adapters." + d.Name + "." + file
}

type relationClass struct{ d *Dialect }

// Class is api.Relation: constructors and constants.
func (d *Dialect) Class() value.Value { return value.FromObject(relationClass{d}) }

func (c relationClass) TypeName() string { return "type" }
func (c relationClass) Repr() string {
	return "<class '" + c.d.className("Relation") + "'>"
}
func (c relationClass) Str() string { return c.Repr() }

func (c relationClass) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	v, ok := c.d.classAttr(name)
	return v, ok, nil
}

// Call is the constructor; a path is all that is needed.
func (c relationClass) Call(_ *value.Thread, a value.Args) (value.Value, error) {
	r := c.d.New("", "", "", "")
	if len(a.Pos) > 2 {
		return value.Undef, value.Errorf("TypeError", "%s() takes from 1 to 2 positional arguments but %d were given", c.d.className("Relation"), len(a.Pos))
	}
	for i, name := range []string{"path", "type"} {
		if i < len(a.Pos) {
			if err := r.merge(name, a.Pos[i]); err != nil {
				return value.Undef, err
			}
		}
	}
	for _, kw := range a.Kwargs {
		if err := r.merge(kw.Name, kw.Value); err != nil {
			return value.Undef, err
		}
	}
	return r.Value(), r.Check()
}

var typeConstants = map[string]Type{
	"Table": Table, "View": View, "CTE": CTE, "External": External,
	"MaterializedView": MaterializedView, "PointerTable": PointerTable, "Function": Function,
}

// classAttr is what class and instances share.
func (d *Dialect) classAttr(name string) (value.Value, bool) {
	if t, ok := typeConstants[name]; ok {
		return value.String(string(t)), true
	}
	var fn func(*value.Thread, value.Args) (value.Value, error)
	switch name {
	case "create":
		fn = d.create
	case "create_from":
		fn = d.createFrom
	case "create_ephemeral_from":
		fn = d.createEphemeralFrom
	case "add_ephemeral_prefix":
		fn = func(_ *value.Thread, a value.Args) (value.Value, error) {
			v, err := a.Bind("add_ephemeral_prefix", "name")
			if err != nil {
				return value.Undef, err
			}
			return value.String(EphemeralPrefix + value.Str(v[0])), nil
		}
	case "get_default_quote_policy":
		fn = func(*value.Thread, value.Args) (value.Value, error) { return d.Quoting.Value(), nil }
	case "get_default_include_policy":
		fn = func(*value.Thread, value.Args) (value.Value, error) { return d.Include.Value(), nil }
	case "scd_args":
		fn = scdArgs
	case "relation_max_name_length":
		if d.MaxIdentifier == 0 {
			return value.Undef, false
		}
		fn = func(*value.Thread, value.Args) (value.Value, error) { return value.Int(int64(d.MaxIdentifier)), nil }
	case "get_relation_type":
		return value.FromObject(typeEnum{}), true
	default:
		return value.Undef, false
	}
	return value.Func(name, fn), true
}

// typeEnum is RelationType: its members are plain strings.
type typeEnum struct{}

func (typeEnum) TypeName() string { return "EnumType" }
func (typeEnum) Repr() string     { return "<enum 'RelationType'>" }
func (typeEnum) Str() string      { return "<enum 'RelationType'>" }
func (typeEnum) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	if t, ok := typeConstants[name]; ok {
		return value.String(string(t)), true, nil
	}
	if name == "Ephemeral" {
		return value.String(string(Ephemeral)), true, nil
	}
	return value.Undef, false, nil
}

func (typeEnum) Call(_ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("RelationType", "value")
	if err != nil {
		return value.Undef, err
	}
	if s, ok := v[0].AsString(); ok && Type(s).known() {
		return v[0], nil
	}
	return value.Undef, value.Errorf("ValueError", "%s is not a valid RelationType", value.Repr(v[0]))
}

// pathArg turns an argument into a part of a path: None is absent, everything else is text.
func pathArg(v value.Value, given bool) *string {
	if v.IsNone() || !given {
		return nil
	}
	s := value.Str(v)
	return &s
}

func (d *Dialect) create(_ *value.Thread, a value.Args) (value.Value, error) {
	r := d.New("", "", "", "")
	// A quote or include policy given here starts from all parts on, not from the engine's defaults.
	rest := value.Args{Pos: a.Pos}
	for _, kw := range a.Kwargs {
		switch kw.Name {
		case "database", "schema", "identifier", "type":
			rest.Kwargs = append(rest.Kwargs, kw)
		case "path":
		default:
			if kw.Name == "quote_policy" || kw.Name == "include_policy" {
				*r.policy(kw.Name) = Policy{true, true, true}
			}
			if err := r.merge(kw.Name, kw.Value); err != nil {
				return value.Undef, err
			}
		}
	}
	if n := len(a.Pos); n > 4 {
		return value.Undef, value.Errorf("TypeError", "BaseRelation.create() takes from 1 to 5 positional arguments but %d were given", n+1)
	}
	v, err := rest.Bind("create", "database=None", "schema=None", "identifier=None", "type=None")
	if err != nil {
		return value.Undef, err
	}
	r.setPath(pathArg(v[0], passed(a, 0)), pathArg(v[1], passed(a, 1)), pathArg(v[2], passed(a, 2)))
	if err := r.merge("type", v[3]); err != nil {
		return value.Undef, err
	}
	return r.Value(), r.Check()
}

func scdArgs(_ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("scd_args", "primary_key", "updated_at")
	if err != nil {
		return value.Undef, err
	}
	if l, ok := v[0].AsList(); ok {
		return value.NewList(append(append([]value.Value{}, l.Items...), v[1])...), nil
	}
	return value.NewList(v[0], v[1]), nil
}

// createFrom names the relation of a node: quoting is the project's policy (the
// `quoting` attribute of the first argument), overridden by the node's own and by quote_policy.
func (d *Dialect) createFrom(th *value.Thread, a value.Args) (value.Value, error) {
	var quoting, node value.Value
	var rest value.Args
	pos := []*value.Value{&quoting, &node}
	if len(a.Pos) > len(pos) {
		return value.Undef, value.Errorf("TypeError", "create_from() takes 3 positional arguments but %d were given", len(a.Pos)+1)
	}
	for i, v := range a.Pos {
		*pos[i] = v
	}
	policy := d.Quoting
	var last *value.Dict
	for _, kw := range a.Kwargs {
		switch kw.Name {
		case "quoting":
			quoting = kw.Value
		case "relation_config":
			node = kw.Value
		case "quote_policy":
			last, _ = kw.Value.AsDict()
		default:
			rest.Kwargs = append(rest.Kwargs, kw)
		}
	}
	get := func(of value.Value, key string) (value.Value, error) {
		v, err := value.GetAttr(th, of, key)
		if err == nil && v.IsUndefined() {
			v = value.None
		}
		return v, err
	}
	for _, from := range []struct {
		of   value.Value
		keys []string
	}{{quoting, []string{"quoting"}}, {node, []string{"config", "quoting"}}, {node, []string{"quoting"}}} {
		v := from.of
		for _, key := range from.keys {
			if v.IsNull() {
				break
			}
			var err error
			if v, err = get(v, key); err != nil {
				return value.Undef, err
			}
		}
		if q, ok := v.AsDict(); ok {
			policy = policy.Merge(q)
		}
	}
	policy = policy.Merge(last)
	for _, key := range partNames {
		name := key
		v, err := get(node, name)
		if err == nil && name == "identifier" && v.IsNone() {
			if v, err = get(node, "alias"); err == nil && v.IsNone() {
				v, err = get(node, "name")
			}
		}
		if err != nil {
			return value.Undef, err
		}
		rest.Kwargs = append(rest.Kwargs, value.Kwarg{Name: name, Value: v})
	}
	rest.Kwargs = append(rest.Kwargs, value.Kwarg{Name: "quote_policy", Value: value.FromDict(policy.dict())})
	return d.create(th, rest)
}

func (d *Dialect) createEphemeralFrom(th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("create_ephemeral_from", "relation_config", "limit=None", "event_time_filter=None")
	if err != nil {
		return value.Undef, err
	}
	var id value.Value
	for _, key := range []string{"identifier", "alias", "name"} {
		if id, err = value.GetAttr(th, v[0], key); err != nil {
			return value.Undef, err
		}
		if !id.IsNull() {
			break
		}
	}
	r := d.NewEphemeral(value.Str(id))
	if err := r.merge("limit", v[1]); err != nil {
		return value.Undef, err
	}
	if err := r.merge("event_time_filter", v[2]); err != nil {
		return value.Undef, err
	}
	return r.Value(), nil
}
