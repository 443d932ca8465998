package manifest

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// SelectorsByName is selectors.yml as the manifest shows it: with every criterion taken apart.
func SelectorsByName(content *value.Dict) *value.Dict {
	out := value.NewDict(0)
	list, _ := content.GetString("selectors")
	for _, item := range list.Items() {
		s, ok := item.AsDict()
		if !ok {
			continue
		}
		s = s.Copy()
		definition, _ := s.GetString("definition")
		s.SetString("definition", selectorDefinition(definition))
		name, _ := s.GetString("name")
		out.SetString(value.Str(name), value.FromDict(s))
	}
	return out
}

func selectorDefinition(v value.Value) value.Value {
	if text, ok := v.AsString(); ok {
		return selectorCriterion(text)
	}
	d, ok := v.AsDict()
	if !ok || d.Len() == 0 {
		return v
	}
	for _, key := range []string{"union", "intersection"} {
		if list, ok := d.GetString(key); ok {
			return oneKey(key, selectorParts(list))
		}
	}
	if d.Len() > 1 {
		return v
	}
	for k, item := range d.All() {
		key := value.Str(k)
		if item.Kind() == value.KindList {
			item = selectorParts(item)
		}
		if key == "exclude" {
			return oneKey(key, item)
		}
		out := value.NewDict(2)
		out.SetString("method", value.String(key))
		out.SetString("value", item)
		return value.FromDict(out)
	}
	return v
}

func selectorParts(list value.Value) value.Value {
	var parts []value.Value
	for _, item := range list.Items() {
		parts = append(parts, selectorDefinition(item))
	}
	return value.NewList(parts...)
}

func oneKey(key string, v value.Value) value.Value {
	d := value.NewDict(1)
	d.SetString(key, v)
	return value.FromDict(d)
}

// criterionPattern is one criterion of the command line.
var criterionPattern = regexp.MustCompile(`(?s)\A(?P<childrens_parents>@)?(?P<parents>(?P<parents_depth>\d*)\+)?(?:(?P<method>[\w.]+):)?(?P<value>.*?)(?P<children>\+(?P<children_depth>\d*))?\z`)

// selectorCriterion takes "tag:nightly+2" apart: method, value, and those graph operators that are there.
func selectorCriterion(text string) value.Value {
	out := value.NewDict(4)
	match := criterionPattern.FindStringSubmatch(text)
	names := criterionPattern.SubexpNames()
	if match[slices.Index(names, "method")] == "" {
		match[slices.Index(names, "method")] = DefaultMethod(match[slices.Index(names, "value")])
	}
	for i, name := range names {
		switch {
		case name == "" || match[i] == "":
		case name == "childrens_parents" || name == "parents" || name == "children":
			out.SetString(name, value.Bool(true))
		default:
			out.SetString(name, value.String(match[i]))
		}
	}
	return value.FromDict(out)
}

// DefaultMethod is the method of a criterion that names none.
func DefaultMethod(text string) string {
	switch {
	case strings.ContainsRune(text, '/'):
		return "path"
	case slices.Contains([]string{".sql", ".py", ".csv"}, strings.ToLower(filepath.Ext(text))):
		return "file"
	}
	return "fqn"
}
