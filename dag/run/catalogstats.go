package run

import (
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// catalogStat finds the columns of one statistic: get_catalog may return
// "stats:<id>:label", ":value", ":description" and ":include".
type catalogStat struct {
	id                                 string
	label, value, description, include int // column positions, -1 = absent
}

func catalogStats(names []string) []catalogStat {
	var out []catalogStat
	byID := map[string]int{}
	for i, name := range names {
		parts := strings.Split(strings.ToLower(name), ":")
		if len(parts) != 3 || parts[0] != "stats" {
			continue
		}
		at, known := byID[parts[1]]
		if !known {
			at = len(out)
			byID[parts[1]] = at
			out = append(out, catalogStat{id: parts[1], label: -1, value: -1, description: -1, include: -1})
		}
		switch parts[2] {
		case "label":
			out[at].label = i
		case "value":
			out[at].value = i
		case "description":
			out[at].description = i
		case "include":
			out[at].include = i
		}
	}
	return out
}

func (s catalogStat) of(row []value.Value) manifest.CatalogStat {
	get := func(i int) value.Value {
		if i < 0 {
			return value.None
		}
		return row[i]
	}
	text := func(i int) string {
		if v := get(i); !v.IsNull() {
			return value.Str(v)
		}
		return ""
	}
	return manifest.CatalogStat{ID: s.id, Label: text(s.label), Description: text(s.description), Value: get(s.value), Include: value.Truth(get(s.include))}
}
