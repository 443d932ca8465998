package adapters

import (
	"fmt"

	"github.com/millrace/millrace/compiler/diag"
)

// Error families of dbt that diag has no constant for.
const (
	kindValidation     diag.Kind = "Validation"
	kindNotImplemented diag.Kind = "NotImplemented"
)

// RaiseError makes an error that a method of the adapter raises in a template.
func RaiseError(kind diag.Kind, format string, args ...any) error {
	return diag.New(diag.CodeTemplateRuntime, kind, diag.Span{}, fmt.Sprintf(format, args...))
}

func compilationError(format string, args ...any) error {
	return RaiseError(diag.Compilation, format, args...)
}

func runtimeError(format string, args ...any) error {
	return RaiseError(diag.Runtime, format, args...)
}

func argTypeError(method, arg, want, got, gotType string) error {
	return compilationError("'adapter.%s' expects argument '%s' to be of type '%s', instead got %s (<class '%s'>)", method, arg, want, got, gotType)
}

// Diagnose turns an error of an engine into a diagnostic, with the DatabaseError as its
// cause. kind is the engine's family of query errors; other errors pass through.
func Diagnose(err *DatabaseError, kind diag.Kind) *diag.Diagnostic {
	code := diag.CodeDatabase
	if err.Fault == FaultLocked {
		code = diag.CodeLocked
	}
	d := diag.New(code, kind, diag.Span{}, err.Message)
	d.Hint = err.Hint
	d.Cause = err
	return d
}
