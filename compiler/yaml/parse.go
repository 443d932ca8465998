package yaml

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode/utf8"

	yaml3 "gopkg.in/yaml.v3"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// Bounds that no honest file reaches, so that a hostile one ends in an error.
const (
	maxBytes = 64 << 20
	maxDepth = 400
	maxNodes = 5_000_000 // after aliases are followed
)

// Parse reads one document. Problems that PyYAML would refuse are errors and give a nil
// Node; a key given twice is a warning with both places. An empty document is a nil Node.
func Parse(src *diag.Source) (*Node, diag.List) {
	if n, list, ok := parsePlain(src); ok {
		return n, list
	}
	return parseGeneral(src)
}

// parseGeneral reads all of YAML.
func parseGeneral(src *diag.Source) (*Node, diag.List) {
	if len(src.Text) > maxBytes {
		return nil, diag.List{syntax(src.At(0, 0), fmt.Sprintf("the file has %d bytes, more than the limit of %d", len(src.Text), maxBytes))}
	}
	if i := invalidUTF8(src.Text); i >= 0 {
		return nil, diag.List{syntax(src.At(i, i+1), "the file is not valid UTF-8 here")}
	}
	if at := nestedInLine(src.Text); at >= 0 {
		return nil, diag.List{syntax(src.At(at, at+1), fmt.Sprintf("the YAML is nested more than %d levels deep", maxDepth))}
	}
	doc, d := decode(src)
	if d != nil {
		return nil, diag.List{d}
	}
	if doc == nil || len(doc.Content) == 0 {
		return nil, nil
	}
	c := &converter{src: src, anchors: map[*yaml3.Node]*Node{}, weights: map[*Node]int{}}
	n := c.node(doc.Content[0], 0)
	if d := c.fatal; d != nil {
		return nil, append(c.list, d)
	}
	return n, c.list
}

// ParseText reads inline YAML such as the value of --vars; name stands for a path in messages.
func ParseText(name, text string) (*Node, diag.List) { return Parse(diag.NewSource(name, text)) }

// nestedInLine finds a line that opens more than maxDepth lists ("- - - -"); the time the
// decoder takes for one grows with its square.
func nestedInLine(text string) int {
	open := 0
	lineStart := true
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\n':
			open, lineStart = 0, true
		case !lineStart:
			next := strings.IndexByte(text[i:], '\n')
			if next < 0 {
				return -1
			}
			i += next - 1
		case c == ' ' || c == '\t' || c == '\r':
		case (c == '-' || c == '?') && i+1 < len(text) && (text[i+1] == ' ' || text[i+1] == '\t'):
			if open++; open > maxDepth {
				return i
			}
		default:
			lineStart = false
		}
	}
	return -1
}

func decode(src *diag.Source) (doc *yaml3.Node, d *diag.Diagnostic) {
	defer func() {
		if r := recover(); r != nil {
			doc, d = nil, syntax(src.At(0, 0), fmt.Sprintf("the YAML cannot be read: %v", r))
		}
	}()
	dec := yaml3.NewDecoder(strings.NewReader(src.Text))
	doc = new(yaml3.Node)
	if err := dec.Decode(doc); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		return nil, explain(src, err)
	}
	var second yaml3.Node
	if err := dec.Decode(&second); err == nil {
		at := src.Offset(second.Line, second.Column)
		return nil, syntax(src.At(at, at+3), "a second document begins here, but the file must hold only one")
	} else if !errors.Is(err, io.EOF) {
		return nil, explain(src, err)
	}
	return doc, nil
}

func syntax(span diag.Span, summary string) *diag.Diagnostic {
	if span.Source != nil {
		span.End = min(span.End, len(span.Source.Text))
		span.Start = min(span.Start, span.End)
	}
	return diag.New(diag.CodeYAMLSyntax, diag.Parsing, span, summary)
}

func invalidUTF8(s string) int {
	if utf8.ValidString(s) {
		return -1
	}
	for i, r := range s {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(s[i:]); size == 1 {
				return i
			}
		}
	}
	return -1
}

// converter turns yaml.v3's nodes into ours: offsets instead of lines, PyYAML's scalar
// types, merge keys applied, duplicates found.
type converter struct {
	src     *diag.Source
	anchors map[*yaml3.Node]*Node
	weights map[*Node]int // nodes below an anchored node, aliases followed
	total   int
	list    diag.List
	fatal   *diag.Diagnostic
}

func (c *converter) fail(span diag.Span, format string, args ...any) {
	if c.fatal == nil {
		c.fatal = syntax(span, fmt.Sprintf(format, args...))
	}
}

