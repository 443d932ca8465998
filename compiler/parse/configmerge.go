package parse

import (
	"strconv"
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// configBuilder applies config layers from least to most specific.
type configBuilder struct {
	schema  *configSchema
	values  []value.Value // by field; undefined = default
	extra   *value.Dict
	aliases map[string]string // credential aliases: "dbname" → "database"
	err     string            // the first wrong value, in dbt's words
}

func newConfigBuilder(schema *configSchema, aliases map[string]string) *configBuilder {
	return &configBuilder{schema: schema, values: make([]value.Value, len(schema.fields)), aliases: aliases}
}

// canonicalKey undoes the spellings dbt accepts for a key.
func (b *configBuilder) canonicalKey(key string) string {
	switch key {
	case "pre_hook":
		return "pre-hook"
	case "post_hook":
		return "post-hook"
	}
	if name, ok := b.aliases[key]; ok {
		return name
	}
	return strings.TrimSpace(key)
}

func (b *configBuilder) apply(layer *value.Dict) {
	if layer == nil {
		return
	}
	for k, v := range layer.All() {
		b.set(b.canonicalKey(value.Str(k)), v)
	}
}

func (b *configBuilder) set(key string, v value.Value) {
	i, known := b.schema.index[key]
	if !known {
		if b.extra == nil {
			b.extra = value.NewDict(4)
		}
		b.extra.SetString(key, v)
		return
	}
	f := &b.schema.fields[i]
	if f.merge == clobber {
		b.values[i] = coerced(key, v)
		return
	}
	old := b.get(i)
	switch f.merge {
	case appendList:
		items := listify(v)
		if key == "tags" || key == "packages" {
			for i := range items {
				items[i] = value.String(value.Str(items[i]))
			}
		}
		b.values[i] = value.NewList(append(listify(old), items...)...)
	case updateDict:
		if flag, ok := v.AsBool(); ok && key == "latest_version_pointer" {
			d := value.NewDict(1)
			d.SetString("enabled", value.Bool(flag))
			v = value.FromDict(d)
		}
		b.values[i] = b.updated(key, old, v)
	case grantsDict:
		b.values[i] = b.granted(old, v)
	}
}

// untyped are configs that take more than one type, or have a check of their own.
var untyped = map[string]bool{
	"enabled": true, "lookback": true, "begin": true, "batch_size": true, "persist_docs": true, "full_refresh": true,
	"event_time": true, "concurrent_batches": true, "access": true, "freshness": true, "on_error": true, "quote_columns": true,
	"check_cols": true, "snapshot_meta_column_names": true, "store_failures": true, "limit": true, "static_analysis": true,
	"snowflake": true, "tags": true, "meta": true, "severity": true, "sql_header": true,
}

// coerced is what dbt's typed config makes of a value: `schema: 2024` is '2024', `limit: "5"` is
// 5, and the keys of a mapping are a list of unique keys.
func coerced(key string, v value.Value) value.Value {
	switch v.Kind() {
	case value.KindInt, value.KindFloat, value.KindBool:
		if !untyped[key] {
			return value.String(value.Str(v))
		}
	case value.KindString:
		if n, err := strconv.ParseInt(strings.TrimSpace(value.Str(v)), 10, 64); key == "limit" && err == nil {
			return value.Int(n)
		}
	}
	if d, ok := v.AsDict(); ok && key == "unique_key" {
		return value.NewList(d.Keys()...)
	}
	return v
}

// get is the value so far, or the default.
func (b *configBuilder) get(i int) value.Value {
	if v := b.values[i]; !v.IsUndefined() {
		return v
	}
	if def := b.schema.fields[i].def; def != nil {
		return def()
	}
	return value.None
}

func (b *configBuilder) lookup(key string) value.Value {
	if i, ok := b.schema.index[key]; ok {
		return b.get(i)
	}
	if b.extra != nil {
		v, _ := b.extra.GetString(key)
		return v
	}
	return value.Undef
}

func (b *configBuilder) expectDict(key string, v value.Value) (*value.Dict, bool) {
	d, ok := v.AsDict()
	if !ok && b.err == "" {
		b.err = "config '" + key + "' must be a dictionary, got " + value.Repr(v)
	}
	return d, ok
}

func (b *configBuilder) updated(key string, old, v value.Value) value.Value {
	d, ok := b.expectDict(key, v)
	if !ok {
		return old
	}
	base, ok := old.AsDict()
	if !ok {
		return v
	}
	out := base.Copy()
	for k, item := range d.All() {
		if err := out.Set(k, item); err != nil && b.err == "" {
			b.err = err.Error()
		}
	}
	return value.FromDict(out)
}

// granted merges grants: a list replaces the one that is there unless its key starts with "+".
func (b *configBuilder) granted(old, v value.Value) value.Value {
	d, ok := b.expectDict("grants", v)
	if !ok {
		return old
	}
	out := value.NewDict(4)
	if base, ok := old.AsDict(); ok {
		for k, item := range base.All() {
			out.SetString(value.Str(k), value.NewList(listify(item)...))
		}
	}
	for k, item := range d.All() {
		key := value.Str(k)
		name := strings.TrimLeft(key, "+")
		if have, ok := out.GetString(name); ok && name != key {
			out.SetString(name, value.NewList(append(listify(have), listify(item)...)...))
			continue
		}
		out.SetString(name, value.NewList(listify(item)...))
	}
	return value.FromDict(out)
}

// listify is a fresh list of the items, or of the one value.
func listify(v value.Value) []value.Value {
	if l, ok := v.AsList(); ok {
		return append(make([]value.Value, 0, len(l.Items)+1), l.Items...)
	}
	if v.IsUndefined() {
		return nil
	}
	return []value.Value{v}
}

// dict is the finished config: known keys in dbt's order, then the others as first set.
func (b *configBuilder) dict() *value.Dict {
	size := len(b.schema.fields)
	if b.extra != nil {
		size += b.extra.Len()
	}
	d := value.NewDict(size)
	for i := range b.schema.fields {
		key := b.schema.fields[i].key
		d.SetString(key, finalValue(key, b.get(i)))
	}
	if b.extra != nil {
		for k, v := range b.extra.All() {
			d.SetString(value.Str(k), v)
		}
	}
	return d
}

// finalValue brings a value into the form that dbt's typed config gives it.
func finalValue(key string, v value.Value) value.Value {
	switch key {
	case "pre-hook", "post-hook":
		items := v.Items()
		hooks := make([]value.Value, len(items))
		for i, item := range items {
			hooks[i] = hookValue(item)
		}
		return value.NewList(hooks...)
	case "docs":
		return filled(v, defDocs())
	case "contract":
		return filled(v, defContract())
	case "latest_version_pointer":
		return filled(v, defPointer())
	case "snapshot_meta_column_names":
		return filled(v, defMetaCols())
	case "freshness":
		return v
	case "static_analysis":
		if on, ok := v.AsBool(); ok { // YAML reads a bare on/off as a boolean
			if on {
				return value.String("on")
			}
			return value.String("off")
		}
	}
	return v
}

// filled is def's keys with the values v has for them.
func filled(v, def value.Value) value.Value {
	d, ok := v.AsDict()
	if !ok {
		return def
	}
	base, _ := def.AsDict()
	out := value.NewDict(base.Len())
	for k, standard := range base.All() {
		if given, ok := d.Get(k); ok {
			standard = given
		}
		out.SetString(value.Str(k), standard)
	}
	return value.FromDict(out)
}

// hookValue is a hook as {sql, transaction, index}; a string may be JSON of that.
func hookValue(v value.Value) value.Value {
	given, ok := v.AsDict()
	if !ok {
		s, isText := v.AsString()
		if isText && strings.HasPrefix(strings.TrimSpace(s), "{") {
			if parsed, err := value.ParseJSON(s); err == nil {
				given, ok = parsed.AsDict()
			}
		}
		if !ok {
			given = value.NewDict(1)
			given.SetString("sql", v)
		}
	}
	d := value.NewDict(3)
	sql, _ := given.GetString("sql")
	d.SetString("sql", sql)
	transaction, ok := given.GetString("transaction")
	if !ok {
		transaction = value.True
	}
	d.SetString("transaction", transaction)
	index, ok := given.GetString("index")
	if !ok {
		index = value.None
	}
	d.SetString("index", index)
	return value.FromDict(d)
}

// mergeCall adds one config() call to what earlier calls of the same file gave.
func mergeCall(into, call *value.Dict) {
	if into.Len() == 0 {
		for k, v := range call.All() {
			into.SetString(value.Str(k), v)
		}
		return
	}
	for k, v := range call.All() {
		key := value.Str(k)
		old, had := into.GetString(key)
		switch key {
		case "pre-hook", "pre_hook", "post-hook", "post_hook", "tags", "packages":
			if had {
				v = value.NewList(append(listify(old), listify(v)...)...)
			} else {
				v = value.NewList(listify(v)...)
			}
		case "quoting", "column_types", "meta", "docs", "contract", "snapshot_meta_column_names":
			v = overlay(old, v)
		case "grants":
			v = mergedGrants(old, v)
		}
		into.SetString(key, v)
	}
}

func overlay(old, v value.Value) value.Value {
	base, ok := old.AsDict()
	d, isDict := v.AsDict()
	if !ok || !isDict {
		return v
	}
	out := base.Copy()
	for k, item := range d.All() {
		out.SetString(value.Str(k), item)
	}
	return value.FromDict(out)
}

// mergedGrants merges the grants of two config() calls; the "+" stays for the final merge.
func mergedGrants(old, v value.Value) value.Value {
	d, ok := v.AsDict()
	if !ok {
		return v
	}
	out := value.NewDict(d.Len())
	if base, ok := old.AsDict(); ok {
		for k, item := range base.All() {
			out.SetString(value.Str(k), value.NewList(listify(item)...))
		}
	}
	for k, item := range d.All() {
		key := value.Str(k)
		if have, ok := out.GetString(key); ok && strings.HasPrefix(key, "+") {
			item = value.NewList(append(listify(have), listify(item)...)...)
		} else {
			item = value.NewList(listify(item)...)
		}
		out.SetString(key, item)
	}
	return value.FromDict(out)
}
