package parse

import "github.com/millrace/millrace/compiler/yaml"

// lateRendering tells which parts of an entry stay as written: descriptions are rendered
// once all docs blocks are known, test arguments when the test is parsed, hooks and
// filters when they are used.
func lateRendering(key string) func(yaml.Path) bool {
	switch key {
	case "sources":
		return func(path yaml.Path) bool {
			if lateSource(path) {
				return true
			}
			return path.Key(0) == "tables" && len(path) > 2 && lateCommon(path[2:])
		}
	case "macros":
		return func(path yaml.Path) bool {
			if path.Key(0) == "arguments" {
				return lateCommon(path[1:])
			}
			return lateCommon(path)
		}
	case "metrics":
		return func(path yaml.Path) bool { return lateFilter(path) || lateCommon(path) }
	case "saved_queries":
		return func(path yaml.Path) bool {
			return path.Key(0) == "query_params" && path.Key(1) == "where" || lateCommon(path)
		}
	}
	return func(path yaml.Path) bool {
		return path.Key(0) == "metrics" && lateFilter(path) || lateCommon(path)
	}
}

func lateSource(path yaml.Path) bool {
	switch path.Key(0) {
	case "description", "loaded_at_query":
		return true
	case "config":
		return path.Key(1) == "loaded_at_query"
	}
	return false
}

func lateFilter(path yaml.Path) bool {
	n := len(path)
	return path.Key(n-1) == "filter" || path.Key(n-2) == "filter"
}

func isTestsOrDescription(key string) bool {
	return key == "tests" || key == "data_tests" || key == "description"
}

func lateCommon(path yaml.Path) bool {
	n := len(path)
	first := path.Key(0)
	if isTestsOrDescription(first) || first == "loaded_at_query" {
		return true
	}
	if n == 2 && (isTestsOrDescription(path.Key(1)) || path.Key(1) == "loaded_at_query") {
		return true
	}
	switch first {
	case "config":
		switch path.Key(1) {
		case "pre_hook", "post_hook", "loaded_at_query":
			return true
		}
	case "versions":
		return isTestsOrDescription(path.Key(2)) || path.Key(2) == "columns" && isTestsOrDescription(path.Key(4))
	case "columns", "dimensions", "measures", "entities", "metrics":
		return isTestsOrDescription(path.Key(2))
	case "derived_semantics":
		return (path.Key(1) == "dimensions" || path.Key(1) == "entities") && isTestsOrDescription(path.Key(3))
	}
	return n == 5 && path.Key(4) == "description"
}