func (c *converter) at(y *yaml3.Node) int { return c.src.Offset(y.Line, y.Column) }

func (c *converter) pointAt(y *yaml3.Node) diag.Span {
	at := c.at(y)
	return c.src.At(at, min(at+1, len(c.src.Text)))
}

func (c *converter) node(y *yaml3.Node, depth int) *Node {
	if c.fatal != nil {
		return nil
	}
	if depth > maxDepth {
		c.fail(c.pointAt(y), "the YAML is nested more than %d levels deep", maxDepth)
		return nil
	}
	if y.Kind == yaml3.AliasNode {
		return c.alias(y)
	}
	if y.Anchor != "" {
		c.anchors[y] = nil // being built: an alias to it from inside would never end
	}
	before := c.total
	c.count(y, 1)
	var n *Node
	switch y.Kind {
	case yaml3.SequenceNode:
		n = c.sequence(y, depth)
	case yaml3.MappingNode:
		n = c.mapping(y, depth)
	default:
		n = c.scalar(y)
	}
	if y.Anchor != "" && n != nil {
		c.anchors[y] = n
		c.weights[n] = c.total - before
	}
	return n
}

func (c *converter) alias(y *yaml3.Node) *Node {
	n, known := c.anchors[y.Alias]
	if !known || n == nil {
		c.fail(c.pointAt(y), "the alias *%s refers to a value that contains it", y.Value)
		return nil
	}
	c.count(y, c.weights[n])
	return n
}

func (c *converter) count(y *yaml3.Node, nodes int) {
	if c.total += nodes; c.total > maxNodes {
		c.fail(c.pointAt(y), "the aliases of this file expand to more than %d values", maxNodes)
	}
}

func (c *converter) sequence(y *yaml3.Node, depth int) *Node {
	n := &Node{kind: Sequence, src: c.src, start: int32(c.at(y))}
	n.end = n.start
	if tag := explicitTag(y); tag != "" && tag != "!!seq" && tag != "!!omap" && tag != "!!pairs" {
		c.fail(c.pointAt(y), "the tag %s is not supported", y.Tag)
		return nil
	}
	items := make([]*Node, 0, len(y.Content))
	for _, child := range y.Content {
		item := c.node(child, depth+1)
		if item == nil {
			return nil
		}
		items = append(items, item)
		if child.Kind != yaml3.AliasNode {
			n.end = max(n.end, item.end)
		} else {
			n.end = max(n.end, int32(c.at(child)+1+len(child.Value)))
		}
	}
	n.below = &below{items: items}
	n.end = closeFlow(c.src.Text, n.start, n.end, y)
	return n
}

// closeFlow extends a flow collection to its closing bracket.
func closeFlow(text string, start, end int32, y *yaml3.Node) int32 {
	if y.Style&yaml3.FlowStyle == 0 {
		return end
	}
	bracket := byte(']')
	if y.Kind == yaml3.MappingNode {
		bracket = '}'
	}
	for i := int(max(start, end)); i < len(text); i++ {
		switch text[i] {
		case bracket:
			return int32(i + 1)
		case '#':
			for i < len(text) && text[i] != '\n' {
				i++
			}
		}
	}
	return end
}

func (c *converter) mapping(y *yaml3.Node, depth int) *Node {
	n := &Node{kind: Mapping, src: c.src, start: int32(c.at(y))}
	n.end = n.start
	tag := explicitTag(y)
	if tag != "" && tag != "!!map" && tag != "!!set" {
		c.fail(c.pointAt(y), "the tag %s is not supported", y.Tag)
		return nil
	}
	b := newMapBuilder(c, len(y.Content)/2)
	merging := hasMerge(y)
	var own []Entry // held back, because merged entries come first
	for i := 0; i+1 < len(y.Content); i += 2 {
		ky, vy := y.Content[i], y.Content[i+1]
		key := c.node(ky, depth+1)
		if key == nil {
			return nil
		}
		v := c.node(vy, depth+1)
		if v == nil {
			return nil
		}
		end := v.end
		if vy.Kind == yaml3.AliasNode {
			end = int32(c.at(vy) + 1 + len(vy.Value))
		}
		n.end = max(n.end, key.end, end)
		if isMerge(ky) {
			b.merge(v, c.pointAt(vy))
			continue
		}
		if e := (Entry{Key: key, Value: v}); merging {
			own = append(own, e)
		} else {
			b.own(e)
		}
	}
	for _, e := range own {
		b.own(e)
	}
	n.below = &below{entries: b.entries}
	n.end = closeFlow(c.src.Text, n.start, n.end, y)
	return n
}

