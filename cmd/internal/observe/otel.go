package observe

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	prombridge "go.opentelemetry.io/contrib/bridges/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlpmetric/otlpmetrichttp"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/millrace/millrace/compiler/event"
)

// Telemetry sends metrics and traces over OTLP. It is an event.Sink.
type Telemetry struct {
	tracer trace.Tracer
	stop   []func(context.Context) error
}

// NewTelemetry reads the standard OTEL_ variables. Without an endpoint in them there is no
// telemetry, and the result is nil. What is exported are the metrics of m.
func NewTelemetry(ctx context.Context, m *Metrics, version string) (*Telemetry, error) {
	set := func(names ...string) bool {
		for _, n := range names {
			if os.Getenv(n) != "" {
				return true
			}
		}
		return false
	}
	if strings.EqualFold(os.Getenv("OTEL_SDK_DISABLED"), "true") {
		return nil, nil
	}
	metrics := set("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_METRICS_ENDPOINT") && os.Getenv("OTEL_METRICS_EXPORTER") != "none"
	traces := set("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") && os.Getenv("OTEL_TRACES_EXPORTER") != "none"
	if !metrics && !traces {
		return nil, nil
	}
	for _, name := range []string{"OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL"} {
		if p := os.Getenv(name); p != "" && p != "http/protobuf" {
			return nil, fmt.Errorf("%s is %q, but telemetry is sent as http/protobuf only", name, p)
		}
	}
	res, err := resource.New(ctx, resource.WithAttributes(attribute.String("service.name", "millrace"), attribute.String("service.version", version)),
		resource.WithHost(), resource.WithProcessPID(), resource.WithFromEnv()) // the environment has the last word
	if err != nil {
		return nil, err
	}
	t := &Telemetry{}
	if metrics {
		exporter, err := otlpmetrichttp.New(ctx)
		if err != nil {
			return nil, err
		}
		reader := metric.NewPeriodicReader(exporter, metric.WithProducer(prombridge.NewMetricProducer(prombridge.WithGatherer(m.Registry))))
		t.stop = append(t.stop, metric.NewMeterProvider(metric.WithReader(reader), metric.WithResource(res)).Shutdown)
	}
	if traces {
		exporter, err := otlptracehttp.New(ctx)
		if err != nil {
			return nil, errors.Join(err, t.Close(ctx))
		}
		provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter), sdktrace.WithResource(res))
		t.tracer = provider.Tracer("github.com/millrace/millrace")
		t.stop = append(t.stop, provider.Shutdown)
	}
	return t, nil
}

// Emit implements event.Sink: what took time becomes a span.
func (t *Telemetry) Emit(e event.Event) {
	if t.tracer == nil {
		return
	}
	name := map[string]string{"StreamBatch": "stream batch", "StreamTick": "stream tick"}[e.Name]
	if name == "" {
		return
	}
	var attributes []attribute.KeyValue
	for key, v := range e.Data {
		switch v := v.(type) {
		case string:
			attributes = append(attributes, attribute.String("millrace."+key, v))
		case []string:
			attributes = append(attributes, attribute.StringSlice("millrace."+key, v))
		case int, int64, float64:
			attributes = append(attributes, attribute.Float64("millrace."+key, number(v)))
		}
	}
	end := e.Time
	took := time.Duration(number(e.Data["seconds"]) * float64(time.Second))
	_, span := t.tracer.Start(context.Background(), name, trace.WithTimestamp(end.Add(-took)), trace.WithAttributes(attributes...))
	if number(e.Data["failed"]) > 0 {
		span.SetStatus(codes.Error, e.Msg)
	}
	span.End(trace.WithTimestamp(end))
}

// Close sends what is left.
func (t *Telemetry) Close(ctx context.Context) error {
	var all error
	for _, stop := range t.stop {
		all = errors.Join(all, stop(ctx))
	}
	return all
}
