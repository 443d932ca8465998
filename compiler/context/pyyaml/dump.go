// Package pyyaml writes values as YAML the way Python's yaml.safe_dump does, so that text
// made by templates is the same text.
package pyyaml

import (
	"encoding/base64"
	"errors"
	"sort"
	"strconv"
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// ErrUnrepresentable is the error for a value that YAML has no plain form for.
var ErrUnrepresentable = errors.New("cannot represent an object")

const (
	bestWidth  = 80
	bestIndent = 2
)

// Dump writes a document.
func Dump(v value.Value, sortKeys bool) (string, error) {
	d := &dumper{sortKeys: sortKeys, seen: make(map[any]int), anchors: make(map[any]int)}
	d.count(v)
	d.whitespace, d.indention = true, true
	if err := d.node(v, place{indent: -1, root: true}); err != nil {
		return "", err
	}
	if d.column > 0 {
		d.newline()
	}
	if d.openEnded {
		d.b.WriteString("...\n")
	}
	return d.b.String(), nil
}

// place says where a node stands.
type place struct {
	indent     int // of the collection around it, -1 at the top
	root       bool
	inMapping  bool // it is a mapping's value
	inSequence bool
	key        bool // it is a simple key
}

type dumper struct {
	b          strings.Builder
	column     int
	whitespace bool // the last thing written was white space
	indention  bool // the line holds nothing but indentation and indicators
	openEnded  bool
	sortKeys   bool
	seen       map[any]int // how often a collection occurs
	anchors    map[any]int
	lastAnchor int
}

// identity is what makes two collections the same one.
func identity(v value.Value) any {
	switch v.Kind() {
	case value.KindList:
		l, _ := v.AsList()
		return l
	case value.KindTuple:
		t, _ := v.AsTuple()
		if len(t.Items) == 0 {
			return nil
		}
		return t
	case value.KindDict:
		d, _ := v.AsDict()
		return d
	case value.KindSet:
		s, _ := v.AsSet()
		return s
	}
	return nil
}

// count finds collections that occur more than once: they get an anchor.
func (d *dumper) count(v value.Value) {
	id := identity(v)
	if id == nil {
		return
	}
	d.seen[id]++
	if d.seen[id] > 1 {
		return
	}
	if dict, ok := v.AsDict(); ok {
		for k, item := range dict.All() {
			d.count(k)
			d.count(item)
		}
		return
	}
	if s, ok := v.AsSet(); ok {
		for item := range s.All() {
			d.count(item)
		}
		return
	}
	for _, item := range v.Items() {
		d.count(item)
	}
}

func (d *dumper) write(s string) {
	d.b.WriteString(s)
	d.column += len([]rune(s))
}

// indicator writes punctuation, with a space before it where one is needed.
func (d *dumper) indicator(s string, needSpace, leavesSpace, keepsIndention bool) {
	if needSpace && !d.whitespace {
		d.write(" ")
	}
	d.write(s)
	d.whitespace = leavesSpace
	d.indention = d.indention && keepsIndention
	d.openEnded = false
}

func (d *dumper) newline() {
	d.b.WriteByte('\n')
	d.column = 0
	d.whitespace, d.indention = true, true
}

// indentTo starts a line at this column, unless the position is good already.
func (d *dumper) indentTo(column int) {
	column = max(column, 0)
	if !d.indention || d.column > column || d.column == column && !d.whitespace {
		d.newline()
	}
	if d.column < column {
		d.write(strings.Repeat(" ", column-d.column))
		d.whitespace = true
	}
}

func (d *dumper) node(v value.Value, p place) error {
	if id := identity(v); id != nil && d.seen[id] > 1 {
		if n, ok := d.anchors[id]; ok {
			d.indicator("*"+anchorName(n), true, false, false)
			return nil
		}
		d.lastAnchor++
		d.anchors[id] = d.lastAnchor
		d.indicator("&"+anchorName(d.lastAnchor), true, false, false)
	}
	switch v.Kind() {
	case value.KindList, value.KindTuple:
		return d.sequence(v.Items(), p)
	case value.KindDict:
		dict, _ := v.AsDict()
		entries := make([]entry, 0, dict.Len())
		for k, item := range dict.All() {
			entries = append(entries, entry{k, item})
		}
		if d.sortKeys {
			sortEntries(entries)
		}
		return d.mapping(entries, p)
	case value.KindSet:
		set, _ := v.AsSet()
		entries := make([]entry, 0, set.Len())
		for item := range set.All() {
			entries = append(entries, entry{item, value.None})
		}
		sortEntries(entries)
		d.indicator("!!set", true, false, false)
		return d.mapping(entries, p)
	}
	return d.scalar(v, p)
}

func anchorName(n int) string {
	s := strconv.Itoa(n)
	return "id" + strings.Repeat("0", max(0, 3-len(s))) + s
}

type entry struct{ k, v value.Value }

// sortEntries orders by key; keys that cannot be compared stay in their order.
func sortEntries(entries []entry) {
	for i := 1; i < len(entries); i++ {
		if _, err := value.Compare(entries[0].k, entries[i].k); err != nil {
			return
		}
	}
	sort.SliceStable(entries, func(i, j int) bool {
		c, err := value.Compare(entries[i].k, entries[j].k)
		return err == nil && c < 0
	})
}

func (d *dumper) sequence(items []value.Value, p place) error {
	if len(items) == 0 {
		d.indicator("[]", true, false, false)
		return nil
	}
	indent := p.indent + bestIndent
	switch {
	case p.indent < 0:
		indent = 0
	case p.inMapping && !d.indention: // the dashes stand under the key
		indent = p.indent
	}
	for _, item := range items {
		d.indentTo(indent)
		d.indicator("-", true, false, true)
		if err := d.node(item, place{indent: indent, inSequence: true}); err != nil {
			return err
		}
	}
	return nil
}

func (d *dumper) mapping(entries []entry, p place) error {
	if len(entries) == 0 {
		d.indicator("{}", true, false, false)
		return nil
	}
	indent := p.indent + bestIndent
	if p.indent < 0 {
		indent = 0
	}
	for _, e := range entries {
		d.indentTo(indent)
		if simpleKey(e.k) {
			if err := d.node(e.k, place{indent: indent, key: true}); err != nil {
				return err
			}
			d.indicator(":", false, false, false)
			if err := d.node(e.v, place{indent: indent, inMapping: true}); err != nil {
				return err
			}
			continue
		}
		d.indicator("?", true, false, true)
		if err := d.node(e.k, place{indent: indent, inMapping: true}); err != nil {
			return err
		}
		d.indentTo(indent)
		d.indicator(":", true, false, true)
		if err := d.node(e.v, place{indent: indent, inMapping: true}); err != nil {
			return err
		}
	}
	return nil
}

// simpleKey reports a key short and flat enough to stand before its colon.
func simpleKey(k value.Value) bool {
	const longest = 128
	switch k.Kind() {
	case value.KindTuple:
		return len(k.Items()) == 0
	case value.KindString:
		s, _ := k.AsString()
		return len([]rune(s)) < longest && !strings.ContainsAny(s, "\n\u0085\u2028\u2029")
	}
	return len(value.Str(k)) < longest
}

func (d *dumper) scalar(v value.Value, p place) error {
	switch v.Kind() {
	case value.KindNone:
		d.plain("null", p)
	case value.KindBool:
		d.plain(strings.ToLower(value.Str(v)), p)
	case value.KindInt, value.KindBig:
		d.plain(value.Str(v), p)
	case value.KindFloat:
		d.plain(floatText(v), p)
	case value.KindString:
		s, _ := v.AsString()
		d.text(s, p)
	case value.KindObject:
		return d.object(v, p)
	default:
		return ErrUnrepresentable
	}
	return nil
}

func floatText(v value.Value) string {
	s := strings.ToLower(value.Repr(v))
	switch s {
	case "inf":
		return ".inf"
	case "-inf":
		return "-.inf"
	case "nan":
		return ".nan"
	}
	if !strings.Contains(s, ".") && strings.Contains(s, "e") {
		s = strings.Replace(s, "e", ".0e", 1)
	}
	return s
}

func (d *dumper) object(v value.Value, p place) error {
	if s, ok := value.Text(v); ok {
		d.text(s, p)
		return nil
	}
	o, _ := v.AsObject()
	switch o := o.(type) {
	case *value.Date, *value.DateTime:
		d.plain(value.Str(v), p)
		return nil
	case *value.Bytes:
		d.indicator("!!binary |", true, false, false)
		text := base64.StdEncoding.EncodeToString(o.B)
		for len(text) > 0 {
			n := min(76, len(text))
			d.newline()
			d.write(strings.Repeat(" ", max(p.indent, 0)+bestIndent) + text[:n])
			text = text[n:]
		}
		d.whitespace, d.indention = false, false
		return nil
	}
	return ErrUnrepresentable
}
