package stream

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/adapters/adaptertest"
	"github.com/millrace/millrace/adapters/columnar"
	"github.com/millrace/millrace/adapters/kafka/landing"
	"github.com/millrace/millrace/adapters/kafka/ledger"
	"github.com/millrace/millrace/adapters/postgres"
)

const benchRecords = 2_000_000

// benchForm is a form of the same records.
type benchForm struct {
	name   string
	source string
	schema string
	root   string // where the schema is a file
	value  func(n int) []byte
}

const benchSchema = `{"type":"record","name":"order","fields":[{"name":"id","type":"long"},{"name":"customer","type":"string"},` +
	`{"name":"amount","type":{"type":"bytes","logicalType":"decimal","precision":10,"scale":2}},{"name":"at","type":{"type":"long","logicalType":"timestamp-micros"}},` +
	`{"name":"note","type":"string"},{"name":"channel","type":"string"}]}`

func benchForms() []benchForm {
	const note, channel = "left at the door, please ring twice", "web"
	return []benchForm{
		{"json", orders, "", "", func(n int) []byte {
			return fmt.Appendf(nil, `{"id":%d,"customer":"customer-%d","amount":%d.%02d,"at":"2026-01-%02dT10:11:12.345Z","note":%q,"channel":%q}`, n, n%997, n%1000, n%100, 1+n%28, note, channel)
		}},
		{"avro", with(orders, "value: {format: avro, schema_file: order.avsc}"), benchSchema, "", func(n int) []byte {
			text := func(b []byte, s string) []byte { return append(binary.AppendVarint(b, int64(len(s))), s...) }
			b := binary.AppendVarint(nil, int64(n))
			b = text(b, fmt.Sprintf("customer-%d", n%997))
			b = text(b, string(binary.BigEndian.AppendUint32(nil, uint32(n%1000*100+n%100))))
			b = binary.AppendVarint(b, time.Date(2026, 1, 1+n%28, 10, 11, 12, 345e6, time.UTC).UnixMicro())
			return text(text(b, note), channel)
		}},
	}
}

func benchCluster(b *testing.B, value func(n int) []byte) *kfake.Cluster {
	b.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(4, "orders"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(c.Close)
	cl, err := kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...), kgo.DefaultProduceTopic("orders"), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.MaxBufferedRecords(100_000))
	if err != nil {
		b.Fatal(err)
	}
	defer cl.Close()
	for n := range benchRecords {
		cl.Produce(context.Background(), &kgo.Record{Partition: int32(n % 4), Key: fmt.Appendf(nil, "k%d", n), Value: value(n)}, nil)
	}
	if err := cl.Flush(context.Background()); err != nil {
		b.Fatal(err)
	}
	return c
}

// BenchmarkLanding reports rows a second of the whole pump next to what limits it: a loop
// that only consumes, and one that only loads the same columns, in batches of the size that
// suits the engine best. %-of-least is the pump's share of the slower of the two.
//
// The broker is part of this process: what serving records costs is in consume and in land,
// and not in load. What the pump needs to start and to finish counts as well. cpu-ns/row is
// all processor time of the process, the broker's and DuckDB's threads included, and not
// that of a PostgreSQL server; unlike rows/s it hardly changes with what else runs.
func BenchmarkLanding(b *testing.B) {
	for _, form := range benchForms() {
		b.Run(form.name, func(b *testing.B) { benchLanding(b, form) })
	}
}