func hasMerge(y *yaml3.Node) bool {
	for i := 0; i < len(y.Content); i += 2 {
		if isMerge(y.Content[i]) {
			return true
		}
	}
	return false
}

func isMerge(key *yaml3.Node) bool {
	return key.Kind == yaml3.ScalarNode && key.Value == "<<" && key.Style == 0
}

// explicitTag is the short form of a tag the user wrote, "" without one.
func explicitTag(y *yaml3.Node) string {
	if y.Style&yaml3.TaggedStyle == 0 {
		return ""
	}
	return y.ShortTag()
}

// mapBuilder collects entries as a Python dict does: a key keeps its first place and its
// last value.
type mapBuilder struct {
	c       *converter
	entries []Entry
	strings map[string]int // built when there are more than fewKeys
	others  *value.Dict    // keys that are not strings → index
}

func newMapBuilder(c *converter, size int) *mapBuilder {
	return &mapBuilder{c: c, entries: make([]Entry, 0, size)}
}

// fewKeys is up to how many keys a scan is cheaper than a map.
const fewKeys = 12

func (b *mapBuilder) findString(s string) (int, bool) {
	if b.strings != nil {
		i, found := b.strings[s]
		if !found {
			b.strings[s] = len(b.entries)
		}
		return i, found
	}
	for i := range b.entries {
		if k := b.entries[i].Key; k.kind == Scalar && k.text == s && k.typed == nil {
			return i, true
		}
	}
	if len(b.entries) == fewKeys {
		b.strings = make(map[string]int, 4*fewKeys)
		for i := range b.entries {
			if text, ok := b.entries[i].Key.String(); ok {
				b.strings[text] = i
			}
		}
		b.strings[s] = len(b.entries)
	}
	return 0, false
}

func (b *mapBuilder) find(key *Node) (int, bool) {
	if s, ok := key.String(); ok {
		return b.findString(s)
	}
	if b.others == nil {
		b.others = value.NewDict(1)
	}
	k := key.keyValue()
	if v, found := b.others.Get(k); found {
		i, _ := v.AsInt()
		return int(i), true
	}
	if err := b.others.Set(k, value.Int(int64(len(b.entries)))); err != nil {
		b.c.fail(key.Span(), "a mapping key must be a simple value, not a list or a mapping")
	}
	return 0, false
}

func (b *mapBuilder) own(e Entry) {
	i, found := b.find(e.Key)
	if !found {
		b.entries = append(b.entries, e)
		return
	}
	if old := b.entries[i]; !old.Merged {
		b.c.list = append(b.c.list, duplicate(e.Key, old.Key))
	}
	b.replace(i, e)
}

// replace puts a later value in an entry's place. Keys that are equal without being alike
// (1 and true) keep the first form, as in Python.
func (b *mapBuilder) replace(i int, e Entry) {
	if _, isText := e.Key.String(); !isText {
		e.Key = b.entries[i].Key
	}
	b.entries[i] = e
}

func duplicate(key, first *Node) *diag.Diagnostic {
	span := key.Span()
	line, column := span.Source.Position(span.Start)
	d := diag.New(diag.CodeYAMLDuplicate, diag.Parsing, span, fmt.Sprintf(
		"Duplicate key '%s' in \"<unicode string>\", line %d, column %d in file `%s`", key.Text(), line, column, span.Source.Path)).Named("DuplicateYAMLKeysDeprecation")
	d.Severity, d.Hint = diag.Warning, "the last one counts: put the two together"
	d.Related = []diag.Related{{Span: first.Span(), Message: "first given here"}}
	return d
}

// merge adds the entries of a merge key's value. In a list the earlier mapping wins.
func (b *mapBuilder) merge(v *Node, span diag.Span) {
	switch v.kind {
	case Mapping:
		for _, e := range v.Entries() {
			b.mergeEntry(e)
		}
	case Sequence:
		for _, item := range slices.Backward(v.Items()) {
			if item.kind != Mapping {
				b.c.fail(span, "a merge key (<<) takes a mapping or a list of mappings")
				return
			}
			for _, e := range item.Entries() {
				b.mergeEntry(e)
			}
		}
	default:
		b.c.fail(span, "a merge key (<<) takes a mapping or a list of mappings")
	}
}

func (b *mapBuilder) mergeEntry(e Entry) {
	e.Merged = true
	if i, found := b.find(e.Key); found {
		b.replace(i, e)
		return
	}
	b.entries = append(b.entries, e)
}
