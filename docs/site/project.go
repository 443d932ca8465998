package site

// kind is a type of resource; its number is part of the data format (types in core.js).
type kind uint8

const (
	kindModel kind = iota
	kindSeed
	kindSnapshot
	kindSource
	kindAnalysis
	kindExposure
	kindMetric
	kindSemanticModel
	kindSavedQuery
	kindFunction
	kindMacro
	kindGroup
	kindPackage
	kindTest
	kindUnitTest
	kindPage
	kindCount
)

var kindNames = [kindCount]string{"model", "seed", "snapshot", "source", "analysis", "exposure", "metric", "semantic_model", "saved_query",
	"function", "macro", "group", "package", "test", "unit_test", "page"}

func kindOf(name string) (kind, bool) {
	for i, n := range kindNames {
		if n == name {
			return kind(i), true
		}
	}
	return 0, false
}

// isTest says whether docs of this kind live in tests.js instead of core.js: there are many
// of them, and nothing but their own list and the search needs them all.
func (k kind) isTest() bool { return k == kindTest || k == kindUnitTest }

// raw is a JSON value as it stands in an artifact. It passes through to the page unchanged.
type raw []byte

// node is whatever has a page, with the keys of manifest.json that the site shows.
type node struct {
	id, name, pkg, path string
	kind                kind
	label               string // what people call it: source.table, name.v2
	alias               string
	database, schema    string
	relation            string
	materialized        string
	access, group       string
	owner, ownerEmail   string
	version, latest     string
	tags                []string
	description         raw
	descriptionText     string
	hasDescription      bool
	columns             []column
	depends, macros     []string
	enforced            bool
	severity            string

	// Tests.
	attached, testName, columnName string
	toField                        string // relationships: the column on the other side

	text *text // of a page of the manual

	facts []fact // further keys in the order they are shown, raw

	// Filled by link.
	children, usedBy, tests []*node
	parents                 []*node
	result                  *result
	shown                   *catalogTable
}

// fact is a key of the page that comes from the artifact as it is.
type fact struct {
	key   string
	value raw
}

type column struct {
	name        string
	key         string // lower case, to match the catalog and tests
	dataType    string
	description raw
	text        string
	facts       []fact
}

type catalogTable struct {
	kind, owner, comment string
	columns              []catalogColumn
	stats                raw
}

type catalogColumn struct {
	name, kind, comment string
	index               int
}

// result is what one run says about one node.
type result struct {
	status, message string
	seconds         float64
	rows            raw // number, or nil
	failures        raw // number, or nil
	at              string
}

// run is one run_results.json.
type run struct {
	at, command, version string
	elapsed              float64
	results              map[string]*result
}

// executes says whether the run touched data: results of `compile` and `docs generate` say
// nothing about the state of models and tests.
func (r *run) executes() bool {
	switch r.command {
	case "compile", "generate", "docs generate", "parse", "list", "show":
		return false
	}
	return true
}

// project is everything the artifacts say, linked.
type project struct {
	name, adapter, generated, dbtVersion string
	overview                             raw // docs block __overview__ of the project or of a package
	overviewRank                         int
	packageDocs                          map[string]raw // docs blocks __<package>__
	nodes                                []*node        // sorted by id
	byID                                 map[string]*node
	runs                                 []*run // newest first
	freshness                            map[string]raw
	freshnessStatus                      map[string]string
	streams                              map[string]raw
	edges                                map[string][]columnEdge
	uses                                 map[string][]columnEdge // by where they come from
	manual                               *manual
}
