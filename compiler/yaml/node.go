// Package yaml reads YAML as dbt does (PyYAML's SafeLoader on YAML 1.1) but keeps
// the position of every key and value, so that a diagnostic can point at it.
package yaml

import (
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// Kind is the shape of a Node.
type Kind uint8

const (
	Scalar Kind = iota
	Sequence
	Mapping
)

// Node is one value of a document with its place in the user's file. It is immutable
// after Parse and safe for several goroutines. All getters accept a nil Node, which
// stands for "not there".
//
// An alias yields the anchored Node itself, so positions are those of the anchor; merge
// keys are already merged into Entries.
type Node struct {
	kind  Kind
	plain bool // scalars: written without quotes
	start int32
	end   int32
	src   *diag.Source
	text  string       // scalars: the text with quotes and escapes resolved
	typed *value.Value // scalars: the resolved value; nil when it is the text
	below *below       // nil for scalars and what is empty
}

// below is what a list or a mapping holds; most nodes are scalars, and there are many.
type below struct {
	items   []*Node
	entries []Entry
}

// Entry is one key and value of a mapping.
type Entry struct {
	Key, Value *Node
	Merged     bool // came in through a merge key (<<)
}

// Kind is the node's shape; a nil node is a Scalar (null).
func (n *Node) Kind() Kind {
	if n == nil {
		return Scalar
	}
	return n.kind
}

// Span is the node's place in its file.
func (n *Node) Span() diag.Span {
	if n == nil || n.src == nil {
		return diag.Span{}
	}
	return n.src.At(int(n.start), int(n.end))
}

// Content is where a scalar's text stands in the file without its quotes, when it stands
// there as it is; otherwise (escapes, folded lines, block scalars) the whole node.
func (n *Node) Content() diag.Span {
	if n == nil || n.kind != Scalar || n.src == nil {
		return n.Span()
	}
	for _, at := range []int{int(n.start), int(n.start) + 1} {
		if at <= len(n.src.Text) && strings.HasPrefix(n.src.Text[at:], n.text) {
			return n.src.At(at, at+len(n.text))
		}
	}
	return n.Span()
}

// Source is the file the node was read from.
func (n *Node) Source() *diag.Source {
	if n == nil {
		return nil
	}
	return n.src
}

// IsNull reports an absent node or one of YAML's null forms.
func (n *Node) IsNull() bool {
	return n == nil || n.kind == Scalar && n.typed != nil && n.typed.IsNull()
}

// IsMapping reports a mapping.
func (n *Node) IsMapping() bool { return n != nil && n.kind == Mapping }

// IsSequence reports a sequence.
func (n *Node) IsSequence() bool { return n != nil && n.kind == Sequence }

// Text is a scalar's text as written, without its quotes; "" for anything else.
func (n *Node) Text() string {
	if n == nil || n.kind != Scalar {
		return ""
	}
	return n.text
}

// scalar is a scalar's value.
func (n *Node) scalar() value.Value {
	if n.typed == nil {
		return value.String(n.text)
	}
	return *n.typed
}

// is gives a scalar its value, which for most is their text.
func (n *Node) is(v value.Value) {
	if s, ok := v.AsString(); ok && s == n.text {
		return
	}
	typed := v // so that v itself stays on the stack
	n.typed = &typed
}

// Plain reports a scalar written without quotes.
func (n *Node) Plain() bool { return n != nil && n.plain }

// String is the scalar's value when it is a string.
func (n *Node) String() (string, bool) {
	if n == nil || n.kind != Scalar {
		return "", false
	}
	return n.scalar().AsString()
}

// Bool is the scalar's value when it is a boolean.
func (n *Node) Bool() (bool, bool) {
	if n == nil || n.kind != Scalar {
		return false, false
	}
	return n.scalar().AsBool()
}

// Int is the scalar's value when it is an integer of at most 64 bits.
func (n *Node) Int() (int64, bool) {
	if n == nil || n.kind != Scalar {
		return 0, false
	}
	return n.scalar().AsInt()
}

// Items are the elements of a sequence.
func (n *Node) Items() []*Node {
	if n == nil || n.below == nil {
		return nil
	}
	return n.below.items
}

// Entries are the keys and values of a mapping in order; of a duplicate key only the
// last value is there, at the place of the first, as in a Python dict.
func (n *Node) Entries() []Entry {
	if n == nil || n.below == nil {
		return nil
	}
	return n.below.entries
}

// Len is the number of items or entries.
func (n *Node) Len() int {
	if n == nil || n.below == nil {
		return 0
	}
	return len(n.below.items) + len(n.below.entries)
}

// Get is the value under a string key of a mapping; nil when absent.
func (n *Node) Get(key string) *Node {
	v, _ := n.Lookup(key)
	return v
}

// Lookup is Get that tells an absent key from a present one.
func (n *Node) Lookup(key string) (*Node, bool) {
	if e := n.entry(key); e != nil {
		return e.Value, true
	}
	return nil, false
}

// Has reports whether a mapping has the string key.
func (n *Node) Has(key string) bool { return n.entry(key) != nil }

// KeySpan is the place of a key of a mapping, or the mapping's own place without it.
func (n *Node) KeySpan(key string) diag.Span {
	if e := n.entry(key); e != nil {
		return e.Key.Span()
	}
	return n.Span()
}

func (n *Node) entry(key string) *Entry {
	entries := n.Entries()
	for i := range entries {
		if k := entries[i].Key; k.text == key {
			if s, ok := k.String(); ok && s == key {
				return &entries[i]
			}
		}
	}
	return nil
}

// At follows a path of string keys and int indexes and returns the deepest node that
// exists, for pointing at a value found in the plain data.
func (n *Node) At(path ...any) *Node {
	for _, p := range path {
		var next *Node
		switch p := p.(type) {
		case string:
			next = n.Get(p)
		case int:
			if items := n.Items(); p >= 0 && p < len(items) {
				next = items[p]
			}
		}
		if next == nil {
			return n
		}
		n = next
	}
	return n
}

// Value is the node as plain data: ordered dicts, lists and Python scalars. Each call
// builds fresh containers, so the caller owns the result.
func (n *Node) Value() value.Value {
	if n == nil {
		return value.None
	}
	switch n.kind {
	case Sequence:
		items := make([]value.Value, n.Len())
		for i, c := range n.Items() {
			items[i] = c.Value()
		}
		return value.NewList(items...)
	case Mapping:
		d := value.NewDict(n.Len())
		for _, e := range n.Entries() {
			// Parse has refused unhashable keys.
			if err := d.Set(e.Key.keyValue(), e.Value.Value()); err != nil {
				continue
			}
		}
		return value.FromDict(d)
	}
	return n.scalar()
}

// keyValue is the node as a dict key.
func (n *Node) keyValue() value.Value {
	if n.kind == Scalar {
		return n.scalar()
	}
	return n.Value()
}

// Dict is Value for a mapping; nil for anything else.
func (n *Node) Dict() *value.Dict {
	d, _ := n.Value().AsDict()
	return d
}
