package stream

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sr"

	"github.com/millrace/millrace/adapters/adaptertest"
	"github.com/millrace/millrace/adapters/kafka/declare"
)

// clientOf is a producer for a real cluster, with the topic "orders" in place.
func clientOf(t *testing.T, brokers []string, partitions int32, replicas int16) *kgo.Client {
	t.Helper()
	cl, err := kgo.NewClient(kgo.SeedBrokers(brokers...), kgo.DefaultProduceTopic("orders"), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	for i := 0; ; i++ {
		_, err := kadm.NewClient(cl).CreateTopic(context.Background(), partitions, replicas, nil, "orders")
		if err == nil {
			return cl
		}
		if i == 100 {
			t.Fatal(err)
		}
		time.Sleep(200 * time.Millisecond) // brokers register one after the other
	}
}

// TestConnect lands what a Kafka Connect worker writes with its JSON converter: an envelope
// of schema and payload.
func TestConnect(t *testing.T) {
	k := adaptertest.StartKafka(t, 1)
	dir := t.TempDir()
	var lines strings.Builder
	for n := range 500 {
		fmt.Fprintf(&lines, "line %d of the file\n", n)
	}
	input := filepath.Join(dir, "input.txt")
	if err := os.WriteFile(input, []byte(lines.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	clientOf(t, k.Brokers, 1, 1)
	k.Connect(`bootstrap.servers=`+k.Brokers[0]+`
key.converter=org.apache.kafka.connect.json.JsonConverter
value.converter=org.apache.kafka.connect.json.JsonConverter
value.converter.schemas.enable=true
offset.storage.file.filename=`+filepath.Join(dir, "offsets")+`
offset.flush.interval.ms=500
listeners=http://127.0.0.1:0
`, `name=file
connector.class=org.apache.kafka.connect.file.FileStreamSourceConnector
tasks.max=1
file=`+input+`
topic=orders
transforms=hoist,at
transforms.hoist.type=org.apache.kafka.connect.transforms.HoistField$Value
transforms.hoist.field=line
transforms.at.type=org.apache.kafka.connect.transforms.InsertField$Value
transforms.at.timestamp.field=at
`)
	src := sourceOf(t, "duckdb", `
name: orders
columns:
  - {name: line, data_type: text, meta: {stream: {path: payload.line}}, constraints: [{type: not_null}]}
  - {name: at, data_type: timestamptz, meta: {stream: {path: payload.at, epoch: ms}}}
meta:
  stream: {type: kafka, connection: main, topics: [orders]}
`)
	tg := duckTarget(filepath.Join(dir, "warehouse.duckdb"))
	tg.open(t)
	defer tg.close()
	s := tg.streams(src, k.Brokers)
	var rows int64
	for deadline := time.Now().Add(8 * time.Minute); rows < 500; time.Sleep(300 * time.Millisecond) {
		report, err := s.CatchUp(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		if rows += report.Sources[0].Rows; time.Now().After(deadline) {
			t.Fatalf("%d of 500 lines came; the worker's log ends so:\n%s", rows, k.LogOf("connect"))
		}
	}
	got := tg.rows(t, `select count(*), count(distinct line), min(line), (select count(*) from _stream.quarantine) from raw.orders`)
	if fmt.Sprint(got) != "[[500 500 line 0 of the file 0]]" {
		t.Errorf("landed %v", got)
	}
}

// TestRealRegistry lands Avro records whose two schemas a real registry knows, and finds that
// it answers nothing for an id that nobody registered.
func TestRealRegistry(t *testing.T) {
	url := adaptertest.StartRegistry(t)
	ctx := context.Background()
	registry, err := sr.NewClient(sr.URLs(url), sr.HTTPClient(&http.Client{Timeout: time.Minute})) // a busy machine warms Java up slowly
	if err != nil {
		t.Fatal(err)
	}
	register := func(schema string) int {
		s, err := registry.CreateSchema(ctx, "orders-value", sr.Schema{Schema: schema, Type: sr.TypeAvro})
		if err != nil {
			t.Fatal(err)
		}
		return s.ID
	}
	first := register(`{"type":"record","name":"order","fields":[{"name":"id","type":"long"},{"name":"customer","type":"string"}]}`)
	if r := registry.SetCompatibility(ctx, sr.SetCompatibility{Level: sr.CompatBackward}, "orders-value"); r[0].Err != nil {
		t.Fatal(r[0].Err)
	}
	second := register(`{"type":"record","name":"order","fields":[{"name":"id","type":"long"},{"name":"customer","type":"string"},{"name":"city","type":["null","string"],"default":null}]}`)
	if _, err := registry.CreateSchema(ctx, "orders-value", sr.Schema{Schema: `{"type":"record","name":"order","fields":[{"name":"id","type":"string"}]}`}); err == nil {
		t.Error("the registry took an incompatible schema")
	}
	framed := func(id int, body ...[]byte) []byte {
		out := binary.BigEndian.AppendUint32([]byte{0}, uint32(id))
		for _, b := range body {
			out = append(out, b...)
		}
		return out
	}
	long := func(n int64) []byte { return binary.AppendVarint(nil, n) }
	text := func(s string) []byte { return append(long(int64(len(s))), s...) }
	c := cluster(t, 1)
	cl := producer(t, c)
	records := []*kgo.Record{
		{Value: framed(first, long(1), text("a"))},
		{Value: framed(second, long(2), text("b"), long(1), text("Ulm"))},
		{Value: framed(second, long(3), text("c"), long(0))},
		{Value: framed(second+1000, long(4), text("d"))},
	}
	if err := cl.ProduceSync(ctx, records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	onEngines(t, func(t *testing.T, tg *target) {
		src := sourceOf(t, tg.kind, `
name: orders
columns:
  - {name: id, data_type: bigint, constraints: [{type: not_null}]}
  - {name: customer, data_type: text}
  - {name: city, data_type: text}
meta:
  stream: {type: kafka, connection: main, topics: [orders], value: {format: avro, registry: main}}
`)
		s := tg.streams(src, c.ListenAddrs())
		s.connections.Registries = map[string]*declare.Registry{"main": {Name: "main", URL: url}}
		if _, err := s.CatchUp(ctx); err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprint(tg.rows(t, `select id, customer, coalesce(city, '-'), _stream_schema_id from raw.orders order by id`))
		if want := fmt.Sprintf("[[1 a - %d] [2 b Ulm %d] [3 c - %d]]", first, second, second); got != want {
			t.Errorf("landed %s, want %s", got, want)
		}
		if got := fmt.Sprint(tg.rows(t, `select "offset", schema_id from _stream.quarantine`)); got != fmt.Sprintf("[[3 %d]]", second+1000) {
			t.Errorf("in quarantine %s", got)
		}
		for _, f := range s.Doctor(ctx) {
			if !f.OK {
				t.Errorf("%s: %s", f.Check, f.Message)
			}
		}
	})
}

// TestBrokerKilled lands from three brokers while one of them is killed.
func TestBrokerKilled(t *testing.T) {
	if os.Getenv(soakEnv) == "" {
		t.Skip("set " + soakEnv + " to let three brokers run")
	}
	onEngines(t, func(t *testing.T, tg *target) {
		k := adaptertest.StartKafka(t, 3)
		cl := clientOf(t, k.Brokers, 6, 3)
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		s := tg.streams(sourceOf(t, tg.kind, with(orders, "max_latency: 200ms")), k.Brokers)
		done := make(chan error, 1)
		go func() {
			_, err := s.Run(ctx)
			done <- err
		}()
		log := produced{}
		r := rand.New(rand.NewPCG(31, 31))
		const rounds, each = 40, 500
		for round := range rounds {
			produce(t, cl, log, r, round*each, each, 6)
			if round == rounds/4 {
				k.Kill(2)
			}
			time.Sleep(50 * time.Millisecond)
		}
		for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(200 * time.Millisecond) {
			if n := tg.one(t, `select cast(coalesce(sum(row_count + quarantined), 0) as bigint) from _stream.batches`); n == strconv.Itoa(rounds*each) {
				break
			}
			select {
			case err := <-done:
				t.Fatalf("the pump stopped: %v", err)
			default:
			}
			if time.Now().After(deadline) {
				t.Fatal("not everything came")
			}
		}
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		tg.check(t, log)
		verified(t, s)
	})
}
