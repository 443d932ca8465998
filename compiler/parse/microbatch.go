package parse

import (
	"fmt"
	"strings"
	"time"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

var batchSizes = []string{"hour", "day", "month", "year"}

// checkMicrobatches looks at the project's microbatch models. A strategy of the project's own
// runs without batches unless the project asks for them.
func (p *parser) checkMicrobatches() {
	var models []*manifest.Node
	concurrent := 0
	for _, n := range p.m.NodeList() {
		if n.ResourceType != manifest.Model || n.Config.Materialized() != "incremental" || n.Config.String("incremental_strategy") != "microbatch" {
			continue
		}
		models = append(models, n)
		if n.Config.Bool("concurrent_batches", false) {
			concurrent++
		}
	}
	if len(models) == 0 {
		return
	}
	if e, ok := p.macros.Find("get_incremental_microbatch_sql", ""); ok && !p.behavior("require_batched_execution_for_custom_microbatch_strategy") {
		if pkg, ok := p.project.PackageNamed(e.Package); ok && !pkg.Internal {
			p.notes.add("MicrobatchMacroOutsideOfBatchesDeprecation", diag.Span{}, "The use of a custom microbatch macro outside of batched execution is deprecated. To use it with "+
				"batched execution, set `flags.require_batched_execution_for_custom_microbatch_strategy` to `True` in `dbt_project.yml`.")
			return
		}
	}
	for _, n := range models {
		p.checkMicrobatch(n)
	}
	if concurrent > 0 && p.dialect.SequentialBatches {
		d := warning(diag.CodeConfigValue, diag.Span{}, fmt.Sprintf("Found %s with the `concurrent_batches` config set to true, but the %s adapter does not support running batches concurrently. Batches will be run sequentially.",
			event.Count(concurrent, "microbatch model"), p.dialect.Name)).Named("InvalidConcurrentBatchesConfig")
		d.Data = map[string]any{"num_models": concurrent, "adapter_type": p.dialect.Name}
		p.report(d)
	}
}

// checkMicrobatch looks at the configs that a microbatch model needs.
func (p *parser) checkMicrobatch(n *manifest.Node) {
	fail := func(format string, args ...any) {
		p.report(nodeProblem(n, diag.CodeConfigValue, diag.Parsing, fmt.Sprintf(format, args...)))
	}
	eventTime := n.Config.Get("event_time")
	switch {
	case eventTime.IsNull():
		fail("Microbatch model '%s' must provide an 'event_time' (string) config that indicates the name of the event time column.", n.Name)
		return
	case eventTime.Kind() != value.KindString:
		fail("Microbatch model '%s' must provide an 'event_time' config of type string, but got: %s.", n.Name, pythonClass(eventTime))
		return
	}
	begin := n.Config.Get("begin")
	if begin.IsNull() {
		fail("Microbatch model '%s' must provide a 'begin' (datetime) config that indicates the earliest timestamp the microbatch model should be built from.", n.Name)
		return
	}
	if text := value.Str(begin); !isISOTime(text) {
		fail("Microbatch model '%s' must provide a 'begin' config of valid datetime (ISO format), but got: %s.", n.Name, text)
		return
	}
	n.Config.Set("begin", value.String(withTime(value.Str(begin))))
	if size := n.Config.String("batch_size"); !contains(batchSizes, size) {
		fail("Microbatch model '%s' must provide a 'batch_size' config that is one of %s, but got: %s.", n.Name,
			value.Repr(value.Strings(batchSizes...)), value.Str(none(n.Config.Get("batch_size"))))
	}
	if lookback := n.Config.Get("lookback"); !lookback.IsNull() && lookback.Kind() != value.KindInt {
		fail("Microbatch model '%s' must provide the optional 'lookback' config as type int, but got: %s).", n.Name, pythonClass(lookback))
	}
	if c := n.Config.Get("concurrent_batches"); !c.IsNull() && c.Kind() != value.KindBool {
		fail("Microbatch model '%s' optional 'concurrent_batches' config must be of type `bool` if specified, but got: %s).", n.Name, pythonClass(c))
	}
	p.checkBatchedInputs(n)
}

// checkBatchedInputs warns when no input can be filtered by time.
func (p *parser) checkBatchedInputs(n *manifest.Node) {
	for _, id := range n.DependsOn.Nodes {
		config := &manifest.Config{}
		if input, ok := p.m.Nodes[id]; ok {
			config = input.Config
		} else if s, ok := p.m.Sources[id]; ok {
			config = s.Config
		}
		if value.Truth(config.Get("event_time")) {
			return
		}
	}
	d := nodeProblem(n, diag.CodeConfigValue, diag.Parsing, fmt.Sprintf(
		"The microbatch model '%s' has no 'ref' or 'source' input with an 'event_time' configuration. \nThis means no filtering can be applied and can result in unexpected duplicate records in the resulting microbatch model.", n.Name))
	d.Severity, d.Event = diag.Warning, "MicrobatchModelNoEventTimeInputs"
	p.report(d)
}

// withTime is an ISO date or time as Python prints a datetime.
func withTime(s string) string {
	s = strings.Replace(s, " ", "T", 1)
	if !strings.Contains(s, "T") {
		return s + "T00:00:00"
	}
	if i := strings.IndexByte(s, 'T'); strings.Count(s[i:], ":") == 1 && len(s)-i == len("T10:00") {
		return s + ":00"
	}
	return s
}

func isISOTime(s string) bool {
	s = strings.Replace(s, "T", " ", 1)
	for _, layout := range []string{
		"2006-01-02", "2006-01-02 15", "2006-01-02 15:04", "2006-01-02 15:04:05", "2006-01-02 15:04:05.999999999",
		"2006-01-02 15:04:05Z07:00", "2006-01-02 15:04:05.999999999Z07:00", "2006-01-02 15:04Z07:00",
	} {
		if _, err := time.Parse(layout, s); err == nil {
			return true
		}
	}
	return false
}
