package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
)

// deprecations counts the deprecated forms of a project by event name.
type deprecations map[string]int

func (c *deprecations) count(d *diag.Diagnostic) {
	if !strings.HasSuffix(d.Event, "Deprecation") && d.Event != "EnvironmentVariableRenamed" {
		return
	}
	if *c == nil {
		*c = deprecations{}
	}
	(*c)[d.Event] += max(d.Count, 1)
}

// summarize sends dbt's closing event.
func (c deprecations) summarize(inv *invocation) {
	if len(c) == 0 {
		return
	}
	names := make([]string, 0, len(c))
	for name := range c {
		names = append(names, name)
	}
	slices.Sort(names)
	text := strings.Builder{}
	text.WriteString("[WARNING][DeprecationsSummary]: Deprecated functionality\nSummary of encountered deprecations:")
	summaries := []any{}
	for _, name := range names {
		s := ""
		if c[name] > 1 {
			s = "s"
		}
		fmt.Fprintf(&text, "\n\n- %s: %d occurrence%s", name, c[name], s)
		summaries = append(summaries, map[string]any{"event_name": name, "occurrences": c[name]})
	}
	inv.emit(event.Event{Name: "DeprecationsSummary", Code: "D028", Level: event.Warn, Msg: text.String(),
		Data: map[string]any{"summaries": summaries, "show_all_hint": !inv.flags.ShowAllDeprecations}})
}
