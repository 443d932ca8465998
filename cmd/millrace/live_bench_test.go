package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/adapters/adaptertest"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// What a run of these benchmarks can be told.
const (
	benchRateEnv    = "MILLRACE_BENCH_RATE"    // events a second
	benchSecondsEnv = "MILLRACE_BENCH_SECONDS" // how long they come
	benchRowsEnv    = "MILLRACE_BENCH_ROWS"    // landed rows that a tick finds, a list
)

func benchSetting(b *testing.B, name string, fallback int) int {
	b.Helper()
	text := os.Getenv(name)
	if text == "" {
		return fallback
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		b.Fatal(err)
	}
	return n
}

var liveProject = map[string]string{
	"dbt_project.yml": windowProject["dbt_project.yml"] + "on-run-start: \"{{ grow() }}\"\n",
	"profiles.yml":    windowProject["profiles.yml"],
	"streams.yml":     windowProject["streams.yml"],
	"models/sources.yml": "sources:\n  - name: raw\n    schema: bench_raw\n    tables:\n      - name: orders\n        config: {meta: {stream: {type: kafka, connection: main, topics: [orders], max_latency: 100ms}}}\n" +
		"        columns: [{name: id, data_type: bigint}, {name: customer, data_type: bigint}, {name: amount, data_type: bigint}, {name: sent_at, data_type: timestamptz, meta: {stream: {epoch: us}}}]\n",
	// The mart: ten thousand customers. The customers that a slice touches are computed anew, from all of their rows.
	"models/by_customer.sql": "{{ config(materialized='incremental', unique_key='customer', meta={'stream': true}) }}\n" +
		"select customer, count(*) as orders, sum(amount) as total from {{ source('raw', 'orders') }} group by customer\n",
	// Rows one by one, of exact slices.
	"models/appended.sql": "{{ config(materialized='incremental', meta={'stream': {'advance': 'append'}}) }}\n" +
		"select id, customer, amount * 2 as amount from {{ source('raw', 'orders') }} where amount > 0\n",
	// When each event was in the marts' transaction. A clock in it keeps it from following slices, so it says itself what is new.
	"models/seen.sql": "{{ config(materialized='incremental', indexes=[{'columns': ['_stream_batch']}] if target.type == 'postgres' else []) }}\n" +
		"select id, sent_at, {{ 'clock_timestamp()' if target.type == 'postgres' else 'get_current_timestamp()' }} as seen_at, _stream_batch from {{ source('raw', 'orders') }}\n" +
		"where id >= 0 {% if is_incremental() %}and _stream_batch > (select coalesce(max(_stream_batch), 0) from {{ this }}){% endif %}\n",
	"macros/grow.sql": "{% macro grow() %}{% if var('grow', 0) %}insert into {{ source('raw', 'orders') }} (id, customer, amount, sent_at, _stream_topic, _stream_partition, _stream_offset, _stream_batch)\n" +
		"select -1, i % 10000, 1, now(), 'orders', 9, i, 1 from generate_series(1, {{ var('grow') }}) as g(i)\n" +
		// What autovacuum does by and by.
		"{% if target.type == 'postgres' %}; select brin_summarize_new_values('bench_raw._stream_batch_orders'); analyze {{ source('raw', 'orders') }}{% endif %}{% endif %}{% endmacro %}\n",
}

// tickLines notes when a running stream says that a tick has ended.
type tickLines struct {
	mu    sync.Mutex
	text  bytes.Buffer
	ticks []tickEnd
}

type tickEnd struct {
	at   time.Time
	took time.Duration
}

var tickLine = regexp.MustCompile(`tick \d+: .* in (\S+)\n`)

func (l *tickLines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, m := range tickLine.FindAllSubmatch(p, -1) {
		took, err := time.ParseDuration(string(m[1]))
		if err != nil {
			return 0, err
		}
		l.ticks = append(l.ticks, tickEnd{time.Now(), took})
	}
	return l.text.Write(p)
}

func (l *tickLines) seen() []tickEnd {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.ticks)
}

// longest is what the slowest tick took.
func (l *tickLines) longest() time.Duration {
	longest := time.Duration(0)
	for _, t := range l.seen() {
		longest = max(longest, t.took)
	}
	return longest
}

// liveBench is a running stream with its broker.
type liveBench struct {
	b      *testing.B
	target string
	cl     *kgo.Client
	out    tickLines
	stop   func()
}

