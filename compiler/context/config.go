package context

import (
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// configObject is `config`: calling it configures the node while it is parsed; get and
// require read the configuration once it runs.
type configObject struct{ s *Scope }

func (c *configObject) TypeName() string {
	if c.s.members == parseSet {
		return "ParseConfigObject"
	}
	return "RuntimeConfigObject"
}

// Module implements value.Moduled.
func (c *configObject) Module() string { return "dbt.context.providers" }

// Call is config(…).
func (c *configObject) Call(th *value.Thread, a value.Args) (value.Value, error) {
	if c.s.members != parseSet {
		return value.String(""), nil
	}
	var opts *value.Dict
	switch {
	case len(a.Pos) == 1 && len(a.Kwargs) == 0:
		d, ok := a.Pos[0].AsDict()
		if !ok {
			return value.Undef, compilation("Invalid inline model config")
		}
		opts = d.Copy()
	case len(a.Pos) == 0 && len(a.Kwargs) > 0:
		opts = value.NewDict(len(a.Kwargs))
		for _, kw := range a.Kwargs {
			opts.SetString(kw.Name, kw.Value)
		}
	default:
		return value.Undef, compilation("Invalid inline model config")
	}
	return value.String(""), c.s.addConfig(th, opts)
}

func (s *Scope) addConfig(th *value.Thread, opts *value.Dict) error {
	if err := th.CheckTree(value.FromDict(opts)); err != nil {
		return err
	}
	if s.rec == nil {
		return runtimeError("At parse time, did not receive a context config")
	}
	return s.rec.AddConfig(opts)
}

// Attr answers the methods.
func (c *configObject) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	f, ok := configMethods[name]
	if !ok {
		return value.Undef, false, nil
	}
	return value.Func(name, func(th *value.Thread, a value.Args) (value.Value, error) { return f(c, th, a) }), true, nil
}

// CallMethod calls a method without making a value of it first.
func (c *configObject) CallMethod(th *value.Thread, name string, a value.Args) (value.Value, bool, error) {
	f, ok := configMethods[name]
	if !ok {
		return value.Undef, false, nil
	}
	v, err := f(c, th, a)
	return v, true, err
}

var configMethods map[string]func(c *configObject, th *value.Thread, a value.Args) (value.Value, error)

func init() {
	configMethods = map[string]func(c *configObject, th *value.Thread, a value.Args) (value.Value, error){
		"get":          (*configObject).get,
		"require":      (*configObject).require,
		"meta_get":     (*configObject).metaGet,
		"meta_require": (*configObject).metaRequire,
		"set": func(c *configObject, th *value.Thread, a value.Args) (value.Value, error) {
			v, err := a.Bind("set", "name", "value")
			if err != nil || c.s.members != parseSet {
				return value.String(""), err
			}
			opts := value.NewDict(1)
			if err := opts.Set(v[0], v[1]); err != nil {
				return value.Undef, err
			}
			return value.String(""), c.s.addConfig(th, opts)
		},
		"persist_relation_docs": persistDocs("relation"),
		"persist_column_docs":   persistDocs("columns"),
	}
}

// Values are the node's configs, for code outside of templates.
func (c *configObject) Values() *value.Dict {
	if d := c.values(); d != nil {
		return d
	}
	return value.NewDict(0)
}

func (c *configObject) values() *value.Dict {
	if c.s.node == nil || c.s.node.Config == nil {
		return nil
	}
	return c.s.node.Config.Own()
}

func (c *configObject) lookup(name string) (value.Value, bool) {
	if c.s.node == nil || c.s.node.Config == nil {
		return value.Undef, false
	}
	config := c.s.node.Config
	if v, ok := config.OwnValue(name); ok {
		return v, true
	}
	// The hooks have two spellings; the names of a snapshot's columns are made of a config.
	switch name {
	case "snapshot_table_column_names":
		return snapshotColumnNames(c.Values())
	case "pre_hook":
		return config.OwnValue("pre-hook")
	case "post_hook":
		return config.OwnValue("post-hook")
	}
	return value.Undef, false
}

// snapshotColumnNames are the names of the columns that a snapshot adds: the configured ones,
// and dbt's where there is none.
func snapshotColumnNames(config *value.Dict) (value.Value, bool) {
	meta, ok := config.GetString("snapshot_meta_column_names")
	if !ok {
		return value.Undef, false
	}
	configured, _ := meta.AsDict()
	names := value.NewDict(5)
	for _, name := range []string{"dbt_valid_from", "dbt_valid_to", "dbt_scd_id", "dbt_updated_at", "dbt_is_deleted"} {
		names.SetString(name, value.String(name))
		if configured == nil {
			continue
		}
		if own, _ := configured.GetString(name); value.Truth(own) {
			names.SetString(name, own)
		}
	}
	return value.FromDict(names), true
}

