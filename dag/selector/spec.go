// Package selector is dbt's node selection: the --select/--exclude grammar, YAML
// selectors, graph operators, set operators and indirect selection of tests.
package selector

import "github.com/millrace/millrace/compiler/jinja/value"

// Indirect says when a test that is not selected itself comes along with its parents.
type Indirect uint8

const (
	Eager     Indirect = iota // any parent is selected
	Cautious                  // all parents are selected
	Buildable                 // all parents are selected or upstream of the selection
	Empty                     // never
)

// ParseIndirect reads a mode's name; ok is false for any other text.
func ParseIndirect(s string) (mode Indirect, ok bool) {
	switch s {
	case "", "eager":
		return Eager, true
	case "cautious":
		return Cautious, true
	case "buildable":
		return Buildable, true
	case "empty":
		return Empty, true
	}
	return Eager, false
}

func (i Indirect) String() string {
	return [...]string{"eager", "cautious", "buildable", "empty"}[i]
}

// Op combines the parts of a Spec.
type Op uint8

const (
	One          Op = iota // a single criterion
	Union                  // any part
	Intersection           // every part
	Difference             // the first part without the others
)

// Spec is a parsed selection: a criterion, or parts under an operator. It is immutable.
type Spec struct {
	Op        Op
	Criterion Criterion // for One
	Parts     []*Spec   // for the others

	Indirect Indirect
	Raw      string
	Expect   bool // warn when it selects nothing: the user wrote it
}

// Criterion is one method with its value and graph operators.
type Criterion struct {
	Raw              string
	Method           string   // "fqn", "tag" …
	Args             []string // "materialized" in config.materialized:view
	Value            value.Value
	ChildrensParents bool
	Parents          bool
	ParentsDepth     int // -1 = all
	Children         bool
	ChildrenDepth    int // -1 = all
	Indirect         Indirect
}

// text is the value for methods that match names; YAML may give a number or a bool.
func (c *Criterion) text() string { return value.Str(c.Value) }

// Methods are the selector methods in dbt's order.
var Methods = []string{
	"fqn", "tag", "group", "access", "source", "path", "file", "package", "config", "test_name", "test_type",
	"resource_type", "state", "exposure", "metric", "result", "source_status", "version", "semantic_model",
	"saved_query", "unit_test", "selector",
}

func knownMethod(name string) bool {
	for _, m := range Methods {
		if m == name {
			return true
		}
	}
	return false
}
