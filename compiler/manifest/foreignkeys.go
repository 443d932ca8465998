package manifest

import "github.com/millrace/millrace/compiler/jinja/value"

// ForeignKey is what the `to` of a foreign key constraint refers to: a ref or a source.
type ForeignKey struct {
	To     string // as it stands in the YAML: ref('customers')
	Ref    *Ref
	Source *SourceRef
}

// withTargets is the node with relations in place of what its foreign keys refer to.
func (n *Node) withTargets(names map[string]string) *Node {
	if len(names) == 0 {
		return n
	}
	out := *n
	out.Constraints = constraintsTo(n.Constraints, names)
	out.Columns = make([]*Column, len(n.Columns))
	for i, c := range n.Columns {
		column := *c
		column.Constraints = constraintsTo(c.Constraints, names)
		out.Columns[i] = &column
	}
	return &out
}

func constraintsTo(list []*value.Dict, names map[string]string) []*value.Dict {
	out := make([]*value.Dict, len(list))
	for i, d := range list {
		out[i] = d
		to, ok := d.GetString("to")
		if !ok || to.IsNone() {
			continue
		}
		name, ok := names[value.Str(to)]
		if !ok {
			continue
		}
		out[i] = value.NewDict(d.Len())
		for k, v := range d.All() {
			out[i].SetString(value.Str(k), v)
		}
		out[i].SetString("to", value.String(name))
	}
	return out
}
