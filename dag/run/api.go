// Package run executes a selection of a project: it walks the graph with a ready queue,
// runs each node's materialization against the engine, and turns what happened into
// events and results. Commands call Execute (or RunOperation, Show …) and hand the results
// to the artifact writers; nothing here prints.
package run

import (
	"context"
	"time"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/compile"
	rendering "github.com/millrace/millrace/compiler/context"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/flags"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/project"
	"github.com/millrace/millrace/dag"
)

// Session is everything that the runs of one invocation share. All fields are set by the
// command before the first run and not changed afterwards.
type Session struct {
	Project  *project.Project
	Flags    *flags.Flags
	Env      *rendering.Env
	Manifest *manifest.Manifest
	Driver   adapters.Driver
	Engine   adapters.Engine
	Events   event.Sink
	// Credentials are the checked profile output; nil takes them from the profile.
	Credentials adapters.Credentials
	// State is the previous manifest and results (--state), Defer the one to defer to
	// (--defer-state or --state with --defer); both may be nil.
	State *manifest.State
	Defer *manifest.State
	// Clock is the wall clock; nil means time.Now.
	Clock func() time.Time
	// TargetDir is the absolute target folder for compiled and run files.
	TargetDir string
	// Follow lets models take streamed inputs in slices; nil builds all models as dbt does.
	Follow Follower
	// Reuse makes what lets the nodes of one run stay as they are when their result cannot
	// differ; nil builds all of them and keeps no books.
	Reuse func() Reuser
	// StreamAge measures a source that a stream fills; it gives nil for others. Nil measures
	// all sources as dbt does.
	StreamAge func(ctx context.Context, src *manifest.Source) (*StreamAge, error)
	// Mask hides secrets in rows that are shown; nil hides nothing.
	Mask func(string) string
}

// Mode is what a run does with its nodes.
type Mode string

// The modes carry the names of dbt's commands.
const (
	ModeRun       Mode = "run"
	ModeBuild     Mode = "build"
	ModeTest      Mode = "test"
	ModeSeed      Mode = "seed"
	ModeSnapshot  Mode = "snapshot"
	ModeCompile   Mode = "compile"
	ModeShow      Mode = "show"
	ModeClone     Mode = "clone"
	ModeFreshness Mode = "source freshness"
	ModeOperation Mode = "run-operation"
)

// Plan is what to run.
type Plan struct {
	Mode     Mode
	Graph    *dag.Graph // with test edges for ModeBuild
	Selected dag.Set
}

// Options say how to run.
type Options struct {
	Threads  int // <= 0: one
	FailFast bool
	// Limit is the row limit of ModeShow; negative means all rows.
	Limit int
	// KeepTables keeps seed tables in their results (seed --show).
	KeepTables bool
	// BeforeSummary, if it is not nil, prints more about the results of a finished run before they are summed up.
	BeforeSummary func(*Results)
	// Batches are the batches to run again of microbatch models, by unique_id (retry).
	Batches map[string]*BatchResults
	// Overloads are the overloads that functions have already, by unique_id (retry).
	Overloads map[string][]string
	// Shared is the transaction that all nodes of the run work in; nil gives each its own.
	Shared *adapters.Shared
	// SkipHooks leaves out on-run-start and on-run-end.
	SkipHooks bool
	// Since replaces the invocation's start as the end of microbatch ranges (retry).
	Since time.Time
	// Timeout bounds every node that sets none of its own; 0 is no bound.
	Timeout time.Duration
	// Retries is how often a node is tried again after a transient error of the engine.
	Retries int
	// Durations are execution times of earlier runs in seconds, by unique_id: they weigh the critical path.
	Durations map[string]float64
}

// Status is dbt's word for how a node ended.
type Status string

// dbt's statuses.
const (
	Success        Status = "success"
	Error          Status = "error"
	Skipped        Status = "skipped"
	PartialSuccess Status = "partial success"
	NoOp           Status = "no-op"
	Pass           Status = "pass"
	Fail           Status = "fail"
	Warn           Status = "warn"
	RuntimeError   Status = "runtime error"
	Reused         Status = "reused"
)

// Timing is one phase of a node: "compile" or "execute".
type Timing struct {
	Name               string
	Started, Completed time.Time
}

// Batch is one time range of a microbatch model.
type Batch struct{ Start, End time.Time }

// BatchResults says which batches of a microbatch model are done.
type BatchResults struct{ Successful, Failed []Batch }

// Result is how one node ended. Results are built by one goroutine and read-only afterwards.
type Result struct {
	UniqueID      string
	Kind          manifest.ResourceType
	Node          *manifest.Node        // nil for unit tests, sources, exposures, saved queries
	Unit          *manifest.UnitTestDef // for unit tests
	Source        *manifest.Source      // for freshness
	Exposure      *manifest.Exposure
	Generic       *manifest.Generic
	Status        Status
	Message       string // "" for none
	Failures      *int64
	Timing        []Timing
	ExecutionTime time.Duration
	ThreadID      string
	Response      *value.Dict // adapter_response, nil for none
	Compiled      *manifest.Compiled
	Map           *compile.Map // from Compiled.Code back to the files, nil without code
	Batches       *BatchResults
	Overloads     *OverloadResults // of functions that were created
	Table         *agate.Table     // seeds with KeepTables, show
	FailingRows   *agate.Table     // some of the rows that a failed data test found
	Diag          *diag.Diagnostic // the error behind Message, with its position in the user's file
	Cause         *Result          // a failed ephemeral model that made this one be skipped
	Freshness     *Freshness
	RelationName  string // the relation the node built, or the test's stored failures
	StoreFailures bool

	looked      bool // compiling it asked the database, or the adapter for something like it
	interrupted bool // stopped in the middle by fail-fast or the end of the context
}

// StreamAge is how far a streamed source is behind its topic.
type StreamAge struct {
	Behind int64     // offsets that have not landed
	Oldest time.Time // of the oldest record that has not landed; zero when there is none
	// Silent reports that no process gives signs of a stream that is declared to run all the
	// time; Sign is when the last one came.
	Silent bool
	Sign   time.Time
}

// Age is how old the oldest record is that has not landed; nothing for a stream that has
// caught up, however long its topic has been silent.
func (a *StreamAge) Age(now time.Time) time.Duration {
	if a.Behind == 0 || a.Oldest.IsZero() {
		return 0
	}
	return max(now.Sub(a.Oldest), 0)
}

// Freshness is the measured age of a source.
type Freshness struct {
	MaxLoadedAt, SnapshottedAt time.Time
	Age                        time.Duration // saturates for a source without rows
	Seconds                    float64       // the age exactly
}

// Results is the outcome of a run.
type Results struct {
	Mode     Mode
	Results  []*Result // in the order in which nodes ended; hooks included
	Started  time.Time
	Elapsed  time.Duration
	Canceled bool // the context ended before everything had run
}

// Compiled maps unique_ids to what was compiled, for manifest.json.
func (r *Results) Compiled() map[string]*manifest.Compiled {
	m := make(map[string]*manifest.Compiled, len(r.Results))
	for _, x := range r.Results {
		if x.Compiled != nil {
			m[x.UniqueID] = x.Compiled
		}
	}
	return m
}

// Ok reports whether dbt would exit with 0: nothing failed, and nothing was skipped but exposures.
func (r *Results) Ok() bool {
	if r.Canceled {
		return false
	}
	for _, x := range r.Results {
		switch x.Status {
		case Error, Fail, RuntimeError, PartialSuccess:
			return false
		case Skipped:
			if x.Exposure == nil {
				return false
			}
		}
	}
	return true
}
