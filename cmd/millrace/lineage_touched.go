package main

import (
	"slices"
	"strings"

	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/dag/check"
)

// touched is what a change of a column may reach besides other columns.
type touched struct {
	Tests     []string `json:"tests,omitempty"`
	Exposures []string `json:"exposures,omitempty"`
}

// touchedBy finds the tests and exposures behind a column: those of the column and of what is made
// from it. Where it decides which rows a node has, that goes for all that is below the node.
func touchedBy(c check.Column, l *check.Lineage, m *manifest.Manifest) touched {
	columns := map[check.Column]bool{{Node: c.Node, Name: strings.ToLower(c.Name)}: true}
	nodes, whole := map[string]bool{c.Node: true}, map[string]bool{}
	var below func(id string)
	below = func(id string) {
		if whole[id] {
			return
		}
		whole[id], nodes[id] = true, true
		for _, child := range m.Children(id) {
			below(child)
		}
	}
	if c.Name == "" {
		below(c.Node)
	}
	l.Walk(c, true, func(e check.Edge, _ int) {
		nodes[e.To.Node] = true
		columns[check.Column{Node: e.To.Node, Name: strings.ToLower(e.To.Name)}] = true
		if e.To.Name == "" {
			below(e.To.Node)
		}
	})
	var out touched
	for id := range nodes {
		for _, child := range m.Children(id) {
			if m.Exposures[child] != nil {
				out.Exposures = append(out.Exposures, child)
			}
			t := m.Nodes[child]
			if t == nil || t.ResourceType != manifest.Test {
				continue
			}
			of := t.ColumnName == "" || t.AttachedNode != id || whole[id] || columns[check.Column{Node: id, Name: strings.ToLower(t.ColumnName)}]
			if of {
				out.Tests = append(out.Tests, child)
			}
		}
	}
	for _, list := range []*[]string{&out.Tests, &out.Exposures} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	return out
}

func plainName(m *manifest.Manifest, id string) string {
	if n := m.Nodes[id]; n != nil {
		return n.Name
	}
	if e := m.Exposures[id]; e != nil {
		return e.Name
	}
	return id
}