func (c *configObject) meta(name string) (value.Value, bool) {
	if c.s.node != nil {
		seen, _ := c.s.node.Config.Look("meta")
		d, ok := seen.AsDict()
		if !ok {
			return value.Undef, false
		}
		if _, ok = d.GetString(name); !ok {
			return value.Undef, false // as of nearly every node
		}
	}
	v, _ := c.lookup("meta")
	d, ok := v.AsDict()
	if !ok {
		return value.Undef, false
	}
	return d.GetString(name)
}

func (c *configObject) get(th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("get", "name", "default=None", "validator=None")
	if err != nil {
		return value.Undef, err
	}
	if c.s.members == parseSet {
		return value.String(""), nil
	}
	def := orNone(v[1])
	name := value.Str(v[0])
	found, ok := c.lookup(name)
	if !ok {
		if _, inMeta := c.meta(name); inMeta {
			c.s.emit("GetMetaKeyWarning", "D041", event.Warn, warningTag("The key '"+name+"' was not found using config.get('"+name+
				"'), but was detected as a custom config under 'meta'. Please use config.meta_get('"+name+"') or config.meta_require('"+name+
				"') instead of config.get('"+name+"') to access the custom config value if intended."), map[string]any{"meta_key": name})
		}
		found = def
	}
	if !def.IsNone() {
		return found, validate(th, v[2], found)
	}
	return found, nil
}

func (c *configObject) metaGet(th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("meta_get", "name", "default=None", "validator=None")
	if err != nil {
		return value.Undef, err
	}
	if c.s.members == parseSet {
		return value.String(""), nil
	}
	def := orNone(v[1])
	found, ok := c.meta(value.Str(v[0]))
	if !ok {
		found = def
	}
	if !def.IsNone() {
		return found, validate(th, v[2], found)
	}
	return found, nil
}

func (c *configObject) require(th *value.Thread, a value.Args) (value.Value, error) {
	return c.required(th, "require", a, c.lookup)
}

func (c *configObject) metaRequire(th *value.Thread, a value.Args) (value.Value, error) {
	return c.required(th, "meta_require", a, c.meta)
}

func (c *configObject) required(th *value.Thread, fname string, a value.Args, lookup func(string) (value.Value, bool)) (value.Value, error) {
	v, err := a.Bind(fname, "name", "validator=None")
	if err != nil {
		return value.Undef, err
	}
	if c.s.members == parseSet {
		return value.String(""), nil
	}
	name := value.Str(v[0])
	found, ok := lookup(name)
	if !ok {
		return value.Undef, missingConfig(c.s.uniqueID(), name)
	}
	return found, validate(th, v[1], found)
}

func missingConfig(uniqueID, name string) error {
	return compilationCode(diag.CodeConfigValue, "Model '%s' does not define a required config parameter '%s'.", uniqueID, name)
}

func (s *Scope) uniqueID() string {
	switch {
	case s.node != nil:
		return s.node.UniqueID
	case s.parse != nil:
		return s.parse.UniqueID
	}
	return ""
}

func orNone(v value.Value) value.Value {
	if v.IsUndefined() {
		return value.None
	}
	return v
}

func validate(th *value.Thread, validator, v value.Value) error {
	if validator.IsNull() {
		return nil
	}
	_, err := value.Call(th, validator, value.Args{Pos: []value.Value{v}})
	return err
}

func persistDocs(part string) func(c *configObject, th *value.Thread, a value.Args) (value.Value, error) {
	return func(c *configObject, _ *value.Thread, a value.Args) (value.Value, error) {
		if _, err := a.Bind("persist_" + part + "_docs"); err != nil {
			return value.Undef, err
		}
		if c.s.members == parseSet {
			return value.False, nil
		}
		v, ok := c.lookup("persist_docs")
		if !ok {
			return value.False, nil
		}
		d, ok := v.AsDict()
		if !ok {
			return value.Undef, compilationCode(diag.CodeConfigValue, "Invalid value provided for 'persist_docs'. Expected dict but received %s", pythonType(v))
		}
		if on, ok := d.GetString(part); ok {
			return on, nil
		}
		return value.False, nil
	}
}
