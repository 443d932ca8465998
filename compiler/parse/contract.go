package parse

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sort"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// patchProperties applies the parts of a model's YAML that depend on its config:
// constraints with the references of foreign keys, and the contract's checksum.
func (p *parser) patchProperties(d *draft) {
	n := d.node
	if n.ResourceType != manifest.Model || d.patch == nil {
		return
	}
	p.constraints(d)
	if n.Contract.Enforced {
		n.Contract.Checksum = contractChecksum(n)
	}
}

func enforcesConstraints(n *manifest.Node) bool {
	m := n.Config.Materialized()
	return m == "table" || m == "incremental"
}

func (p *parser) constraints(d *draft) {
	n, x := d.node, d.patch
	invalid := false
	for _, c := range x.constraints {
		if !validConstraint(textOf(c, "type")) {
			invalid = true
			continue
		}
		n.Constraints = append(n.Constraints, constraintValue(c, true))
	}
	if n.Contract.Enforced {
		p.contractPrerequisites(d)
		if invalid {
			p.report(d.fail(diag.CodeConfigValue, diag.Parsing, x.entry.node.KeySpan("constraints"), fmt.Sprintf(
				"Invalid constraint type on model %s: Type must be one of %s", n.Name, value.Repr(value.Strings(constraintTypes...)))))
		}
	}
	p.primaryKeyConstraints(d)
	all := append([]*value.Dict(nil), n.Constraints...)
	for _, c := range n.Columns {
		all = append(all, c.Constraints...)
	}
	for _, c := range all {
		to := textOf(c, "to")
		if textOf(c, "type") != "foreign_key" || to == "" {
			continue
		}
		ref, source, ok := refOrSource(to, x.span)
		switch {
		case !ok:
			p.report(d.fail(diag.CodeConfigValue, diag.Parsing, x.span, fmt.Sprintf(
				"Invalid 'ref' or 'source' syntax on foreign key constraint 'to' on model %s: %s.", n.Name, to)))
		case ref != nil:
			n.Refs = append(n.Refs, *ref)
			n.ForeignKeys = append(n.ForeignKeys, manifest.ForeignKey{To: to, Ref: ref})
		default:
			n.Sources = append(n.Sources, *source)
			n.ForeignKeys = append(n.ForeignKeys, manifest.ForeignKey{To: to, Source: source})
		}
	}
}

func (p *parser) contractPrerequisites(d *draft) {
	n := d.node
	var problems []string
	if len(n.Columns) == 0 {
		problems = append(problems, "Constraints must be defined in a `yml` schema configuration file like `schema.yml`.")
	}
	if n.Language != "sql" {
		problems = append(problems, "Language Error: Expected 'sql' but found '"+n.Language+"'")
	}
	if problems != nil {
		p.report(d.fail(diag.CodeConfigValue, diag.Parsing, d.patch.span,
			"Contract enforcement failed for: ("+n.OriginalFilePath+")\n"+strings.Join(problems, "\n")))
	}
	warn := false
	for _, c := range n.Columns {
		for _, constraint := range c.Constraints {
			warn = warn || value.Truth(get(constraint, "warn_unsupported"))
		}
	}
	if warn && !enforcesConstraints(n) {
		p.warn("UnsupportedConstraintMaterialization", diag.CodeConfigValue, d.patch.span, "Constraint types are not supported for "+n.Config.Materialized()+
			" materializations and will be ignored.  Set 'warn_unsupported: false' on this constraint to ignore this warning.")
	}
}

func (p *parser) primaryKeyConstraints(d *draft) {
	n := d.node
	var columns []string
	for _, c := range n.Columns {
		for _, constraint := range c.Constraints {
			if textOf(constraint, "type") == "primary_key" {
				columns = append(columns, c.Name)
			}
		}
	}
	model := false
	for _, c := range n.Constraints {
		model = model || textOf(c, "type") == "primary_key"
	}
	var problems []string
	if len(columns) > 1 {
		problems = append(problems, fmt.Sprintf(
			"Found %d columns (%s) with primary key constraints defined. Primary keys for multiple columns must be defined as a model level constraint.",
			len(columns), value.Repr(value.Strings(columns...))))
	}
	if len(columns) > 0 && model {
		problems = append(problems, "Primary key constraints defined at the model level and the columns level. Primary keys can be defined at the model level or the column level, not both.")
	}
	if problems != nil {
		p.report(d.fail(diag.CodeConfigValue, diag.Parsing, d.patch.span, "Primary key constraint error: ("+n.OriginalFilePath+")\n"+strings.Join(problems, "\n")))
	}
}

// contractChecksum identifies what the contract promises: the columns with their types and
// constraints, and for tables the materialization and the model's constraints.
func contractChecksum(n *manifest.Node) string {
	columns := append([]*manifest.Column(nil), n.Columns...)
	sort.SliceStable(columns, func(i, j int) bool { return columns[i].Name < columns[j].Name })
	var b strings.Builder
	for _, c := range columns {
		b.WriteString("|" + c.Name)
		b.WriteString(value.Str(value.OptString(c.DataType)))
		b.WriteString(constraintsRepr(c.Constraints, "ColumnLevelConstraint"))
	}
	if enforcesConstraints(n) {
		b.WriteString(n.Config.Materialized())
		b.WriteString(constraintsRepr(n.Constraints, "ModelLevelConstraint"))
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:])
}

// constraintsRepr is how Python prints the list, which is what dbt hashes.
func constraintsRepr(list []*value.Dict, class string) string {
	parts := make([]string, len(list))
	for i, c := range list {
		var fields []string
		for k, v := range c.All() {
			key, text := value.Str(k), value.Repr(v)
			if key == "type" {
				text = "<ConstraintType." + value.Str(v) + ": '" + value.Str(v) + "'>"
			}
			fields = append(fields, key+"="+text)
		}
		parts[i] = class + "(" + strings.Join(fields, ", ") + ")"
	}
	return "[" + strings.Join(parts, ", ") + "]"
}
