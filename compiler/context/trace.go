package context

import (
	"errors"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// Traced is the error of a node with the macros that it came through, innermost first, as
// dbt's messages have them; the node stands last.
func (e *Env) Traced(d diag.Diagnostic) diag.Diagnostic {
	if d.Kind != diag.Compilation || d.Node == "" {
		return d
	}
	lines := []string{""}
	for _, name := range e.blamed(&d) {
		path := ""
		if entry, found := e.Macros.Find(name, ""); found {
			path = entry.OriginalPath
		}
		lead := "> called by macro "
		if len(lines) == 1 {
			lead = "> in macro "
		}
		lines = append(lines, lead+name+" ("+path+")")
	}
	if len(lines) == 1 {
		return d
	}
	lines = append(lines, "> called by "+d.Node)
	if d.Detail != "" {
		lines = append([]string{d.Detail}, lines...)
	}
	d.Detail = strings.Join(lines, "\n")
	// dbt's advice ends the whole message.
	if rest, ok := strings.CutSuffix(d.Summary, MissingMacro); ok {
		d.Summary, d.Detail = rest, d.Detail+MissingMacro
	}
	return d
}

// blamed are the macros that dbt names for an error. It remembers them on the way out of
// macros, but only with errors of its own; those of Jinja become one where they leave the
// first macro, which is lost by that, and those of Python where they leave the template.
func (e *Env) blamed(d *diag.Diagnostic) []string {
	names := jinja.MacrosOf(d)
	var cause *value.Error
	if len(names) == 0 || !errors.As(d.Cause, &cause) || strings.HasSuffix(d.Summary, MissingMacro) {
		return names
	}
	switch cause.Type {
	case "TypeError", "UndefinedError", "SecurityError", "TemplateRuntimeError", "FilterArgumentError":
		if jinja.RefusedCall(d) {
			return names
		}
		return names[1:]
	case "JinjaRenderingError", "LimitError":
		return names
	}
	return nil
}
