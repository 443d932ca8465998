package context

import (
	"github.com/millrace/millrace/compiler/jinja/value"
)

// relationProxy is api.Relation: the engine's class, whose create() starts from the
// project's quoting.
type relationProxy struct {
	e     *Env
	class value.Value
}

func (p *relationProxy) TypeName() string { return "RelationProxy" }

// Module implements value.Moduled.
func (p *relationProxy) Module() string { return "dbt.context.providers" }

// Str prints the class.
func (p *relationProxy) Str() string { return value.Str(p.class) }

// Attr answers create and whatever the class has.
func (p *relationProxy) Attr(th *value.Thread, name string) (value.Value, bool, error) {
	if name == "create" {
		return value.Func(name, p.create), true, nil
	}
	v, err := value.GetAttr(th, p.class, name)
	return v, err == nil && !v.IsUndefined(), err
}

// CallMethod creates without making a value of the method first.
func (p *relationProxy) CallMethod(th *value.Thread, name string, a value.Args) (value.Value, bool, error) {
	if name != "create" {
		return value.Undef, false, nil
	}
	v, err := p.create(th, a)
	return v, true, err
}

func (p *relationProxy) create(th *value.Thread, a value.Args) (value.Value, error) {
	policy := value.NewDict(3)
	q := p.e.quoting
	policy.SetString("database", value.Bool(q.Database))
	policy.SetString("schema", value.Bool(q.Schema))
	policy.SetString("identifier", value.Bool(q.Identifier))
	out := value.Args{Pos: a.Pos, Kwargs: make([]value.Kwarg, 0, len(a.Kwargs)+1)}
	for _, kw := range a.Kwargs {
		if kw.Name != "quote_policy" {
			out.Kwargs = append(out.Kwargs, kw)
			continue
		}
		given, ok := kw.Value.AsDict()
		if !ok {
			return value.Undef, value.Errorf("TypeError", "quote_policy must be a dict, not %s", value.TypeName(kw.Value))
		}
		for k, v := range given.All() {
			if err := policy.Set(k, v); err != nil {
				return value.Undef, err
			}
		}
	}
	out.Kwargs = append(out.Kwargs, value.Kwarg{Name: "quote_policy", Value: value.FromDict(policy)})
	return value.CallMethod(th, p.class, "create", out)
}

// RelationClass is api.Relation and adapter.Relation.
func (e *Env) RelationClass() value.Value { return e.relationClass }

func (e *Env) apiObject() value.Value {
	e.relationClass = value.FromObject(&relationProxy{e, e.Dialect.Class()})
	d := value.NewDict(2)
	d.SetString("Relation", e.relationClass)
	d.SetString("Column", e.Dialect.ColumnClass())
	return value.FromDict(d)
}