func onTargets(b *testing.B, do func(b *testing.B, l *liveBench)) {
	for _, target := range []string{"dev", "postgres"} {
		b.Run(map[string]string{"dev": "duckdb"}[target]+strings.TrimPrefix(target, "dev"), func(b *testing.B) {
			dir := b.TempDir()
			for name, text := range liveProject {
				writeBenchFile(b, dir, name, text)
			}
			b.Chdir(dir)
			for _, name := range []string{"PGHOST", "PGUSER", "PGDATABASE"} {
				b.Setenv(name, "none")
			}
			b.Setenv("PGPORT", "1")
			if target == "postgres" {
				output := adaptertest.Postgres(b).Profile("bench")
				for name, key := range map[string]string{"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password", "PGDATABASE": "dbname"} {
					v, _ := output.GetString(key)
					b.Setenv(name, value.Str(v))
				}
			}
			c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(4, "orders"))
			if err != nil {
				b.Fatal(err)
			}
			defer c.Close()
			b.Setenv("SHOP_BROKERS", strings.Join(c.ListenAddrs(), ","))
			l := &liveBench{b: b, target: target}
			if l.cl, err = kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...), kgo.DefaultProduceTopic("orders"), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerLinger(0), kgo.MaxBufferedRecords(1<<20)); err != nil {
				b.Fatal(err)
			}
			defer l.cl.Close()
			do(b, l)
		})
	}
}

func writeBenchFile(b *testing.B, dir, name, text string) {
	b.Helper()
	if i := strings.LastIndexByte(name, '/'); i > 0 {
		if err := os.MkdirAll(dir+"/"+name[:i], 0o755); err != nil {
			b.Fatal(err)
		}
	}
	if err := os.WriteFile(dir+"/"+name, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
}

func (l *liveBench) send(from, to int) {
	for n := from; n < to; n++ {
		l.cl.Produce(context.Background(), &kgo.Record{Partition: int32(n % 4), Value: fmt.Appendf(nil, `{"id":%d,"customer":%d,"amount":3,"sent_at":%d}`, n, n*7919%10000, time.Now().UnixMicro())}, nil)
	}
}

func (l *liveBench) run(args ...string) string {
	l.b.Helper()
	var out bytes.Buffer
	if code := newApp(&out, &out).run(context.Background(), append(args, "--target", l.target)); code != exitOK {
		l.b.Fatalf("millrace %s: exit %d\n%s", strings.Join(args, " "), code, out.String())
	}
	return out.String()
}

func (l *liveBench) start(args ...string) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan int, 1)
	go func() {
		done <- newApp(&l.out, &l.out).run(ctx, append([]string{"stream", "run", "--target", l.target}, args...))
	}()
	l.stop = func() {
		cancel()
		<-done
	}
	l.wait(1)
}

func (l *liveBench) wait(ticks int) {
	l.b.Helper()
	for deadline := time.Now().Add(2 * time.Minute); len(l.out.seen()) < ticks; time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			l.b.Fatalf("tick %d never came:\n%s", ticks, l.out.text.String())
		}
	}
}

func percentile(sorted []float64, p float64) float64 { return sorted[int(p*float64(len(sorted)-1))] }

// BenchmarkEventToMart reports how long it takes from an event to the end of the tick that
// has brought it into the marts, at a steady rate that waits for nobody.
func BenchmarkEventToMart(b *testing.B) {
	rate, seconds := benchSetting(b, benchRateEnv, 20_000), benchSetting(b, benchSecondsEnv, 10)
	onTargets(b, func(b *testing.B, l *liveBench) {
		l.run("build")
		l.start()
		sent := l.steadily(0, rate, seconds)
		l.settle()
		l.stop()
		ms := l.latencies(0, sent)
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(percentile(ms, 0.5), "p50-ms")
		b.ReportMetric(percentile(ms, 0.99), "p99-ms")
		b.ReportMetric(float64(sent)/float64(seconds), "events/s")
		b.ReportMetric(float64(len(l.out.seen())), "ticks")
	})
}

