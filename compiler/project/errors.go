package project

import (
	"fmt"

	"github.com/millrace/millrace/compiler/diag"
)

func projectError(span diag.Span, format string, args ...any) *diag.Diagnostic {
	return diag.New(diag.CodeProject, diag.Runtime, span, fmt.Sprintf(format, args...))
}

func profileError(span diag.Span, format string, args ...any) *diag.Diagnostic {
	return diag.New(diag.CodeProfile, diag.Runtime, span, fmt.Sprintf(format, args...))
}

func deprecated(event string, span diag.Span, format string, args ...any) *diag.Diagnostic {
	d := diag.New(diag.CodeDeprecated, diag.Runtime, span, fmt.Sprintf(format, args...)).Named(event)
	d.Severity = diag.Warning
	return d
}
