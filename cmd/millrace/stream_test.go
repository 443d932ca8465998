package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

var streamProject = map[string]string{
	"dbt_project.yml": "name: shop\nversion: '1.0.0'\nconfig-version: 2\nprofile: shop\nmodel-paths: [models]\n",
	"profiles.yml":    "shop:\n  target: dev\n  outputs:\n    dev: {type: duckdb, path: shop.duckdb, schema: main, threads: 2}\n",
	"streams.yml":     "connections:\n  main:\n    brokers: \"{{ env_var('SHOP_BROKERS') }}\"\n",
	"models/sources.yml": `sources:
  - name: raw
    schema: raw
    tables:
      - name: orders
        config:
          meta:
            stream: {type: kafka, connection: main, topics: [orders], max_latency: 100ms}
        columns:
          - {name: id, data_type: bigint, constraints: [{type: not_null}]}
          - {name: amount, data_type: "decimal(10,2)"}
`,
	"models/totals.sql": "{{ config(materialized='table') }}\nselect count(*) as n, sum(amount) as total from {{ source('raw', 'orders') }}\n",
	"models/history.sql": "{{ config(materialized='incremental') }}\nselect id, _stream_batch from {{ source('raw', 'orders') }}\n" +
		"{% if is_incremental() %}where _stream_batch > (select max(_stream_batch) from {{ this }}){% endif %}\n",
	"models/schema.yml": "models:\n  - name: totals\n    columns:\n      - name: n\n        data_tests: [not_null]\n",
}

// syncBuffer is written by the command and read by the test.
type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

// waitIn waits until a running command has printed something.
func waitIn(t *testing.T, out *syncBuffer, text string) {
	t.Helper()
	for deadline := time.Now().Add(60 * time.Second); !strings.Contains(out.String(), text); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%q never came:\n%s", text, out.String())
		}
	}
}

func TestStreamCommands(t *testing.T) {
	dir := t.TempDir()
	for name, text := range streamProject {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, "orders"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	t.Setenv("SHOP_BROKERS", strings.Join(c.ListenAddrs(), ","))
	t.Chdir(dir)
	cl, err := kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...), kgo.DefaultProduceTopic("orders"))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	send := func(from, to int) {
		var list []*kgo.Record
		for i := from; i < to; i++ {
			list = append(list, &kgo.Record{Key: []byte(fmt.Sprint(i)), Value: []byte(fmt.Sprintf(`{"id":%d,"amount":1.50}`, i))})
		}
		if err := cl.ProduceSync(context.Background(), list...).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
	start := func(ctx context.Context, out *syncBuffer, args ...string) int {
		return newApp(out, out).run(ctx, args)
	}
	run := func(code int, says string, args ...string) {
		t.Helper()
		var out syncBuffer
		if got := start(context.Background(), &out, args...); got != code || !strings.Contains(out.String(), says) {
			t.Fatalf("millrace %s: exit %d, want %d, with %q in:\n%s", strings.Join(args, " "), got, code, says, out.String())
		}
	}
	send(0, 1000)
	if err := cl.ProduceSync(context.Background(), &kgo.Record{Value: []byte("bad")}).FirstErr(); err != nil {
		t.Fatal(err)
	}
	run(0, "behind", "stream", "lag")
	run(0, "stream raw.orders: 1000 rows landed in 1 batch, 1 in quarantine", "build")
	run(0, "| 1000 | 1,500 |", "show", "--inline", "select n, total from {{ ref('totals') }}")
	run(0, "behind 0", "stream", "lag")
	run(0, "source.shop.raw.orders", "stream", "status")
	run(0, "Documentation written", "docs", "generate")
	if text, err := os.ReadFile("target/stream_status.json"); err != nil || !strings.Contains(string(text), `"landed":1000,"batches":1,"lag_messages":0,"rows_in_last_hour":1000,"quarantined":1,"gaps":0,"last_commit_at":"`) || !strings.Contains(string(text), `"watermark_at":null`) {
		t.Errorf("the ledger as the documentation gets it (%v): %s", err, text)
	}
	run(0, "syntax", "stream", "quarantine", "--rows", "5")
	run(0, "There are more", "stream", "quarantine", "--rows", "0")
	run(0, "0 landed, 1 still bad", "stream", "quarantine", "replay")
	run(0, "landed once", "stream", "verify")
	run(0, "OK", "stream", "doctor")
	run(0, "1000 rows taken back", "stream", "replay", "--from", "earliest")
	run(2, "from", "stream", "replay")
	send(1000, 1100)
	run(0, "100 rows landed", "stream", "catch-up")
	run(0, "Completed successfully", "build", "--full-refresh") // rows that landed again have new batches

	ctx, cancel := context.WithCancel(context.Background())
	var out syncBuffer
	done := make(chan int, 1)
	go func() { done <- start(ctx, &out, "stream", "run") }()
	waitIn(t, &out, "tick 1:")
	send(1100, 1200)
	waitIn(t, &out, "tick 2: raw.orders: 3 ok, 0 failed")
	cancel()
	<-done
	run(0, "| 1200 | 1,800 |", "show", "--inline", "select n, total from {{ ref('totals') }}")
	// The incremental model has seen every row once, though they came in several batches.
	run(0, "| 1200 | 1200 |", "show", "--inline", "select count(*) as n, count(distinct id) as ids from {{ ref('history') }} where id < 1200")
	if err := os.WriteFile("streams.yml", []byte("connections: {mian: {brokers: x}}"), 0o600); err != nil {
		t.Fatal(err)
	}
	run(2, "did you mean 'mian'?", "build")
}
