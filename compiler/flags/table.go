package flags

import (
	"strings"
	"sync"
)

// Kind is the type of a flag's value.
type Kind uint8

const (
	Bool     Kind = iota
	String        // one word
	Int           // a whole number
	Float         // a number; whole in dbt
	Strings       // several words, also repeated
	YAML          // a YAML dictionary as text
	Path          // a file or folder
	Time          // a date or date and time
	Duration      // a span of time such as 30s
)

// Group gathers flags in help and documentation.
type Group string

const (
	GroupProject   Group = "Project"
	GroupSelection Group = "Selection"
	GroupExecution Group = "Execution"
	GroupState     Group = "State and defer"
	GroupParsing   Group = "Parsing"
	GroupOutput    Group = "Output"
	GroupLogging   Group = "Logging"
	GroupWarnings  Group = "Warnings"
	GroupCommand   Group = "Command"
)

// Flag is one row of Table.
type Flag struct {
	Name      string   // on the command line, without dashes: "fail-fast"
	Short     string   // one letter, "" for none
	Aliases   []string // other long names
	Negatable bool     // --no-<name> exists
	Kind      Kind
	Default   any      // bool, string, int, float64 or []string
	Choices   []string // accepted values in lower case; nil = any
	Env       string   // "DBT_FAIL_FAST"; DBT_ENGINE_FAIL_FAST works too. "" = none
	OldEnv    string   // renamed environment variable that still works
	OldInvert bool     // OldEnv says the opposite
	Project   bool     // may stand under flags: in dbt_project.yml, as Key()
	Commands  []string // commands that have it; nil = every command
	Group     Group
	Hidden    bool // not shown in help
	Doc       string
	field     func(*Flags) any
}

// Key is the flag's name in YAML and in templates: "fail_fast".
func (f *Flag) Key() string {
	key := []byte(f.Name)
	for i, c := range key {
		if c == '-' {
			key[i] = '_'
		}
	}
	return string(key)
}

// EngineEnv is the preferred spelling of Env.
func (f *Flag) EngineEnv() string { return engineName(f.Env) }

func engineName(env string) string {
	if env == "" || strings.HasPrefix(env, enginePrefix) {
		return env
	}
	return enginePrefix + strings.TrimPrefix(env, dbtPrefix)
}

const dbtPrefix, enginePrefix = "DBT_", "DBT_ENGINE_"

// renamed are the DBT_ENGINE_ names of variables that began as DBT_ names.
var renamed = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	add := func(env string) {
		if env != "" && !strings.HasPrefix(env, enginePrefix) {
			names[engineName(env)] = true
		}
	}
	for i := range Table {
		add(Table[i].Env)
		add(Table[i].OldEnv)
	}
	for _, env := range enginesOwn {
		add(env)
	}
	return names
})

// For reports whether a command has the flag.
func (f *Flag) For(command string) bool {
	return f.Commands == nil || contains(f.Commands, command) || f.Group != GroupCommand && contains(f.Commands, base(command))
}

// base is the command of dbt that a command of Millrace's own is to templates, and whose flags
// it takes over, but for those that belong to that command alone.
func base(command string) string {
	switch {
	case command == streamRun:
		return build
	case strings.HasPrefix(command, "stream "):
		return freshness
	case command == sourceGenerate:
		return parse
	}
	return command
}

// Lookup finds a row by name or alias. Several rows may share a name when commands give
// it different meanings (--output); command picks among them, "" takes the first.
func Lookup(name, command string) (*Flag, bool) {
	for i := range Table {
		f := &Table[i]
		if (f.Name == name || contains(f.Aliases, name)) && (command == "" || f.For(command)) {
			return f, true
		}
	}
	return nil, false
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// Commands in dbt's words, as Flags.Which has them, and those of Millrace by their whole names.
const (
	build, clean, compile, debug, deps = "build", "clean", "compile", "debug", "deps"
	docsGenerate, docsServe, initCmd   = "generate", "serve", "init"
	list, parse, retry, run, runOp     = "list", "parse", "retry", "run", "run-operation"
	seed, show, snapshot, test, clone  = "seed", "show", "snapshot", "test", "clone"
	freshness, prune, fix, lineage     = "freshness", "prune", "fix", "lineage"
	sourceGenerate                     = "source generate"
	streamRun, streamLand, streamWait  = "stream run", "stream land", "stream wait"
	streamReplay, streamExplain        = "stream replay", "stream explain"
	quarantine, quarantineInspect      = "stream quarantine", "stream quarantine inspect"
)

var (
	withSelection = []string{build, docsGenerate, compile, show, list, run, clone, seed, snapshot, freshness, test}
	withThreads   = []string{build, docsGenerate, compile, show, parse, run, retry, clone, runOp, seed, snapshot, freshness, test}
	withTarget    = []string{build, clean, docsGenerate, docsServe, compile, show, list, parse, run, retry, clone, runOp, seed, snapshot, freshness, test, prune, lineage}
	withRefresh   = []string{build, compile, show, run, retry, clone, seed}
	withEmpty     = []string{build, compile, run, seed, snapshot}
	withEventTime = []string{build, run}
	withTypes     = []string{build, list, clone, test}
)

var resourceTypes = []string{"metric", "semantic_model", "saved_query", "source", "analysis", "model", "test",
	"unit_test", "exposure", "snapshot", "seed", "function", "default", "all"}

// Table lists every flag. It is data: the command line, its help, the manual, the
// environment and flags: in dbt_project.yml are all read from it.
var Table = append(append(append([]Flag{}, projectFlags...), runFlags...), append(append(append([]Flag{}, outputFlags...), commandFlags...), streamFlags...)...)
