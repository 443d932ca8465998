package yaml

import (
	"errors"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// Renderer turns template text into a value. compiler/context implements it for each
// set of names that a kind of file may use.
//
// The span is where the text stands. When the file has the very text there, an
// implementation can parse it in place, and its errors then point into the file.
type Renderer interface {
	// Native renders in dbt's native environment: a single expression keeps its type.
	Native(text string, span diag.Span) (value.Value, error)
	// Text renders to a string.
	Text(text string, span diag.Span) (string, error)
}

// Path is the way from the document to a value: keys, of those that are not strings their
// text, and "" for an element of a list.
type Path []string

// Key is the key at position i of the path, "" when it is an element or out of range.
func (p Path) Key(i int) string {
	if i < 0 || i >= len(p) {
		return ""
	}
	return p[i]
}

// Render renders every string of a document that late does not hold back and returns plain
// data. Keys are never rendered; dates become ISO text as dbt makes them. All values are
// tried, so several errors may come back; the value is good only when the list has none.
func Render(n *Node, r Renderer, late func(Path) bool) (value.Value, diag.List) {
	w := renderWalk{r: r, late: late}
	v := w.node(n)
	return v, w.list
}

type renderWalk struct {
	r    Renderer
	late func(Path) bool
	path Path
	list diag.List
}

func (w *renderWalk) node(n *Node) value.Value {
	switch n.Kind() {
	case Sequence:
		items := make([]value.Value, n.Len())
		for i, c := range n.Items() {
			w.path = append(w.path, "")
			items[i] = w.node(c)
			w.path = w.path[:len(w.path)-1]
		}
		return value.NewList(items...)
	case Mapping:
		d := value.NewDict(n.Len())
		for _, e := range n.Entries() {
			w.path = append(w.path, e.Key.Text())
			v := w.node(e.Value)
			w.path = w.path[:len(w.path)-1]
			if err := d.Set(e.Key.keyValue(), v); err != nil {
				w.list = append(w.list, syntax(e.Key.Span(), err.Error()))
			}
		}
		return value.FromDict(d)
	}
	return w.leaf(n)
}

func (w *renderWalk) leaf(n *Node) value.Value {
	if w.late != nil && w.late(w.path) {
		return n.Value()
	}
	text, ok := n.String()
	if !ok {
		return isoDate(n.Value())
	}
	if !HasTemplate(text) {
		return value.String(strings.TrimSuffix(text, "\n")) // as a template loses it
	}
	v, err := w.r.Native(text, n.Content())
	if err != nil {
		w.list = append(w.list, renderError(n, text, err))
		return value.None
	}
	return v
}

// HasTemplate reports whether text has any template tag, so that rendering could change it.
func HasTemplate(text string) bool {
	for i := 0; i+1 < len(text); i++ {
		if text[i] == '{' && (text[i+1] == '{' || text[i+1] == '%' || text[i+1] == '#') {
			return true
		}
	}
	return false
}

func renderError(n *Node, text string, err error) *diag.Diagnostic {
	var d *diag.Diagnostic
	if errors.As(err, &d) {
		c := *d
		if c.Span.Source != n.src {
			c.Span = n.Span()
		}
		if d.Kind != diag.Parsing { // those dbt leaves as they are
			c.Summary = "Could not render " + text + ": " + d.Summary
		}
		return &c
	}
	d = diag.New(diag.CodeTemplateRuntime, diag.Compilation, n.Span(), "Could not render "+text+": "+err.Error())
	d.Cause = err
	return d
}

// isoDate turns date objects into text; everything else stays.
func isoDate(v value.Value) value.Value {
	if o, ok := v.AsObject(); ok {
		switch o.TypeName() {
		case "date", "datetime.date":
			return value.String(value.Str(v))
		case "datetime", "datetime.datetime":
			return value.String(strings.Replace(value.Str(v), " ", "T", 1))
		}
	}
	return v
}
