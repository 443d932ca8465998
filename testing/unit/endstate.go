package unit

import (
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// strategyConfigs are the settings of an incremental model that decide how its rows are taken in.
var strategyConfigs = []string{
	"incremental_strategy", "unique_key", "predicates", "incremental_predicates", "merge_update_columns", "merge_exclude_columns",
	"merge_update_condition", "merge_insert_condition", "merge_on_using_columns", "merge_update_set_expressions", "merge_returning_columns",
	"merge_clauses",
}

// wantEndState reads config.meta.end_state of the test, and makes the node one that takes the model's
// rows into the fixture of its table.
func (b *builder) wantEndState() error {
	meta := b.unit.Config.Dict("meta")
	if meta == nil {
		return nil
	}
	v, ok := meta.GetString("end_state")
	if !ok {
		return nil
	}
	on, isBool := v.AsBool()
	if !isBool {
		return b.wrong("config.meta.end_state must be true or false, not " + value.Repr(v))
	}
	if !on {
		return nil
	}
	if b.tested.Config.Materialized() != "incremental" {
		return b.wrong("config.meta.end_state is for incremental models; " + b.tested.Name + " is materialized as " + b.tested.Config.Materialized())
	}
	if !b.incremental() {
		return b.wrong("config.meta.end_state needs overrides: {macros: {is_incremental: true}}")
	}
	b.endState = true
	b.node.Config.Set("materialized", value.String(materializedEndState))
	for _, key := range strategyConfigs {
		if v := b.tested.Config.Get(key); !v.IsUndefined() {
			b.node.Config.Set(key, v)
		}
	}
	return nil
}

// incremental reports whether the test is of the model's incremental form.
func (b *builder) incremental() bool {
	if b.unit.Overrides == nil {
		return false
	}
	macros := dictOf(b.unit.Overrides, "macros")
	if macros == nil {
		return false
	}
	v, ok := macros.GetString("is_incremental")
	return ok && value.Truth(v)
}

// The materializations that run a unit test.
const (
	materializedUnit     = "unit"
	materializedEndState = "unit_end_state"
)

func (b *builder) materialization() string {
	if b.endState {
		return materializedEndState
	}
	return materializedUnit
}

func (b *builder) wrong(text string) error {
	return diag.New(diag.CodeConfigValue, diag.Parsing, b.unit.Span, "unit test "+b.unit.Name+": "+text)
}
