package context

import (
	"maps"
	"slices"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// recordObject is a named record: its keys are attributes.
type recordObject struct {
	class string
	d     *value.Dict
}

// record is an object of the named class whose attributes are the keys of d.
func record(class string, d *value.Dict) value.Value {
	return value.FromObject(&recordObject{class, d})
}

func (r *recordObject) TypeName() string { return r.class }

// Attr answers the keys.
func (r *recordObject) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	if v, ok := r.d.GetString(name); ok {
		return v, true, nil
	}
	if name == "to_dict" {
		return value.Func(name, func(_ *value.Thread, a value.Args) (value.Value, error) {
			_, err := a.Bind(name, "omit_none=True")
			return plainRecord(value.FromDict(r.d)), err
		}), true, nil
	}
	return value.Undef, false, nil
}

// plainRecord turns records inside a value into dicts.
func plainRecord(v value.Value) value.Value {
	switch v.Kind() {
	case value.KindDict:
		d, _ := v.AsDict()
		out := value.NewDict(d.Len())
		for k, item := range d.All() {
			_ = out.Set(k, plainRecord(item)) // the key comes from a dict
		}
		return value.FromDict(out)
	case value.KindList, value.KindTuple:
		items := make([]value.Value, len(v.Items()))
		for i, item := range v.Items() {
			items[i] = plainRecord(item)
		}
		return value.NewList(items...)
	case value.KindObject:
		o, _ := v.AsObject()
		switch o := o.(type) {
		case *recordObject:
			return plainRecord(value.FromDict(o.d))
		case *responseObject:
			return plainRecord(value.FromDict(o.d))
		}
	}
	return v
}

// contextObject is `context`: everything the scope has, as a mapping.
type contextObject Scope

func (c *contextObject) scope() *Scope { return (*Scope)(c) }

func (c *contextObject) TypeName() string { return "ChainMap" }

// Module implements value.Moduled.
func (c *contextObject) Module() string { return "collections" }

// IsMapping makes `is mapping` hold.
func (c *contextObject) IsMapping() {}

// Index is a name of the scope.
func (c *contextObject) Index(th *value.Thread, key value.Value) (value.Value, bool, error) {
	name, ok := key.AsString()
	if !ok {
		return value.Undef, false, nil
	}
	v, ok := c.scope().Lookup(th, name)
	return v, ok, nil
}

// Contains reports whether the scope has the name.
func (c *contextObject) Contains(item value.Value) (bool, error) {
	_, ok, err := c.Index(nil, item)
	return ok, err
}

// Iterate yields the names.
func (c *contextObject) Iterate(_ *value.Thread, yield func(value.Value) bool) error {
	for _, n := range c.scope().Names() {
		if !yield(value.String(n)) {
			return nil
		}
	}
	return nil
}

// Len is the number of names.
func (c *contextObject) Len() int { return len(c.scope().Names()) }

// Attr answers a mapping's methods, then the names. update() adds names to the scope, by
// which packages hand values from one macro to the next.
func (c *contextObject) Attr(th *value.Thread, name string) (value.Value, bool, error) {
	if name == "update" {
		return value.Func(name, func(_ *value.Thread, a value.Args) (value.Value, error) {
			if len(a.Pos) > 1 {
				return value.Undef, value.Errorf("TypeError", "update expected at most 1 argument, got %d", len(a.Pos))
			}
			if len(a.Pos) == 1 {
				d, ok := a.Pos[0].AsDict()
				if !ok {
					return value.Undef, value.Errorf("TypeError", "'%s' object is not iterable", value.TypeName(a.Pos[0]))
				}
				for k, v := range d.All() {
					c.scope().Set(value.Str(k), v)
				}
			}
			for _, kw := range a.Kwargs {
				c.scope().Set(kw.Name, kw.Value)
			}
			return value.None, nil
		}), true, nil
	}
	return mappingAttr(th, name, c.scope().Names, c.scope().Lookup)
}

// builtinsObject is `builtins`: dbt's own names, whatever macros hide them.
type builtinsObject Scope

func (b *builtinsObject) scope() *Scope { return (*Scope)(b) }

func (b *builtinsObject) TypeName() string { return "dict" }

// IsMapping makes `is mapping` hold.
func (b *builtinsObject) IsMapping() {}

// Index is one of dbt's names.
func (b *builtinsObject) Index(th *value.Thread, key value.Value) (value.Value, bool, error) {
	name, ok := key.AsString()
	if !ok {
		return value.Undef, false, nil
	}
	v, ok := b.scope().member(th, name)
	return v, ok, nil
}

// Iterate yields the names.
func (b *builtinsObject) Iterate(_ *value.Thread, yield func(value.Value) bool) error {
	for _, n := range b.names() {
		if !yield(value.String(n)) {
			return nil
		}
	}
	return nil
}

func (b *builtinsObject) names() []string {
	set := make(map[string]bool)
	for _, n := range b.scope().memberNames() {
		set[n] = n != "context"
	}
	maps.DeleteFunc(set, func(_ string, keep bool) bool { return !keep })
	return slices.Sorted(maps.Keys(set))
}

// Attr answers a mapping's methods, then the names.
func (b *builtinsObject) Attr(th *value.Thread, name string) (value.Value, bool, error) {
	return mappingAttr(th, name, b.names, b.scope().member)
}

// mappingAttr is what dicts of names have in common.
func mappingAttr(th *value.Thread, name string, names func() []string, lookup func(*value.Thread, string) (value.Value, bool)) (value.Value, bool, error) {
	switch name {
	case "get":
		return value.Func(name, func(th *value.Thread, a value.Args) (value.Value, error) {
			v, err := a.Bind(name, "key", "default=None")
			if err != nil {
				return value.Undef, err
			}
			if key, ok := v[0].AsString(); ok {
				if found, ok := lookup(th, key); ok {
					return found, nil
				}
			}
			return orNone(v[1]), nil
		}), true, nil
	case "keys":
		return value.Func(name, func(_ *value.Thread, a value.Args) (value.Value, error) {
			_, err := a.Bind(name)
			return value.Strings(names()...), err
		}), true, nil
	case "items", "values":
		return value.Func(name, func(th *value.Thread, a value.Args) (value.Value, error) {
			if _, err := a.Bind(name); err != nil {
				return value.Undef, err
			}
			l := &value.List{}
			for _, n := range names() {
				v, _ := lookup(th, n)
				if name == "items" {
					v = value.NewTuple(value.String(n), v)
				}
				l.Items = append(l.Items, v)
			}
			return value.FromList(l), nil
		}), true, nil
	}
	v, ok := lookup(th, name)
	return v, ok, nil
}
