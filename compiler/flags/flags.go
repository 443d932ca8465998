// Package flags holds the settings of one invocation after command line, DBT_*
// environment, project flags and defaults have been merged, and the one table from
// which the command line, the environment and the project file are read.
package flags

import "time"

// Flags is read-only once the command runs.
type Flags struct {
	Which string // "run", "build", "test" …: dbt's flags.WHICH

	ProjectDir, ProfilesDir, Profile, Target, TargetPath, LogPath                          string
	PackagesInstallPath                                                                    string
	Vars                                                                                   string // YAML text of --vars
	Threads                                                                                int    // 0 = from the profile
	Select, Exclude, Models                                                                []string
	Selector                                                                               string
	ResourceTypes, ExcludeResourceTypes                                                    []string
	IndirectSelection                                                                      string // eager, cautious, buildable, empty
	FullRefresh, Empty, FailFast, StoreFailures, Debug, Quiet                              bool
	FullRefreshSet, StoreFailuresSet                                                       bool // given explicitly
	Sample, EventTimeStart, EventTimeEnd                                                   string
	State, DeferState                                                                      string
	Defer, FavorState                                                                      bool
	WarnError                                                                              bool
	WarnErrorOptions                                                                       string // YAML text
	LogFormat, LogFormatFile, LogLevel, LogLevelFile                                       string
	LogFileMaxBytes                                                                        int
	LogCacheEvents                                                                         bool
	Print, WriteJSON, UseColors, UseColorsFile                                             bool
	PartialParse, PartialParseFileDiff, StaticParser                                       bool
	PartialParseFilePath                                                                   string
	Introspect, StaticCheck, ColumnLineage, PopulateCache, CacheSelectedOnly, VersionCheck bool
	PrinterWidth                                                                           int
	MaximumSeedSizeMiB                                                                     float64
	SendAnonymousUsageStats, HintsEnabled, ShowAllDeprecations                             bool
	MacroDebugging, SingleThreaded, ShowResourceReport                                     bool
	Strict                                                                                 bool            // millrace: deprecations and unknown keys are errors
	ErrorOnEmpty                                                                           bool            // millrace: a selection that matches nothing is an error
	Args, Macro                                                                            string          // run-operation
	Behavior                                                                               map[string]bool // behaviour flags of dbt_project.yml
	InvocationCommand                                                                      string
	InvocationID                                                                           string
	Now                                                                                    time.Time // run_started_at
	Version                                                                                string    // dbt compatibility level, "1.12.6"

	// Flags of single commands.
	Show, Browser, CompileDocs, EmptyCatalog, Static      bool
	Connection, ConfigDir, Lock, Upgrade, Apply           bool
	Write, Check                                          bool // fix
	CleanProjectFilesOnly, SkipProfileSetup, SkipDebug    bool
	Fold                                                  bool // tests of one relation into one scan
	SkipUnchanged                                         bool // leave nodes as they are whose result cannot differ
	InjectEphemeralCTEs, ExportSavedQueries               bool
	Inline, InlineDirect, SQL, Output, OutputPath         string
	OutputKeys, SelectSchemas                             []string
	Limit, Port, ShowFailures                             int
	Host, AddPackage, Source, RecordTimingInfo, SQLParse  string
	Pages                                                 string // folder of markdown for the documentation
	UseExperimentalParser, UseFastTestEdges, UseV2Parser  bool
	UploadArtifacts, SnowflakeProjectsOTel, SavedQueryOld bool
	V2Parser                                              string

	// Flags of streams.
	Tick, FollowOnly, Shadow, Hex, ShowSQL bool
	Watch                                  []string
	MetricsListen, From, Frontier          string
	UntilIdle, WaitTimeout                 time.Duration
	Rows                                   int
	Generate                               SourceFlags

	given map[string]Origin
}

// SourceFlags say what `source generate` makes a source table from.
type SourceFlags struct {
	Connection, Topic, Registry, Subject, Message string
	SchemaVersion, Sample                         int
	DDL, DDLTopic, Table                          string
	Landing, Into                                 string
}

// Origin says who set a flag.
type Origin uint8

const (
	FromDefault Origin = iota
	FromUserSettings
	FromProject
	FromEnv
	FromCLI
)

// Origin says who set the flag of this name ("fail-fast").
func (f *Flags) Origin(name string) Origin { return f.given[name] }

// Given reports that the flag was set by anyone: it does not have its default.
func (f *Flags) Given(name string) bool { return f.given[name] != FromDefault }
