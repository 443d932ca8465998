package fix

import (
	"strings"

	"github.com/millrace/millrace/compiler/yaml"
)

// piece is one entry of a mapping as it stands in the file.
type piece struct {
	key   string
	entry yaml.Entry
	text  string // block style: whole lines; flow style: from the key to the end of the value
	under string // key it moves under, "" to stay
}

// nest moves entries of a mapping under other keys of the same mapping.
func (f *file) nest(n *yaml.Node, under func(key string) string) {
	moves := 0
	for _, e := range n.Entries() {
		if under(e.Key.Text()) != "" {
			moves++
		}
	}
	if moves == 0 {
		return
	}
	for _, e := range n.Entries() {
		key := under(e.Key.Text())
		if e.Merged {
			f.leave(n, "the mapping has a merge key (<<) and is not changed")
			return
		}
		if key == "" {
			continue
		}
		if into := n.Get(key); into != nil && !into.IsNull() && (!into.IsMapping() || into.Has(e.Key.Text())) {
			f.leave(e.Key, "`"+e.Key.Text()+"` is given here and under `"+key+"`; put them together by hand")
			return
		}
	}
	span := n.Span()
	text := f.src.Text
	if text[span.Start] == '{' {
		f.nestFlow(n, under)
		return
	}
	f.nestBlock(n, under)
}

// nestFlow rewrites {a: 1, b: 2} on one line.
func (f *file) nestFlow(n *yaml.Node, under func(string) string) {
	span := n.Span()
	whole := f.src.Text[span.Start:span.End]
	if strings.ContainsAny(whole, "\n#&*") || !strings.HasSuffix(whole, "}") {
		f.leave(n, "the mapping in braces is not changed: it has several lines, a comment or an anchor")
		return
	}
	var order []string
	groups := map[string][]string{}
	entries := n.Entries()
	for _, e := range entries {
		key := e.Key.Text()
		text := f.src.Text[e.Key.Span().Start:e.Value.Span().End]
		if e.Value.IsNull() && e.Value.Span().End <= e.Key.Span().End {
			f.leave(n, "the mapping in braces is not changed: a key has no value")
			return
		}
		group := under(key)
		switch {
		case group != "":
		case (key == "config" || key == "arguments") && e.Value.IsMapping():
			group = key
			text = strings.TrimSpace(strings.Trim(f.src.Text[e.Value.Span().Start:e.Value.Span().End], "{}"))
		default:
			order = append(order, text)
			continue
		}
		if _, seen := groups[group]; !seen {
			order = append(order, "\x00"+group)
		}
		if text != "" {
			groups[group] = append(groups[group], text)
		}
	}
	parts := make([]string, len(order))
	for i, text := range order {
		if group, ok := strings.CutPrefix(text, "\x00"); ok {
			text = group + ": {" + strings.Join(groups[group], ", ") + "}"
		}
		parts[i] = text
	}
	f.replace(span.Start, span.End, "{"+strings.Join(parts, ", ")+"}")
}

