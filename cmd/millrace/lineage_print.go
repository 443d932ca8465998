package main

import (
	"encoding/json"
	"strings"

	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/dag/check"
	"github.com/millrace/millrace/dag/run"
)

// lineageText draws a tree for each column: what it is made from with <-, where it goes with
// ->. A branch that was drawn before ends with dots.
func lineageText(q lineageQuery, columns []check.Column, l *check.Lineage, m *manifest.Manifest) string {
	t := &lineageTree{lineage: l, m: m}
	for _, c := range columns {
		t.b.WriteString(t.name(c) + "\n")
		if q.up {
			t.branch(c, false, 1, map[check.Column]bool{c: true})
		}
		if q.down {
			t.branch(c, true, 1, map[check.Column]bool{c: true})
			t.touched(touchedBy(c, l, m))
		}
	}
	return strings.TrimSuffix(t.b.String(), "\n")
}

type lineageTree struct {
	b       strings.Builder
	lineage *check.Lineage
	m       *manifest.Manifest
}

func (t *lineageTree) name(c check.Column) string {
	if c.Name == "" {
		return "the rows of " + run.ShortName(t.m, c.Node)
	}
	return run.ShortName(t.m, c.Node) + "." + c.Name
}

func (t *lineageTree) branch(at check.Column, down bool, depth int, drawn map[check.Column]bool) {
	edges, arrow := t.lineage.Upstream(at), "<- "
	if down {
		edges, arrow = t.lineage.Downstream(at), "-> "
	}
	for _, e := range edges {
		far := e.From
		if down {
			far = e.To
		}
		t.b.WriteString(strings.Repeat("   ", depth) + arrow + t.name(far) + "  " + e.Kind.String())
		if !e.Exact {
			t.b.WriteString(", approximate")
		}
		if drawn[far] {
			t.b.WriteString(" …\n")
			continue
		}
		drawn[far] = true
		t.b.WriteString("\n")
		t.branch(far, down, depth+1, drawn)
	}
}

// touched lists what a change of a column may make fail or look different.
func (t *lineageTree) touched(x touched) {
	for _, list := range []struct {
		what string
		ids  []string
	}{{"tests", x.Tests}, {"exposures", x.Exposures}} {
		if len(list.ids) == 0 {
			continue
		}
		names := make([]string, len(list.ids))
		for i, id := range list.ids {
			names[i] = plainName(t.m, id)
		}
		t.b.WriteString("   " + list.what + ": " + strings.Join(names, ", ") + "\n")
	}
}

// lineageJSON lists, for each column, the edges before and behind it, nearest first, and the
// tests and exposures behind it. The rows of a node are a column without a name.
func lineageJSON(q lineageQuery, columns []check.Column, l *check.Lineage, m *manifest.Manifest) (string, error) {
	type column struct {
		Node   string `json:"node"`
		Column string `json:"column"`
	}
	type edge struct {
		From  column `json:"from"`
		To    column `json:"to"`
		Kind  string `json:"kind"`
		Exact bool   `json:"exact"`
		Depth int    `json:"depth"`
	}
	type entry struct {
		column
		Upstream   []edge `json:"upstream"`
		Downstream []edge `json:"downstream"`
		touched
	}
	collect := func(c check.Column, down bool) []edge {
		out := []edge{}
		l.Walk(c, down, func(e check.Edge, depth int) {
			out = append(out, edge{column{e.From.Node, e.From.Name}, column{e.To.Node, e.To.Name}, e.Kind.String(), e.Exact, depth})
		})
		return out
	}
	out := make([]entry, len(columns))
	for i, c := range columns {
		out[i] = entry{column: column{c.Node, c.Name}, Upstream: []edge{}, Downstream: []edge{}}
		if q.up {
			out[i].Upstream = collect(c, false)
		}
		if q.down {
			out[i].Downstream = collect(c, true)
			out[i].touched = touchedBy(c, l, m)
		}
	}
	text, err := json.MarshalIndent(out, "", "  ")
	return string(text), err
}
