package adapters

import (
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/relation"
)

// item reads a key of a dict, a config or another mapping; missing is None.
func item(th *value.Thread, v value.Value, key string) (value.Value, error) {
	if v.IsNull() {
		return value.None, nil
	}
	if d, ok := v.AsDict(); ok {
		if x, ok := d.GetString(key); ok && !x.IsUndefined() {
			return x, nil
		}
		return value.None, nil
	}
	get, err := value.GetAttr(th, v, "get")
	if err != nil {
		return value.None, err
	}
	if get.IsUndefined() {
		x, err := value.GetItem(th, v, value.String(key))
		if err != nil || x.IsUndefined() {
			return value.None, err
		}
		return x, nil
	}
	x, err := value.Call(th, get, value.Args{Pos: []value.Value{value.String(key)}})
	if err != nil || x.IsUndefined() {
		return value.None, err
	}
	return x, nil
}

func incompleteSnapshot(missing []string) error {
	return compilationError("Snapshot target is missing configured columns (missing \"%s\"). "+
		"See https://docs.getdbt.com/docs/build/snapshots#snapshot-meta-fields for more information.", strings.Join(missing, `", "`))
}

// requireColumns checks that a snapshot table has columns, under the names that the
// project may have given them.
func requireColumns(th *value.Thread, cols []*relation.Column, names value.Value, wanted ...string) error {
	var missing []string
	for _, name := range wanted {
		if !names.IsNull() && value.Truth(names) {
			v, err := item(th, names, name)
			if err != nil {
				return err
			}
			if v.IsNone() {
				continue
			}
			name = value.Str(v)
		}
		if !containsFold(cols, name) {
			missing = append(missing, name)
		}
	}
	if missing != nil {
		return incompleteSnapshot(missing)
	}
	return nil
}

func (b *Bridge) snapshotColumns(method string, v value.Value) ([]*relation.Column, error) {
	r, err := relationArg(v, method, "relation")
	if err != nil {
		return nil, err
	}
	return b.Columns(r)
}

var snapshotColumns = []string{"dbt_scd_id", "dbt_valid_from", "dbt_valid_to"}

func validSnapshotTarget(b *Bridge, th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("valid_snapshot_target", "relation", "column_names=None")
	if err != nil {
		return value.Undef, err
	}
	cols, err := b.snapshotColumns("valid_snapshot_target", v[0])
	if err != nil {
		return value.Undef, err
	}
	return value.None, requireColumns(th, cols, v[1], snapshotColumns...)
}

func assertSnapshotTarget(b *Bridge, th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("assert_valid_snapshot_target_given_strategy", "relation", "column_names", "strategy")
	if err != nil {
		return value.Undef, err
	}
	cols, err := b.snapshotColumns("valid_snapshot_target", v[0])
	if err != nil {
		return value.Undef, err
	}
	if err := requireColumns(th, cols, v[1], snapshotColumns...); err != nil {
		return value.Undef, err
	}
	hard, err := item(th, v[2], "hard_deletes")
	if err != nil {
		return value.Undef, err
	}
	if s, _ := hard.AsString(); s == "new_record" {
		return value.None, requireColumns(th, cols, v[1], "dbt_is_deleted")
	}
	return value.None, nil
}

func hardDeletesBehavior(_ *Bridge, th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("get_hard_deletes_behavior", "config")
	if err != nil {
		return value.Undef, err
	}
	legacy, err := item(th, v[0], "invalidate_hard_deletes")
	if err != nil {
		return value.Undef, err
	}
	hard, err := item(th, v[0], "hard_deletes")
	if err != nil {
		return value.Undef, err
	}
	if !legacy.IsNone() && !hard.IsNone() {
		return value.Undef, RaiseError(kindValidation, "You cannot set both the invalidate_hard_deletes and hard_deletes config properties on the same snapshot.")
	}
	mode, isText := hard.AsString()
	switch {
	case value.Truth(legacy), mode == "invalidate":
		return value.String("invalidate"), nil
	case mode == "new_record":
		return value.String(mode), nil
	case hard.IsNone(), isText && mode == "ignore":
		return value.String("ignore"), nil
	}
	return value.Undef, RaiseError(kindValidation, "Invalid setting for property hard_deletes.")
}
