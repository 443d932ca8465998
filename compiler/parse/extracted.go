package parse

import (
	"regexp"
	"strings"

	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/manifest"
)

var (
	templateComment = regexp.MustCompile(`(?s)\{#.*?#\}`)
	quotedText      = regexp.MustCompile(`(?s)'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"`)
	// beyondExtractor is what dbt's extractor does not read in a config: numbers, none, and
	// booleans in Jinja's own spelling.
	beyondExtractor = regexp.MustCompile(`\b(?:true|false|none|None)\b|\d`)
)

// dropRepeatedSources makes the sources of a model a set where dbt would have found them
// without rendering: its extractor lists a source once however often the model names it,
// rendering lists every call.
func dropRepeatedSources(n *manifest.Node, calls []jinja.StaticCall) {
	type key struct{ source, table string }
	seen := map[key]bool{}
	kept := make([]manifest.SourceRef, 0, len(n.Sources))
	for _, s := range n.Sources {
		if k := (key{s.Source, s.Table}); !seen[k] {
			seen[k] = true
			kept = append(kept, s)
		}
	}
	if len(kept) < len(n.Sources) && extractable(n.RawCode, calls) {
		n.Sources = kept
	}
}

// extractable reports whether dbt's extractor reads the template: nothing but text and
// printed calls of ref, source and config with plain literals.
func extractable(text string, calls []jinja.StaticCall) bool {
	text = templateComment.ReplaceAllString(text, "")
	for _, tag := range []string{"{%", "{{-", "-}}"} {
		if strings.Contains(text, tag) {
			return false
		}
	}
	if strings.Count(text, "{{") != len(calls) {
		return false
	}
	for i := range calls {
		if c := &calls[i]; c.Name == "config" && beyondExtractor.MatchString(quotedText.ReplaceAllString(c.Span.Source.Text[c.Span.Start:c.Span.End], "")) {
			return false
		}
	}
	return true
}
