package selector

import (
	"testing"

	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// TestModernized: configs that an older dbt wrote as a syntax tree are written from the code again.
func TestModernized(t *testing.T) {
	m := manifest.New("p", "duckdb")
	old := value.NewDict(3)
	old.SetString("materialized", value.String("Keyword(key='materialized', value=Const(value='table'))"))
	old.SetString("schema", value.String("Keyword(key='schema', value=Call(node=Name(name='var', ctx='load')))"))
	old.SetString("tags", value.String("['a']"))
	n := &manifest.Node{UniqueID: "model.p.m", ResourceType: manifest.Model, Unrendered: old,
		RawCode: "{{ config(materialized='table', schema=var('s', target.schema)) }} select 1"}
	m.Nodes[n.UniqueID] = n
	m.Order.Nodes = append(m.Order.Nodes, n.UniqueID)
	m.Index()
	modernized(m)
	want := `{'materialized': 'table', 'schema': "var('s', target.schema)", 'tags': "['a']"}`
	if got := value.Repr(value.FromDict(n.Unrendered)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if n.Access != "protected" {
		t.Errorf("a model without access has %q", n.Access)
	}
	if value.Repr(value.FromDict(old)) == want {
		t.Error("the dictionary of the manifest was changed in place")
	}
}
