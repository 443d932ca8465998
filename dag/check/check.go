// Package check binds the SQL of a project before anything is built: it walks the graph,
// gives every relation the columns that its definition proves, and reports names that
// nothing in a query's scope has. What cannot be proven is unseen, and whatever reads it is
// left alone: a query that would build is never refused.
package check

import (
	"context"
	"errors"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/compile"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/relation"
	"github.com/millrace/millrace/compiler/sql"
	"github.com/millrace/millrace/compiler/sql/tracing"
	"github.com/millrace/millrace/dag"
	"github.com/millrace/millrace/dag/run"
)

// Input is what a check works on.
type Input struct {
	Session *run.Session
	Graph   *dag.Graph
	// Nodes are the nodes to look at; their ancestors are looked at as well.
	Nodes []string
	// Results are the nodes that this invocation has compiled. Only they get findings.
	Results []*run.Result
	// Columns asks the database for the columns of a relation, none if it does not exist. It
	// is asked about sources and about tables that may have more columns than their query;
	// nil leaves these unseen.
	Columns func(*relation.Relation) ([]*relation.Column, error)
	// Lineage also traces columns.
	Lineage bool
	// Code is what this invocation has compiled without a look at the database, by node: it is not rendered again.
	Code map[string]string
	// Memory keeps what binding gives from one check to the next; nil keeps nothing.
	Memory *sql.Memory
}

// Node is what is known about one node, source or seed.
type Node struct {
	ID        string
	Columns   []sql.Column // nil when nothing is known
	Certainty sql.Certainty
	// Origins say for each column what it is made from; nil for what has no query.
	Origins [][]sql.Origin
	Rows    []sql.Origin // what decides which rows it has
	Exact   bool         // the origins are proven
}

// Report is the outcome of a check.
type Report struct {
	Findings diag.List
	Nodes    map[string]*Node
	Queries  int // how many were looked at
	// Unseen are the queries that could not be judged.
	Unseen []Unseen
	// Owners name the node or source behind a relation, for origins.
	Owners map[sql.Name]string
}

// Unseen is a query that could not be judged, for a reason that may not hold where it runs.
type Unseen struct {
	ID     string
	Reason error
}

