package datatest

import (
	"slices"

	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/macros"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/dag/run"
)

// foldKey is what tests have in common that one scan can check: a relation with the same filter.
type foldKey struct{ attached, where string }

// foldedKwargs are the arguments that a foldable test may have, beside the model.
var foldedKwargs = map[string][]string{
	"not_null":        {"column_name"},
	"unique":          {"column_name"},
	"accepted_values": {"column_name", "values", "quote"},
}

// assumed are the macros whose built-in meaning folding relies on; a project that replaces one is not folded.
var assumed = []string{"get_test_sql", "get_limit_subquery_sql", "get_where_subquery", "should_store_failures", "statement"}

// foldable finds the tests of a selection that can be folded, by what they can be folded with.
func foldable(s *run.Session) map[foldKey][]*manifest.Node {
	if !s.Flags.Fold || s.Flags.StoreFailures || !builtIn(s, assumed...) || !plainMaterialization(s) {
		return nil
	}
	known := map[string]bool{}
	for name := range foldedKwargs {
		known[name] = builtIn(s, "test_"+name)
	}
	out := map[foldKey][]*manifest.Node{}
	for _, id := range s.Env.Selected {
		n := s.Manifest.Nodes[id]
		if n == nil || n.Test == nil || n.AttachedNode == "" || n.Test.Namespace != "" || !known[n.Test.Name] || !plain(s, n) {
			continue
		}
		key := foldKey{n.AttachedNode, n.Config.String("where")}
		out[key] = append(out[key], n)
	}
	return out
}

func builtIn(s *run.Session, names ...string) bool {
	for _, name := range names {
		if s.Env.Macros.Overridden(name) {
			return false
		}
	}
	return true
}

// plainMaterialization reports whether tests are materialized by the built-in macro.
func plainMaterialization(s *run.Session) bool {
	d := s.Env.Dialect
	found, ok := s.Env.Macros.FindMaterialization("test", d.Name, d.Parents, true)
	return ok && found.Package == macros.Core && !s.Env.Macros.Overridden(found.Name())
}

// plain reports whether a test only counts the rows of its query and fails when there are any.
func plain(s *run.Session, n *manifest.Node) bool {
	c := n.Config
	if s.StoresFailures(n) || c.Materialized() != "test" || c.String("fail_calc") != "count(*)" || c.String("warn_if") != "!= 0" || c.String("error_if") != "!= 0" ||
		!c.Get("limit").IsNull() || !c.Get("sql_header").IsNull() {
		return false
	}
	for key := range n.Test.Kwargs.All() {
		if name, _ := key.AsString(); name != "model" && !slices.Contains(foldedKwargs[n.Test.Name], name) {
			return false
		}
	}
	column, ok := n.Test.Kwargs.GetString("column_name")
	return ok && column.Kind() == value.KindString
}