// BenchmarkReplayBeside reports the same while everything lands again aside, and how much that
// slows the running stream down.
func BenchmarkReplayBeside(b *testing.B) {
	rate, seconds := benchSetting(b, benchRateEnv, 20_000), benchSetting(b, benchSecondsEnv, 10)
	onTargets(b, func(b *testing.B, l *liveBench) {
		l.run("build")
		l.start("--select", "seen")
		first := l.steadily(0, rate, seconds)
		l.settle()
		alone := l.latencies(0, first)
		replayed := make(chan struct{})
		go func() {
			defer close(replayed)
			l.run("stream", "replay", "--from", "earliest", "--shadow")
		}()
		last, begin := first, time.Now()
		for done := false; !done; {
			last = l.steadily(last, rate, 1)
			select {
			case <-replayed:
				done = true
			default:
			}
		}
		took := time.Since(begin)
		l.settle()
		beside := l.latencies(first, last)
		l.stop()
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(percentile(alone, 0.99), "alone-p99-ms")
		b.ReportMetric(percentile(beside, 0.99), "beside-p99-ms")
		b.ReportMetric(percentile(beside, 0.99)/percentile(alone, 0.99), "ratio")
		b.ReportMetric(took.Seconds(), "replay-s")
	})
}

// steadily sends events from a number on and gives the number behind the last one.
func (l *liveBench) steadily(from, rate, seconds int) int {
	begin, sent := time.Now(), from
	for elapsed := 0.0; elapsed < float64(seconds); elapsed = time.Since(begin).Seconds() {
		due := from + int(elapsed*float64(rate))
		l.send(sent, due)
		sent = max(sent, due)
		time.Sleep(2 * time.Millisecond)
	}
	return sent
}

// settle waits until ticks bring nothing more, also where one takes long.
func (l *liveBench) settle() {
	for known := -1; known != len(l.out.seen()); time.Sleep(2*time.Second + 3*l.out.longest()) {
		known = len(l.out.seen())
	}
}

// latencies are how long events took to the end of the tick that they were seen in, sorted.
func (l *liveBench) latencies(from, to int) []float64 {
	b, ticks := l.b, l.out.seen()
	shown := l.run("show", "--quiet", "--output", "json", "--limit", "-1", "--inline", fmt.Sprintf(
		"select cast(extract(epoch from min(seen_at)) * 1000000 as bigint) as seen, cast(extract(epoch from min(sent_at)) * 1000000 as bigint) as sent from {{ ref('seen') }} where id %% 100 = 0 and id >= %d and id < %d group by id", from, to))
	var ms []float64
	for _, m := range regexp.MustCompile(`"seen": (\d+),\s+"sent": (\d+)`).FindAllStringSubmatch(shown, -1) {
		seen, err1 := strconv.ParseInt(m[1], 10, 64)
		at, err2 := strconv.ParseInt(m[2], 10, 64)
		if err1 != nil || err2 != nil {
			b.Fatal(err1, err2)
		}
		for _, t := range ticks {
			if end := t.at.UnixMicro(); seen <= end {
				ms = append(ms, float64(end-at)/1000)
				break
			}
		}
	}
	if sampled := (to - from) / 100; len(ms) < sampled*9/10 {
		b.Fatalf("%d of %d sampled events are in the mart", len(ms), sampled)
	}
	slices.Sort(ms)
	return ms
}

// BenchmarkTick reports the time of a tick over a thousand new rows, by how many rows have
// landed before. It should not matter to a model that appends what is new.
func BenchmarkTick(b *testing.B) {
	sizes := os.Getenv(benchRowsEnv)
	if sizes == "" {
		sizes = "10000,1000000"
	}
	for _, model := range []string{"appended", "by_customer"} {
		b.Run(model, func(b *testing.B) {
			onTargets(b, func(b *testing.B, l *liveBench) { l.ticks(model, strings.Split(sizes, ",")) })
		})
	}
}

func (l *liveBench) ticks(model string, sizes []string) {
	b := l.b
	l.send(0, 1000)
	l.run("build")
	landed, sent := 0, 1000
	var first float64
	for i, text := range sizes {
		rows, err := strconv.Atoi(text)
		if err != nil {
			b.Fatal(err)
		}
		l.run("build", "--vars", fmt.Sprintf("grow: %d", rows-landed))
		landed = rows
		l.out = tickLines{}
		l.start("--select", model)
		const ticks = 20
		for n := 2; n < ticks+2; n++ {
			l.send(sent, sent+1000)
			sent += 1000
			l.wait(n)
		}
		l.stop()
		var took []float64
		for _, t := range l.out.seen()[1:] {
			took = append(took, float64(t.took.Microseconds())/1000)
		}
		slices.Sort(took)
		median := percentile(took, 0.5)
		b.ReportMetric(median, text+"-rows-ms")
		if i == 0 {
			first = median
		} else {
			b.ReportMetric(median/first, text+"-ratio")
		}
	}
	b.ReportMetric(0, "ns/op")
}
