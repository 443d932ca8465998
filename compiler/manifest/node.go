// Package manifest is the resolved project as data: nodes, sources, macros and the
// other resources with their edges, and the dbt artifacts written from them. Values
// are built by compiler/parse and never change afterwards.
package manifest

import (
	"sync/atomic"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// ResourceType is dbt's resource_type.
type ResourceType string

const (
	Model         ResourceType = "model"
	Seed          ResourceType = "seed"
	Snapshot      ResourceType = "snapshot"
	Test          ResourceType = "test"
	UnitTest      ResourceType = "unit_test"
	Analysis      ResourceType = "analysis"
	Operation     ResourceType = "operation"
	SQLOperation  ResourceType = "sql_operation"
	SourceType    ResourceType = "source"
	MacroType     ResourceType = "macro"
	DocType       ResourceType = "doc"
	ExposureType  ResourceType = "exposure"
	GroupType     ResourceType = "group"
	MetricType    ResourceType = "metric"
	SemanticModel ResourceType = "semantic_model"
	SavedQuery    ResourceType = "saved_query"
	FunctionType  ResourceType = "function"
)

// Checksum identifies a file's content as dbt does (sha256 of the stripped text; "path"
// for seeds over 1 MiB; "none").
type Checksum struct{ Name, Checksum string }

// Ref is one ref() call. Version is undefined when not given.
type Ref struct {
	Package string
	Name    string
	Version value.Value
	Span    diag.Span
}

// SourceRef is one source() call.
type SourceRef struct {
	Source, Table string
	Span          diag.Span
}

// DependsOn are resolved edges, in order of first use, without duplicates.
type DependsOn struct{ Macros, Nodes []string }

// Node is everything that has a body and may run: models, seeds, snapshots, analyses,
// data tests, operations, functions.
type Node struct {
	ResourceType     ResourceType
	UniqueID         string
	Name             string
	PackageName      string
	Path             string // below the resource folder: "staging/stg_orders.sql"
	OriginalFilePath string // below the project: "models/staging/stg_orders.sql"
	RootPath         string // absolute folder of its project, OS-specific; seeds read their file from here
	FQN              []string
	Database, Schema string
	Alias            string
	Relation         string // relation_name, "" when it has none
	Checksum         Checksum
	Config           *Config
	Unrendered       *value.Dict // unrendered_config, for state comparison
	Tags             []string
	Description      string
	Columns          []*Column
	Meta             *value.Dict
	Group            string
	Docs             Docs
	PatchPath        string // "pkg://models/schema.yml"
	CreatedAt        float64
	RawCode          string
	BodySpan         diag.Span // where RawCode stands in the user's file
	PatchSpan        diag.Span // where its YAML entry stands
	Language         string    // "sql" or "python"
	Refs             []Ref
	Sources          []SourceRef
	Functions        [][]string
	Metrics          [][]string
	DependsOn        DependsOn
	DocBlocks        []string
	Contract         Contract

	// models
	Access          string
	Constraints     []*value.Dict
	ForeignKeys     []ForeignKey // of the model and its columns
	Version         value.Value  // undefined when unversioned
	LatestVersion   value.Value
	DeprecationDate string
	PrimaryKey      []string
	TimeSpine       *value.Dict

	// data tests
	Test         *TestMetadata // nil for singular tests
	ColumnName   string
	FileKeyName  string
	AttachedNode string

	// operations
	Index int

	// functions
	Arguments, Returns, Overloads value.Value

	Span  diag.Span   // where the node is defined
	Extra *value.Dict // further keys carried into the artifact as they are
}

// Docs is the docs block of a resource.
type Docs struct {
	Show      bool
	NodeColor string
}

// Contract is the model contract.
type Contract struct {
	Enforced, AliasTypes bool
	Checksum             string
}

// Column is a documented column.
type Column struct {
	Name, Description, DataType string
	Meta                        *value.Dict
	Constraints                 []*value.Dict
	Quote                       *bool
	Tags                        []string
	DocBlocks                   []string
	Granularity                 string
	Dimension, Entity           value.Value // undefined when not given
	Extra                       *value.Dict // keys dbt does not know, carried along
	Span                        diag.Span
}

// TestMetadata ties a generic test to its macro.
type TestMetadata struct {
	Name      string
	Namespace string // package of the test macro, "" for none
	Kwargs    *value.Dict
	Macro     string // unique_id of the test macro
}

// Source is one source table.
type Source struct {
	UniqueID, Name, PackageName, Path, OriginalFilePath string
	FQN                                                 []string
	SourceName, SourceDescription, Loader, Identifier   string
	Database, Schema, Relation                          string
	UnrenderedDatabase, UnrenderedSchema                string
	Quoting                                             *value.Dict
	LoadedAtField, LoadedAtQuery                        string
	Freshness                                           *value.Dict
	External                                            *value.Dict
	Description                                         string
	Columns                                             []*Column
	Meta, SourceMeta                                    *value.Dict
	Tags                                                []string
	Config                                              *Config
	Unrendered                                          *value.Dict
	PatchPath                                           string
	CreatedAt                                           float64
	DocBlocks                                           []string
	Span                                                diag.Span
}

// Macro is a macro, generic test or materialization as the manifest lists it.
type Macro struct {
	UniqueID, Name, PackageName, Path, OriginalFilePath string
	SQL                                                 string
	Description, PatchPath                              string
	Meta                                                *value.Dict
	Docs                                                Docs
	Config                                              *value.Dict
	Arguments                                           []*value.Dict
	DependsOn                                           []string // macro unique_ids
	SupportedLanguages                                  []string
	CreatedAt                                           float64
	Span                                                diag.Span
}

// Doc is a docs block.
type Doc struct {
	UniqueID, Name, PackageName, Path, OriginalFilePath, Contents string
	Span                                                          diag.Span
}

// Exposure is a downstream use.
type Exposure struct {
	UniqueID, Name, PackageName, Path, OriginalFilePath string
	FQN                                                 []string
	Type, Label, Description, Maturity, URL             string
	Owner                                               *value.Dict
	Config                                              *Config
	Unrendered                                          *value.Dict
	Meta                                                *value.Dict
	Tags                                                []string
	Refs                                                []Ref
	Sources                                             []SourceRef
	Metrics                                             [][]string
	DependsOn                                           DependsOn
	CreatedAt                                           float64
	Span                                                diag.Span
}

// Group is an ownership group.
type Group struct {
	UniqueID, Name, PackageName, Path, OriginalFilePath, Description string
	Owner                                                            *value.Dict
	Config                                                           *value.Dict
	Span                                                             diag.Span
}

// UnitTestDef is a unit test as declared.
type UnitTestDef struct {
	UniqueID, Name, PackageName, Path, OriginalFilePath string
	FQN                                                 []string
	Model                                               string // as written
	TestedNode                                          string // unique_id of the model under test
	Given                                               []Fixture
	Expect                                              Fixture
	Overrides                                           *value.Dict
	Description                                         string
	Versions                                            value.Value
	Version                                             value.Value
	Config                                              *Config
	DependsOn                                           DependsOn
	CreatedAt                                           float64
	Checksum                                            string
	Schema                                              string
	Macro                                               *MacroTest // of a test of a macro
	Span                                                diag.Span
}

// MacroTest is what a unit test of a macro has besides: in the manifest its Model is the macro's name.
type MacroTest struct {
	ID     string   // the macro's unique_id
	Code   string   // the template that calls it
	Inputs []string // calls of ref and source among the arguments
	Text   bool     // expect.rows is the text that the macro should give, not a query for rows
}

// Fixture is one input or the expectation of a unit test.
type Fixture struct {
	Input   string // "ref('x')", "source('a','b')", "this"; empty for expect
	Rows    value.Value
	Format  string
	Fixture string
	Span    diag.Span
}

// Generic is a resource that is validated and carried into the manifest without being
// executed here: metrics, semantic models, saved queries. Body holds the artifact's keys in order.
type Generic struct {
	ResourceType     ResourceType
	UniqueID         string
	Name             string
	PackageName      string
	Path             string
	OriginalFilePath string
	FQN              []string
	DependsOn        DependsOn
	Refs             []Ref
	Config           *Config
	Group            string
	Tags             []string
	Body             *value.Dict
	CreatedAt        float64
	Span             diag.Span
}

// Config is a node's resolved configuration: dbt's keys with their defaults, in dbt's
// order, then the user's own keys.
type Config struct {
	Values *value.Dict
	shared bool                       // Values belongs to several resources
	own    atomic.Pointer[value.Dict] // what templates of this one see of shared Values
}

// SharedConfig is a config whose values belong to several resources.
func SharedConfig(values *value.Dict) *Config { return &Config{Values: values, shared: true} }

// Own is the values for templates, which may change what they are given: of a shared
// config a copy, always the same one.
func (c *Config) Own() *value.Dict {
	switch {
	case c == nil:
		return nil
	case !c.shared:
		return c.Values
	}
	if d := c.own.Load(); d != nil {
		return d
	}
	c.own.CompareAndSwap(nil, c.Values.DeepCopy())
	return c.own.Load()
}

// Look is one of the values that Own gives, for looking at it only.
func (c *Config) Look(key string) (value.Value, bool) {
	if c == nil || c.Values == nil {
		return value.Undef, false
	}
	if d := c.own.Load(); d != nil {
		return d.GetString(key)
	}
	return c.Values.GetString(key)
}

// OwnValue is one of the values that Own gives. Only for one that a template can change a copy is made.
func (c *Config) OwnValue(key string) (value.Value, bool) {
	v, ok := c.Look(key)
	switch v.Kind() {
	case value.KindUndefined, value.KindNone, value.KindBool, value.KindInt, value.KindFloat, value.KindString:
		return v, ok
	}
	return c.Own().GetString(key)
}

// Set changes a value while the resource is being made.
func (c *Config) Set(key string, v value.Value) {
	if c.shared {
		c.Values, c.shared = c.Values.DeepCopy(), false
	}
	c.Values.SetString(key, v)
}
