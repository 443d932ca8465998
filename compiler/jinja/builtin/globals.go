package builtin

import (
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// dictClass is the global dict: a constructor that also has the class method fromkeys.
type dictClass struct{}

// TypeName is Python's name for the type of a class.
func (dictClass) TypeName() string { return "type" }

// Str is what printing the class shows.
func (dictClass) Str() string { return "<class 'dict'>" }

// Call makes a dict.
func (dictClass) Call(th *value.Thread, a value.Args) (value.Value, error) { return newDict(th, a) }

// Attr finds class methods.
func (dictClass) Attr(th *value.Thread, name string) (value.Value, bool, error) {
	if name != "fromkeys" {
		return value.Undef, false, nil
	}
	return value.Attr(th, value.FromDict(value.NewDict(0)), name)
}

func newDict(th *value.Thread, a value.Args) (value.Value, error) {
	if len(a.Pos) > 1 {
		return value.Undef, value.Errorf("TypeError", "dict expected at most 1 argument, got %d", len(a.Pos))
	}
	d := value.NewDict(len(a.Kwargs))
	return value.FromDict(d), d.Update(th, a)
}

// Namespace holds attributes that {% set ns.x = … %} may change.
type Namespace struct{ attrs *value.Dict }

func newNamespace(th *value.Thread, a value.Args) (value.Value, error) {
	if len(a.Pos) > 1 {
		return value.Undef, value.Errorf("TypeError", "dict expected at most 1 argument, got %d", len(a.Pos))
	}
	n := &Namespace{attrs: value.NewDict(len(a.Kwargs))}
	return value.FromObject(n), n.attrs.Update(th, a)
}

// TypeName is the class that error messages name.
func (n *Namespace) TypeName() string { return "jinja2.utils.Namespace" }

// Attr reads an attribute.
func (n *Namespace) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	v, ok := n.attrs.GetString(name)
	return v, ok, nil
}

// SetAttr is {% set ns.name = v %}.
func (n *Namespace) SetAttr(name string, v value.Value) error {
	n.attrs.SetString(name, v)
	return nil
}

// Repr shows the attributes.
func (n *Namespace) Repr() string {
	return "<Namespace " + value.Repr(value.FromDict(n.attrs)) + ">"
}

// Cycler hands out its items in turn.
type Cycler struct {
	items []value.Value
	pos   int
}

func newCycler(_ *value.Thread, a value.Args) (value.Value, error) {
	if len(a.Kwargs) > 0 {
		return value.Undef, value.Errorf("TypeError", "Cycler.__init__() got an unexpected keyword argument '%s'", a.Kwargs[0].Name)
	}
	if len(a.Pos) == 0 {
		return value.Undef, value.Errorf("RuntimeError", "at least one item has to be provided")
	}
	return value.FromObject(&Cycler{items: append([]value.Value(nil), a.Pos...)}), nil
}

// TypeName is the class that error messages name.
func (c *Cycler) TypeName() string { return "jinja2.utils.Cycler" }

// Attr has next(), reset() and current.
func (c *Cycler) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	switch name {
	case "current":
		return c.items[c.pos], true, nil
	case "items":
		return value.NewTuple(c.items...), true, nil
	case "pos":
		return value.Int(int64(c.pos)), true, nil
	case "next", "reset":
		return value.Func(name, func(th *value.Thread, a value.Args) (value.Value, error) {
			v, _, err := c.CallMethod(th, name, a)
			return v, err
		}), true, nil
	}
	return value.Undef, false, nil
}

// CallMethod is next() and reset() without a bound method.
func (c *Cycler) CallMethod(_ *value.Thread, name string, a value.Args) (value.Value, bool, error) {
	if name != "next" && name != "reset" {
		return value.Undef, false, nil
	}
	if _, err := a.Bind("Cycler." + name); err != nil {
		return value.Undef, true, err
	}
	if name == "reset" {
		c.pos = 0
		return value.None, true, nil
	}
	v := c.items[c.pos]
	c.pos = (c.pos + 1) % len(c.items)
	return v, true, nil
}

// Joiner is "" the first time it is called and its separator from then on.
type Joiner struct {
	sep  value.Value
	used bool
}

func newJoiner(_ *value.Thread, a value.Args) (value.Value, error) {
	args, err := a.Bind("Joiner.__init__", "sep?")
	return value.FromObject(&Joiner{sep: or(args[0], value.String(", "))}), err
}

// TypeName is the class that error messages name.
func (j *Joiner) TypeName() string { return "jinja2.utils.Joiner" }

// Call gives the separator.
func (j *Joiner) Call(_ *value.Thread, a value.Args) (value.Value, error) {
	if _, err := a.Bind("Joiner.__call__"); err != nil {
		return value.Undef, err
	}
	if !j.used {
		j.used = true
		return value.String(""), nil
	}
	return j.sep, nil
}

// Attr has sep and used.
func (j *Joiner) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	switch name {
	case "sep":
		return j.sep, true, nil
	case "used":
		return value.Bool(j.used), true, nil
	}
	return value.Undef, false, nil
}

// trimSentence ends a paragraph with a full stop.
func trimSentence(p string) string {
	if strings.HasSuffix(p, ".") {
		return p
	}
	return strings.TrimSuffix(p, ",") + "."
}
