package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// TestPumpIsObserved: metrics and health of a running pump, and a webhook about its end.
func TestPumpIsObserved(t *testing.T) {
	told := make(chan map[string]any, 10)
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		var notice map[string]any
		if json.NewDecoder(r.Body).Decode(&notice) == nil {
			told <- notice
		}
	}))
	defer hook.Close()
	t.Setenv("SHOP_HOOK", hook.URL)
	dir, cl := streamingProject(t, 50)
	writeFiles(t, dir, map[string]string{"streams.yml": streamProject["streams.yml"] + "webhooks:\n  - {url: \"{{ env_var('SHOP_HOOK') }}\", events: [budget]}\n",
		"models/sources.yml": strings.Replace(streamProject["models/sources.yml"], "max_latency: 100ms", "max_latency: 100ms, budget: {per_batch: 1}", 1)})
	pump, wait := background(t, dir, "stream", "run", "--metrics-listen", "127.0.0.1:0")
	line := wait("metrics and health at http://")
	base := line[strings.Index(line, "http://"):]
	wait("tick 1:")
	fetch := func(path string) string {
		resp, err := http.Get(base + path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		body, _ := io.ReadAll(resp.Body)
		return string(body)
	}
	sendOrders(t, cl, 50, 80)
	wait("tick 2:")
	for deadline := time.Now().Add(time.Minute); fetch("/readyz") != "ok\n"; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal(fetch("/readyz"))
		}
	}
	metrics := fetch("/metrics")
	for _, want := range []string{`millrace_stream_rows_total\{stream="raw.orders"\} 80`, `millrace_stream_lag_offsets\{partition="0",stream="raw.orders",topic="orders"\} \d`,
		`millrace_ticks_total\{outcome="ok"\} [2-9]`, `millrace_stream_batch_seconds_count\{stream="raw.orders"\} [1-9]`, `millrace_stream_up\{stream="raw.orders"\} 1`} {
		if !regexp.MustCompile(want).MatchString(metrics) {
			t.Errorf("%s is missing", want)
		}
	}
	// Too many bad records: the stream stops, and says so to whom it may concern.
	var bad []*kgo.Record
	for range 5 {
		bad = append(bad, &kgo.Record{Value: []byte("bad"), Partition: 0})
	}
	if err := cl.ProduceSync(t.Context(), bad...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	select {
	case notice := <-told:
		if notice["event"] != "budget" || notice["stream"] != "raw.orders" || !strings.Contains(notice["message"].(string), "budget.per_batch") {
			t.Errorf("%v", notice)
		}
	case <-time.After(time.Minute):
		t.Fatal("the webhook was not told")
	}
	if err := pump.Wait(); err == nil {
		t.Error("stream run ended well")
	}
}
