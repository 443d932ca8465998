package parse

import (
	"cmp"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/millrace/millrace/compiler/diag"
)

// notes counts deprecated forms: one note a kind says how often and where first.
type notes struct {
	mu    sync.Mutex
	kinds map[string]*noteKind
	every bool // keep each use (--show-all-deprecations)
}

type noteKind struct {
	count int
	use
	uses []use
}

type use struct {
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
	if n.every {
		k.uses = append(k.uses, use{span, summary, hint})
	}
	if k.count == 1 || before(span, summary, k) {
		k.span, k.summary, k.hint = span, summary, hint
	}
}

// before makes the use that is told apart of the order in which files are parsed.
func before(span diag.Span, summary string, k *noteKind) bool {
	return compareUses(use{span: span, summary: summary}, k.use) < 0
}

func compareUses(a, b use) int {
	return cmp.Or(strings.Compare(spanPath(a.span), spanPath(b.span)), cmp.Compare(a.span.Start, b.span.Start), strings.Compare(a.summary, b.summary))
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
		if n.every {
			slices.SortFunc(k.uses, compareUses)
			for _, u := range k.uses {
				out = append(out, u.diagnostic(name, 1, strict))
			}
			continue
		}
		out = append(out, k.diagnostic(name, k.count, strict))
	}
	return out
}

func (u use) diagnostic(event string, count int, strict bool) *diag.Diagnostic {
	d := diag.New(diag.CodeDeprecated, diag.Parsing, u.span, u.summary).Named(event)
	d.Detail = fmt.Sprintf("%s: %d occurrence", event, count)
	if count > 1 {
		d.Detail += "s"
	}
	d.Hint, d.Count = u.hint, count
	d.Severity = diag.Note
	if strict {
		d.Severity = diag.Error
	}
	return d
}
