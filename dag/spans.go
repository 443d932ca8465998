package dag

import (
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/manifest"
)

// refSpan is where node id refers to its parent, or where it is declared.
func refSpan(m *manifest.Manifest, id, parent string) diag.Span {
	pkg, refs, sources := "", []manifest.Ref(nil), []manifest.SourceRef(nil)
	if n := m.Nodes[id]; n != nil {
		pkg, refs, sources = n.PackageName, n.Refs, n.Sources
	} else if e := m.Exposures[id]; e != nil {
		pkg, refs, sources = e.PackageName, e.Refs, e.Sources
	}
	for _, r := range refs {
		if target, _, ok := m.ResolveRef(pkg, r.Package, r.Name, r.Version); ok && target == parent && r.Span.Valid() {
			return r.Span
		}
	}
	for _, s := range sources {
		if target, _, ok := m.ResolveSource(pkg, s.Source, s.Table); ok && target == parent && s.Span.Valid() {
			return s.Span
		}
	}
	return spanOf(m, id)
}

// spanOf is where a resource is declared.
func spanOf(m *manifest.Manifest, id string) diag.Span {
	if n := m.Nodes[id]; n != nil {
		if n.BodySpan.Valid() {
			return n.BodySpan
		}
		return n.PatchSpan
	}
	if s := m.Sources[id]; s != nil {
		return s.Span
	}
	if e := m.Exposures[id]; e != nil {
		return e.Span
	}
	if u := m.UnitTests[id]; u != nil {
		return u.Span
	}
	for _, group := range []map[string]*manifest.Generic{m.Metrics, m.SemanticModels, m.SavedQueries} {
		if r := group[id]; r != nil {
			return r.Span
		}
	}
	return diag.Span{}
}
