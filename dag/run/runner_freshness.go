package run

import (
	"context"
	"fmt"
	"time"

	"github.com/millrace/millrace/compiler/agate"
	rendering "github.com/millrace/millrace/compiler/context"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// freshnessRunner measures how old a source's newest row is.
type freshnessRunner struct{ compileNothing }

func (freshnessRunner) Describe(t *Task) string {
	return "freshness of " + t.Source.SourceName + "." + t.Source.Name
}

func (freshnessRunner) Execute(ctx context.Context, t *Task) error {
	if t.conn == nil {
		return errNoEngine
	}
	src := t.Source
	if t.run.StreamAge != nil {
		if age, err := t.run.StreamAge(ctx, src); err != nil || age != nil {
			return t.streamed(age, err)
		}
	}
	if err := t.loadSource(src); err != nil {
		return err
	}
	scope, _ := t.run.Env.Freshness(src, t.run.Manifest, rendering.Runtime{Adapter: t.conn.Bridge, Ref: t.run.plainRef, ThreadName: t.thread, NodeInfo: t.Info()})
	th := t.run.Env.Thread(ctx, scope)
	this, ok := t.run.Env.RelationOf(t.run.Manifest, src.UniqueID)
	if !ok {
		return diag.New(diag.CodeSourceNotFound, diag.Internal, src.Span, "'"+src.UniqueID+"' has no relation")
	}
	var result value.Value
	var err error
	switch {
	case src.LoadedAtQuery != "":
		tmpl, d := jinja.Parse(diag.NewSource(src.OriginalFilePath, src.LoadedAtQuery))
		if d != nil {
			return d
		}
		sql, rerr := tmpl.Render(th)
		if rerr != nil {
			return rerr
		}
		result, err = t.conn.RunMacro("collect_freshness_custom_sql", "", value.Args{Kwargs: []value.Kwarg{
			{Name: "source", Value: this.Value()}, {Name: "loaded_at_query", Value: value.String(sql)}}})
	case src.LoadedAtField != "":
		filter := value.None
		if src.Freshness != nil {
			if f, ok := src.Freshness.GetString("filter"); ok {
				filter = f
			}
		}
		result, err = t.conn.RunMacro("collect_freshness", "", value.Args{Kwargs: []value.Kwarg{
			{Name: "source", Value: this.Value()}, {Name: "loaded_at_field", Value: value.String(src.LoadedAtField)}, {Name: "filter", Value: filter}}})
	default:
		return diag.New(diag.CodeConfigValue, diag.Runtime, src.Span, "Could not compute freshness for source "+src.Name+
			": no 'loaded_at_field' provided and "+t.run.Env.Dialect.Name+" adapter does not support metadata-based freshness checks.")
	}
	if err != nil {
		return err
	}
	return t.measured(result)
}

// measured reads the one row that a freshness macro returns: the newest time and now.
func (t *Task) measured(result value.Value) error {
	table, response, err := t.freshnessTable(result)
	if err != nil {
		return err
	}
	t.Result.Response = response
	if len(table.Rows) != 1 || len(table.Rows[0]) != 2 {
		return diag.New(diag.CodeTemplateRuntime, diag.Compilation, t.Source.Span,
			fmt.Sprintf("Got an invalid result from \"collect_freshness\" macro: a table of %d rows", len(table.Rows)))
	}
	loaded, now := table.Rows[0][0], table.Rows[0][1]
	f := &Freshness{MaxLoadedAt: time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)}
	if !loaded.IsNull() {
		if f.MaxLoadedAt, err = timestamp(loaded, "last_modified", t.Source); err != nil {
			return err
		}
	}
	if f.SnapshottedAt, err = timestamp(now, "snapshotted_at", t.Source); err != nil {
		return err
	}
	f.Age = f.SnapshottedAt.Sub(f.MaxLoadedAt)
	age := float64(f.SnapshottedAt.Unix()-f.MaxLoadedAt.Unix()) + float64(f.SnapshottedAt.Nanosecond()-f.MaxLoadedAt.Nanosecond())/1e9
	f.Seconds = age
	t.judge(f)
	return nil
}

// judge compares an age with the source's thresholds.
func (t *Task) judge(f *Freshness) {
	t.Result.Freshness = f
	switch {
	case exceeded(t.Source.Freshness, "error_after", f.Seconds):
		t.Result.Status = Error
	case exceeded(t.Source.Freshness, "warn_after", f.Seconds):
		t.Result.Status = Warn
	default:
		t.Result.Status = Pass
	}
}

