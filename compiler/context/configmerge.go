package context

import (
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// configBehavior says how a config key of a later config() call joins an earlier one.
type configBehavior uint8

const (
	clobber configBehavior = iota
	appendList
	updateDict
	appendByKey
	setKeys
)

func behaviorOf(key string) configBehavior {
	switch key {
	case "pre-hook", "post-hook", "tags", "packages":
		return appendList
	case "quoting", "column_types", "meta", "docs", "contract":
		return updateDict
	case "grants":
		return appendByKey
	case "snapshot_meta_column_names":
		return setKeys
	}
	return clobber
}

// AddConfig merges the options of one config() call into those before it.
func (r *Recorder) AddConfig(opts *value.Dict) error {
	for _, old := range []string{"pre_hook", "post_hook"} {
		v, ok := opts.GetString(old)
		if !ok {
			continue
		}
		hyphened := strings.Replace(old, "_", "-", 1)
		if _, both := opts.GetString(hyphened); both {
			return compilation(`Invalid config, has conflicting keys "%s" and "%s"`, old, hyphened)
		}
		opts.DeleteString(old)
		opts.SetString(hyphened, v)
	}
	if r.Config == nil || r.Config.Len() == 0 {
		r.Config = opts
		return nil
	}
	for k, v := range opts.All() {
		key := value.Str(k)
		merged, err := mergeConfig(r.Config, key, v)
		if err != nil {
			return err
		}
		r.Config.SetString(key, merged)
	}
	return nil
}

func mergeConfig(into *value.Dict, key string, v value.Value) (value.Value, error) {
	before, had := into.GetString(key)
	how := behaviorOf(key)
	switch how {
	case clobber:
		return v, nil
	case appendList:
		if !had {
			return listOf(v), nil
		}
		return value.NewList(append(append([]value.Value{}, listOf(before).Items()...), listOf(v).Items()...)...), nil
	}
	d, ok := v.AsDict()
	if !ok {
		return value.Undef, compilation("the config '%s' must be a dict, got %s", key, value.Repr(v))
	}
	out := value.NewDict(d.Len())
	if old, ok := before.AsDict(); ok {
		out = old.Copy()
	}
	if how == appendByKey {
		for _, k := range out.Keys() {
			old, _ := out.Get(k)
			_ = out.Set(k, listOf(old)) // the key is there already
		}
	}
	for k, item := range d.All() {
		if how == appendByKey {
			name := value.Str(k)
			old, had := out.GetString(name)
			item = listOf(item)
			if had && strings.HasPrefix(name, "+") {
				item = value.NewList(append(append([]value.Value{}, old.Items()...), item.Items()...)...)
			}
		}
		if err := out.Set(k, item); err != nil {
			return value.Undef, err
		}
	}
	return value.FromDict(out), nil
}

// listOf is a list as it is, anything else as a list of one.
func listOf(v value.Value) value.Value {
	switch v.Kind() {
	case value.KindList:
		return v
	case value.KindTuple:
		return value.NewList(append([]value.Value{}, v.Items()...)...)
	}
	return value.NewList(v)
}
