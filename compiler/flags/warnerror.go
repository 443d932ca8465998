package flags

import (
	_ "embed"
	"fmt"
	"strings"
	"sync"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/yaml"
)

// eventNameList are the names of both generations of dbt: a project may be run by either.
//
//go:embed eventnames.txt
var eventNameList string

var eventNames = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	for _, name := range strings.Fields(eventNameList) {
		names[name] = true
	}
	return names
})

// WarnErrorOptions says what becomes of each named warning.
type WarnErrorOptions struct {
	ErrorAll             bool
	Error, Warn, Silence []string
}

// deprecationGroup is the name that stands for every deprecation.
const deprecationGroup = "Deprecations"

// allWarnings are the words for every warning.
var allWarnings = map[string]bool{"all": true, "*": true, "Warnings": true}

// Treatment is what to do with a warning.
type Treatment uint8

const (
	AsWarning Treatment = iota
	AsError
	Silenced
)

// GenericTestNotFound is a warning of our own.
const GenericTestNotFound = "GenericTestNotFound"

// oursOnly are not found by dbt, or on other engines only, so that "all" does not mean them: a
// project that passes there must pass here.
var oursOnly = map[string]bool{
	GenericTestNotFound:            true,
	"CustomKeyInConfigDeprecation": true, "CustomKeyInObjectDeprecation": true, "CustomTopLevelKeyDeprecation": true,
	"PropertyMovedToConfigDeprecation": true, "MissingPlusPrefixDeprecation": true,
}

// Treat says what to do with the warning of an event name. Silence wins over warn, warn
// over error, and a name over its group.
func (o *WarnErrorOptions) Treat(name string) Treatment {
	if o == nil {
		return AsWarning
	}
	group := ""
	if strings.HasSuffix(name, "Deprecation") {
		group = deprecationGroup
	}
	for _, n := range []string{name, group} {
		switch {
		case n == "":
		case contains(o.Silence, n):
			return Silenced
		case contains(o.Warn, n):
			return AsWarning
		case contains(o.Error, n):
			return AsError
		}
	}
	if o.ErrorAll && !oursOnly[name] {
		return AsError
	}
	return AsWarning
}

// plainlyFired are the warnings that reach --warn-error and its options only where all do
// (require_all_warnings_handled_by_warn_error).
var plainlyFired = map[string]bool{
	"FreshnessConfigProblem": true, "GetMetaKeyWarning": true, "JinjaLogWarning": true, "LogFreshnessResult": true, "LogTestResult": true,
	"MicrobatchModelNoEventTimeInputs": true, "RunResultWarning": true, "RunResultWarningMessage": true,
	"SelectExcludeIgnoredWithSelectorWarning": true, "SemanticValidationFailure": true, "WarnStateTargetEqual": true,
}

// Treat says what to do with the warning of an event name. What is wrong with the options
// themselves is WarnErrors' to report.
func (f *Flags) Treat(name string) Treatment {
	if all, known := f.Behavior["require_all_warnings_handled_by_warn_error"]; known && !all && plainlyFired[name] {
		return AsWarning
	}
	o, _ := f.WarnErrors()
	return o.Treat(name)
}

// WarnErrors reads the merged setting; --warn-error alone makes everything an error.
func (f *Flags) WarnErrors() (*WarnErrorOptions, diag.List) {
	o := &WarnErrorOptions{ErrorAll: f.WarnError}
	if f.WarnErrorOptions == "" {
		return o, nil
	}
	n, list := yaml.ParseText("--warn-error-options", f.WarnErrorOptions)
	if list.Err() != nil || n == nil {
		return o, list
	}
	if !n.IsMapping() {
		return o, append(list, usageAt(n.Span(), "--warn-error-options must be a YAML dictionary"))
	}
	var renamed []string
	for _, pair := range [][2]string{{"error", "include"}, {"warn", "exclude"}} {
		if given(n.Get(pair[0])) && given(n.Get(pair[1])) {
			list = append(list, usageAt(n.KeySpan(pair[1]), fmt.Sprintf("Only `%s` or `%s` can be specified in `warn_error_options`, not both", pair[1], pair[0])))
		}
		if n.Has(pair[1]) {
			renamed = append(renamed, fmt.Sprintf("`%s` is now called `%s`", pair[1], pair[0]))
		}
	}
	if renamed != nil {
		d := usageAt(n.Span(), "In warn_error_options "+strings.Join(renamed, ", "))
		d.Severity, d.Code, d.Event = diag.Warning, diag.CodeDeprecated, "WEOIncludeExcludeDeprecation"
		list = append(list, d)
	}
	for _, e := range n.Entries() {
		list = append(list, o.read(e)...)
	}
	return o, list
}

// given reports more than an empty list.
func given(n *yaml.Node) bool {
	text, isText := n.String()
	return isText && text != "" || n.Len() > 0
}

func (o *WarnErrorOptions) read(e yaml.Entry) diag.List {
	var into *[]string
	switch e.Key.Text() {
	case "error", "include":
		if s, ok := e.Value.String(); ok && allWarnings[s] {
			o.ErrorAll = true
			return nil
		}
		into = &o.Error
	case "warn", "exclude":
		into = &o.Warn
	case "silence":
		into = &o.Silence
	default:
		return diag.List{usageAt(e.Key.Span(), fmt.Sprintf("warn_error_options has no key '%s'; it takes error, warn and silence", e.Key.Text()))}
	}
	if e.Value.IsNull() {
		return nil
	}
	if !e.Value.IsSequence() {
		return diag.List{usageAt(e.Value.Span(), fmt.Sprintf("'%s' must be a list of event names", e.Key.Text()))}
	}
	for _, item := range e.Value.Items() {
		name, ok := item.String()
		if !ok {
			return diag.List{usageAt(item.Span(), "an event name must be a string")}
		}
		if into == &o.Error && allWarnings[name] {
			o.ErrorAll = true
			continue
		}
		if name != deprecationGroup && name != GenericTestNotFound && !eventNames()[name] {
			return diag.List{usageAt(item.Span(), name+" is not a valid dbt error name.")}
		}
		*into = append(*into, name)
	}
	return nil
}

func usageAt(span diag.Span, summary string) *diag.Diagnostic {
	return diag.New(diag.CodeUsage, diag.Usage, span, summary)
}
