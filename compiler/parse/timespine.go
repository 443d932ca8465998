package parse

import (
	"fmt"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// timeSpine fills up the time_spine property.
func timeSpine(d *value.Dict) *value.Dict {
	if d == nil {
		return nil
	}
	out := value.NewDict(2)
	out.SetString("standard_granularity_column", value.String(textOf(d, "standard_granularity_column")))
	var custom []value.Value
	for _, c := range dictsAt(d, "custom_granularities") {
		item := value.NewDict(2)
		item.SetString("name", value.String(textOf(c, "name")))
		item.SetString("column_name", value.OptString(textOf(c, "column_name")))
		custom = append(custom, value.FromDict(item))
	}
	out.SetString("custom_granularities", value.NewList(custom...))
	return out
}

// checkSpineColumns looks for the columns that a time spine names. whose says whose columns they
// are, where a model has versions.
func (p *parser) checkSpineColumns(e *entry, x *patch, whose string) {
	if x.timeSpine == nil {
		return
	}
	names, granularity := make([]string, len(x.columns)), map[string]string{}
	for i, c := range x.columns {
		names[i], granularity[c.Name] = c.Name, c.Granularity
	}
	at := e.node.Get("time_spine")
	fail := func(span diag.Span, format string, args ...any) {
		p.report(fileError(e.file, diag.CodeConfigValue, span, fmt.Sprintf(format, args...)))
	}
	standard := textOf(x.timeSpine, "standard_granularity_column")
	switch grain, known := granularity[standard]; {
	case !known:
		fail(at.Get("standard_granularity_column").Span(), "Time spine standard granularity column must be defined on the model. Got invalid column name '%s' for model '%s'. Valid names%s: %s.",
			standard, e.name(), whose, value.Repr(value.Strings(names...)))
		return
	case grain == "":
		fail(at.Get("standard_granularity_column").Span(), "Time spine standard granularity column must have a granularity defined. Please add one for column '%s' in model '%s'.", standard, e.name())
		return
	}
	var unknown []string
	for _, c := range dictsAt(x.timeSpine, "custom_granularities") {
		name := textOf(c, "column_name")
		if name == "" {
			name = textOf(c, "name")
		}
		if _, known := granularity[name]; !known {
			unknown = append(unknown, name)
		}
	}
	if unknown != nil {
		fail(at.Get("custom_granularities").Span(), "Time spine custom granularity columns do not exist in the model. Columns not found: %s; Available columns: %s",
			value.Repr(value.Strings(unknown...)), value.Repr(value.Strings(names...)))
	}
}
