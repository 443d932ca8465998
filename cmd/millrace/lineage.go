package main

import (
	"encoding/json"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/millrace/millrace/compiler"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/relation"
	"github.com/millrace/millrace/dag"
	"github.com/millrace/millrace/dag/check"
	"github.com/millrace/millrace/dag/run"
)

// lineageQuery is the argument of `lineage`: +NODE.COLUMN+, with the signs of selections for
// the directions.
type lineageQuery struct {
	node     string
	column   string // "" for all columns of the node
	up, down bool
}

// lineage prints what columns are made from and where they go.
func (inv *invocation) lineage() (int, error) {
	p, g, err := inv.loadGraph()
	if err != nil {
		return exitProject, err
	}
	q, err := parseLineage(inv.args[0], p.Manifest)
	if err != nil {
		return exitProject, err
	}
	// What lies behind a column is known only when everything has been looked at.
	report, err := inv.traceColumns(p, g, nil)
	if err != nil {
		return exitProject, err
	}
	columns, err := lineageColumns(q, report, p.Manifest)
	if err != nil {
		return exitProject, err
	}
	l := check.NewLineage(report.Edges())
	if rows := (check.Column{Node: q.node}); q.column == "" && len(l.Upstream(rows)) > 0 {
		columns = append(columns, rows)
	}
	var text string
	if inv.flags.Output == "json" {
		if text, err = lineageJSON(q, columns, l, p.Manifest); err != nil {
			return exitProject, err
		}
	} else {
		text = lineageText(q, columns, l, p.Manifest)
	}
	inv.answer(text)
	return exitOK, nil
}

// traceColumns traces the columns of the whole project, with the database's word about
// sources unless introspection is off.
func (inv *invocation) traceColumns(p *compiler.Program, g *dag.Graph, compiled map[string]string) (*check.Report, error) {
	if !inv.flags.Introspect {
		s, err := inv.session(p, states{})
		if err != nil {
			return nil, err
		}
		return inv.traceIn(s, g, nil, compiled)
	}
	s, closeEngine, err := inv.open(p, states{})
	if err != nil {
		return nil, err
	}
	defer closeEngine()
	return inv.traceIn(s, g, nil, compiled)
}

// traceIn traces columns; those of relations are asked of the database when columns is nil and
// there is a connection.
func (inv *invocation) traceIn(s *run.Session, g *dag.Graph, columns func(*relation.Relation) ([]*relation.Column, error), compiled map[string]string) (*check.Report, error) {
	in := check.Input{Session: s, Graph: g, Lineage: true, Memory: inv.analysisMemory(s), Columns: columns, Code: compiled}
	for i := range g.Len() {
		in.Nodes = append(in.Nodes, g.ID(i))
	}
	report, err := inv.check(in)
	if err != nil {
		return nil, err
	}
	return report, inv.keepAnalysis(in.Memory)
}

const lineageFile = "column_lineage.json"

// writeLineage writes column_lineage.json.
func (inv *invocation) writeLineage(report *check.Report) error {
	artifact := report.Artifact(check.ArtifactMetadata{MillraceVersion: programVersion(), GeneratedAt: inv.now().UTC().Format(time.RFC3339), InvocationID: inv.flags.InvocationID})
	return inv.writeArtifact(lineageFile, func(w io.Writer) error {
		e := json.NewEncoder(w)
		e.SetEscapeHTML(false)
		return e.Encode(artifact)
	})
}

// parseLineage reads the argument and finds the node: by unique_id, by the name that ref()
// takes, or as SOURCE.TABLE; what stands behind it is the column.
func parseLineage(arg string, m *manifest.Manifest) (lineageQuery, error) {
	q := lineageQuery{}
	rest, up := strings.CutPrefix(arg, "+")
	rest, down := strings.CutSuffix(rest, "+")
	q.up, q.down = up || !down, down || !up
	names := lineageNames(m)
	if id, ok := names[rest]; ok {
		q.node = id
		return q, nil
	}
	at := strings.LastIndexByte(rest, '.')
	if at > 0 {
		if id, ok := names[rest[:at]]; ok {
			q.node, q.column = id, rest[at+1:]
			return q, nil
		}
		rest = rest[:at]
	}
	d := &diag.Diagnostic{Code: diag.CodeUsage, Kind: diag.Usage, Summary: "'" + rest + "' is no model, seed, snapshot or source of this project"}
	known := make([]string, 0, len(names))
	for name := range names {
		known = append(known, name)
	}
	slices.Sort(known)
	d.Hint = diag.DidYouMean(rest, known)
	return q, d
}

// lineageNames are the names by which the argument may call nodes that have columns.
func lineageNames(m *manifest.Manifest) map[string]string {
	names := map[string]string{}
	for _, id := range slices.Backward(m.Order.Nodes) { // the root project's come first and win
		n := m.Nodes[id]
		if n == nil {
			continue
		}
		switch n.ResourceType {
		case manifest.Model, manifest.Seed, manifest.Snapshot:
			names[n.SearchName()] = id
			if n.IsLatestVersion() {
				names[n.Name] = id
			}
		}
	}
	for id, s := range m.Sources {
		names[s.SourceName+"."+s.Name] = id
	}
	for id, n := range m.Nodes {
		switch n.ResourceType {
		case manifest.Model, manifest.Seed, manifest.Snapshot:
			names[id] = id
		}
	}
	for id := range m.Sources {
		names[id] = id
	}
	return names
}

// lineageColumns are the columns that are asked about.
func lineageColumns(q lineageQuery, report *check.Report, m *manifest.Manifest) ([]check.Column, error) {
	var names []string
	if n := report.Nodes[q.node]; n != nil {
		for _, c := range n.Columns {
			names = append(names, c.Name)
		}
	}
	if len(names) == 0 {
		return nil, &diag.Diagnostic{Code: diag.CodeUsage, Kind: diag.Compilation, Summary: "the columns of " + run.ShortName(m, q.node) + " are not known",
			Hint: whyUnknown(report, q.node)}
	}
	var out []check.Column
	for _, name := range names {
		if q.column == "" || strings.EqualFold(name, q.column) {
			out = append(out, check.Column{Node: q.node, Name: name})
		}
	}
	if len(out) > 0 {
		return out, nil
	}
	d := &diag.Diagnostic{Code: diag.CodeUnknownColumn, Kind: diag.Usage, Summary: run.ShortName(m, q.node) + " has no column '" + q.column + "'",
		Detail: "its columns are " + strings.Join(names, ", ")}
	d.Hint = diag.DidYouMean(q.column, names)
	return nil, d
}

func whyUnknown(report *check.Report, id string) string {
	for _, u := range report.Unseen {
		if u.ID == id {
			first, _, _ := strings.Cut(u.Reason.Error(), "\n")
			return first
		}
	}
	return "list them in its YAML, or build it first"
}
