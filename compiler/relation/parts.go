package relation

import "github.com/millrace/millrace/compiler/jinja/value"

type policyObject struct{ p Policy }

// Value wraps the policy for templates.
func (p Policy) Value() value.Value { return value.FromObject(&policyObject{p}) }

// PolicyFromValue unwraps a policy object (not a dict).
func PolicyFromValue(v value.Value) (Policy, bool) {
	o, ok := v.AsObject()
	if !ok {
		return Policy{}, false
	}
	p, ok := o.(*policyObject)
	if !ok {
		return Policy{}, false
	}
	return p.p, true
}

// Merge sets the parts that d names and returns the result; other keys are ignored.
func (p Policy) Merge(d *value.Dict) Policy {
	if d != nil {
		mergePolicy(&p, d)
	}
	return p
}

func mergePolicy(p *Policy, d *value.Dict) {
	for k, v := range d.All() {
		switch name, _ := k.AsString(); {
		case v.IsNone():
		case name == "database":
			p.Database = value.Truth(v)
		case name == "schema":
			p.Schema = value.Truth(v)
		case name == "identifier":
			p.Identifier = value.Truth(v)
		}
	}
}

func (p Policy) dict() *value.Dict {
	d := value.NewDict(3)
	d.SetString("database", value.Bool(p.Database))
	d.SetString("schema", value.Bool(p.Schema))
	d.SetString("identifier", value.Bool(p.Identifier))
	return d
}

func (o *policyObject) TypeName() string { return "Policy" }
func (o *policyObject) IsMapping()       {}
func (o *policyObject) Truth() bool      { return true }
func (o *policyObject) Iterate(*value.Thread, func(value.Value) bool) error {
	return notADict(o.Repr())
}
func (o *policyObject) Index(th *value.Thread, key value.Value) (value.Value, bool, error) {
	name, _ := key.AsString()
	return o.Attr(th, name)
}

func (o *policyObject) Repr() string { return dataclassRepr("Policy", o.p.dict()) }
func (o *policyObject) Str() string  { return o.Repr() }

func (o *policyObject) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	if v, ok := o.p.dict().GetString(name); ok {
		return v, true, nil
	}
	return mappingMethod(name, o.p.dict(), func(d *value.Dict) value.Value { return o.p.Merge(d).Value() })
}

func (o *policyObject) Equal(other value.Value) (equal, ok bool) {
	p, ok := PolicyFromValue(other)
	return ok && p == o.p, ok
}

func (o *policyObject) Compare(value.Value) (int, bool) { return 0, false }

type pathObject struct{ r *Relation }

func (o *pathObject) TypeName() string                                    { return "Path" }
func (o *pathObject) IsMapping()                                          {}
func (o *pathObject) Truth() bool                                         { return true }
func (o *pathObject) Iterate(*value.Thread, func(value.Value) bool) error { return notADict(o.Repr()) }
func (o *pathObject) Index(th *value.Thread, key value.Value) (value.Value, bool, error) {
	name, _ := key.AsString()
	return o.Attr(th, name)
}

func (o *pathObject) Repr() string { return dataclassRepr("Path", o.r.pathDict(false)) }
func (o *pathObject) Str() string  { return o.Repr() }

func (o *pathObject) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	if v, ok := o.r.pathDict(false).GetString(name); ok {
		return v, true, nil
	}
	return mappingMethod(name, o.r.pathDict(false), func(d *value.Dict) value.Value {
		c := *o.r
		for k, v := range d.All() {
			s, _ := k.AsString()
			c.setPathPart(s, v)
		}
		return value.FromObject(&pathObject{&c})
	})
}

func (o *pathObject) Equal(other value.Value) (equal, ok bool) {
	ob, _ := other.AsObject()
	p, ok := ob.(*pathObject)
	if !ok {
		return false, false
	}
	return value.Equal(value.FromDict(o.r.pathDict(false)), value.FromDict(p.r.pathDict(false))), true
}

func (o *pathObject) Compare(value.Value) (int, bool) { return 0, false }

