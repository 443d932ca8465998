package manifest

import (
	"io"
	"time"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// Timing is one step of a result: "compile" or "execute".
type Timing struct {
	Name                   string
	StartedAt, CompletedAt time.Time
}

// RunResult is one entry of run_results.json.
type RunResult struct {
	UniqueID        string
	Status          string
	Timing          []Timing
	ThreadID        string
	ExecutionTime   float64 // seconds
	AdapterResponse *value.Dict
	Message         string // "" becomes null
	Failures        *int64
	Compiled        *bool // nil for nodes that are never compiled
	CompiledCode    string
	RelationName    string
	BatchResults    value.Value // undefined for models without batches
	OverloadResults value.Value // undefined but for functions with overloads
}

// RunResults is run_results.json (schema v6).
type RunResults struct {
	Metadata    Metadata
	Results     []*RunResult
	ElapsedTime float64
	Args        *value.Dict
}

// Write writes the artifact.
func (r *RunResults) Write(w io.Writer) error {
	e := &encoder{buf: make([]byte, 0, 1<<16)}
	e.raw("{")
	e.key("metadata")
	e.object(func(emit emit) { r.Metadata.fields("run-results/v6", emit) })
	e.key("results")
	e.raw("[")
	for i, result := range r.Results {
		if i > 0 {
			e.raw(", ")
		}
		e.resource(result.fields)
		if len(e.buf) > 1<<16 {
			e.flush(w)
		}
	}
	e.raw("]")
	e.member("elapsed_time", value.Float(r.ElapsedTime))
	e.member("args", orEmpty(r.Args))
	e.raw("}")
	e.flush(w)
	return e.err
}

func timings(list []Timing) value.Value {
	items := make([]value.Value, len(list))
	for i, t := range list {
		d := value.NewDict(3)
		d.SetString("name", value.String(t.Name))
		d.SetString("started_at", utc(t.StartedAt))
		d.SetString("completed_at", utc(t.CompletedAt))
		items[i] = value.FromDict(d)
	}
	return value.NewList(items...)
}

func (r *RunResult) fields(to sink) {
	to.put("status", value.String(r.Status))
	to.put("timing", timings(r.Timing))
	to.put("thread_id", value.String(r.ThreadID))
	to.put("execution_time", value.Float(r.ExecutionTime))
	to.put("adapter_response", orEmpty(r.AdapterResponse))
	to.put("message", value.OptString(r.Message))
	failures := value.None
	if r.Failures != nil {
		failures = value.Int(*r.Failures)
	}
	to.put("failures", failures)
	to.put("unique_id", value.String(r.UniqueID))
	compiled, code := value.None, value.None
	if r.Compiled != nil {
		compiled = value.Bool(*r.Compiled)
		if *r.Compiled {
			code = value.String(r.CompiledCode)
		}
	}
	to.put("compiled", compiled)
	to.put("compiled_code", code)
	to.put("relation_name", value.OptString(r.RelationName))
	to.put("batch_results", none(r.BatchResults))
	to.put("overload_results", none(r.OverloadResults))
}

// Value is the result as a dict.
func (r *RunResult) Value() value.Value { return dictOf(13, r.fields) }
