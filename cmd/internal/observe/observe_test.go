package observe

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/adapters/kafka/landing"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/dag/stream"
)

// lived are metrics of a pump that has seen everything once.
func lived() (*Metrics, *Health) {
	m := NewMetrics("test")
	h := NewHealth(time.Second, time.Now)
	m.Start([]string{"shop.orders"})
	for _, e := range []event.Event{
		{Name: "StreamBatch", Data: map[string]any{"stream": "shop.orders", "rows": int64(7), "bytes": int64(70), "quarantined": int64(2), "skipped": int64(0), "seconds": 0.02}},
		{Name: "StreamTick", Data: map[string]any{"failed": 1, "ok": 2, "seconds": 0.5}},
		{Name: "StreamFenced", Data: map[string]any{"stream": "shop.orders"}},
		{Name: "StreamHeld", Data: map[string]any{"stream": "shop.orders", "held": true, "buffered": int64(64)}},
		{Name: "StreamSchema", Data: map[string]any{"stream": "shop.orders", "verdict": "appended"}},
		{Name: "StreamStopped", Msg: "lost", Data: map[string]any{"stream": "shop.orders", "code": string(diag.CodeGap)}},
	} {
		m.Emit(e)
	}
	m.Sampled([]stream.Sample{{Source: &declare.Source{Name: "shop.orders"}, Behind: map[landing.Partition]int64{{Topic: "orders", ID: 3}: 12}, Lag: time.Minute,
		LastCommit: time.Unix(1000, 0), Quarantined: 2, Gaps: 1, Models: map[string]int64{"main.totals": 4}}})
	return m, h
}

func get(t *testing.T, url string) (int, string) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestServe(t *testing.T) {
	m, h := lived()
	at, closed, err := Serve("127.0.0.1:0", m, h)
	if err != nil {
		t.Fatal(err)
	}
	defer closed()
	_, body := get(t, "http://"+at+"/metrics")
	for _, want := range []string{
		`millrace_stream_rows_total{stream="shop.orders"} 7`, `millrace_stream_quarantined_total{stream="shop.orders"} 2`, `millrace_stream_batch_seconds_count{stream="shop.orders"} 1`,
		`millrace_stream_lag_offsets{partition="3",stream="shop.orders",topic="orders"} 12`, `millrace_stream_lag_seconds{stream="shop.orders"} 60`,
		`millrace_model_frontier_lag_offsets{model="main.totals",stream="shop.orders"} 4`, `millrace_ticks_total{outcome="failed"} 1`, `millrace_stream_fenced_total{stream="shop.orders"} 1`,
		`millrace_stream_stopped_total{code="MR7`, `millrace_stream_held{stream="shop.orders"} 1`, "millrace_buffered_bytes 64",
		`millrace_stream_schema_verdicts_total{stream="shop.orders",verdict="appended"} 1`, `millrace_stream_up{stream="shop.orders"} 0`, "process_resident_memory_bytes", `millrace_build_info{version="test"} 1`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("%s is missing", want)
		}
	}
	ready := func(want int, says string) {
		t.Helper()
		if code, body := get(t, "http://"+at+"/readyz"); code != want || !strings.Contains(body, says) {
			t.Errorf("readyz: %d %s", code, body)
		}
	}
	ready(503, "starting")
	h.Sampled(errors.New("no broker"))
	ready(503, "no broker")
	h.Sampled(nil)
	ready(200, "ok")
	if code, _ := get(t, "http://"+at+"/healthz"); code != 200 {
		t.Errorf("healthz: %d", code)
	}
	h.Emit(event.Event{Name: "StreamStopped", Msg: "lost", Data: map[string]any{"stream": "shop.orders"}})
	ready(503, "stream shop.orders stopped: lost")
	if code, _ := get(t, "http://"+at+"/healthz"); code != 503 {
		t.Errorf("healthz: %d", code)
	}
}

// TestDashboards: every metric that the dashboard and the alerts name exists.
func TestDashboards(t *testing.T) {
	m, _ := lived()
	families, err := m.Registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]bool{}
	for _, f := range families {
		there[f.GetName()] = true
		if f.GetHelp() == "" {
			t.Errorf("%s has no help", f.GetName())
		}
	}
	docs := filepath.Join("..", "..", "..", "docs", "guide", "observability")
	var dashboard any
	var alerts any
	for file, read := range map[string]func([]byte) error{
		"grafana.json": func(b []byte) error { return json.Unmarshal(b, &dashboard) },
		"alerts.yml":   func(b []byte) error { return yaml.Unmarshal(b, &alerts) },
	} {
		data, err := os.ReadFile(filepath.Join(docs, file))
		if err != nil {
			t.Fatal(err)
		}
		if err := read(data); err != nil {
			t.Errorf("%s: %v", file, err)
		}
		names := regexp.MustCompile(`\b(?:millrace|process)_[a-z_]+\b`).FindAllString(string(data), -1)
		if len(names) < 8 {
			t.Errorf("%s names %d metrics", file, len(names))
		}
		for _, n := range names {
			if !there[n] && !there[strings.TrimSuffix(n, "_bucket")] {
				t.Errorf("%s names %s, which does not exist", file, n)
			}
		}
	}
}

