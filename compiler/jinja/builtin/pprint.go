package builtin

import (
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// printWidth is the line length that Python's pprint aims at.
const printWidth = 80

func pprint(th *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	if _, err := a.BindAfter(1, "do_pprint"); err != nil {
		return value.Undef, err
	}
	if err := th.CheckTree(v); err != nil {
		return value.Undef, err
	}
	p := printer{th: th}
	p.value(v, 0, 0, 0)
	return value.String(p.b.String()), p.err
}

type printer struct {
	th  *value.Thread
	b   strings.Builder
	err error
}

// value prints v at an indentation; allowance is the room that what follows needs.
func (p *printer) value(v value.Value, indent, allowance, depth int) {
	if p.err == nil {
		p.err = p.th.CheckString(int64(p.b.Len() + indent))
	}
	rep := flat(v, depth)
	if p.err != nil || depth > 200 || runes(rep) <= printWidth-indent-allowance {
		p.b.WriteString(rep)
		return
	}
	switch v.Kind() {
	case value.KindList:
		p.items("[", "]", v.Items(), indent, allowance, depth)
	case value.KindTuple:
		end := ")"
		if len(v.Items()) == 1 {
			end = ",)"
		}
		p.items("(", end, v.Items(), indent, allowance, depth)
	case value.KindSet:
		s, _ := v.AsSet()
		p.items("{", "}", sortedForPrint(s.Items()), indent, allowance, depth)
	case value.KindDict:
		d, _ := v.AsDict()
		p.dict(d, indent, allowance, depth)
	case value.KindString:
		s, _ := v.AsString()
		p.text(s, indent, allowance, depth)
	default:
		p.b.WriteString(rep)
	}
}

func runes(s string) int {
	n, _ := value.Len(value.String(s))
	return n
}

func (p *printer) items(open, end string, items []value.Value, indent, allowance, depth int) {
	p.b.WriteString(open)
	for i, item := range items {
		room := 1
		if i == len(items)-1 {
			room = allowance + len(end)
		}
		if i > 0 {
			p.b.WriteString(",\n" + strings.Repeat(" ", indent+1))
		}
		p.value(item, indent+1, room, depth+1)
	}
	p.b.WriteString(end)
}

func (p *printer) dict(d *value.Dict, indent, allowance, depth int) {
	p.b.WriteByte('{')
	keys := sortedForPrint(d.Keys())
	for i, key := range keys {
		room := 1
		if i == len(keys)-1 {
			room = allowance + 1
		}
		if i > 0 {
			p.b.WriteString(",\n" + strings.Repeat(" ", indent+1))
		}
		rep := flat(key, depth+1)
		p.b.WriteString(rep + ": ")
		item, _ := d.Get(key)
		p.value(item, indent+1+runes(rep)+2, room, depth+1)
	}
	p.b.WriteByte('}')
}

// sortedForPrint sorts what can be sorted; keys of mixed types go by type name.
func sortedForPrint(items []value.Value) []value.Value {
	out, err := value.Sorted(nil, items, nil, false)
	if err == nil {
		return out
	}
	out, err = value.Sorted(nil, items, func(v value.Value) (value.Value, error) {
		return value.NewTuple(value.String(value.TypeName(v)), value.String(value.Repr(v))), nil
	}, false)
	if err != nil {
		return items
	}
	return out
}

// flat is repr with dicts in key order.
func flat(v value.Value, depth int) string {
	if depth > 200 {
		return value.Repr(v)
	}
	var parts []string
	open, end := "", ""
	switch v.Kind() {
	case value.KindList, value.KindTuple:
		for _, item := range v.Items() {
			parts = append(parts, flat(item, depth+1))
		}
		open, end = "[", "]"
		if v.Kind() == value.KindTuple {
			open, end = "(", ")"
			if len(parts) == 1 {
				end = ",)"
			}
		}
	case value.KindDict:
		d, _ := v.AsDict()
		for _, key := range sortedForPrint(d.Keys()) {
			item, _ := d.Get(key)
			parts = append(parts, flat(key, depth+1)+": "+flat(item, depth+1))
		}
		open, end = "{", "}"
	default:
		return value.Repr(v)
	}
	return open + strings.Join(parts, ", ") + end
}

// text splits a long string into adjacent literals, at line ends and then at words.
func (p *printer) text(s string, indent, allowance, depth int) {
	var chunks []string
	if depth == 0 {
		indent, allowance = indent+1, allowance+1
	}
	width := printWidth - indent
	room := width
	lines := value.SplitLines(s, true)
	for i, line := range lines {
		rep := value.Repr(value.String(line))
		if i == len(lines)-1 {
			room -= allowance
		}
		if runes(rep) <= room {
			chunks = append(chunks, rep)
			continue
		}
		chunks = appendWords(chunks, line, width, room)
	}
	if len(chunks) == 1 {
		p.b.WriteString(chunks[0])
		return
	}
	if depth == 0 {
		p.b.WriteByte('(')
	}
	p.b.WriteString(strings.Join(chunks, "\n"+strings.Repeat(" ", indent)))
	if depth == 0 {
		p.b.WriteByte(')')
	}
}

// appendWords fills literals with words and the space after them; the last must fit room.
func appendWords(chunks []string, line string, width, room int) []string {
	var words []string
	for line != "" {
		end := strings.IndexFunc(line, wrapSpace)
		if end < 0 {
			end = len(line)
		}
		for end < len(line) && wrapSpace(rune(line[end])) {
			end++
		}
		words = append(words, line[:end])
		line = line[end:]
	}
	current := ""
	for j, word := range words {
		limit := width
		if j == len(words)-1 {
			limit = room
		}
		if rep := value.Repr(value.String(current + word)); runes(rep) > limit {
			if current != "" {
				chunks = append(chunks, value.Repr(value.String(current)))
			}
			current = word
		} else {
			current += word
		}
	}
	if current != "" {
		chunks = append(chunks, value.Repr(value.String(current)))
	}
	return chunks
}
