// Package flags holds the settings of one invocation after command line, DBT_*
// environment, project flags and defaults have been merged (dbt-surface §1.2).
package flags

import "time"

// Flags is read-only once the command runs.
type Flags struct {
	Which string // "run", "build", "test" …: dbt's flags.WHICH

	ProjectDir, ProfilesDir, Profile, Target, TargetPath, LogPath string
	PackagesInstallPath                                            string
	Vars                                                           string // YAML text of --vars
	Threads                                                        int    // 0 = from the profile
	Select, Exclude, Models                                        []string
	Selector                                                       string
	ResourceTypes, ExcludeResourceTypes                            []string
	IndirectSelection                                              string // eager, cautious, buildable, empty
	FullRefresh, Empty, FailFast, StoreFailures, Debug, Quiet      bool
	FullRefreshSet, StoreFailuresSet                               bool // given explicitly
	Sample, EventTimeStart, EventTimeEnd                           string
	State, DeferState                                              string
	Defer, FavorState                                              bool
	WarnError                                                      bool
	WarnErrorOptions                                               string
	LogFormat, LogFormatFile, LogLevel, LogLevelFile               string
	Print, WriteJSON, UseColors, PartialParse, StaticParser        bool
	Introspect, PopulateCache, CacheSelectedOnly, VersionCheck     bool
	PrinterWidth                                                   int
	MaximumSeedSizeMiB                                             float64
	Strict                                                         bool // millrace: deprecations and unknown keys are errors
	ErrorOnEmpty                                                   bool // millrace: a selection that matches nothing is an error
	Args                                                           string // run-operation
	Behavior                                                       map[string]bool // behaviour flags of dbt_project.yml (dbt-surface §2.1)
	InvocationCommand                                              string
	InvocationID                                                   string
	Now                                                            time.Time // run_started_at
	Version                                                        string    // dbt compatibility level, "1.12.6"
}
