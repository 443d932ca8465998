package manifest

import (
	"io"
	"time"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// FreshnessResult is one entry of sources.json. With a Status of "runtime error" only
// UniqueID and Error count.
type FreshnessResult struct {
	UniqueID                   string
	Status                     string
	Error                      string
	MaxLoadedAt, SnapshottedAt time.Time
	Age                        float64 // seconds
	Criteria                   *value.Dict
	AdapterResponse            *value.Dict
	Timing                     []Timing
	ThreadID                   string
	ExecutionTime              float64
}

// SourcesArtifact is sources.json (schema v3).
type SourcesArtifact struct {
	Metadata    Metadata
	Results     []*FreshnessResult
	ElapsedTime float64
}

// Write writes the artifact.
func (s *SourcesArtifact) Write(w io.Writer) error {
	e := &encoder{buf: make([]byte, 0, 1<<14)}
	e.raw("{")
	e.key("metadata")
	e.object(func(emit emit) { s.Metadata.fields("sources/v3", emit) })
	e.key("results")
	e.raw("[")
	for i, r := range s.Results {
		if i > 0 {
			e.raw(", ")
		}
		e.object(r.fields)
	}
	e.raw("]")
	e.member("elapsed_time", value.Float(s.ElapsedTime))
	e.raw("}")
	e.flush(w)
	return e.err
}

func (r *FreshnessResult) fields(emit emit) {
	emit("unique_id", value.String(r.UniqueID))
	if r.Status == "runtime error" {
		emit("error", value.OptString(r.Error))
		emit("status", value.String(r.Status))
		return
	}
	emit("max_loaded_at", value.String(aware(r.MaxLoadedAt)))
	emit("snapshotted_at", value.String(aware(r.SnapshottedAt)))
	emit("max_loaded_at_time_ago_in_s", value.Float(r.Age))
	emit("status", value.String(r.Status))
	emit("criteria", orEmpty(r.Criteria))
	emit("adapter_response", orEmpty(r.AdapterResponse))
	emit("timing", timings(r.Timing))
	emit("thread_id", value.String(r.ThreadID))
	emit("execution_time", value.Float(r.ExecutionTime))
}

// aware writes a moment with its offset, as Python does for times that know their zone;
// other times of artifacts end in Z.
func aware(t time.Time) string {
	t = t.UTC()
	if t.Nanosecond()/1000 == 0 {
		return t.Format("2006-01-02T15:04:05+00:00")
	}
	return t.Format("2006-01-02T15:04:05.000000+00:00")
}

// HasFreshness reports whether `source freshness` checks the source: a threshold is whole.
func (s *Source) HasFreshness() bool {
	if s.Freshness == nil {
		return false
	}
	for _, key := range []string{"warn_after", "error_after"} {
		v, _ := s.Freshness.GetString(key)
		if d, ok := v.AsDict(); ok {
			count, _ := d.GetString("count")
			period, _ := d.GetString("period")
			if !count.IsNull() && !period.IsNull() {
				return true
			}
		}
	}
	return false
}
