package context

import (
	"fmt"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// compilation is a compilation error at the place of the call, which the evaluator adds.
func compilation(format string, args ...any) *diag.Diagnostic {
	return compilationCode(diag.CodeTemplateRuntime, format, args...)
}

func compilationCode(code diag.Code, format string, args ...any) *diag.Diagnostic {
	return diag.New(code, diag.Compilation, diag.Span{}, fmt.Sprintf(format, args...))
}

func parsing(code diag.Code, format string, args ...any) *diag.Diagnostic {
	return diag.New(code, diag.Parsing, diag.Span{}, fmt.Sprintf(format, args...))
}

func runtimeError(format string, args ...any) *diag.Diagnostic {
	return diag.New(diag.CodeTemplateRuntime, diag.Runtime, diag.Span{}, fmt.Sprintf(format, args...))
}

// missingMacro adds what dbt adds to an undefined value that a template itself uses, not a macro.
func missingMacro(err error) error {
	d, ok := err.(*diag.Diagnostic)
	if !ok || !jinja.Undefined(d) || strings.HasSuffix(d.Summary, MissingMacro) {
		return err
	}
	c := *d
	c.Summary += MissingMacro
	if c.Hint == jinja.UnknownMacroHint {
		c.Hint = ""
	}
	return &c
}

// MissingMacro ends messages about undefined names.
const MissingMacro = `. This can happen when calling a macro that does not exist. Check for typos and/or install package dependencies with "dbt deps".`

// pythonType is how Python prints the type of v: <class 'int'>.
func pythonType(v value.Value) string {
	name := value.TypeName(v)
	if v.IsUndefined() {
		name = "jinja2.runtime.Undefined"
	}
	return "<class '" + name + "'>"
}
