package run

import (
	"sort"
	"strconv"
	"strings"

	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/manifest"
)

// finish prints what ends a run.
func (r *run) finish(out *Results, err error) {
	switch r.plan.Mode {
	case ModeCompile, ModeShow, ModeClone:
	default:
		r.emitMain(event.Formatting(""))
		r.emitMain(event.FinishedRunning(counts(out.Results), out.Elapsed.Seconds()))
	}
	if r.plan.Mode != ModeFreshness {
		r.emitMain(event.EndRunResult(resultsData(out.Results), out.Elapsed.Seconds(), iso(r.now())+"Z", out.Ok()))
	}
	if out.Canceled {
		r.canceling()
	}
	if r.failed != nil {
		r.resultError(r.failed, true, false)
	}
	switch r.plan.Mode {
	case ModeCompile, ModeShow:
	case ModeFreshness:
		for _, res := range out.Results {
			if res.Status == Error || res.Status == RuntimeError {
				r.resultError(res, true, false)
			}
		}
		r.emitMain(event.FreshnessDone())
	default:
		if len(out.Results) > 0 && err == nil {
			if r.opts.BeforeSummary != nil {
				r.opts.BeforeSummary(out)
			}
			r.summarize(out)
		}
	}
}

// summarize prints the headline, each error and warning, and the counts.
func (r *run) summarize(out *Results) {
	var failed, warned []*Result
	partial := 0
	for _, res := range out.Results {
		switch res.Status {
		case RuntimeError, Error, Fail:
			failed = append(failed, res)
		case Skipped:
			if res.Message != "" && res.Exposure == nil {
				failed = append(failed, res)
			}
		case Warn:
			warned = append(warned, res)
		case PartialSuccess:
			partial++
		}
	}
	r.emitMain(event.Formatting(""))
	r.emitMain(event.EndOfRun(len(failed), len(warned), partial, out.Canceled))
	for _, res := range failed {
		r.resultError(res, true, false)
	}
	for _, res := range warned {
		r.resultError(res, true, true)
	}
	r.advise(out)
	r.emitMain(event.Formatting(""))
	r.emitMain(event.StatsLine(stats(out.Results)))
}

func stats(results []*Result) event.Stats {
	s := event.Stats{Total: len(results)}
	for _, res := range results {
		switch res.Status {
		case Error, Fail, PartialSuccess, RuntimeError:
			s.Error++
		case Skipped:
			s.Skip++
		case Warn:
			s.Warn++
		case NoOp:
			s.NoOp++
		case Reused:
			s.Reused++
		default:
			s.Pass++
		}
	}
	return s
}

// resultError prints one failed, skipped or warning result.
func (r *run) resultError(res *Result, newline, warning bool) {
	t := &Task{ID: res.UniqueID, Kind: res.Kind, Node: res.Node, Unit: res.Unit, Source: res.Source, Exposure: res.Exposure, Generic: res.Generic, run: r, status: string(res.Status)}
	info, group := t.Info(), t.Group()
	name := t.name()
	if t.Unit != nil && res.Status == Fail {
		name = t.Unit.VersionedName()
	}
	blank := func(level event.Level) {
		e := event.Formatting("")
		e.Level = level
		r.emitMain(e)
	}
	switch {
	case res.Status == Fail || res.Status == Error || warning && res.Status == Warn:
		if newline {
			blank(event.Info)
		}
		if warning {
			r.emitMain(event.Warning(info, string(res.Kind), name, t.file(), group))
		} else {
			r.emitMain(event.Failure(info, string(res.Kind), name, t.file(), group))
		}
		switch {
		case res.Message == "":
			r.emitMain(event.ResultErrorNoMessage(info, string(res.Status)))
		case warning:
			r.emitMain(event.ResultWarning(info, res.Message))
		default:
			e := event.ResultError(event.Error, info, res.Message, group)
			e.Diag = res.Diag
			r.emitMain(e)
		}
		if res.FailingRows != nil {
			r.emitMain(r.failingRows(info, res))
		}
		if res.Compiled != nil && res.Compiled.Path != "" && res.Kind != manifest.Seed {
			blank(event.Info)
			r.emitMain(event.CompiledPath(info, res.Compiled.Path))
		}
		if res.StoreFailures {
			blank(event.Info)
			r.emitMain(event.StoredFailures(info, res.RelationName))
		}
	case res.Status == Skipped && res.Message != "":
		if newline {
			blank(event.Debug)
		}
		r.emitMain(event.ResultError(event.Debug, nil, res.Message, nil))
	case res.Message != "":
		if newline {
			blank(event.Info)
		}
		e := event.ResultError(event.Error, info, res.Message, group)
		e.Diag = res.Diag
		r.emitMain(e)
	}
}

func (t *Task) file() string {
	switch {
	case t.Node != nil:
		return t.Node.OriginalFilePath
	case t.Unit != nil:
		return t.Unit.OriginalFilePath
	case t.Source != nil:
		return t.Source.OriginalFilePath
	case t.Exposure != nil:
		return t.Exposure.OriginalFilePath
	case t.Generic != nil:
		return t.Generic.OriginalFilePath
	}
	return ""
}

// counts is "3 table models, 2 data tests": what a run worked on.
func counts(results []*Result) string {
	n := map[string]int{}
	for _, res := range results {
		label := string(res.Kind)
		switch {
		case res.Kind == manifest.Model && res.Node != nil:
			label = res.Node.Config.Materialized() + " model"
		case res.Kind == manifest.Operation:
			label = "project hook"
		}
		n[label]++
	}
	labels := make([]string, 0, len(n))
	for label := range n {
		labels = append(labels, label)
	}
	sort.Strings(labels)
	parts := make([]string, len(labels))
	for i, label := range labels {
		parts[i] = plural(n[label], label)
	}
	return strings.Join(parts, ", ")
}

// plural counts resources in dbt's words.
func plural(n int, label string) string {
	text := label
	if n != 1 {
		switch label {
		case "analysis":
			text = "analyses"
		case "saved_query":
			text = "saved queries"
		case "test":
			text = "data tests"
		default:
			text = label + "s"
		}
	}
	return strconv.Itoa(n) + " " + strings.ReplaceAll(text, "_", " ")
}

// FoundStats counts what a project holds: "Found 5 models, 3 seeds, 480 macros".
func FoundStats(m *manifest.Manifest) event.Event {
	var labels []string
	n := map[string]int{}
	add := func(label string, by int) {
		if _, known := n[label]; !known {
			labels = append(labels, label)
		}
		n[label] += by
	}
	for _, id := range m.Order.Nodes {
		if node := m.Nodes[id]; node != nil && node.ResourceType != manifest.FunctionType && (node.ResourceType != manifest.Test || node.Config.Enabled()) {
			add(string(node.ResourceType), 1)
		}
	}
	for _, part := range []struct {
		label string
		count int
	}{
		{"source", len(m.Sources)}, {"exposure", len(m.Exposures)}, {"metric", len(m.Metrics)}, {"macro", len(m.Macros)}, {"group", len(m.Groups)},
		{"semantic_model", len(m.SemanticModels)}, {"saved_query", len(m.SavedQueries)}, {"unit_test", len(m.UnitTests)},
	} {
		add(part.label, part.count)
	}
	var parts []string
	for _, label := range labels {
		if n[label] > 0 {
			parts = append(parts, plural(n[label], label))
		}
	}
	return event.FoundStats(strings.Join(parts, ", "))
}
