package jinja

import (
	"slices"

	"github.com/millrace/millrace/compiler/jinja/builtin"
)

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// builtinNames lists filters or tests, for did-you-mean.
func builtinNames(kind string) []string {
	if kind == "test" {
		return sortedKeys(builtin.Tests)
	}
	return sortedKeys(builtin.Filters)
}
