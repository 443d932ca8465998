// Package observe shows a running pump to the tools that watch it: Prometheus metrics and
// health over HTTP, OpenTelemetry over OTLP, webhooks. It lives on the events of a command
// and on samples of its streams, and never holds the pump up.
package observe

import (
	"strconv"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/dag/stream"
)

// Metrics are all metrics of a pump. It is an event.Sink.
type Metrics struct {
	Registry *prometheus.Registry

	rows, bytes, batches, quarantined, skipped *prometheus.CounterVec
	fenced, gapped, stopped, waiting           *prometheus.CounterVec
	batchSeconds                               *prometheus.HistogramVec
	ticks                                      *prometheus.CounterVec
	tickSeconds                                prometheus.Histogram

	up, paused, inQuarantine, gaps, lagSeconds, lastCommit *prometheus.GaugeVec
	lagOffsets, modelLag                                   *prometheus.GaugeVec
	sampleErrors, verdicts                                 *prometheus.CounterVec
	held, buffered                                         *prometheus.GaugeVec
}

// NewMetrics makes the metrics of a process; version is that of the program.
func NewMetrics(version string) *Metrics {
	m := &Metrics{Registry: prometheus.NewRegistry()}
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		return registered(m.Registry, prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels))
	}
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		return registered(m.Registry, prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: name, Help: help}, labels))
	}
	m.rows = counter("millrace_stream_rows_total", "Rows landed.", "stream")
	m.bytes = counter("millrace_stream_bytes_total", "Bytes of the records of committed batches.", "stream")
	m.batches = counter("millrace_stream_batches_total", "Batches committed.", "stream")
	m.quarantined = counter("millrace_stream_quarantined_total", "Records put into quarantine.", "stream")
	m.skipped = counter("millrace_stream_skipped_total", "Bad records left out (on_bad_record: skip).", "stream")
	m.fenced = counter("millrace_stream_fenced_total", "Commits refused because another process had taken over.", "stream")
	m.gapped = counter("millrace_stream_gap_events_total", "Gaps found while running.", "stream")
	m.stopped = counter("millrace_stream_stopped_total", "Streams that stopped with an error, by its code.", "stream", "code")
	m.waiting = counter("millrace_stream_registry_waits_total", "Times a stream began to wait for its schema registry.", "stream")
	m.verdicts = counter("millrace_stream_schema_verdicts_total", "Schemas, and fields of records without one, that were judged, by verdict.", "stream", "verdict")
	m.held = gauge("millrace_stream_held", "1 while the stream reads nothing because the database is slower.", "stream")
	m.buffered = gauge("millrace_buffered_bytes", "What the process has read and not committed, when a stream stopped reading or went on last.")
	m.batchSeconds = prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "millrace_stream_batch_seconds", Help: "How long the transaction of a batch took.",
		Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}}, []string{"stream"})
	m.ticks = counter("millrace_ticks_total", "Passes over the models, by outcome.", "outcome")
	m.tickSeconds = prometheus.NewHistogram(prometheus.HistogramOpts{Name: "millrace_tick_seconds", Help: "How long a pass over the models took.",
		Buckets: []float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300}})
	m.up = gauge("millrace_stream_up", "1 while the stream is landed by this process, 0 after it stopped.", "stream")
	m.paused = gauge("millrace_stream_paused", "1 while the stream is paused.", "stream")
	m.inQuarantine = gauge("millrace_stream_quarantine_records", "Records in quarantine now.", "stream")
	m.gaps = gauge("millrace_stream_gaps", "Gaps in the ledger.", "stream")
	m.lagSeconds = gauge("millrace_stream_lag_seconds", "Age of the newest landed record of the partition that has waited longest; 0 when caught up.", "stream")
	m.lastCommit = gauge("millrace_stream_last_commit_timestamp_seconds", "When the last batch was committed.", "stream")
	m.lagOffsets = gauge("millrace_stream_lag_offsets", "Offsets between the ledger and the end of the log.", "stream", "topic", "partition")
	m.modelLag = gauge("millrace_model_frontier_lag_offsets", "Landed offsets that a model has not taken in.", "model", "stream")
	m.sampleErrors = counter("millrace_sample_errors_total", "Times the state of the streams could not be read.", "what")
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: "millrace_build_info", Help: "1, labelled with the version.", ConstLabels: prometheus.Labels{"version": version}})
	build.Set(1)
	m.Registry.MustRegister(m.batchSeconds, m.tickSeconds, build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// registered registers a metric and gives it back.
func registered[C prometheus.Collector](r *prometheus.Registry, c C) C {
	r.MustRegister(c)
	return c
}

// Start makes the series of streams, so that they are there before anything happens.
func (m *Metrics) Start(names []string) {
	for _, n := range names {
		for _, c := range []*prometheus.CounterVec{m.rows, m.bytes, m.batches, m.quarantined, m.skipped, m.fenced, m.gapped, m.waiting} {
			c.WithLabelValues(n)
		}
		m.batchSeconds.WithLabelValues(n)
		m.held.WithLabelValues(n).Set(0)
		m.up.WithLabelValues(n).Set(1)
	}
	m.ticks.WithLabelValues("ok")
	m.ticks.WithLabelValues("failed")
	m.sampleErrors.WithLabelValues("database")
	m.sampleErrors.WithLabelValues("brokers")
}

// number reads a number of an event's data.
func number(v any) float64 {
	switch n := v.(type) {
	case int:
		return float64(n)
	case int64:
		return float64(n)
	case float64:
		return n
	}
	return 0
}

func text(v any) string {
	s, _ := v.(string)
	return s
}

// Emit implements event.Sink.
func (m *Metrics) Emit(e event.Event) {
	name := text(e.Data["stream"])
	switch e.Name {
	case "StreamBatch":
		m.batches.WithLabelValues(name).Inc()
		for c, key := range map[*prometheus.CounterVec]string{m.rows: "rows", m.bytes: "bytes", m.quarantined: "quarantined", m.skipped: "skipped"} {
			c.WithLabelValues(name).Add(max(number(e.Data[key]), 0))
		}
		m.batchSeconds.WithLabelValues(name).Observe(number(e.Data["seconds"]))
	case "StreamTick":
		outcome := "ok"
		if number(e.Data["failed"]) > 0 {
			outcome = "failed"
		}
		m.ticks.WithLabelValues(outcome).Inc()
		m.tickSeconds.Observe(number(e.Data["seconds"]))
	case "StreamFenced":
		m.fenced.WithLabelValues(name).Inc()
	case "StreamGap":
		m.gapped.WithLabelValues(name).Inc()
	case "StreamPaused":
		m.waiting.WithLabelValues(name).Inc()
	case "StreamSchema":
		m.verdicts.WithLabelValues(name, text(e.Data["verdict"])).Inc()
	case "StreamHeld":
		on, _ := e.Data["held"].(bool)
		m.held.WithLabelValues(name).Set(flag(on))
		m.buffered.WithLabelValues().Set(number(e.Data["buffered"]))
	case "StreamStopped":
		m.stopped.WithLabelValues(name, text(e.Data["code"])).Inc()
		m.up.WithLabelValues(name).Set(0)
	}
}

// Sampled takes over how streams stand.
func (m *Metrics) Sampled(samples []stream.Sample) {
	for _, s := range samples {
		name := s.Source.Name
		m.paused.WithLabelValues(name).Set(flag(s.Paused))
		m.inQuarantine.WithLabelValues(name).Set(float64(s.Quarantined))
		m.gaps.WithLabelValues(name).Set(float64(s.Gaps))
		if !s.LastCommit.IsZero() {
			m.lastCommit.WithLabelValues(name).Set(float64(s.LastCommit.UnixMilli()) / 1000)
		}
		for model, n := range s.Models {
			m.modelLag.WithLabelValues(model, name).Set(float64(n))
		}
		if s.Err != nil {
			m.sampleErrors.WithLabelValues("brokers").Inc()
			continue
		}
		m.lagSeconds.WithLabelValues(name).Set(s.Lag.Seconds())
		for part, n := range s.Behind {
			m.lagOffsets.WithLabelValues(name, part.Topic, strconv.Itoa(int(part.ID))).Set(float64(n))
		}
	}
}

// Unsampled counts that the database could not be asked.
func (m *Metrics) Unsampled() { m.sampleErrors.WithLabelValues("database").Inc() }

func flag(on bool) float64 {
	if on {
		return 1
	}
	return 0
}
