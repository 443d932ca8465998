package adapters

import (
	"crypto/md5"
	"encoding/hex"
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// IndexFields says which keys an index configuration may have besides columns and unique.
type IndexFields struct{ Type bool }

// indexConfig is one entry of a model's `indexes`.
type indexConfig struct {
	bridge  *Bridge
	columns []string
	unique  bool
	typ     value.Value // text or None
	fields  IndexFields
}

// ParseIndex makes adapter.parse_index, which checks an entry of `indexes`.
func ParseIndex(fields IndexFields) Method {
	return func(b *Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
		v, err := a.Bind("parse_index", "raw_index")
		if err != nil {
			return value.Undef, err
		}
		if v[0].IsNull() {
			return value.None, nil
		}
		d, ok := v[0].AsDict()
		if !ok {
			return value.Undef, compilationError("Invalid index config:\n  Got: %s\n  Expected a dictionary with at minimum a \"columns\" key", value.Str(v[0]))
		}
		c := &indexConfig{bridge: b, typ: value.None, fields: fields}
		bad := func(format string, args ...any) error {
			return compilationError("Could not parse index config: "+format, args...)
		}
		found := false
		for k, x := range d.All() {
			switch key := value.Str(k); {
			case key == "columns":
				found = true
				if x.Kind() != value.KindList && x.Kind() != value.KindTuple {
					return value.Undef, bad("at path ['columns']: %s is not of type 'array'", value.Repr(x))
				}
				for _, col := range x.Items() {
					s, ok := col.AsString()
					if !ok {
						return value.Undef, bad("at path ['columns']: %s is not of type 'string'", value.Repr(col))
					}
					c.columns = append(c.columns, s)
				}
			case key == "unique":
				if c.unique, ok = x.AsBool(); !ok {
					return value.Undef, bad("at path ['unique']: %s is not of type 'boolean'", value.Repr(x))
				}
			case key == "type" && fields.Type:
				if _, ok := x.AsString(); !ok && !x.IsNull() {
					return value.Undef, bad("at path ['type']: %s is not of type 'string'", value.Repr(x))
				}
				c.typ = x
			default:
				return value.Undef, bad("at path []: Additional properties are not allowed ('%s' was unexpected)", key)
			}
		}
		if !found {
			return value.Undef, bad("at path []: 'columns' is a required property")
		}
		return value.FromObject(c), nil
	}
}

func (c *indexConfig) TypeName() string { return "IndexConfig" }
func (c *indexConfig) Truth() bool      { return true }

func (c *indexConfig) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	switch {
	case name == "columns":
		return value.Strings(c.columns...), true, nil
	case name == "unique":
		return value.Bool(c.unique), true, nil
	case name == "type" && c.fields.Type:
		return c.typ, true, nil
	case name == "render":
		return value.Func(name, c.render), true, nil
	}
	return value.Undef, false, nil
}

// render names the index. The moment is part of the name, because the old table still
// has its index under the old name while the new one is built.
func (c *indexConfig) render(_ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("render", "relation")
	if err != nil {
		return value.Undef, err
	}
	r, err := relationArg(v[0], "render", "relation")
	if err != nil {
		return value.Undef, err
	}
	parts := append(append([]string{}, c.columns...), r.Render(), value.Str(value.Bool(c.unique)))
	if c.fields.Type {
		parts = append(parts, value.Str(c.typ))
	}
	parts = append(parts, c.bridge.opts.Now().UTC().Format("2006-01-02T15:04:05.000000000"))
	sum := md5.Sum([]byte(strings.Join(parts, "_")))
	return value.String(hex.EncodeToString(sum[:])), nil
}
