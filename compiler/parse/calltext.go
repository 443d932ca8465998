package parse

import (
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja"
)

var callNames = map[string]bool{"ref": true, "source": true, "metric": true, "function": true}

// literalCalls parses an expression that must be a call with literal arguments.
func literalCalls(text string) ([]jinja.StaticCall, bool) {
	tmpl, bad := jinja.Parse(diag.NewSource("", "{{ "+text+" }}"))
	if bad != nil {
		return nil, false
	}
	calls, ok := tmpl.StaticCalls(callNames)
	if !ok {
		return nil, false
	}
	for i := range calls {
		if !sound(&calls[i]) {
			return nil, false
		}
	}
	return calls, true
}