// streamed judges a source that a stream fills: it is as old as the oldest record that has
// not landed, however long ago the newest row came. Silence of a stream that must run all
// the time is the worst that its thresholds know.
func (t *Task) streamed(age *StreamAge, err error) error {
	if err != nil {
		return err
	}
	now := t.run.now().UTC()
	old := age.Age(now)
	t.judge(&Freshness{MaxLoadedAt: now.Add(-old), SnapshottedAt: now, Age: old, Seconds: old.Seconds()})
	if age.Silent {
		since := "ever"
		if !age.Sign.IsZero() {
			since = "since " + age.Sign.Format(time.RFC3339)
		}
		t.Emit(event.Note(event.Warn, "[WARNING]: stream "+t.Source.SourceName+"."+t.Source.Name+": no process has given a sign "+since+", although one is declared to run all the time (heartbeat)"))
		t.Result.Status = Warn
		if _, fails := threshold(t.Source.Freshness, "error_after"); fails {
			t.Result.Status = Error
		}
	}
	return nil
}

func (t *Task) freshnessTable(v value.Value) (*agate.Table, *value.Dict, error) {
	if table, ok := agate.FromValue(v); ok {
		return table, nil, t.run.deprecated("CollectFreshnessReturnSignature", "D012",
			"Deprecated functionality\n\nThe 'collect_freshness' macro signature has changed to return the full query result, rather than just a table of values.", t.Source.Span)
	}
	if d, ok := v.AsDict(); ok {
		inner, _ := d.GetString("table")
		if table, ok := agate.FromValue(inner); ok {
			r, _ := d.GetString("response")
			_, dict := Response(r)
			return table, dict, nil
		}
	}
	return nil, nil, diag.New(diag.CodeTemplateRuntime, diag.Compilation, t.Source.Span,
		"the freshness macro must return a statement's result, it returned a value of type '"+value.TypeName(v)+"'")
}

// timestamp is a point in time in UTC; a timestamp without zone is taken as UTC.
func timestamp(v value.Value, field string, src *manifest.Source) (time.Time, error) {
	if o, ok := v.AsObject(); ok {
		if d, ok := o.(interface{ Time() time.Time }); ok {
			return d.Time().UTC(), nil
		}
	}
	if v.IsNull() {
		return time.Time{}, diag.New(diag.CodeDatabase, diag.Database, src.Span, "Expected a non-null value when querying field '"+field+"' of table "+src.Relation+" but received value 'null' instead")
	}
	d := diag.New(diag.CodeDatabase, diag.Database, src.Span,
		"Expected a timestamp value when querying field '"+field+"' of table "+src.Relation+" but received value of type '"+value.TypeName(v)+"' instead")
	d.Hint = "cast the loaded_at_field to a timestamp"
	return time.Time{}, d
}

var periods = map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}

// exceeded reports whether an age in seconds is over a threshold {count, period}.
func exceeded(freshness *value.Dict, key string, age float64) bool {
	limit, ok := threshold(freshness, key)
	return ok && age > limit
}

// threshold is {count, period} in seconds: whole centuries fit.
func threshold(freshness *value.Dict, key string) (float64, bool) {
	if freshness == nil {
		return 0, false
	}
	v, _ := freshness.GetString(key)
	d, ok := v.AsDict()
	if !ok {
		return 0, false
	}
	count, _ := d.GetString("count")
	period, _ := d.GetString("period")
	n, ok := count.AsInt()
	unit, known := periods[value.Str(period)]
	return float64(n) * unit.Seconds(), ok && known
}

// FreshnessLimit is a threshold of a source, "warn_after" or "error_after".
func FreshnessLimit(s *manifest.Source, key string) (time.Duration, bool) {
	if s == nil {
		return 0, false
	}
	limit, ok := threshold(s.Freshness, key)
	return time.Duration(limit * float64(time.Second)), ok
}

func (freshnessRunner) Line(t *Task, res *Result) (event.Event, bool) {
	return t.Lines().Freshness(t.Info(), t.Source.SourceName, t.Source.Name, string(res.Status), t.Progress, res.ExecutionTime.Seconds()), true
}
