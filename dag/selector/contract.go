package selector

import (
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// sameContract compares enforced contracts. A change that breaks readers is noted once per
// model: a warning, or an error for a versioned model.
func (c *comparison) sameContract(n, o *manifest.Node) bool {
	if n.ResourceType != manifest.Model || o == nil || o.ResourceType != manifest.Model {
		return true
	}
	if !o.Contract.Enforced {
		return !n.Contract.Enforced
	}
	if n.Contract.Enforced && n.Contract.Checksum == o.Contract.Checksum {
		return true
	}
	if changes := c.breakingChanges(n, o); len(changes) > 0 {
		c.report(n, changes)
	}
	return false
}

func (c *comparison) breakingChanges(n, o *manifest.Node) []string {
	var changes, removed, types, columnConstraints, modelConstraints []string
	if !n.Contract.Enforced {
		changes = append(changes, "Contract enforcement was removed: Previously, this model had an enforced contract. "+
			"It is no longer configured to enforce its contract, and this is a breaking change.")
	}
	now := map[string]*manifest.Column{}
	for _, col := range n.Columns {
		now[col.Name] = col
	}
	enforces := enforcesConstraints(o)
	constrained := len(o.Constraints) > 0
	for _, col := range sortedColumns(o.Columns) {
		cur := now[col.Name]
		constrained = constrained || len(col.Constraints) > 0
		switch {
		case cur == nil:
			removed = append(removed, col.Name)
			continue
		case col.DataType != cur.DataType && baseType(col.DataType) != baseType(cur.DataType):
			types = append(types, col.Name+" ("+orNone(col.DataType)+" -> "+orNone(cur.DataType)+")")
		}
		if enforces {
			for _, was := range missingConstraints(col.Constraints, cur.Constraints) {
				columnConstraints = append(columnConstraints, "'"+constraintName(was)+"' constraint on column "+col.Name)
			}
		}
	}
	if enforces {
		for _, was := range missingConstraints(o.Constraints, n.Constraints) {
			modelConstraints = append(modelConstraints, "'"+constraintName(was)+"' constraint on columns "+value.Str(get(was, "columns")))
		}
	}
	for _, part := range []struct {
		title string
		lines []string
	}{
		{"Columns were removed: ", removed},
		{"Columns with data_type changes: ", types},
		{"Enforced column level constraints were removed: ", columnConstraints},
		{"Enforced model level constraints were removed: ", modelConstraints},
	} {
		if len(part.lines) > 0 {
			changes = append(changes, part.title+"\n    - "+strings.Join(part.lines, "\n    - "))
		}
	}
	if enforces && !enforcesConstraints(n) && constrained {
		changes = append(changes, "Materialization changed with enforced constraints: \n    - "+
			o.Config.Materialized()+" -> "+n.Config.Materialized())
	}
	return changes
}

func orNone(s string) string {
	if s == "" {
		return "None"
	}
	return s
}

func sortedColumns(columns []*manifest.Column) []*manifest.Column {
	by := make(map[string]*manifest.Column, len(columns))
	names := map[string]bool{}
	for _, c := range columns {
		by[c.Name], names[c.Name] = c, true
	}
	out := make([]*manifest.Column, 0, len(columns))
	for _, name := range sorted(names) {
		out = append(out, by[name])
	}
	return out
}

func enforcesConstraints(n *manifest.Node) bool {
	m := n.Config.Materialized()
	return m == "table" || m == "incremental"
}

// baseType is a type without size, precision and scale, whose changes break nothing.
func baseType(t string) string {
	if i := strings.IndexByte(t, '('); i >= 0 {
		t = t[:i]
	}
	return strings.ToLower(strings.TrimSpace(t))
}

// missingConstraints are those of before that after lacks. Both engines enforce all kinds but custom.
func missingConstraints(before, after []*value.Dict) []*value.Dict {
	var out []*value.Dict
	for _, was := range before {
		found := value.Str(get(was, "type")) == "custom"
		for _, is := range after {
			found = found || sameDict(was, is)
		}
		if !found {
			out = append(out, was)
		}
	}
	return out
}

func constraintName(d *value.Dict) string {
	if name := get(d, "name"); !name.IsNull() {
		return value.Str(name)
	}
	return value.Str(get(d, "type"))
}

// removed notes contracted models that are gone. Removed nodes are never selected.
func (c *comparison) removed(contracts bool) {
	if !contracts {
		return
	}
	for id, o := range c.old.Nodes {
		if o.ResourceType != manifest.Model || !o.Contract.Enforced {
			continue
		}
		if _, there := c.new.Nodes[id]; there {
			continue
		}
		if c.sel.opts.Expired != nil && c.sel.opts.Expired(o.DeprecationDate) {
			continue
		}
		change := "Contracted model '" + id + "' was deleted or renamed."
		if _, disabled := c.new.Disabled[id]; disabled {
			change = "Contracted model '" + id + "' was disabled."
		}
		c.report(o, []string{change})
	}
}

func (c *comparison) report(n *manifest.Node, changes []string) {
	if c.reported[n.UniqueID] {
		return
	}
	if c.reported == nil {
		c.reported = map[string]bool{}
	}
	c.reported[n.UniqueID] = true
	reasons := strings.Join(changes, "\n  - ")
	d := diag.New(diag.CodeSelection, diag.Runtime, n.PatchSpan, "")
	d.NodeID = n.UniqueID
	if n.Version.IsNull() {
		d.Severity, d.Event = diag.Warning, "UnversionedBreakingChange"
		d.Summary = "Breaking change to contracted, unversioned model " + n.Name + " (" + n.OriginalFilePath + ")"
		d.Detail = "While comparing to previous project state, dbt detected a breaking change to an unversioned model.\n  - " + reasons + "\n"
	} else {
		d.Kind = "Breaking change to contract"
		d.Node = "model " + n.Name + " (" + n.OriginalFilePath + ")"
		d.Summary = "While comparing to previous project state, dbt detected a breaking change to an enforced contract."
		d.Detail = "  - " + reasons + "\nConsider making an additive (non-breaking) change instead, if possible.\n" +
			"Otherwise, create a new model version."
	}
	c.breaking = append(c.breaking, d)
}
