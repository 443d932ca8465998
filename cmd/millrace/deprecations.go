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

// summarize sends dbt's closing event. A terminal has seen the counts with the notes.
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
	text.WriteString("Summary of encountered deprecations:")
	summaries := []any{}
	for _, name := range names {
		fmt.Fprintf(&text, "\n- %s: %d", name, c[name])
		summaries = append(summaries, map[string]any{"event_name": name, "occurrences": c[name]})
	}
	inv.emit(event.Event{Name: "DeprecationsSummary", Code: "D040", Level: event.Debug, Msg: text.String(),
		Data: map[string]any{"summaries": summaries, "show_all_hint": !inv.flags.ShowAllDeprecations}})
}
