package main

import (
	"context"
	"encoding/binary"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"

	"github.com/millrace/millrace/adapters/adaptertest"
)

// TestSourceGenerate declares streams by a registry's subjects and by sampled records, and
// lands what was written under those schemas with nothing else said.
func TestSourceGenerate(t *testing.T) {
	t.Run("in process", func(t *testing.T) {
		registry := srfake.New()
		t.Cleanup(registry.Close)
		generatesSources(t, registry.URL())
	})
	t.Run("real registry", func(t *testing.T) { generatesSources(t, adaptertest.StartRegistry(t)) })
}

const (
	avroOrder = `{"type":"record","name":"Order","fields":[{"name":"id","type":"long"},{"name":"city","type":["null","string"],"default":null},` +
		`{"name":"total","type":{"type":"bytes","logicalType":"decimal","precision":10,"scale":2}},{"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}}]}`
	protoPayment = `syntax = "proto3"; message Payment { int64 id = 1; string method = 2; double amount = 3; }`
)

func generatesSources(t *testing.T, url string) {
	dir := t.TempDir()
	writeFiles(t, dir, map[string]string{
		"dbt_project.yml":    "name: shop\nprofile: shop\n",
		"profiles.yml":       "shop: {target: dev, outputs: {dev: {type: duckdb, path: shop.duckdb}}}\n",
		"streams.yml":        "connections:\n  main: {brokers: \"{{ env_var('SHOP_BROKERS') }}\"}\nregistries:\n  main: {url: \"" + url + "\"}\n",
		"models/sources.yml": "# Sources of the shop.\nversion: 2\n",
	})
	t.Chdir(dir)
	ctx := context.Background()
	asked, err := sr.NewClient(sr.URLs(url), sr.HTTPClient(&http.Client{Timeout: time.Minute})) // a busy machine warms Java up slowly
	if err != nil {
		t.Fatal(err)
	}
	register := func(subject string, s sr.Schema) []byte {
		t.Helper()
		known, err := asked.CreateSchema(ctx, subject, s)
		if err != nil {
			t.Fatal(err)
		}
		return binary.BigEndian.AppendUint32([]byte{0}, uint32(known.ID))
	}
	order := register("orders-value", sr.Schema{Schema: avroOrder, Type: sr.TypeAvro})
	payment := register("payments-value", sr.Schema{Schema: protoPayment, Type: sr.TypeProtobuf})
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, "orders", "payments", "visits"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	t.Setenv("SHOP_BROKERS", strings.Join(c.ListenAddrs(), ","))
	cl, err := kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...))
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	// {"id": 7, "city": "Ulm", "total": 12.50, "at": 2026-01-02T03:04:05Z}
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	value := append(binary.AppendVarint(order, 7), 2, 6, 'U', 'l', 'm', 4, 0x04, 0xe2)
	value = binary.AppendVarint(value, at.UnixMilli())
	// message 0 of its file: id: 9, method: "card", amount: 1.25
	paid := append(payment, 0, 1<<3, 9, 2<<3|2, 4, 'c', 'a', 'r', 'd', 3<<3|1)
	paid = binary.LittleEndian.AppendUint64(paid, math.Float64bits(1.25))
	records := []*kgo.Record{
		{Topic: "orders", Value: value}, {Topic: "payments", Value: paid},
		{Topic: "visits", Value: []byte(`{"page":"/","seconds":12,"at":"2026-01-02T03:04:05Z","seen":true}`)},
		{Topic: "visits", Value: []byte(`{"page":"/tea","seconds":4.5,"at":"2026-01-02T03:04:06Z","from":{"city":"Ulm"}}`)},
	}
	if err := cl.ProduceSync(ctx, records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	millrace(t, "source", "generate", "shop.orders", "--topic", "orders", "--registry", "main", "--subject", "orders-value", "--into", "models/sources.yml")
	millrace(t, "source", "generate", "shop.payments", "--topic", "payments", "--registry", "main", "--into", "models/sources.yml")
	millrace(t, "source", "generate", "shop.visits", "--topic", "visits", "--sample", "100", "--into", "models/sources.yml")
	text, err := os.ReadFile(filepath.Join("models", "sources.yml"))
	if err != nil || !strings.HasPrefix(string(text), "# Sources of the shop.\n") {
		t.Errorf("%v\n%s", err, text)
	}
	millrace(t, "stream", "catch-up")
	for query, want := range map[string]string{
		"select id || city || total || cast(\"at\" at time zone 'UTC' as varchar) as answer from {{ source('shop', 'orders') }}":             "7Ulm12.502026-01-02 03:04:05",
		"select id || method || amount as answer from {{ source('shop', 'payments') }}":                                                      "9card1.25",
		"select string_agg(page || cast(seconds as double), ' ' order by page) || count(seen) as answer from {{ source('shop', 'visits') }}": "/12.0 /tea4.51",
	} {
		out := millrace(t, "show", "--quiet", "--output", "json", "--inline", query)
		if !strings.Contains(out, `"answer": "`+want+`"`) {
			t.Errorf("%s: %s, want %s; declared\n%s", query, out, want, text)
		}
	}
}
