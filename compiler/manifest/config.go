package manifest

import "github.com/millrace/millrace/compiler/jinja/value"

// Get is the value of a config key, undefined when it is not there.
func (c *Config) Get(key string) value.Value {
	if c == nil || c.Values == nil {
		return value.Undef
	}
	v, _ := c.Values.GetString(key)
	return v
}

// Has reports whether the key is there, even with None.
func (c *Config) Has(key string) bool {
	if c == nil || c.Values == nil {
		return false
	}
	_, ok := c.Values.GetString(key)
	return ok
}

// String is a string value, "" for anything else.
func (c *Config) String(key string) string {
	s, _ := c.Get(key).AsString()
	return s
}

// Bool is the truth of a value, def when it is absent or None.
func (c *Config) Bool(key string, def bool) bool {
	v := c.Get(key)
	if v.IsNull() {
		return def
	}
	return value.Truth(v)
}

// Int is an integer value, def for anything else.
func (c *Config) Int(key string, def int64) int64 {
	if i, ok := c.Get(key).AsInt(); ok {
		return i
	}
	return def
}

// Strings is a list of strings; a single string counts as a list of one.
func (c *Config) Strings(key string) []string {
	v := c.Get(key)
	if s, ok := v.AsString(); ok {
		return []string{s}
	}
	var list []string
	for _, item := range v.Items() {
		if s, ok := item.AsString(); ok {
			list = append(list, s)
		}
	}
	return list
}

// Dict is a mapping value, nil for anything else.
func (c *Config) Dict(key string) *value.Dict {
	d, _ := c.Get(key).AsDict()
	return d
}

// Materialized is the materialization's name.
func (c *Config) Materialized() string { return c.String("materialized") }

// Enabled reports whether the resource takes part; true by default.
func (c *Config) Enabled() bool { return c.Bool("enabled", true) }

// FullRefresh is the full_refresh config: set is false when the project leaves it to the flag.
func (c *Config) FullRefresh() (full, set bool) {
	v := c.Get("full_refresh")
	return value.Truth(v), !v.IsNull()
}

// Hook is one pre- or post-hook.
type Hook struct {
	SQL         string
	Transaction bool
	Index       int // -1 when not given
}

// Hooks are the hooks under "pre-hook" or "post-hook".
func (c *Config) Hooks(key string) []Hook {
	items := c.Get(key).Items()
	hooks := make([]Hook, 0, len(items))
	for _, item := range items {
		d, ok := item.AsDict()
		if !ok {
			continue
		}
		h := Hook{Transaction: true, Index: -1}
		if v, ok := d.GetString("sql"); ok {
			h.SQL = value.Str(v)
		}
		if v, ok := d.GetString("transaction"); ok {
			h.Transaction = value.Truth(v)
		}
		if v, ok := d.GetString("index"); ok {
			if i, ok := v.AsInt(); ok {
				h.Index = int(i)
			}
		}
		hooks = append(hooks, h)
	}
	return hooks
}
