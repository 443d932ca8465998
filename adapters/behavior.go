package adapters

import (
	"fmt"

	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/jinja/value"
)

var baseFlags = []BehaviorFlag{
	{Name: "require_batched_execution_for_custom_microbatch_strategy", DocsURL: "https://docs.getdbt.com/docs/build/incremental-microbatch"},
	{Name: "enable_truthy_nulls_equals_macro"},
}

// flag is a behaviour flag's setting; known is false for a name that nobody registered.
func (b *Bridge) flag(name string) (on, known bool) {
	for _, flags := range [][]BehaviorFlag{baseFlags, b.surface.Behavior} {
		for _, f := range flags {
			if f.Name == name {
				if set, ok := b.opts.Behavior[name]; ok {
					return set, true
				}
				return f.Default, true
			}
		}
	}
	return false, false
}

// behavior is adapter.behavior.
type behavior struct{ b *Bridge }

func (o *behavior) TypeName() string { return "Behavior" }

func (o *behavior) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	on, known := o.b.flag(name)
	if !known {
		return value.Undef, false, compilationError("The flag %s has not been registered.", name)
	}
	return value.FromObject(&behaviorFlag{o.b, name, on}), true, nil
}

// behaviorFlag is true or false; reading it while it is off tells the user once that a
// new behaviour can be had. no_warn reads it silently.
type behaviorFlag struct {
	b    *Bridge
	name string
	on   bool
}

func (f *behaviorFlag) TypeName() string { return "BehaviorFlagRendered" }

func (f *behaviorFlag) Truth() bool {
	f.announce()
	return f.on
}

func (f *behaviorFlag) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	switch name {
	case "no_warn":
		return value.Bool(f.on), true, nil
	case "setting":
		f.announce()
		return value.Bool(f.on), true, nil
	case "name":
		return value.String(f.name), true, nil
	}
	return value.Undef, false, nil
}

func (f *behaviorFlag) announce() {
	if f.on || !f.b.opts.Cache.First("behavior flag "+f.name) {
		return
	}
	docs, text := "https://docs.getdbt.com/reference/global-configs/behavior-changes", fmt.Sprintf("The behavior controlled by `%s` is currently turned off.\n", f.name)
	for _, flags := range [][]BehaviorFlag{baseFlags, f.b.surface.Behavior} {
		for _, flag := range flags {
			if flag.Name != f.name {
				continue
			}
			if flag.DocsURL != "" {
				docs = flag.DocsURL
			}
			if flag.Description != "" {
				text = flag.Description
			}
		}
	}
	f.b.emit(event.Warn, "BehaviorChangeEvent", "D000",
		fmt.Sprintf("%s\nSet `flags.%s` to `True` in `dbt_project.yml` to switch it on. See %s", text, f.name, docs),
		map[string]any{"flag_name": f.name, "flag_source": "dbt.adapters." + f.b.opts.Driver.Name(), "description": text, "docs_url": docs})
}
