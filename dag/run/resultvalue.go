package run

import (
	"time"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// record is a result or a node as on-run-end templates see it: keys as attributes, and to_dict().
type record struct {
	typ  string
	attr *value.Dict // what attributes give
	dict func() *value.Dict
}

func (o *record) TypeName() string { return o.typ }

// Attr answers keys and to_dict.
func (o *record) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	if v, ok := o.attr.GetString(name); ok {
		return v, true, nil
	}
	if name == "to_dict" {
		return value.Func(name, func(_ *value.Thread, a value.Args) (value.Value, error) {
			_, err := a.Bind(name, "omit_none=True")
			return value.FromDict(o.dict()), err
		}), true, nil
	}
	return value.Undef, false, nil
}

// JSONValue lets tojson write the record.
func (o *record) JSONValue() (value.Value, bool) { return value.FromDict(o.dict()), true }

// resultValue is a result in `results`.
func (r *run) resultValue(res *Result) value.Value {
	node := r.nodeDict(res)
	attr := value.NewDict(12)
	attr.SetString("status", value.String(string(res.Status)))
	timing := make([]value.Value, len(res.Timing))
	for i, t := range res.Timing {
		timing[i] = timingValue(t)
	}
	attr.SetString("timing", value.NewList(timing...))
	attr.SetString("thread_id", value.String(res.ThreadID))
	attr.SetString("execution_time", value.Float(res.ExecutionTime.Seconds()))
	attr.SetString("adapter_response", responseDict(res))
	attr.SetString("message", value.OptString(res.Message))
	failures := value.None
	if res.Failures != nil {
		failures = value.Int(*res.Failures)
	}
	attr.SetString("failures", failures)
	attr.SetString("node", value.FromObject(&record{"Node", node, func() *value.Dict { return node.Copy() }}))
	attr.SetString("unique_id", value.String(res.UniqueID))
	table := value.None
	if res.Table != nil {
		table = res.Table.Value()
	}
	attr.SetString("agate_table", table)
	attr.SetString("batch_results", batchValue(res.Batches))
	return value.FromObject(&record{"RunResult", attr, func() *value.Dict {
		d := value.NewDict(9)
		for _, key := range []string{"status", "thread_id", "execution_time", "adapter_response", "message", "failures", "batch_results"} {
			v, _ := attr.GetString(key)
			d.SetString(key, v)
		}
		texts := make([]value.Value, len(res.Timing))
		for i, t := range res.Timing {
			texts[i] = value.FromDict(timingDict(t))
		}
		d.SetString("timing", value.NewList(texts...))
		d.SetString("node", value.FromDict(node.Copy()))
		return d
	}})
}

func responseDict(res *Result) value.Value {
	if res.Response == nil {
		return value.FromDict(value.NewDict(0))
	}
	return value.FromDict(res.Response)
}

func (r *run) nodeDict(res *Result) *value.Dict {
	v := r.Manifest.NodeValue(res.UniqueID)
	if res.Node != nil {
		v = res.Node.Value(res.Compiled)
	}
	if d, ok := v.AsDict(); ok {
		return d
	}
	d := value.NewDict(1)
	d.SetString("unique_id", value.String(res.UniqueID))
	return d
}

func timingValue(t Timing) value.Value {
	attr := value.NewDict(3)
	attr.SetString("name", value.String(t.Name))
	attr.SetString("started_at", naive(t.Started))
	attr.SetString("completed_at", naive(t.Completed))
	return value.FromObject(&record{"TimingInfo", attr, func() *value.Dict { return timingDict(t) }})
}

// naive is a UTC datetime without zone, as dbt keeps its timings.
func naive(t time.Time) value.Value {
	if t.IsZero() {
		return value.None
	}
	return value.NewDateTime(t.UTC(), false)
}

func timingDict(t Timing) *value.Dict {
	d := value.NewDict(3)
	d.SetString("name", value.String(t.Name))
	d.SetString("started_at", value.String(iso(t.Started)+"Z"))
	d.SetString("completed_at", value.String(iso(t.Completed)+"Z"))
	return d
}

func batchValue(b *BatchResults) value.Value {
	if b == nil {
		return value.None
	}
	d := value.NewDict(2)
	d.SetString("successful", batchList(b.Successful))
	d.SetString("failed", batchList(b.Failed))
	return value.FromDict(d)
}

func batchList(list []Batch) value.Value {
	items := make([]value.Value, len(list))
	for i, b := range list {
		items[i] = value.NewTuple(value.String(isoZone(b.Start)), value.String(isoZone(b.End)))
	}
	return value.NewList(items...)
}

// isoZone is a time as batch results carry it: "2024-01-01T00:00:00+00:00".
func isoZone(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05") + "+00:00" }
