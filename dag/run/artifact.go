package run

import (
	"time"

	"github.com/millrace/millrace/compiler/compile"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// CompiledAlone is the code of the models and snapshots that were compiled from the project alone: nothing was asked of
// the database, and no code of an ephemeral model is in it.
func (r *Results) CompiledAlone() map[string]string {
	out := map[string]string{}
	for _, x := range r.Results {
		if x.Node == nil || x.Compiled == nil || x.looked || len(x.Compiled.ExtraCTEs) > 0 || compile.IsEphemeral(x.Node) {
			continue
		}
		if kind := x.Node.ResourceType; kind == manifest.Model || kind == manifest.Snapshot {
			out[x.UniqueID] = x.Compiled.Code
		}
	}
	return out
}

// Artifact is the result as run_results.json has it.
func (res *Result) Artifact() *manifest.RunResult {
	out := &manifest.RunResult{
		UniqueID: res.UniqueID, Status: string(res.Status), ThreadID: res.ThreadID, ExecutionTime: res.ExecutionTime.Seconds(),
		AdapterResponse: res.Response, Message: res.Message, Failures: res.Failures, RelationName: res.RelationName, BatchResults: value.Undef, OverloadResults: value.Undef,
	}
	for _, t := range res.Timing {
		out.Timing = append(out.Timing, manifest.Timing{Name: t.Name, StartedAt: t.Started, CompletedAt: t.Completed})
	}
	if res.Batches != nil {
		out.BatchResults = batchValue(res.Batches)
	}
	if res.Overloads != nil {
		out.OverloadResults = res.Overloads.value()
	}
	compiled := res.Compiled != nil
	switch n := res.Node; {
	case n != nil && n.ResourceType != manifest.Seed:
		out.Compiled = &compiled
		if out.RelationName == "" {
			out.RelationName = n.Relation
		}
	case res.Unit != nil && compiled && res.Status != Error:
		out.Compiled = &compiled
	}
	if out.Compiled != nil && compiled {
		out.CompiledCode = res.Compiled.Code
	}
	return out
}

// FreshnessArtifact is the result of a source as sources.json has it.
func (res *Result) FreshnessArtifact() *manifest.FreshnessResult {
	out := &manifest.FreshnessResult{UniqueID: res.UniqueID, Status: string(res.Status), AdapterResponse: res.Response, ThreadID: res.ThreadID,
		ExecutionTime: res.ExecutionTime.Seconds()}
	for _, t := range res.Timing {
		out.Timing = append(out.Timing, manifest.Timing{Name: t.Name, StartedAt: t.Started, CompletedAt: t.Completed})
	}
	if res.Freshness == nil {
		out.Status, out.Error = string(RuntimeError), res.Message
		return out
	}
	out.MaxLoadedAt, out.SnapshottedAt, out.Age = res.Freshness.MaxLoadedAt, res.Freshness.SnapshottedAt, res.Freshness.Seconds
	if res.Source != nil {
		out.Criteria = res.Source.Freshness
	}
	return out
}

func (o *OverloadResults) value() value.Value {
	d := value.NewDict(2)
	d.SetString("successful", value.Strings(o.Successful...))
	d.SetString("failed", value.Strings(o.Failed...))
	return value.FromDict(d)
}

// createdOverloads are the overloads that an earlier run created beside some that failed.
func createdOverloads(v value.Value) []string {
	d, ok := v.AsDict()
	if !ok {
		return nil
	}
	failed, _ := d.GetString("failed")
	if len(failed.Items()) == 0 {
		return nil
	}
	successful, _ := d.GetString("successful")
	names := make([]string, 0, len(successful.Items()))
	for _, name := range successful.Items() {
		names = append(names, value.Str(name))
	}
	return names
}

// ParseBatches reads the batch results of an earlier run.
func ParseBatches(v value.Value) (*BatchResults, bool) {
	d, ok := v.AsDict()
	if !ok {
		return nil, false
	}
	b := &BatchResults{}
	for _, part := range []struct {
		key  string
		list *[]Batch
	}{{"successful", &b.Successful}, {"failed", &b.Failed}} {
		items, _ := d.GetString(part.key)
		for _, pair := range items.Items() {
			ends := pair.Items()
			if len(ends) != 2 {
				return nil, false
			}
			start, okStart := parseTime(value.Str(ends[0]))
			end, okEnd := parseTime(value.Str(ends[1]))
			if !okStart || !okEnd {
				return nil, false
			}
			*part.list = append(*part.list, Batch{start, end})
		}
	}
	return b, true
}

var timeForms = []string{
	"2006-01-02T15:04:05.999999999Z07:00", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02T15:04:05.999999999",
	"2006-01-02 15:04:05.999999999", "2006-01-02T15:04", "2006-01-02 15:04", "2006-01-02",
}

// parseTime reads an ISO date or time; one without zone is in UTC.
func parseTime(s string) (time.Time, bool) {
	for _, form := range timeForms {
		if t, err := time.Parse(form, s); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}