// nestBlock rewrites a mapping of one key a line.
func (f *file) nestBlock(n *yaml.Node, under func(string) string) {
	text := f.src.Text
	entries := n.Entries()
	column := columnOf(text, entries[0].Key.Span().Start)
	pieces := make([]piece, len(entries))
	starts := make([]int, len(entries)+1)
	for i, e := range entries {
		at := e.Key.Span().Start
		if columnOf(text, at) != column || i > 0 && at < entries[i-1].Key.Span().End {
			f.leave(n, "the keys of this mapping do not stand below each other; it is not changed")
			return
		}
		starts[i] = lineStart(text, at)
		if i == 0 {
			starts[i] = at
			if strings.TrimSpace(text[lineStart(text, at):at]) == "" {
				starts[i] = lineStart(text, at)
			}
			continue
		}
		starts[i] = aboveComments(text, starts[i], starts[i-1], column)
	}
	first := entries[0].Key.Span().Start
	if starts[0] == first && under(entries[0].Key.Text()) != "" {
		f.leave(entries[0].Key, "`"+entries[0].Key.Text()+"` is the first key after a dash and is not moved; put another key before it")
		return
	}
	starts[len(entries)] = blockEnd(text, entries[len(entries)-1].Key.Span().Start, column)
	eol := "\n"
	if strings.Contains(text, "\r\n") {
		eol = "\r\n"
	}
	groups := map[string]string{}
	for i, e := range entries {
		pieces[i] = piece{key: e.Key.Text(), entry: e, text: text[starts[i]:starts[i+1]], under: under(e.Key.Text())}
		if !strings.HasSuffix(pieces[i].text, "\n") {
			pieces[i].text += eol
		}
		if p := pieces[i]; p.under != "" {
			if strings.Contains(p.text, "\t") && strings.TrimLeft(p.text, " ") != p.text && strings.Contains(p.text, "\n\t") {
				f.leave(n, "lines begin with tabs; the mapping is not changed")
				return
			}
			groups[p.under] += p.text
		}
	}
	var b strings.Builder
	done := map[string]bool{}
	for _, p := range pieces {
		group, into := p.under, false
		if _, has := groups[p.key]; has {
			group, into = p.key, true
		}
		switch {
		case group == "":
			b.WriteString(p.text)
		case into:
			merged, ok := f.mergeInto(p, groups[group], column, eol)
			if !ok {
				return
			}
			b.WriteString(merged)
		case !n.Has(group) && !done[group]:
			done[group] = true
			b.WriteString(strings.Repeat(" ", column) + group + ":" + eol + indent(groups[group], 2))
		}
	}
	out := b.String()
	end := starts[len(entries)]
	if !strings.HasSuffix(text[:end], "\n") {
		out = strings.TrimSuffix(out, eol)
	}
	f.replace(starts[0], end, out)
}

// mergeInto adds lines to a `config:` that is there already.
func (f *file) mergeInto(p piece, lines string, column int, eol string) (string, bool) {
	v := p.entry.Value
	switch {
	case v.IsNull():
		head, rest, _ := strings.Cut(p.text, "\n")
		if rest != "" || strings.Contains(head, "#") || !strings.HasSuffix(strings.TrimSpace(head), ":") {
			break
		}
		return p.text + indent(lines, 2), true
	case v.IsMapping() && v.Len() > 0 && v.Span().Start > p.entry.Key.Span().Start && f.src.Text[v.Span().Start] == '{':
		span := v.Span()
		whole := f.src.Text[span.Start:span.End]
		if strings.ContainsAny(whole, "\n#&*") || strings.ContainsAny(strings.TrimSpace(lines), "\n#&*|>") {
			break
		}
		at := strings.LastIndex(p.text, whole)
		if at < 0 {
			break
		}
		inner := strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(whole, "{"), "}"))
		return p.text[:at] + "{" + inner + ", " + strings.TrimSpace(lines) + "}" + p.text[at+len(whole):], true
	case v.IsMapping() && v.Len() > 0 && v.Span().Start > p.entry.Key.Span().Start:
		inner := columnOf(f.src.Text, v.Entries()[0].Key.Span().Start)
		if inner <= column || v.Entries()[0].Merged {
			break
		}
		return p.text + indent(lines, inner-column), true
	}
	f.leave(p.entry.Key, "`"+p.key+"` is written in a form that cannot be added to; put the keys under it by hand")
	return "", false
}

// indent moves lines to the right; empty ones stay empty.
func indent(lines string, by int) string {
	var b strings.Builder
	for _, line := range strings.SplitAfter(lines, "\n") {
		if strings.TrimSpace(line) != "" {
			b.WriteString(strings.Repeat(" ", by))
		}
		b.WriteString(line)
	}
	return b.String()
}