// mappingMethod is what the small records of a relation have in common.
func mappingMethod(name string, d *value.Dict, with func(*value.Dict) value.Value) (value.Value, bool, error) {
	switch name {
	case "get_part", "get":
		return value.Func(name, func(_ *value.Thread, a value.Args) (value.Value, error) {
			v, err := a.Bind(name, "key", "default=None")
			if err != nil {
				return value.Undef, err
			}
			if part, ok := d.Get(v[0]); ok {
				return part, nil
			}
			if v[1].IsUndefined() {
				return value.None, nil
			}
			return v[1], nil
		}), true, nil
	case "get_lowered_part":
		return value.Func(name, func(th *value.Thread, a value.Args) (value.Value, error) {
			v, err := a.Bind(name, "key")
			if err != nil {
				return value.Undef, err
			}
			part, ok := d.Get(v[0])
			if !ok || part.IsNone() {
				return value.None, nil
			}
			return value.String(lower(value.Str(part))), nil
		}), true, nil
	case "to_dict":
		return value.Func(name, func(_ *value.Thread, a value.Args) (value.Value, error) {
			_, err := a.Bind(name, "omit_none=False")
			return value.FromDict(d), err
		}), true, nil
	case "replace", "incorporate":
		return value.Func(name, func(_ *value.Thread, a value.Args) (value.Value, error) {
			changes := value.NewDict(len(a.Kwargs))
			for _, kw := range a.Kwargs {
				changes.SetString(kw.Name, kw.Value)
			}
			return with(changes), nil
		}), true, nil
	case "replace_dict":
		return value.Func(name, func(_ *value.Thread, a value.Args) (value.Value, error) {
			v, err := a.Bind(name, "dct")
			if err != nil {
				return value.Undef, err
			}
			changes, ok := v[0].AsDict()
			if !ok {
				return value.Undef, value.Errorf("AttributeError", "'%s' object has no attribute 'items'", value.TypeName(v[0]))
			}
			return with(changes), nil
		}), true, nil
	}
	return value.Undef, false, nil
}

func dataclassRepr(class string, d *value.Dict) string {
	b := []byte(class + "(")
	first := true
	for k, v := range d.All() {
		if !first {
			b = append(b, ", "...)
		}
		first = false
		b = append(b, value.Str(k)...)
		b = append(b, '=')
		b = append(b, value.Repr(v)...)
	}
	return string(append(b, ')'))
}

type eventTimeObject struct{ f EventTimeFilter }

func (o *eventTimeObject) dict() *value.Dict {
	d := value.NewDict(3)
	d.SetString("field_name", value.String(o.f.Field))
	d.SetString("start", value.OptString(o.f.Start))
	d.SetString("end", value.OptString(o.f.End))
	return d
}

func (o *eventTimeObject) TypeName() string { return "EventTimeFilter" }
func (o *eventTimeObject) IsMapping()       {}
func (o *eventTimeObject) Truth() bool      { return true }
func (o *eventTimeObject) Iterate(*value.Thread, func(value.Value) bool) error {
	return notADict(o.Repr())
}
func (o *eventTimeObject) Index(th *value.Thread, key value.Value) (value.Value, bool, error) {
	name, _ := key.AsString()
	return o.Attr(th, name)
}

func (o *eventTimeObject) Repr() string { return dataclassRepr("EventTimeFilter", o.dict()) }
func (o *eventTimeObject) Str() string  { return o.Repr() }

func (o *eventTimeObject) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	v, ok := o.dict().GetString(name)
	return v, ok, nil
}

// functionObject describes a user-defined function to the macros that create it.
type functionObject struct{ language, kind, runtime, entry value.Value }

func (o *functionObject) TypeName() string { return "FunctionConfig" }

func (o *functionObject) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	switch name {
	case "language":
		return o.language, true, nil
	case "type":
		return o.kind, true, nil
	case "runtime_version":
		return o.runtime, true, nil
	case "entry_point":
		return o.entry, true, nil
	}
	return value.Undef, false, nil
}

func (o *functionObject) check() error {
	language, kind := optional(o.language), optional(o.kind)
	switch {
	case language == "":
		return runtimeError("A `language` is required for functions")
	case kind == "":
		return runtimeError("A `type` is required for functions")
	case language == "python" && o.runtime.IsNone():
		return runtimeError("A `runtime_version` is required for python functions")
	case language == "python" && o.entry.IsNone():
		return runtimeError("An `entry_point` is required for python functions")
	}
	return nil
}
