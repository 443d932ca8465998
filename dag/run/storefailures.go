package run

import (
	"github.com/millrace/millrace/compiler/manifest"
)

// StoresFailures reports whether a test keeps the rows that fail it: because it says so, or
// because of --store-failures.
func (s *Session) StoresFailures(n *manifest.Node) bool {
	if n.ResourceType != manifest.Test {
		return false
	}
	return n.Config.Bool("store_failures", false) || s.Flags.StoreFailures
}

// TestRelation is the relation that a test's failing rows are stored in.
func (s *Session) TestRelation(n *manifest.Node) string {
	if n.Relation != "" {
		return n.Relation
	}
	return s.Env.NodeRelation(n).Render()
}
