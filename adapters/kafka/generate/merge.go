package generate

import (
	"fmt"
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/yaml"
)

// Merge puts tables into the text of a YAML file and keeps everything that is there, also
// comments. What it cannot put in without a doubt is an error.
func Merge(path, text string, tables []*Table) (string, error) {
	if strings.TrimSpace(text) == "" {
		return YAML(tables), nil
	}
	for _, t := range tables {
		next, err := merge(path, text, t)
		if err != nil {
			return "", fmt.Errorf("%s: %w; nothing was written", path, err)
		}
		text = next
	}
	return text, nil
}

func merge(path, text string, t *Table) (string, error) {
	doc, problems := yaml.ParseText(path, text)
	if err := problems.Err(); err != nil {
		return "", err
	}
	if !doc.IsMapping() {
		return "", fmt.Errorf("the file is no mapping")
	}
	sources := doc.Get("sources")
	var out string
	var err error
	switch {
	case !doc.Has("sources"):
		out = strings.TrimRight(text, "\n") + "\n\n" + strings.TrimPrefix(YAML([]*Table{t}), "version: 2\n\n")
	case !sources.IsSequence() || sources.Len() == 0:
		return "", fmt.Errorf("'sources' is no list")
	default:
		out, err = mergeSource(text, sources, t)
	}
	if err != nil {
		return "", err
	}
	return out, kept(path, doc, out, t)
}

func mergeSource(text string, sources *yaml.Node, t *Table) (string, error) {
	for _, s := range sources.Items() {
		if name, _ := s.Get("name").String(); name != t.Source {
			continue
		}
		tables := s.Get("tables")
		for _, table := range tables.Items() {
			if name, _ := table.Get("name").String(); name == t.Name {
				return "", fmt.Errorf("the table %s.%s is there already", t.Source, t.Name)
			}
		}
		if !tables.IsSequence() || tables.Len() == 0 {
			return "", fmt.Errorf("the source '%s' has no list of tables to add to", t.Source)
		}
		return insert(text, tables, t.lines())
	}
	lines := []string{"- name: " + scalar(t.Source), "  tables:"}
	for _, line := range t.lines() {
		lines = append(lines, "    "+line)
	}
	return insert(text, sources, lines)
}

// insert adds an item behind the last one of a list that is written in lines.
func insert(text string, list *yaml.Node, item []string) (string, error) {
	items := list.Items()
	last := items[len(items)-1].Span()
	begin := strings.LastIndexByte(text[:last.Start], '\n') + 1
	head := text[begin:last.Start]
	if strings.TrimLeft(head, " ") != "- " || !strings.HasPrefix(strings.TrimLeft(head, " "), "-") {
		return "", fmt.Errorf("a list is not written with one item a line")
	}
	indent := strings.Repeat(" ", len(head)-2)
	// The item ends before the next line that is indented no more than its dash.
	end := len(text)
	for at := last.Start; ; {
		n := strings.IndexByte(text[at:], '\n')
		if n < 0 {
			break
		}
		at += n + 1
		line := text[at:]
		if i := strings.IndexByte(line, '\n'); i >= 0 {
			line = line[:i]
		}
		body := strings.TrimLeft(line, " ")
		if body != "" && body[0] != '#' && len(line)-len(body) <= len(indent) {
			end = at
			break
		}
		if at >= len(text) {
			break
		}
	}
	before := strings.TrimRight(text[:end], "\n ")
	after := strings.TrimLeft(text[end:], "\n")
	var b strings.Builder
	b.WriteString(before + "\n")
	for _, line := range item {
		b.WriteString(indent + line + "\n")
	}
	if after != "" {
		if strings.TrimSpace(text[len(before):end]) == "" && strings.Count(text[len(before):end], "\n") > 1 {
			b.WriteString("\n")
		}
		b.WriteString(after)
	}
	return b.String(), nil
}

// kept makes sure that a file says what it said before, and the table besides.
func kept(path string, before *yaml.Node, text string, t *Table) error {
	after, problems := yaml.ParseText(path, text)
	if err := problems.Err(); err != nil {
		return fmt.Errorf("the table cannot be added to this file: %w", err)
	}
	old, now := before.Value(), after.Value()
	d, _ := now.AsDict()
	sources, _ := d.GetString("sources")
	list, ok := sources.AsList()
	found := false
	var rest []value.Value
	if ok {
		for _, s := range list.Items {
			sd, isDict := s.AsDict()
			if !isDict {
				continue
			}
			if name, _ := sd.GetString("name"); value.Str(name) != t.Source {
				rest = append(rest, s)
				continue
			}
			tables, _ := sd.GetString("tables")
			tl, isList := tables.AsList()
			if !isList {
				continue
			}
			var others []value.Value
			for _, table := range tl.Items {
				td, isDict := table.AsDict()
				name := value.None
				if isDict {
					name, _ = td.GetString("name")
				}
				if value.Str(name) == t.Name && !found {
					found = true
					continue
				}
				others = append(others, table)
			}
			if len(others) > 0 {
				sd.SetString("tables", value.NewList(others...))
				rest = append(rest, s)
			}
		}
	}
	if len(rest) > 0 {
		d.SetString("sources", value.NewList(rest...))
	} else {
		d.DeleteString("sources")
	}
	if !found || value.Repr(old) != value.Repr(now) {
		return fmt.Errorf("the table cannot be added without changing what is there")
	}
	return nil
}
