package context

import (
	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/relation"
)

// Runtime is what a node may use while it is compiled and run. A nil function means that
// templates cannot do this here and say so.
type Runtime struct {
	// Adapter is the `adapter` object, bound to the node's connection. Nil is for commands that
	// may not connect: its methods that would ask the database then fail.
	Adapter value.Object

	// Ref and Source name the relation of a resolved dependency: the CTE of an ephemeral
	// model, the deferred relation, with limit and event-time filter, or a unit test's fixture.
	Ref    func(id string) (*relation.Relation, error)
	Source func(id string) (*relation.Relation, error)
	// Function names a user-defined function; nil makes the plain relation.
	Function func(id string) (*relation.Relation, error)

	// Write stores a statement under target/run, for `write()`.
	Write func(payload string) error
	// LoadSeed reads the node's CSV, for load_agate_table().
	LoadSeed func() (*agate.Table, error)
	// SubmitPython runs a Python model; nil says that the engine cannot.
	SubmitPython func(model value.Value, code string) (value.Value, error)

	This          *relation.Relation // nil: made from the node
	DeferRelation *relation.Relation
	CompiledCode  value.Value // `compiled_code` and `sql`; undefined before compiling
	Model         value.Value // `model`; undefined: the node's own

	// AnyDependency lets ref() name nodes that parsing did not see (run-operation, hooks).
	AnyDependency bool

	// Results, Schemas and DatabaseSchemas exist in on-run-end hooks only.
	Results         value.Value
	Schemas         []string
	DatabaseSchemas [][2]string

	// Unit test: fixtures and overrides.
	UnitTest *UnitTest

	// Quiet keeps what templates log or print to themselves: the node is rendered only to look at it.
	Quiet bool

	ThreadName string          // thread_id, "MainThread" when empty
	NodeInfo   *event.NodeInfo // for events that templates emit
	Extra      *value.Dict     // further names, which win over all others
}

// UnitTest holds what a unit test changes for the model that it runs.
type UnitTest struct {
	Vars    *value.Dict
	EnvVars *value.Dict
	Macros  *value.Dict // name or package.name → value that the call returns
	This    string      // CTE name that stands for `this`, "" without such a fixture
}
