// Package diag holds diagnostics as data: what went wrong, where in the user's
// own file, and at most one hint. Rendering them for people or machines is the
// business of the views; this package imports nothing else of Millrace.
package diag

import "strings"

// Severity orders diagnostics. Only Error makes a command fail.
type Severity uint8

const (
	Error Severity = iota
	Warning
	Note
)

// Kind is dbt's word before " Error" in a message header. Tools that read dbt's
// output tell error families apart by it, so it is part of the contract.
type Kind string

const (
	Compilation Kind = "Compilation"
	Parsing     Kind = "Parsing"
	Runtime     Kind = "Runtime"
	Database    Kind = "Database"
	Dependency  Kind = "Dependency"
	Internal    Kind = "Internal"
	Usage       Kind = "Usage"
	Validation  Kind = "Validation" // of a config by its schema: dbt prints the message alone
)

// Related is a second place that explains the first ("first defined here").
type Related struct {
	Span    Span
	Message string
}

// Diagnostic is one finding. Code is stable across releases ("MR1203"); Summary is
// one sentence without a final newline; Detail may have several lines.
type Diagnostic struct {
	Code     Code
	Severity Severity
	Event    string         // of a warning: dbt's name, by which --warn-error-options knows it
	Data     map[string]any // what dbt's event of that name carries besides its text
	Count    int            // how many findings this one stands for; 0 means one
	Kind     Kind
	Summary  string
	Detail   string
	Span     Span
	Related  []Related
	Hint     string // at most one, a full sentence: "did you mean 'stg_orders'?"
	NodeID   string // unique_id of the node being worked on, if any
	Node     string // dbt's "model customers (models/customers.sql)" header part, if any
	Cause    error  // the underlying error, for errors.Is/As
}

// New makes an error diagnostic.
func New(code Code, kind Kind, span Span, summary string) *Diagnostic {
	return &Diagnostic{Code: code, Kind: kind, Span: span, Summary: summary}
}

// Named sets the event name of a warning.
func (d *Diagnostic) Named(event string) *Diagnostic {
	d.Event = event
	return d
}

// Error gives dbt's text form: "Compilation Error in model x (models/x.sql)\n  message".
func (d *Diagnostic) Error() string {
	if d.Kind == Validation {
		return d.Message()
	}
	var b strings.Builder
	b.WriteString(d.Header())
	for _, line := range strings.Split(d.Message(), "\n") {
		b.WriteString("\n  ")
		b.WriteString(line)
	}
	return b.String()
}

// Header is the first line of dbt's text form.
func (d *Diagnostic) Header() string {
	kind := d.Kind
	if kind == "" {
		kind = Runtime
	}
	if d.Node != "" {
		return string(kind) + " Error in " + d.Node
	}
	return string(kind) + " Error"
}

// Message is the summary with its detail, without header, position or hint.
func (d *Diagnostic) Message() string {
	if d.Detail == "" {
		return d.Summary
	}
	return d.Summary + "\n" + d.Detail
}

func (d *Diagnostic) Unwrap() error { return d.Cause }

// List is several diagnostics as one error.
type List []*Diagnostic

func (l List) Error() string {
	parts := make([]string, len(l))
	for i, d := range l {
		parts[i] = d.Error()
	}
	return strings.Join(parts, "\n\n")
}

// Err returns nil when no member is an error.
func (l List) Err() error {
	for _, d := range l {
		if d.Severity == Error {
			return l
		}
	}
	return nil
}
