package run

import (
	"fmt"
	"strings"
	"time"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// grain is the size of a microbatch.
type grain string

const (
	hour  grain = "hour"
	day   grain = "day"
	month grain = "month"
	year  grain = "year"
)

// truncate is the start of the batch that a time lies in.
func (g grain) truncate(t time.Time) time.Time {
	t = t.UTC()
	switch g {
	case hour:
		return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), 0, 0, 0, time.UTC)
	case day:
		return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	case month:
		return time.Date(t.Year(), t.Month(), 1, 0, 0, 0, 0, time.UTC)
	}
	return time.Date(t.Year(), 1, 1, 0, 0, 0, 0, time.UTC)
}

// offset is the start of the batch n batches away.
func (g grain) offset(t time.Time, n int) time.Time {
	t = g.truncate(t)
	switch g {
	case hour:
		return t.Add(time.Duration(n) * time.Hour)
	case day:
		return t.AddDate(0, 0, n)
	case month:
		return t.AddDate(0, n, 0)
	}
	return t.AddDate(n, 0, 0)
}

// ceiling is the time itself on a boundary, else the next boundary.
func (g grain) ceiling(t time.Time) time.Time {
	if start := g.truncate(t); !start.Equal(t) {
		return g.offset(start, 1)
	}
	return t.UTC()
}

// format names a batch: "2024-09-17T16", "2024-09-17", "2024-09", "2024".
func (g grain) format(t time.Time) string {
	switch g {
	case hour:
		return t.UTC().Format("2006-01-02T15")
	case day:
		return t.UTC().Format("2006-01-02")
	case month:
		return t.UTC().Format("2006-01")
	}
	return t.UTC().Format("2006")
}

// id is the batch's id in templates: the name without hyphens.
func (g grain) id(t time.Time) string { return strings.ReplaceAll(g.format(t), "-", "") }

func grainOf(n *manifest.Node) (grain, error) {
	switch g := grain(n.Config.String("batch_size")); g {
	case hour, day, month, year:
		return g, nil
	}
	return "", diag.New(diag.CodeConfigValue, diag.Runtime, n.BodySpan,
		"Microbatch model '"+n.Name+"' does not have a 'batch_size' config (one of ['hour', 'day', 'month', 'year']) specificed.")
}

// span is the time range that a run of a microbatch model covers.
type span struct {
	start, end  time.Time // zero: not given
	defaultEnd  time.Time
	incremental bool
}

// batches cuts the range of a model into batches.
func batches(n *manifest.Node, s span) ([]Batch, error) {
	g, err := grainOf(n)
	if err != nil {
		return nil, err
	}
	end := s.end
	if end.IsZero() {
		end = s.defaultEnd
	}
	end = g.ceiling(end)
	start, err := s.begin(n, g, end)
	if err != nil {
		return nil, err
	}
	out := []Batch{{start, g.offset(start, 1)}}
	for last := out[0]; last.End.Before(end); {
		last = Batch{last.End, g.offset(last.End, 1)}
		out = append(out, last)
	}
	out[len(out)-1].End = end
	return out, nil
}

func (s span) begin(n *manifest.Node, g grain, end time.Time) (time.Time, error) {
	if !s.start.IsZero() {
		return g.truncate(s.start), nil
	}
	if !s.incremental {
		begin, ok := beginOf(n)
		if !ok {
			return time.Time{}, diag.New(diag.CodeConfigValue, diag.Runtime, n.BodySpan, "Microbatch model '"+n.Name+"' requires a 'begin' configuration.")
		}
		return g.truncate(begin), nil
	}
	lookback := int(n.Config.Int("lookback", 1))
	// An end on a boundary closes the batch before it, which is one further back.
	if end.Equal(g.truncate(end)) {
		lookback++
	}
	return g.offset(end, -lookback), nil
}

func beginOf(n *manifest.Node) (time.Time, bool) {
	v := n.Config.Get("begin")
	if s, ok := v.AsString(); ok {
		return parseTime(s)
	}
	if o, ok := v.AsObject(); ok {
		if d, ok := o.(interface{ Time() time.Time }); ok {
			return d.Time().UTC(), true
		}
		return parseTime(value.Str(v))
	}
	return time.Time{}, false
}

// eventTimes are --event-time-start and --event-time-end, or the sample's window.
func (r *run) eventTimes() (start, end time.Time, err error) {
	if w := r.compiler.Sample; w != nil {
		return w.Start, w.End, nil
	}
	for _, f := range []struct {
		name, text string
		into       *time.Time
	}{{"--event-time-start", r.Flags.EventTimeStart, &start}, {"--event-time-end", r.Flags.EventTimeEnd, &end}} {
		if f.text == "" {
			continue
		}
		t, ok := parseTime(f.text)
		if !ok {
			return start, end, diag.New(diag.CodeUsage, diag.Usage, diag.Span{}, f.name+" must be an ISO date or time, not '"+f.text+"'")
		}
		*f.into = t
	}
	if !start.IsZero() && !end.IsZero() && !start.Before(end) {
		return start, end, diag.New(diag.CodeUsage, diag.Usage, diag.Span{},
			fmt.Sprintf("Value for `--event-time-start` must be less than `--event-time-end`, got %s and %s", r.Flags.EventTimeStart, r.Flags.EventTimeEnd))
	}
	return start, end, nil
}
