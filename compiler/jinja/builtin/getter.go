package builtin

import (
	"strconv"
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// getter reads the attribute that sort, map, join … name: "a.b.0", or an integer index.
type getter struct {
	parts      []value.Value
	ignoreCase bool
	fallback   value.Value // for missing parts, unless undefined or None
}

func newGetter(attribute value.Value) *getter {
	attribute = value.Plain(attribute)
	if attribute.IsNull() {
		return &getter{}
	}
	s, ok := attribute.AsString()
	if !ok {
		return &getter{parts: []value.Value{attribute}}
	}
	g := &getter{}
	for _, part := range strings.Split(s, ".") {
		if n, err := strconv.ParseInt(part, 10, 64); err == nil && part[0] != '-' && part[0] != '+' {
			g.parts = append(g.parts, value.Int(n))
		} else {
			g.parts = append(g.parts, value.String(part))
		}
	}
	return g
}

func (g *getter) get(th *value.Thread, v value.Value) (value.Value, error) {
	var err error
	for _, part := range g.parts {
		if v, err = value.GetItem(th, v, part); err != nil {
			return v, err
		}
		if v.IsUndefined() && !g.fallback.IsNull() {
			v = g.fallback
		}
	}
	if g.ignoreCase {
		v = lowered(v)
	}
	return v, nil
}

func lowered(v value.Value) value.Value {
	if s, ok := value.Text(v); ok {
		return value.String(value.Lower(s))
	}
	return v
}

// sortKey is the key function of sort: one attribute or several after each other.
func sortKey(th *value.Thread, attribute value.Value, ignoreCase bool) func(value.Value) (value.Value, error) {
	if attribute.IsNull() {
		if !ignoreCase {
			return nil
		}
		return func(v value.Value) (value.Value, error) { return lowered(v), nil }
	}
	var getters []*getter
	if s, ok := value.Text(attribute); ok {
		for _, part := range strings.Split(s, ",") {
			getters = append(getters, newGetter(value.String(part)))
		}
	} else {
		getters = []*getter{newGetter(attribute)}
	}
	return func(v value.Value) (value.Value, error) {
		keys := make([]value.Value, len(getters))
		for i, g := range getters {
			g.ignoreCase = ignoreCase
			key, err := g.get(th, v)
			if err != nil {
				return value.Undef, err
			}
			keys[i] = key
		}
		return value.NewList(keys...), nil
	}
}
