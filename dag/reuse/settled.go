package reuse

import (
	"context"
	"maps"
	"slices"

	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/dag/run"
)

// grows reports that a node changes a table that is there instead of making it anew, so that
// its result also depends on what the table held.
func grows(n *manifest.Node) bool {
	return n.ResourceType == manifest.Snapshot || n.Config.Materialized() == "incremental"
}

// settled reports that another run of a node over the same inputs would change nothing. What is
// made anew each time is so by itself. A table that grows is so after a run that changed no row:
// the next one begins where that one began, with the same inputs. So it is where rows are
// replaced by key and a run over inputs that were taken in before has left as many as there were,
// as long as what the table holds has no part in what replaces it.
func (k *Keeper) settled(ctx context.Context, t *run.Task, now *record) (bool, error) {
	switch {
	case !grows(t.Node):
		return true, nil
	case !now.grown:
		return false, nil
	}
	if changed, ok := rowsChanged(t.Result.Response); ok && changed == 0 {
		return true, nil
	}
	if now.countBefore == "" || now.readsItself || !k.replacesByKey(t.Node) {
		return false, nil
	}
	after, err := k.count(ctx, t)
	return after == now.countBefore, err
}

func rowsChanged(response *value.Dict) (int64, bool) {
	if response == nil {
		return 0, false
	}
	v, ok := response.GetString("rows_affected")
	if !ok {
		return 0, false
	}
	return v.AsInt()
}

// replacesByKey reports that an incremental model replaces whole rows by key.
func (k *Keeper) replacesByKey(n *manifest.Node) bool {
	return n.ResourceType == manifest.Model && !k.macros.strategies && run.ReplacesByKey(n)
}

// count is the number of rows of a node's relation.
func (k *Keeper) count(ctx context.Context, t *run.Task) (string, error) {
	rows, err := k.store.rows(ctx, "select count(*) from "+k.session.Env.NodeRelation(t.Node).Render())
	if err != nil {
		return "", err
	}
	return value.Str(rows[0][0]), nil
}

func sorted(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
