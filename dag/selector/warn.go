package selector

import (
	"sort"

	"github.com/millrace/millrace/compiler/diag"
)

// warn notes that a criterion of the user selected nothing, with the nearest existing name.
func (s *Selector) warn(spec *Spec) {
	d := diag.New(diag.CodeSelection, diag.Runtime, diag.Span{},
		"The selection criterion '"+spec.Raw+"' does not match any enabled nodes").Named("NoNodesForSelectionCriteria")
	d.Severity = diag.Warning
	for _, part := range spec.Parts {
		if part.Op != One {
			continue
		}
		c := &part.Criterion
		set, failed := s.search(c)
		if failed != nil || !set.Empty() {
			continue
		}
		if d.Hint = diag.DidYouMean(c.text(), s.candidates(c)); d.Hint != "" {
			break
		}
	}
	s.warnings = append(s.warnings, d)
}

// candidates are the existing values of a criterion's method.
func (s *Selector) candidates(c *Criterion) []string {
	seen := map[string]bool{}
	for _, it := range s.items {
		switch c.Method {
		case "fqn":
			if it.source == nil && it.node != nil {
				seen[it.name] = true
			}
		case "tag":
			for _, t := range it.tags {
				seen[t] = true
			}
		case "group":
			seen[it.group] = true
		case "package":
			seen[it.pkg] = true
		case "source":
			if it.source != nil {
				seen[it.source.SourceName] = true
				seen[it.source.SourceName+"."+it.name] = true
			}
		case "path":
			for p := range s.rootPaths() {
				seen[p] = true
			}
			return sorted(seen)
		case "test_name":
			if it.node != nil && it.node.Test != nil {
				seen[it.node.Test.Name] = true
			}
		case "exposure", "metric", "semantic_model", "saved_query", "unit_test":
			if string(it.kind) == c.Method {
				seen[it.name] = true
			}
		}
	}
	delete(seen, "")
	return sorted(seen)
}

func sorted(set map[string]bool) []string {
	out := make([]string, 0, len(set))
	for x := range set {
		out = append(out, x)
	}
	sort.Strings(out)
	return out
}
