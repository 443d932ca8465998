package project

import (
	"sort"
	"strconv"
	"strings"
	"unicode"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/yaml"
)

// projectKeys are the keys dbt_project.yml may have, with the shape of each.
var projectKeys = map[string]string{
	"name": "string", "version": "version", "config-version": "int", "profile": "string",
	"source-paths": "strings", "model-paths": "strings", "macro-paths": "strings", "data-paths": "strings",
	"seed-paths": "strings", "test-paths": "strings", "analysis-paths": "strings", "docs-paths": "strings",
	"asset-paths": "strings", "function-paths": "strings", "osi-paths": "strings", "snapshot-paths": "strings",
	"clean-targets": "strings", "target-path": "string", "log-path": "string", "packages-install-path": "string",
	"quoting": "dict", "on-run-start": "hooks", "on-run-end": "hooks", "require-dbt-version": "string or strings",
	"dispatch": "list", "vars": "dict", "flags": "dict", "query-comment": "any", "restrict-access": "bool",
	"dbt-cloud": "dict", "packages": "list", "project-root": "string",
	"models": "dict", "seeds": "dict", "snapshots": "dict", "sources": "dict", "tests": "dict", "data_tests": "dict",
	"unit_tests": "dict", "analyses": "dict", "metrics": "dict", "semantic-models": "dict", "saved-queries": "dict",
	"exposures": "dict", "functions": "dict",
	"semantic_models": "dict", "saved_queries": "dict", "anchors": "any",
	// known to the second generation of dbt only; accepted and unused
	"checks": "any", "check-paths": "any", "sync": "any",
}

// at is the place of a key's value in the file.
func (b *builder) at(key string) diag.Span { return b.raw.Get(key).Span() }

// checkShapes reports keys of the wrong type and keys nobody reads.
func (b *builder) checkShapes() {
	for _, e := range b.raw.Entries() {
		key := e.Key.Text()
		shape, known := projectKeys[key]
		if !known {
			d := deprecated("CustomTopLevelKeyDeprecation", e.Key.Span(), "dbt_project.yml has no key '%s'; it is ignored", key)
			d.Code = diag.CodeYAMLKey
			if near := nearest(key, projectKeys); near != "" {
				d.Hint = "did you mean '" + near + "'?"
			}
			b.add(d)
			continue
		}
		v, ok := b.data.GetString(key)
		if !ok || v.IsNone() {
			continue
		}
		if want := mismatch(v, shape); want != "" {
			d := projectError(e.Value.Span(), "at path ['%s']: %s is not %s", key, value.Repr(v), schemaWords(key, shape))
			d.Hint = "'" + key + "' must be " + want
			b.add(d)
		}
	}
}

// schemaWords is how dbt's JSON schema says what a value is not. Most keys may also be
// absent, which makes their schema a choice of two.
func schemaWords(key, shape string) string {
	switch {
	case key == "name" || key == "profile":
		return "of type 'string'"
	case shape == "dict" && key != "dbt-cloud" && key != "quoting" && key != "vars":
		return "of type 'object'"
	case shape == "list" || shape == "hooks":
		return "of type 'array'"
	case shape == "bool":
		return "of type 'boolean'"
	}
	return "valid under any of the given schemas"
}

// mismatch names the wanted shape in words when v does not have it.
func mismatch(v value.Value, shape string) string {
	switch shape {
	case "string":
		if _, ok := v.AsString(); !ok {
			return "a string"
		}
	case "int":
		if _, ok := v.AsInt(); !ok {
			return "a whole number"
		}
	case "bool":
		if _, ok := v.AsBool(); !ok {
			return "true or false"
		}
	case "version":
		switch v.Kind() {
		case value.KindString, value.KindInt, value.KindFloat:
		default:
			return "a version such as '1.0.0'"
		}
	case "dict":
		if _, ok := v.AsDict(); !ok {
			return "a dictionary"
		}
	case "list":
		if _, ok := v.AsList(); !ok {
			return "a list"
		}
	case "strings":
		if !isStrings(v) {
			return "a list of strings"
		}
	case "string or strings":
		if _, ok := v.AsString(); !ok && !isStrings(v) {
			return "a string or a list of strings"
		}
	}
	return ""
}

func isStrings(v value.Value) bool {
	l, ok := v.AsList()
	if !ok {
		return false
	}
	for _, item := range l.Items {
		if _, ok := item.AsString(); !ok {
			return false
		}
	}
	return true
}

func describe(v value.Value) string {
	switch v.Kind() {
	case value.KindDict:
		return "a dictionary"
	case value.KindList:
		if isStrings(v) {
			return "a list"
		}
		return "a list with other values"
	case value.KindString:
		s, _ := v.AsString()
		return strconv.Quote(s)
	}
	return value.TypeName(v) + " " + value.Repr(v)
}

func nearest(word string, known map[string]string) string {
	names := make([]string, 0, len(known))
	for k := range known {
		names = append(names, k)
	}
	sort.Strings(names)
	flat := strings.NewReplacer("_", "", "-", "")
	for _, name := range names {
		if flat.Replace(name) == flat.Replace(word) {
			return name
		}
	}
	best, bestDistance := "", 3
	for _, name := range names {
		if d := distance(word, name, bestDistance); d < bestDistance {
			best, bestDistance = name, d
		}
	}
	return best
}

// distance is the edit distance, cut off at limit.
func distance(a, b string, limit int) int {
	if d := len(a) - len(b); d >= limit || -d >= limit {
		return limit
	}
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		diagonal := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := diagonal
			if a[i-1] != b[j-1] {
				cost++
			}
			diagonal = row[j]
			row[j] = min(cost, row[j]+1, row[j-1]+1)
		}
	}
	return min(row[len(b)], limit)
}

// text is a string value, or fallback when absent or null.
func (b *builder) text(key, fallback string) string {
	if v, ok := b.data.GetString(key); ok {
		if s, ok := v.AsString(); ok {
			return s
		}
	}
	return fallback
}

// paths is a list of strings, or fallback when absent or null.
func (b *builder) paths(key string, fallback ...string) []string {
	if v, ok := b.data.GetString(key); ok {
		if l, ok := v.AsList(); ok {
			return stringsOf(l)
		}
	}
	return fallback
}

func stringsOf(l *value.List) []string {
	out := make([]string, 0, len(l.Items))
	for _, item := range l.Items {
		if s, ok := item.AsString(); ok {
			out = append(out, s)
		}
	}
	return out
}

// dict is a dictionary value, empty when absent.
func (b *builder) dict(key string) *value.Dict {
	if v, ok := b.data.GetString(key); ok {
		if d, ok := v.AsDict(); ok {
			return d
		}
	}
	return value.NewDict(0)
}

// isIdentifier is Python's ^[^\d\W]\w*$.
func isIdentifier(s string) bool {
	for i, r := range s {
		letter := r == '_' || unicode.IsLetter(r)
		if !letter && (i == 0 || !unicode.IsNumber(r)) {
			return false
		}
	}
	return s != ""
}

func hookNodes(n *yaml.Node) []*yaml.Node {
	switch {
	case n.IsNull():
		return nil
	case n.IsSequence():
		return n.Items()
	}
	return []*yaml.Node{n}
}