// Run checks. An error is about the check as a whole: the analyzer cannot be opened, or the
// context ended.
func Run(ctx context.Context, in Input) (*Report, error) {
	s := in.Session
	report := &Report{Nodes: map[string]*Node{}, Owners: map[sql.Name]string{}}
	credentials := s.Credentials
	if credentials == nil && s.Project != nil && s.Project.Profile != nil {
		credentials, _ = s.Project.Profile.Checked.(adapters.Credentials)
	}
	analyzer, own, err := adapters.OpenAnalyzer(ctx, s.Driver, credentials)
	if err != nil || analyzer == nil {
		return report, err
	}
	defer func() { _ = analyzer.Close() }() // it holds nothing that could get lost
	w := &walk{Input: in, m: s.Manifest, report: report, checker: sql.NewChecker(analyzer, !own), proof: newProof(s),
		compiled: map[string]*run.Result{}, failed: map[string]bool{}, rendered: map[string]sql.Certainty{},
		compiler: &compile.Compiler{Env: s.Env, Manifest: s.Manifest, TargetPath: "target"}}
	if in.Memory != nil {
		w.checker.Remember(in.Memory)
	}
	if in.Lineage && len(in.Results) == 0 { // nobody is told of mistakes
		w.checker.ReadTexts(tracing.Trace)
	}
	w.extra = value.NewDict(1)
	w.extra.SetString("flags", s.Env.FlagsIn(string(run.ModeBuild)))
	for _, r := range in.Results {
		if r.Compiled != nil && r.Status != run.Error {
			w.compiled[r.UniqueID] = r
		}
	}
	for id, n := range w.m.Nodes {
		if hasRelation(n) {
			report.Owners[w.name(w.relation(id))] = id
		}
	}
	for id := range w.m.Sources {
		if name := w.name(w.relation(id)); report.Owners[name] == "" {
			report.Owners[name] = id
		}
	}
	wanted := in.Graph.SetOf(in.Nodes...)
	wanted.Union(in.Graph.Ancestors(wanted, -1))
	for _, i := range in.Graph.TopologicalOrder() {
		if !wanted.Has(int(i)) {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		w.node(ctx, in.Graph.ID(int(i)))
	}
	return report, nil
}

// walk is one check in progress.
type walk struct {
	Input
	m        *manifest.Manifest
	report   *Report
	checker  *sql.Checker
	proof    *proof
	compiler *compile.Compiler
	extra    *value.Dict // names of templates as a build gives them
	compiled map[string]*run.Result
	rendered map[string]sql.Certainty // what the code of ephemeral models rests on
	failed   map[string]bool          // ephemeral models with a finding, whose users have it too
}

func (w *walk) relation(id string) *relation.Relation {
	rel, _ := w.Session.Env.RelationOf(w.m, id)
	return rel
}

func (w *walk) name(r *relation.Relation) sql.Name {
	return sql.Name{Database: r.Database, Schema: r.Schema, Identifier: r.Identifier}
}

func hasRelation(n *manifest.Node) bool {
	switch n.ResourceType {
	case manifest.Model, manifest.Seed, manifest.Snapshot:
		return !compile.IsEphemeral(n)
	}
	return false
}

// node looks at one vertex of the graph; the relations it reads have been looked at.
func (w *walk) node(ctx context.Context, id string) {
	if s := w.m.Sources[id]; s != nil {
		if w.report.Owners[w.name(w.relation(id))] == id {
			columns, certainty := w.source(s)
			w.define(ctx, id, columns, certainty, "")
		}
		return
	}
	n := w.m.Nodes[id]
	if n == nil {
		return
	}
	switch n.ResourceType {
	case manifest.Seed:
		columns, certainty := w.seed(n)
		w.define(ctx, id, columns, certainty, "")
	case manifest.Model, manifest.Snapshot:
		w.query(ctx, n)
	case manifest.Test, manifest.SQLOperation:
		if w.compiled[id] != nil {
			w.query(ctx, n)
		}
	}
}

// define tells the checker about the relation of a node, with its query where that was read and not bound.
func (w *walk) define(ctx context.Context, id string, columns []sql.Column, certainty sql.Certainty, query string) *Node {
	r := &sql.Relation{Name: w.name(w.relation(id)), Columns: columns, Certainty: certainty}
	if query != "" {
		r = w.checker.DefineRead(ctx, *r, query)
	} else {
		r = w.checker.Define(ctx, *r)
	}
	node := &Node{ID: id, Columns: r.Columns, Certainty: r.Certainty}
	w.report.Nodes[id] = node
	return node
}

// query binds the query of a model, snapshot or test.
func (w *walk) query(ctx context.Context, n *manifest.Node) {
	var (
		columns   []sql.Column
		certainty sql.Certainty
		trace     *sql.Trace
		exact     bool
		text      string // of a query that was read and not bound
	)
	w.report.Queries++
	out, limit, reason := w.code(ctx, n)
	if reason == nil {
		var result *sql.Result
		if w.Lineage {
			var read bool
			if result, trace, exact, read = w.checker.Trace(ctx, out.Code); read && result.Columns != nil {
				text = out.Code
			}
		} else {
			result = w.checker.Check(ctx, out.Code)
		}
		columns, certainty, reason = result.Columns, min(result.Certainty, limit), result.Unseen
		if result.Err != nil && limit == sql.Known {
			w.find(n, out, result.Err)
		}
	}
	if reason != nil {
		w.report.Unseen = append(w.report.Unseen, Unseen{n.UniqueID, reason})
	}
	if n.ResourceType == manifest.Test || n.ResourceType == manifest.SQLOperation {
		return
	}
	query, proven := columns, certainty == sql.Known
	columns, certainty = w.built(n, columns, certainty)
	var node *Node
	if hasRelation(n) {
		node = w.define(ctx, n.UniqueID, columns, certainty, text)
	} else {
		node = &Node{ID: n.UniqueID, Columns: columns, Certainty: certainty}
		w.report.Nodes[n.UniqueID] = node
	}
	if trace != nil && len(node.Columns) >= len(query) {
		node.Origins = append(trace.Columns[:len(query):len(query)], make([][]sql.Origin, len(node.Columns)-len(query))...)
		node.Rows, node.Exact = trace.Rows, exact && proven
	}
}

// code is the code of a query that the engine binds as it is, and what it rests on.
func (w *walk) code(ctx context.Context, n *manifest.Node) (*compile.Output, sql.Certainty, error) {
	if err := w.proof.plainQuery(n); err != nil {
		return nil, sql.Unseen, err
	}
	out, limit, err := w.render(ctx, n)
	if err == nil && w.readsFailed(out) {
		err = errors.New("an ephemeral model that it reads has a mistake")
	}
	return out, limit, err
}

// readsFailed reports that a query holds the code of an ephemeral model which has a finding.
func (w *walk) readsFailed(out *compile.Output) bool {
	for _, c := range out.ExtraCTEs {
		if w.failed[c.ID] {
			return true
		}
	}
	return false
}
