package run

import (
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// mergeConfigs make of a merge something else than the replacement of rows.
var mergeConfigs = []string{
	"predicates", "incremental_predicates", "merge_update_columns", "merge_exclude_columns", "merge_update_condition", "merge_insert_condition",
	"merge_on_using_columns", "merge_update_set_expressions", "merge_returning_columns", "merge_clauses",
}

// ReplacesByKey reports that an incremental model is configured to put new rows in the place
// of those with their keys, and to do nothing else.
func ReplacesByKey(n *manifest.Node) bool {
	if !value.Truth(n.Config.Get("unique_key")) {
		return false
	}
	for _, name := range mergeConfigs {
		if value.Truth(n.Config.Get(name)) {
			return false
		}
	}
	switch n.Config.String("incremental_strategy") {
	case "", "default", "delete+insert", "merge":
		return true
	}
	return false
}

// OwnStrategies reports that a project, or a package that it installs, has macros of its own
// for the way in which incremental models take rows in.
func OwnStrategies(s *Session) bool {
	internal := map[string]bool{}
	for _, p := range s.Project.Packages {
		internal[p.Name] = p.Internal
	}
	for _, m := range s.Manifest.Macros {
		name := m.Name
		if _, rest, ok := strings.Cut(name, "__"); ok && rest != "" { // of one adapter
			name = rest
		}
		if !internal[m.PackageName] && (strings.HasPrefix(name, "get_incremental_") || name == "get_delete_insert_merge_sql" || name == "get_merge_sql") {
			return true
		}
	}
	return false
}
