package selector

import (
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/dag"
)

// Selector answers specs over one graph. It is safe for sequential reuse, not for goroutines.
type Selector struct {
	graph     *dag.Graph
	manifest  *manifest.Manifest
	items     []*item
	opts      Options
	resolving []string // selectors being expanded, for circular definitions
	warnings  diag.List
	paths     map[string]bool
}

// Options restricts what a command can work on.
type Options struct {
	Types        []manifest.ResourceType // nil = all
	Match        func(id string) bool    // further restriction, nil = none
	IncludeEmpty bool                    // keep nodes without a body (list)
	Selectors    *Selectors              // for selector:
	// State is what an earlier run left behind, for state:, result: and source_status:.
	State *manifest.State
	// Sources are the latest freshness results of this project, for source_status:.
	Sources *manifest.SourcesArtifact
	// CompareUnrendered is the behaviour flag state_modified_compare_more_unrendered_values.
	CompareUnrendered bool
	// Internal are the packages that come with the program.
	Internal []string
	// SeedLimit is the size in MiB above which the content of a seed is not compared.
	SeedLimit float64
	// Expired tells whether a deprecation date has passed; nil means never.
	Expired func(date string) bool
}

// New prepares selection over a graph.
func New(g *dag.Graph, m *manifest.Manifest, o Options) *Selector {
	return &Selector{graph: g, manifest: m, items: collect(g, m), opts: o}
}

// Select gives the selected nodes, and a warning for each criterion of the user that matched nothing.
func (s *Selector) Select(spec *Spec) (dag.Set, diag.List, *diag.Diagnostic) {
	s.warnings = nil
	set, d := s.selected(spec)
	return set, s.warnings, d
}

func (s *Selector) selected(spec *Spec) (dag.Set, *diag.Diagnostic) {
	direct, _, d := s.resolve(spec)
	if d != nil {
		return nil, d
	}
	return s.filter(direct), nil
}

func (s *Selector) filter(set dag.Set) dag.Set {
	out := s.graph.NewSet()
	set.Each(func(i int) {
		it := s.items[i]
		if !it.enabled || !s.typeMatches(it.kind) || s.opts.Match != nil && !s.opts.Match(it.id) {
			return
		}
		if !s.opts.IncludeEmpty && it.node != nil && it.kind != manifest.Seed && strings.TrimSpace(it.node.RawCode) == "" {
			return
		}
		out.Add(i)
	})
	return out
}

func (s *Selector) typeMatches(t manifest.ResourceType) bool {
	if s.opts.Types == nil {
		return true
	}
	for _, x := range s.opts.Types {
		if x == t {
			return true
		}
	}
	return false
}

// resolve gives what a spec selects, and the tests that would join if more of their parents were selected.
func (s *Selector) resolve(spec *Spec) (direct, indirect dag.Set, d *diag.Diagnostic) {
	if spec.Op == One {
		return s.criterion(&spec.Criterion)
	}
	directs := make([]dag.Set, 0, len(spec.Parts))
	reachable := make([]dag.Set, 0, len(spec.Parts))
	for _, part := range spec.Parts {
		a, b, d := s.resolve(part)
		if d != nil {
			return nil, nil, d
		}
		b = b.Clone()
		b.Union(a)
		directs, reachable = append(directs, a), append(reachable, b)
	}
	indirect = s.combine(spec.Op, reachable)
	direct = s.incorporate(s.combine(spec.Op, directs), indirect, spec.Indirect)
	if spec.Expect && direct.Empty() {
		s.warn(spec)
	}
	return direct, indirect, nil
}

func (s *Selector) combine(op Op, sets []dag.Set) dag.Set {
	if len(sets) == 0 {
		return s.graph.NewSet()
	}
	out := sets[0].Clone()
	for _, x := range sets[1:] {
		switch op {
		case Union:
			out.Union(x)
		case Intersection:
			out.Intersect(x)
		default:
			out.Subtract(x)
		}
	}
	return out
}

func (s *Selector) criterion(c *Criterion) (direct, indirect dag.Set, d *diag.Diagnostic) {
	found, d := s.search(c)
	if d != nil {
		return nil, nil, d
	}
	selected := found.Clone()
	if c.ChildrensParents {
		selected.Union(s.graph.ChildrensParents(found))
	}
	if c.Parents {
		selected.Union(s.graph.Ancestors(found, c.ParentsDepth))
	}
	if c.Children {
		selected.Union(s.graph.Descendants(found, c.ChildrenDepth))
	}
	// A referenced selector has its tests already, without those it excludes.
	if c.Indirect == Empty || c.Method == "selector" {
		return selected, s.graph.NewSet(), nil
	}
	direct, indirect = s.expand(selected, c.Indirect)
	return direct, indirect, nil
}

// expand adds the tests of what is selected.
func (s *Selector) expand(selected dag.Set, mode Indirect) (direct, indirect dag.Set) {
	direct, indirect = selected.Clone(), s.graph.NewSet()
	buildable := s.graph.NewSet()
	if mode == Buildable {
		buildable = s.graph.Ancestors(selected, -1)
		buildable.Union(selected)
		for _, it := range s.items {
			if it.source != nil {
				buildable.Add(it.index)
			}
		}
	}
	s.graph.Successors(selected).Each(func(i int) {
		if k := s.items[i].kind; k != manifest.Test && k != manifest.UnitTest {
			return
		}
		switch {
		case mode == Eager || s.parentsIn(i, selected):
			direct.Add(i)
		case mode == Buildable && s.parentsIn(i, buildable):
			direct.Add(i)
		default:
			indirect.Add(i)
		}
	})
	return direct, indirect
}

// incorporate takes in tests whose parents were selected by different parts.
func (s *Selector) incorporate(direct, indirect dag.Set, mode Indirect) dag.Set {
	if mode != Cautious && mode != Buildable || direct.Equal(indirect) {
		return direct
	}
	selected, within := direct.Clone(), direct
	if mode == Buildable {
		within = s.graph.Ancestors(direct, -1)
		within.Union(direct)
	}
	indirect.Each(func(i int) {
		if s.items[i].inNodes() && s.parentsIn(i, within) {
			selected.Add(i)
		}
	})
	return selected
}

func (s *Selector) parentsIn(i int, set dag.Set) bool {
	for _, p := range s.graph.Parents(i) {
		if !set.Has(int(p)) {
			return false
		}
	}
	return true
}
