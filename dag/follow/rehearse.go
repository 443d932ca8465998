package follow

import (
	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/sql/slicing"
)

// Rehearsal is how a model would advance, for tests that play its inputs.
type Rehearsal struct {
	Keyed  bool
	key    []string
	access []slicing.Access
}

// Rehearse proves that a model can follow inputs that stand in its full query's code.
func Rehearse(n *manifest.Node, code string, inputs []slicing.Input) (*Rehearsal, error) {
	m, problems := declare.OfModel(n)
	if m == nil {
		return nil, problems.Err()
	}
	r := &Rehearsal{key: uniqueKey(n)}
	r.Keyed = m.Advance == declare.Keyed || m.Advance == "" && len(r.key) > 0
	var err error
	if r.Keyed {
		r.access, err = slicing.Keys(code, inputs, r.key)
	} else {
		err = slicing.Appends(code, inputs)
	}
	if err != nil {
		d := diag.New(diag.CodeSlice, diag.Compilation, n.BodySpan, "model "+n.Name+" cannot follow its stream: "+err.Error())
		d.NodeID = n.UniqueID
		return nil, d
	}
	return r, nil
}

// Wants reports whether a model asks for slices.
func Wants(n *manifest.Node) bool {
	m, _ := declare.OfModel(n)
	return m != nil && m.Advance != declare.Plain && n.Config.Materialized() == "incremental"
}

// Conditions are which rows the model reads of each input while it takes in slices of a
// whole, all conditions by input; for a keyed one also the query of the touched keys, which go
// into the table keys. tables are the inputs' relations.
func (r *Rehearsal) Conditions(slices, whole, tables map[string]string, keys string) (conditions map[string]string, touched string) {
	if !r.Keyed {
		return slices, ""
	}
	access := make([]slicing.Access, len(r.access))
	for i, a := range r.access {
		access[i] = slicing.Access{Input: &slicing.Input{ID: a.Input.ID, Table: tables[a.Input.ID]}, Exprs: a.Exprs}
	}
	return keyedConditions(access, slices, whole, keys)
}

// Touched is the condition under which a row of the model has one of the keys.
func (r *Rehearsal) Touched(keys string) string { return member(r.key, keys) }
