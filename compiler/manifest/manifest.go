package manifest

import "github.com/millrace/millrace/compiler/jinja/value"

// Manifest is a whole parsed project with its packages. Maps are keyed by unique_id;
// iteration for artifacts follows the Order slices so that output is deterministic.
type Manifest struct {
	ProjectName    string
	AdapterType    string
	Nodes          map[string]*Node
	Sources        map[string]*Source
	Macros         map[string]*Macro
	Docs           map[string]*Doc
	Exposures      map[string]*Exposure
	Groups         map[string]*Group
	UnitTests      map[string]*UnitTestDef
	Metrics        map[string]*Generic
	SemanticModels map[string]*Generic
	SavedQueries   map[string]*Generic
	Disabled       map[string][]any // *Node, *Source, *Exposure, *UnitTestDef, *Generic by unique_id
	Selectors      *value.Dict
	Operations     []*Node // on-run-start / on-run-end hooks, in order; also in Nodes

	// Parents and Children are the resolved edges between nodes, sources, exposures,
	// metrics …, sorted; every unique_id has an entry.
	Parents, Children map[string][]string

	lookup *lookup // built once by Finish: ref and source resolution
}
