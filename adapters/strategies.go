package adapters

import (
	"slices"
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// Strategies are the built-in incremental strategies that the engine can do.
func (b *Bridge) Strategies() []string {
	if b.surface.Strategies == nil {
		return []string{"append"}
	}
	return b.surface.Strategies
}

func validStrategies(b *Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	_, err := a.Bind("valid_incremental_strategies")
	return value.Strings(b.Strategies()...), err
}

// builtinStrategies are the names that an engine must know to use; others are the user's.
// A custom "microbatch" of the user's counts as one unless the flag gives the name to dbt.
func (b *Bridge) builtinStrategies() []string {
	names := []string{"append", "delete+insert", "merge", "insert_overwrite"}
	if on, _ := b.flag("require_batched_execution_for_custom_microbatch_strategy"); !on {
		names = append(names, "microbatch")
	}
	return names
}

// strategyMacro finds get_incremental_<strategy>_sql in the context of the model.
func strategyMacro(b *Bridge, th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("get_incremental_strategy_macro", "model_context", "strategy")
	if err != nil {
		return value.Undef, err
	}
	strategy := "default"
	if !v[1].IsNull() {
		strategy = value.Str(v[1])
	}
	if strategy != "default" && slices.Contains(b.builtinStrategies(), strategy) && !slices.Contains(b.Strategies(), strategy) {
		return value.Undef, runtimeError("The incremental strategy '%s' is not valid for this adapter", strategy)
	}
	name := "get_incremental_" + strings.ReplaceAll(strategy, "+", "_") + "_sql"
	found, err := value.Contains(v[0], value.String(name))
	if err != nil {
		return value.Undef, err
	}
	if !found {
		return value.Undef, runtimeError("dbt could not find an incremental strategy macro with the name \"%s\" in %s", name, b.opts.Project)
	}
	return value.GetItem(th, v[0], value.String(name))
}