func benchLanding(b *testing.B, form benchForm) {
	c := benchCluster(b, form.value)
	form.root = b.TempDir()
	if err := os.WriteFile(filepath.Join(form.root, "order.avsc"), []byte(form.schema), 0o600); err != nil {
		b.Fatal(err)
	}
	rates := map[string]float64{}
	rate := func(b *testing.B, spent spending) {
		rows := benchRecords * float64(b.N)
		r := rows / spent.took.Seconds()
		rates[b.Name()[strings.Index(b.Name(), "/")+1:]] = r
		b.ReportMetric(r, "rows/s")
		if spent.cpu > 0 {
			b.ReportMetric(float64(spent.cpu.Nanoseconds())/rows, "cpu-ns/row")
		}
		b.ReportMetric(0, "ns/op")
	}
	consume := func(b *testing.B, each func(kgo.FetchTopicPartition)) {
		cl, err := kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...), kgo.ConsumeTopics("orders"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()), kgo.FetchMaxBytes(16<<20), kgo.FetchMaxPartitionBytes(4<<20))
		if err != nil {
			b.Fatal(err)
		}
		defer cl.Close()
		for n := 0; n < benchRecords; {
			f := cl.PollRecords(context.Background(), fetchRecords)
			f.EachPartition(each)
			n += f.NumRecords()
		}
	}
	b.Run("consume", func(b *testing.B) {
		var spent spending
		spent.on(func() {
			for range b.N {
				consume(b, func(kgo.FetchTopicPartition) {})
			}
		})
		rate(b, spent)
	})
	targets := map[string]func(b *testing.B) *target{
		"duckdb": func(b *testing.B) *target { return duckTarget(filepath.Join(b.TempDir(), "bench.duckdb")) },
		"postgres": func(b *testing.B) *target {
			serverOnce.Do(func() { server, serverErr = adaptertest.StartPostgres() })
			if serverErr != nil {
				b.Skip(serverErr)
			}
			return &target{kind: "postgres", driver: postgres.Driver{}, output: server.Profile("raw")}
		},
	}
	for _, kind := range []string{"duckdb", "postgres"} {
		src := sourceOf(b, kind, form.source)
		b.Run(kind+"/decode", func(b *testing.B) {
			tg := targets[kind](b)
			tg.open(b)
			defer tg.close()
			s := tg.streams(src, c.ListenAddrs())
			s.root = form.root
			p := s.pump(src, false)
			defer p.close()
			dec := ready(b, s, p)
			var spent spending
			for range b.N {
				consume(b, func(f kgo.FetchTopicPartition) {
					spent.on(func() {
						if _, err := dec.decode(context.Background(), f.Records); err != nil {
							b.Fatal(err)
						}
					})
				})
			}
			spent.cpu = 0 // not reported: what decoding and what consuming used cannot be told apart
			rate(b, spent)
		})
		b.Run(kind+"/load", func(b *testing.B) { benchLoad(b, c, form, targets[kind](b), rate) })
		b.Run(kind+"/land", func(b *testing.B) {
			var spent spending
			for range b.N {
				tg := targets[kind](b)
				tg.open(b)
				tg.exec(b, "drop schema if exists raw cascade")
				tg.exec(b, "drop schema if exists _stream cascade")
				runtime.GC()
				spent.on(func() {
					streams := tg.streams(src, c.ListenAddrs())
					streams.root = form.root
					report, err := streams.CatchUp(context.Background())
					if err != nil || report.Sources[0].Rows != benchRecords {
						b.Fatal(err, report)
					}
				})
				tg.close()
			}
			rate(b, spent)
			at := form.name + "/"
			if least := min(rates[at+"consume"], rates[at+kind+"/load"]); least > 0 {
				b.ReportMetric(100*rates[at+kind+"/land"]/least, "%-of-least")
			}
		})
	}
}

// spending is what doing something took.
type spending struct{ took, cpu time.Duration }

func (s *spending) on(do func()) {
	start, used := time.Now(), cpuTime()
	do()
	s.took += time.Since(start)
	s.cpu += cpuTime() - used
}

// cpuTime is what the process has used so far.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// ready claims a stream and makes a decoder for it.
func ready(b *testing.B, s *Streams, p *pump) *decoding {
	b.Helper()
	ctx := context.Background()
	if err := s.Prepare(ctx); err != nil {
		b.Fatal(err)
	}
	if err := s.claim(ctx, p); err != nil {
		b.Fatal(err)
	}
	if err := p.govern(ctx); err != nil {
		b.Fatal(err)
	}
	return &decoding{p: p}
}

// benchLoad loads what the pump would, decoded beforehand, in transactions of the same size.
func benchLoad(b *testing.B, c *kfake.Cluster, form benchForm, tg *target, rate func(*testing.B, spending)) {
	src := sourceOf(b, tg.kind, form.source)
	tg.open(b)
	defer tg.close()
	tg.exec(b, "drop schema if exists raw cascade")
	tg.exec(b, "drop schema if exists _stream cascade")
	s := tg.streams(src, c.ListenAddrs())
	s.root = form.root
	p := s.pump(src, false)
	defer p.close()
	ctx := context.Background()
	dec := ready(b, s, p)
	var records []*kgo.Record
	for n := range flushRows {
		records = append(records, &kgo.Record{Topic: "orders", Offset: int64(n), Key: fmt.Appendf(nil, "k%d", n), Timestamp: time.Now(),
			Value: form.value(n)})
	}
	chunk, err := dec.decode(ctx, records)
	if err != nil {
		b.Fatal(err)
	}
	conn, err := tg.engine.Conn(ctx, "bench")
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	batch := landing.Stamp(chunk.Batch, "orders", 1, time.Now())
	var spent spending
	spent.on(func() {
		for range b.N {
			for n := 0; n < benchRecords; n += batch.Rows {
				if err := ledger.Within(ctx, conn, func() error {
					_, err := conn.(columnar.Loader).LoadColumns(ctx, p.table.Relation, batch)
					return err
				}); err != nil {
					b.Fatal(err)
				}
			}
		}
	})
	loaded := (benchRecords + batch.Rows - 1) / batch.Rows * batch.Rows
	spent.took = spent.took * benchRecords / time.Duration(loaded)
	spent.cpu = spent.cpu * benchRecords / time.Duration(loaded)
	rate(b, spent)
}
