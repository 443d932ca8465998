package selector

import (
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/dag"
)

// results selects by how nodes ended in the earlier run.
func (s *Selector) results(status string) (dag.Set, *diag.Diagnostic) {
	if s.opts.State == nil || s.opts.State.Results == nil {
		d := internal("No comparison run_results")
		d.Hint = "pass the folder of an earlier run's artifacts with --state"
		return nil, d
	}
	found := s.graph.NewSet()
	for _, r := range s.opts.State.Results.Results {
		if r.Status == status {
			if i, ok := s.graph.Index(r.UniqueID); ok {
				found.Add(i)
			}
		}
	}
	return found, nil
}

// internal is an error that dbt counts among its own.
func internal(text string) *diag.Diagnostic {
	return diag.New(diag.CodeSelection, diag.Internal, diag.Span{}, text)
}

// sourceStatus selects sources that have newer data than at the earlier freshness check.
func (s *Selector) sourceStatus(status string) (dag.Set, *diag.Diagnostic) {
	if s.opts.State == nil || s.opts.State.Sources == nil {
		return nil, internal("No previous state comparison freshness results in sources.json")
	}
	if s.opts.Sources == nil {
		return nil, internal("No current state comparison freshness results in sources.json")
	}
	found := s.graph.NewSet()
	if status != "fresher" {
		return found, nil
	}
	before := map[string]*manifest.FreshnessResult{}
	for _, r := range s.opts.State.Sources.Results {
		before[r.UniqueID] = r
	}
	for _, r := range s.opts.Sources.Results {
		old := before[r.UniqueID]
		if r.Status == "runtime error" || old != nil && old.Status == "runtime error" {
			continue
		}
		if old == nil || r.MaxLoadedAt.After(old.MaxLoadedAt) {
			if i, ok := s.graph.Index(r.UniqueID); ok {
				found.Add(i)
			}
		}
	}
	return found, nil
}
