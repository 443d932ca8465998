package selector

import (
	stdpath "path"
	"strconv"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/dag"
)

// search finds the nodes a method names, without graph operators.
func (s *Selector) search(c *Criterion) (dag.Set, *diag.Diagnostic) {
	text := c.text()
	switch c.Method {
	case "fqn":
		return s.where(func(it *item) bool { return it.source == nil && fqnMatches(text, it.fqn, it.versioned()) }), nil
	case "tag":
		return s.where(func(it *item) bool { return anyMatch(it.tags, text) }), nil
	case "group":
		return s.where(func(it *item) bool {
			return (it.inNodes() || it.kind == manifest.MetricType) && it.group != "" && fnmatch(it.group, text)
		}), nil
	case "access":
		return s.where(func(it *item) bool { return it.kind == manifest.Model && it.node.Access == text }), nil
	case "source":
		return s.sources(text)
	case "exposure":
		return s.named(manifest.ExposureType, "exposure", text)
	case "metric":
		return s.named(manifest.MetricType, "metric", text)
	case "semantic_model":
		return s.named(manifest.SemanticModel, "semantic model", text)
	case "saved_query":
		return s.named(manifest.SavedQuery, "saved query", text)
	case "unit_test":
		return s.named(manifest.UnitTest, "unit test", text)
	case "path":
		return s.pathSearch(text)
	case "file":
		return s.where(func(it *item) bool {
			base := stdpath.Base(it.path)
			return fnmatch(base, text) || fnmatch(strings.TrimSuffix(base, stdpath.Ext(base)), text)
		}), nil
	case "package":
		if text == "this" {
			text = s.manifest.ProjectName
		}
		return s.where(func(it *item) bool { return fnmatch(it.pkg, text) }), nil
	case "config":
		return s.where(func(it *item) bool {
			return (it.inNodes() || it.source != nil) && configMatches(it.config, c.Args, c.Value)
		}), nil
	case "test_name":
		return s.where(func(it *item) bool {
			if it.unit != nil {
				return fnmatch(it.name, text)
			}
			return it.kind == manifest.Test && it.node.Test != nil && fnmatch(it.node.Test.Name, text)
		}), nil
	case "test_type":
		return s.testType(text)
	case "resource_type":
		return s.resourceType(text)
	case "version":
		return s.versions(text)
	case "state":
		return s.state(text)
	case "result":
		return s.results(text)
	case "source_status":
		return s.sourceStatus(text)
	case "selector":
		return s.reference(text)
	}
	return nil, failure("'" + c.Method + "' is not a valid method name")
}

func (s *Selector) where(match func(it *item) bool) dag.Set {
	set := s.graph.NewSet()
	for i, it := range s.items {
		if it.enabled && match(it) {
			set.Add(i)
		}
	}
	return set
}

func anyMatch(names []string, pattern string) bool {
	for _, n := range names {
		if fnmatch(n, pattern) {
			return true
		}
	}
	return false
}

func (s *Selector) sources(text string) (dag.Set, *diag.Diagnostic) {
	pkg, source, table := "*", "*", "*"
	switch parts := strings.Split(text, "."); len(parts) {
	case 1:
		source = parts[0]
	case 2:
		source, table = parts[0], parts[1]
	case 3:
		pkg, source, table = parts[0], parts[1], parts[2]
	default:
		return nil, failure("Invalid source selector value \"" + text + "\". Sources must be of the form `${source_name}`, " +
			"`${source_name}.${target_name}`, or `${package_name}.${source_name}.${target_name}")
	}
	return s.where(func(it *item) bool {
		return it.source != nil && fnmatch(it.pkg, pkg) && fnmatch(it.source.SourceName, source) && fnmatch(it.name, table)
	}), nil
}

func (s *Selector) named(kind manifest.ResourceType, label, text string) (dag.Set, *diag.Diagnostic) {
	pkg, name := "*", text
	switch parts := strings.Split(text, "."); len(parts) {
	case 1:
	case 2:
		pkg, name = parts[0], parts[1]
	default:
		key := strings.ReplaceAll(label, " ", "_")
		return nil, failure("Invalid " + label + " selector value \"" + text + "\". " + strings.ToUpper(label[:1]) + label[1:] +
			"s must be of the form ${" + key + "_name} or ${" + key + "_package." + key + "_name}")
	}
	return s.where(func(it *item) bool { return it.kind == kind && fnmatch(it.pkg, pkg) && fnmatch(it.name, name) }), nil
}

func (s *Selector) testType(text string) (dag.Set, *diag.Diagnostic) {
	generic, singular, unit := false, false, false
	switch text {
	case "generic", "schema":
		generic = true
	case "data":
		generic, singular = true, true
	case "singular":
		singular = true
	case "unit":
		unit = true
	default:
		return nil, failure("Invalid test type selector " + text + ": expected \"generic\", \"singular\", \"unit\", or \"data\"")
	}
	return s.where(func(it *item) bool {
		if it.unit != nil {
			return unit
		}
		if it.kind != manifest.Test {
			return false
		}
		if it.node.Test != nil {
			return generic
		}
		return singular
	}), nil
}

var resourceTypes = map[string]bool{
	"model": true, "analysis": true, "test": true, "snapshot": true, "operation": true, "seed": true, "rpc": true,
	"sql_operation": true, "doc": true, "source": true, "macro": true, "exposure": true, "metric": true, "group": true,
	"saved_query": true, "semantic_model": true, "unit_test": true, "fixture": true, "function": true,
}

func (s *Selector) resourceType(text string) (dag.Set, *diag.Diagnostic) {
	if !resourceTypes[text] {
		return nil, failure("Invalid resource_type selector \"" + text + "\"")
	}
	return s.where(func(it *item) bool { return string(it.kind) == text }), nil
}

func (s *Selector) versions(text string) (dag.Set, *diag.Diagnostic) {
	var match func(v, latest value.Value) bool
	switch text {
	case "latest":
		match = func(v, latest value.Value) bool { return !v.IsNull() && value.Equal(v, latest) }
	case "prerelease":
		match = func(v, latest value.Value) bool { return given(v) && given(latest) && versionLess(latest, v) }
	case "old":
		match = func(v, latest value.Value) bool { return given(v) && given(latest) && versionLess(v, latest) }
	case "none":
		match = func(v, _ value.Value) bool { return v.IsNull() }
	default:
		return nil, failure("Invalid version type selector " + text + ": expected one of: \"latest\", \"prerelease\", \"old\", or \"none\"")
	}
	return s.where(func(it *item) bool {
		return it.kind == manifest.Model && match(it.node.Version, it.node.LatestVersion)
	}), nil
}

func given(v value.Value) bool { return !v.IsNull() && value.Truth(v) }

// versionLess compares as numbers where both are, as text otherwise.
func versionLess(a, b value.Value) bool {
	x, y := value.Str(a), value.Str(b)
	fx, errX := strconv.ParseFloat(x, 64)
	fy, errY := strconv.ParseFloat(y, 64)
	if errX == nil && errY == nil {
		return fx < fy
	}
	return x < y
}
