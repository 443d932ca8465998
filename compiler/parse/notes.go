package parse

import (
	"fmt"
	"sort"
	"sync"

	"github.com/millrace/millrace/compiler/diag"
)

// notes counts deprecated forms: one note a kind says how often and where first.
type notes struct {
	mu    sync.Mutex
	kinds map[string]*noteKind
}

type noteKind struct {
	count   int
	span    diag.Span
	summary string
	hint    string
}

// add counts one use. kind is dbt's event name; summary describes this use.
func (n *notes) add(kind string, span diag.Span, summary string) { n.addHint(kind, span, summary, "") }

// addHint is add with a hint for this use.
func (n *notes) addHint(kind string, span diag.Span, summary, hint string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.kinds == nil {
		n.kinds = map[string]*noteKind{}
	}
	k := n.kinds[kind]
	if k == nil {
		k = &noteKind{}
		n.kinds[kind] = k
	}
	k.count++
	if k.count == 1 || before(span, summary, k) {
		k.span, k.summary, k.hint = span, summary, hint
	}
}

// before makes the use that is told apart of the order in which files are parsed.
func before(span diag.Span, summary string, k *noteKind) bool {
	if a, b := spanPath(span), spanPath(k.span); a != b {
		return a < b
	}
	if span.Start != k.span.Start {
		return span.Start < k.span.Start
	}
	return summary < k.summary
}

// list is one diagnostic a kind; with strict they are errors.
func (n *notes) list(strict bool) diag.List {
	names := make([]string, 0, len(n.kinds))
	for name := range n.kinds {
		names = append(names, name)
	}
	sort.Strings(names)
	out := make(diag.List, 0, len(names))
	for _, name := range names {
		k := n.kinds[name]
		d := diag.New(diag.CodeDeprecated, diag.Parsing, k.span, k.summary)
		d.Detail = fmt.Sprintf("%s: %d occurrence", name, k.count)
		if k.count > 1 {
			d.Detail += "s"
		}
		d.Hint = k.hint
		d.Severity = diag.Note
		if strict {
			d.Severity = diag.Error
		}
		out = append(out, d)
	}
	return out
}
