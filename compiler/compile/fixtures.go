package compile

import (
	rendering "github.com/millrace/millrace/compiler/context"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/manifest"
)

// Fixture is the CTE that stands for one input of a unit test.
type Fixture struct {
	Identifier string // behind the CTE prefix
	SQL        string
	Map        *Map // nil when the SQL was generated
}

// Fixtures are the inputs of a unit test, by the unique_id of what they replace.
type Fixtures struct {
	byID      map[string]Fixture
	This      string // unique_id of the tested model when it is an input itself
	test      string
	overrides *rendering.UnitTest
}

// NewFixtures makes the inputs of a unit test.
func NewFixtures(test string, byID map[string]Fixture, this string, overrides *rendering.UnitTest) *Fixtures {
	f := &Fixtures{byID: byID, This: this, test: test, overrides: overrides}
	if this != "" && overrides != nil {
		overrides.This = "__dbt__cte__" + byID[this].Identifier
	}
	return f
}

func (f *Fixtures) missing(m *manifest.Manifest, id string) error {
	name, kind := id, "node"
	if n := m.Nodes[id]; n != nil {
		name = n.Name
	} else if s := m.Sources[id]; s != nil {
		name, kind = s.SourceName+"."+s.Name, "source"
	}
	d := diag.New(diag.CodeRefNotFound, diag.Compilation, diag.Span{},
		"Unit_Test '"+f.test+"' depends on a "+kind+" named '"+name+"' which was not found")
	d.Hint = "every ref() and source() of the tested model needs an input in the unit test's 'given'"
	return d
}

// SQL is the query of an input.
func (f *Fixtures) SQL(id string) string { return f.byID[id].SQL }

// With is a copy in which some inputs have other queries.
func (f *Fixtures) With(sql map[string]string) *Fixtures {
	c := *f
	c.byID = make(map[string]Fixture, len(f.byID))
	for id, x := range f.byID {
		if text, ok := sql[id]; ok {
			x.SQL, x.Map = text, nil
		}
		c.byID[id] = x
	}
	return &c
}
