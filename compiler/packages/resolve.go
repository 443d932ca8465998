package packages

import (
	"fmt"
	"sort"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/packages/semver"
)

// wanted is a package with everything that was asked of it so far.
type wanted struct {
	spec      Spec
	versions  []string
	revisions []string
	warn      bool
}

func newWanted(s Spec) *wanted {
	w := &wanted{spec: s, versions: s.Versions, warn: s.WarnUnpinned == nil || *s.WarnUnpinned}
	if s.Revision != "" {
		w.revisions = []string{s.Revision}
	}
	return w
}

// key names the package; git URLs with and without ".git" are one package.
func (w *wanted) key() string {
	k := w.spec.Location
	if w.spec.Kind == Git {
		k = strings.TrimSuffix(k, ".git")
		if w.spec.Subdirectory != "" {
			k += "/" + w.spec.Subdirectory
		}
	}
	return k
}

// merge adds the demands of another entry for the same package.
func (w *wanted) merge(o *wanted) *diag.Diagnostic {
	if w.spec.Kind != o.spec.Kind {
		d := problem(o.spec.Span, "the package %s is asked for both as %s and as %s", o.spec.Location, w.spec.Kind, o.spec.Kind)
		d.Kind = diag.Dependency
		d.Related = []diag.Related{{Span: w.spec.Span, Message: "asked for here too"}}
		return d
	}
	w.versions = append(append([]string(nil), w.versions...), o.versions...)
	w.revisions = append(append([]string(nil), w.revisions...), o.revisions...)
	w.warn = w.warn && o.warn
	return nil
}

// listing keeps packages in the order they were first asked for.
type listing struct {
	order []*wanted
	byKey map[string]*wanted
}

func newListing() *listing { return &listing{byKey: map[string]*wanted{}} }

// add merges an entry and returns the package it became part of.
func (l *listing) add(w *wanted) (*wanted, *diag.Diagnostic) {
	if have, ok := l.byKey[w.key()]; ok {
		return have, have.merge(w)
	}
	c := *w
	l.byKey[w.key()] = &c
	l.order = append(l.order, &c)
	return &c, nil
}

// resolve follows the packages' own package lists until nothing new comes up, then pins
// every package to one version.
func (in *installer) resolve(specs []Spec) []*pinned {
	final := newListing()
	pending := newListing()
	for _, s := range specs {
		if _, d := pending.add(newWanted(s)); d != nil {
			in.add(d)
			return nil
		}
	}
	for rounds := 0; len(pending.order) > 0; rounds++ {
		if rounds > 100 {
			in.add(problem(diag.Span{}, "the packages ask for each other without end"))
			return nil
		}
		next := newListing()
		for _, w := range pending.order {
			have, d := final.add(w)
			if d == nil {
				d = in.follow(have, next)
			}
			if d != nil {
				in.add(d)
				return nil
			}
		}
		pending = next
	}
	var all []*pinned
	for _, w := range final.order {
		p, d := in.pin(w)
		if d == nil {
			d = in.fetch(p)
		}
		if d != nil {
			in.add(d)
			return nil
		}
		all = append(all, p)
	}
	if d := in.uniqueNames(all); d != nil {
		in.add(d)
		return nil
	}
	return all
}

// follow fetches a package and queues what it asks for.
func (in *installer) follow(w *wanted, next *listing) *diag.Diagnostic {
	p, d := in.pin(w)
	if d != nil {
		return d
	}
	if d := in.fetch(p); d != nil {
		return d
	}
	for _, s := range p.needs {
		if _, d := next.add(newWanted(s)); d != nil {
			return d
		}
	}
	return nil
}

func (in *installer) uniqueNames(all []*pinned) *diag.Diagnostic {
	seen := map[string]*pinned{}
	for _, p := range all {
		if first, twice := seen[p.project]; twice {
			d := problem(p.spec.Span, "Found duplicate project %q. This occurs when a dependency has the same project name as some other dependency.", p.project)
			d.Kind = diag.Dependency
			d.Related = []diag.Related{{Span: first.spec.Span, Message: "the other dependency"}}
			return d
		}
		if p.project == in.o.ProjectName {
			d := problem(p.spec.Span, "Found a dependency with the same name as the root project %q. Package names must be unique in a project. Please rename one of these packages.", p.project)
			d.Kind = diag.Dependency
			return d
		}
		seen[p.project] = p
	}
	return nil
}

// pin chooses one version or revision.
func (in *installer) pin(w *wanted) (*pinned, *diag.Diagnostic) {
	p := &pinned{spec: w.spec, warn: w.warn}
	switch w.spec.Kind {
	case Git:
		distinct := unique(w.revisions)
		if len(distinct) > 1 {
			d := problem(w.spec.Span, "git dependencies should contain exactly one version. %s contains: {'%s'}", in.scrub(w.key()), strings.Join(distinct, "', '"))
			d.Kind = diag.Dependency
			return nil, d
		}
		p.version = "HEAD"
		if len(distinct) == 1 {
			p.version = distinct[0]
		}
	case Hub:
		return p, in.pinHub(w, p)
	case Private:
		d := problem(w.spec.Span, "private packages need a hosted dbt platform to resolve '%s'", w.spec.Location)
		d.Kind = diag.Dependency
		d.Hint = "give the repository's address with 'git:' instead"
		return nil, d
	}
	return p, nil
}

func unique(list []string) []string {
	seen := map[string]bool{}
	var out []string
	for _, s := range list {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	sort.Strings(out)
	return out
}

func (in *installer) pinHub(w *wanted, p *pinned) *diag.Diagnostic {
	specs, err := semver.ParseAll(w.versions...)
	if err != nil {
		return failure(w.spec.Span, err, "%s", err.Error())
	}
	wantedRange, err := semver.Reduce(specs...)
	if err != nil {
		return failure(w.spec.Span, err, "Version error for package %s: %v", w.spec.Location, err)
	}
	hub, d := in.hub(w.spec)
	if d != nil {
		return d
	}
	prereleases := w.spec.InstallPrerelease
	for _, s := range specs {
		prereleases = prereleases || s.Prerelease != ""
	}
	available := semver.Installable(hub.compatible(in.o), prereleases)
	p.version = wantedRange.Best(available)
	if p.version == "" {
		shown := make([]string, len(available))
		for i, v := range available {
			shown[i] = "'" + v + "'"
		}
		d := problem(w.spec.Span, "Could not find a matching compatible version for package %s", w.spec.Location)
		d.Kind = diag.Dependency
		d.Detail = fmt.Sprintf("  Requested range: %s\n  Compatible versions: [%s]\n", wantedRange, strings.Join(shown, ", "))
		if in.o.CheckVersion {
			d.Detail += "\n  Not shown: package versions incompatible with installed version of dbt-core\n  To include them, run 'dbt --no-version-check deps'"
		}
		return d
	}
	p.latest = available[len(available)-1]
	p.hub = hub.Versions[p.version]
	return nil
}