// TestWebhooks: trouble is told, again when it does not get through, and never waited for.
func TestWebhooks(t *testing.T) {
	var mu sync.Mutex
	var got []Notice
	failures := 2
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if r.Header.Get("Authorization") != "Bearer geheim" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		if failures--; failures >= 0 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		var n Notice
		if err := json.NewDecoder(r.Body).Decode(&n); err != nil {
			t.Error(err)
		}
		got = append(got, n)
	}))
	defer server.Close()
	var warnings []string
	w := NewWebhooks([]declare.Webhook{{URL: server.URL + "/geheim", On: map[string]bool{declare.OnGap: true, declare.OnFence: true, declare.OnSchema: true}, Headers: map[string]string{"Authorization": "Bearer geheim"}},
		{URL: "http://127.0.0.1:1/geheim", On: map[string]bool{declare.OnBudget: true}}}, func(msg string) { mu.Lock(); warnings = append(warnings, msg); mu.Unlock() })
	w.wait = time.Millisecond
	now := time.Now()
	say := func(name string, code diag.Code, after time.Duration) {
		w.Emit(event.Event{Name: name, Msg: "m", Time: now.Add(after), Data: map[string]any{"stream": "shop.orders", "code": string(code)}})
	}
	say("StreamGap", "", 0)
	say("StreamGap", "", time.Second) // too soon to be told again
	say("StreamGap", "", 2*time.Minute)
	say("StreamStopped", diag.CodeFenced, 0)
	say("StreamStopped", diag.CodeBadRecord, 0)
	say("StreamBatch", "", 0)
	for _, verdict := range []string{"accepted", "ignored", "refused"} {
		w.Emit(event.Event{Name: "StreamSchema", Msg: "m", Time: now, Data: map[string]any{"stream": "shop.orders", "verdict": verdict}})
	}
	w.Close(time.Minute)
	mu.Lock()
	defer mu.Unlock()
	kinds := ""
	for _, n := range got {
		kinds += n.Event + " "
		if n.Stream != "shop.orders" || n.Message != "m" {
			t.Errorf("%+v", n)
		}
	}
	if kinds != "gap gap fence schema " {
		t.Errorf("told: %s", kinds)
	}
	if len(warnings) != 1 || !strings.Contains(warnings[0], "127.0.0.1:1") || !strings.Contains(warnings[0], "budget") || strings.Contains(warnings[0], "geheim") {
		t.Errorf("warnings: %q", warnings)
	}
}

// TestTelemetry sends to a collector what the standard variables ask for.
func TestTelemetry(t *testing.T) {
	m, _ := lived()
	for _, name := range os.Environ() {
		if key, _, _ := strings.Cut(name, "="); strings.HasPrefix(key, "OTEL_") {
			t.Setenv(key, "")
		}
	}
	if off, err := NewTelemetry(t.Context(), m, "test"); off != nil || err != nil {
		t.Fatalf("without variables there is %v, %v", off, err)
	}
	var mu sync.Mutex
	paths := map[string]string{}
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		defer mu.Unlock()
		paths[r.URL.Path] += string(body)
	}))
	defer server.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", server.URL)
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=ci")
	on, err := NewTelemetry(t.Context(), m, "test")
	if err != nil {
		t.Fatal(err)
	}
	on.Emit(event.Event{Name: "StreamTick", Time: time.Now(), Data: map[string]any{"seconds": 0.25, "failed": 0}})
	if err := on.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	for path, wants := range map[string][]string{"/v1/metrics": {"millrace_stream_rows_total", "deployment.environment"}, "/v1/traces": {"stream tick", "service.version"}} {
		for _, want := range wants {
			if !strings.Contains(paths[path], want) {
				t.Errorf("%s has no %s in %d bytes", path, want, len(paths[path]))
			}
		}
	}
	t.Setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
	if _, err := NewTelemetry(t.Context(), m, "test"); err == nil || !strings.Contains(err.Error(), "http/protobuf only") {
		t.Errorf("%v", err)
	}
}
