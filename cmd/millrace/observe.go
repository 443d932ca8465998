package main

import (
	"context"
	"time"

	"github.com/millrace/millrace/cmd/internal/observe"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/dag/run"
	"github.com/millrace/millrace/dag/stream"
)

// sampleEvery is how often a running pump looks at how its streams stand.
const sampleEvery = 5 * time.Second

// observe shows a running pump to what watches it: metrics at --metrics-listen, telemetry where the
// OTEL_ variables say, webhooks of streams.yml. Without any of them it does nothing.
func (inv *invocation) observe(ctx context.Context, s *stream.Streams, m *manifest.Manifest) (stop func(), err error) {
	metrics := observe.NewMetrics(programVersion())
	telemetry, err := observe.NewTelemetry(ctx, metrics, programVersion())
	if err != nil {
		return nil, &diag.Diagnostic{Code: diag.CodeUsage, Kind: diag.Usage, Summary: "telemetry: " + err.Error(), Cause: err}
	}
	hooks, listen := s.Webhooks(), inv.flags.MetricsListen
	if listen == "" && telemetry == nil && len(hooks) == 0 {
		return func() {}, nil
	}
	health := observe.NewHealth(sampleEvery, inv.now)
	names := make([]string, len(s.Sources))
	for i, src := range s.Sources {
		names[i] = src.Name
	}
	metrics.Start(names)
	taps := []event.Sink{metrics, health}
	var ends []func()
	if listen != "" {
		at, closed, err := observe.Serve(listen, metrics, health)
		if err != nil {
			return nil, &diag.Diagnostic{Code: diag.CodeUsage, Kind: diag.Usage, Summary: "--metrics-listen: " + err.Error(), Cause: err}
		}
		inv.emit(event.Event{Name: "StreamMetrics", Code: "M113", Level: event.Info, Msg: "metrics and health at http://" + at, Data: map[string]any{"address": at}})
		ends = append(ends, closed)
	}
	if telemetry != nil {
		taps = append(taps, telemetry)
		ends = append(ends, func() {
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
			defer cancel()
			if err := telemetry.Close(ctx); err != nil {
				inv.warn("StreamTelemetry", "telemetry was not sent: "+err.Error())
			}
		})
	}
	if len(hooks) > 0 {
		w := observe.NewWebhooks(hooks, func(msg string) { inv.warn("StreamWebhook", msg) })
		taps = append(taps, w)
		ends = append(ends, func() { w.Close(10 * time.Second) })
	}
	inv.taps.set(taps)
	sampling, end := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		inv.sample(sampling, s.Sampler(), m, metrics, health)
	}()
	return func() {
		end()
		<-done
		for i := len(ends) - 1; i >= 0; i-- {
			ends[i]()
		}
		inv.taps.set(nil)
	}, nil
}

func (inv *invocation) warn(name, msg string) {
	inv.emit(event.Event{Name: name, Code: "M114", Level: event.Warn, Msg: "[WARNING]: " + msg, Data: map[string]any{"msg": msg}})
}

// sample looks at the streams until ctx ends.
func (inv *invocation) sample(ctx context.Context, sampler *stream.Sampler, m *manifest.Manifest, metrics *observe.Metrics, health *observe.Health) {
	defer sampler.Close()
	for {
		samples, err := sampler.Take(ctx)
		if ctx.Err() != nil {
			return
		}
		if err != nil {
			metrics.Unsampled()
		}
		metrics.Sampled(samples)
		for _, s := range samples {
			if err == nil {
				err = s.Err
			}
			limit, ok := run.FreshnessLimit(m.Sources[s.Source.ID], "error_after")
			if ok && s.Lag > limit && !s.Paused {
				msg := "stream " + s.Source.Name + ": what has landed is " + s.Lag.Round(time.Second).String() + " old and more is waiting; error_after is " + limit.String()
				inv.emit(event.Event{Name: "StreamFreshness", Code: "M115", Level: event.Warn, Msg: "[WARNING]: " + msg,
					Data: map[string]any{"stream": s.Source.Name, "seconds": s.Lag.Seconds(), "limit": limit.Seconds()}})
			}
		}
		health.Sampled(err)
		select {
		case <-ctx.Done():
			return
		case <-time.After(sampleEvery):
		}
	}
}
