package parse

import (
	"sort"

	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// primaryKeys infers the key columns of models from constraints and tests.
func (p *parser) primaryKeys() {
	tests := map[string][]*manifest.Node{}
	add := func(n *manifest.Node) {
		if n.Test != nil && n.AttachedNode != "" {
			tests[n.AttachedNode] = append(tests[n.AttachedNode], n)
		}
	}
	for _, n := range p.m.NodeList() {
		add(n)
	}
	for _, id := range p.m.Order.Disabled {
		for _, r := range p.m.Disabled[id] {
			if n, ok := r.(*manifest.Node); ok {
				add(n)
			}
		}
	}
	for _, n := range p.m.NodeList() {
		if n.ResourceType == manifest.Model {
			n.PrimaryKey = inferPrimaryKey(n, tests[n.UniqueID])
			sort.Strings(n.PrimaryKey)
		}
	}
}

func inferPrimaryKey(n *manifest.Node, tests []*manifest.Node) []string {
	for _, c := range n.Constraints {
		if textOf(c, "type") == "primary_key" {
			return stringsAt(c, "columns")
		}
	}
	for _, column := range n.Columns {
		for _, c := range column.Constraints {
			if textOf(c, "type") == "primary_key" {
				return []string{column.Name}
			}
		}
	}
	var unique, disabledUnique, notNull []string
	for _, t := range tests {
		var columns []string
		if s, ok := get(t.Test.Kwargs, "column_name").AsString(); ok {
			columns = []string{s}
		} else if list := get(t.Test.Kwargs, "combination_of_columns"); list.Kind() == value.KindList {
			for _, c := range list.Items() {
				if s, ok := c.AsString(); ok {
					columns = append(columns, s)
				}
			}
		}
		for _, c := range columns {
			switch t.Test.Name {
			case "unique", "unique_combination_of_columns":
				if t.Config.Enabled() {
					addOnce(&unique, c)
				} else {
					addOnce(&disabledUnique, c)
				}
			case "not_null":
				addOnce(&notNull, c)
			}
		}
	}
	var both []string
	for _, c := range notNull {
		if contains(unique, c) || contains(disabledUnique, c) {
			both = append(both, c)
		}
	}
	switch {
	case len(both) > 0:
		return both
	case len(unique) > 0:
		return unique
	}
	return disabledUnique
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
