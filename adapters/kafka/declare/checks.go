package declare

import (
	"slices"
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// Answers of a source to rows that its data tests find.
const (
	ReportRows     = "report"
	QuarantineRows = "quarantine"
)

// Check is a data test of a source that judges rows one by one.
type Check struct {
	Test   string // its name
	Column string
	value  value.Value // for the macro that finds the rows
}

// Value is the check as the macro stream_failing_rows takes it.
func (c Check) Value() value.Value { return c.value }

// Checks are dbt's own not_null and accepted_values tests of a source, of severity error and
// without thresholds: a row that one of them finds is wrong by itself.
func Checks(m *manifest.Manifest, source string) []Check {
	var out []Check
	for _, id := range m.Order.Nodes {
		n := m.Nodes[id]
		t := n.Test
		if t == nil || t.Kwargs == nil || t.Namespace != "" && t.Namespace != "dbt" || !slices.Contains(n.DependsOn.Nodes, source) {
			continue
		}
		c := n.Config
		if !strings.EqualFold(c.String("severity"), "error") || c.String("error_if") != "!= 0" || c.String("fail_calc") != "count(*)" || !c.Get("limit").IsNull() {
			continue
		}
		column, ok := t.Kwargs.GetString("column_name")
		if !ok || t.Name != "not_null" && t.Name != "accepted_values" {
			continue
		}
		d := value.NewDict(6)
		d.SetString("test", value.String(n.Name))
		d.SetString("kind", value.String(t.Name))
		d.SetString("column", column)
		d.SetString("where", c.Get("where"))
		list, _ := t.Kwargs.GetString("values")
		d.SetString("values", list)
		quote, given := t.Kwargs.GetString("quote")
		d.SetString("quote", value.Bool(!given || value.Truth(quote)))
		out = append(out, Check{Test: n.Name, Column: value.Str(column), value: value.FromDict(d)})
	}
	return out
}
