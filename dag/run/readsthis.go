package run

import (
	"slices"

	"github.com/millrace/millrace/compiler/compile"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/manifest"
)

// readsThis reports whether a model's template names `this`: its batches then depend on
// each other. A template that does not parse is taken as one that does.
func readsThis(n *manifest.Node) bool {
	src, start, end := compile.Body(n)
	t, d := jinja.ParseAt(src, start, end)
	return d != nil || slices.Contains(t.FreeNames(), "this")
}
