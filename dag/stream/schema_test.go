package stream

import (
	"context"
	"encoding/binary"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/hamba/avro/v2"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"

	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/compiler/diag"
)

// writers produce Avro values under schemas of a fake registry.
type writers struct {
	t        testing.TB
	registry *srfake.Registry
	client   *sr.Client
	cl       *kgo.Client
	parsed   map[int]avro.Schema
}

func newWriters(t testing.TB, cl *kgo.Client) *writers {
	t.Helper()
	w := &writers{t: t, registry: srfake.New(srfake.WithAuth("Bearer secret"), srfake.WithGlobalCompat(sr.CompatNone)), cl: cl, parsed: map[int]avro.Schema{}}
	t.Cleanup(w.registry.Close)
	var err error
	if w.client, err = sr.NewClient(sr.URLs(w.registry.URL()), sr.BearerToken("secret")); err != nil {
		t.Fatal(err)
	}
	return w
}

func (w *writers) at() map[string]*declare.Registry {
	return map[string]*declare.Registry{"main": {Name: "main", URL: w.registry.URL(), Token: "secret"}}
}

// register gives a schema of the given fields the next version.
func (w *writers) register(fields string, refs ...sr.SchemaReference) int {
	w.t.Helper()
	return w.create("orders-value", sr.Schema{Schema: `{"type":"record","name":"Order","fields":[` + fields + `]}`, Type: sr.TypeAvro, References: refs})
}

// create puts a schema under a subject.
func (w *writers) create(subject string, schema sr.Schema) int {
	w.t.Helper()
	s, err := w.client.CreateSchema(context.Background(), subject, schema)
	if err != nil {
		w.t.Fatal(err)
	}
	if schema.Type == sr.TypeAvro && len(schema.References) == 0 {
		if w.parsed[s.ID], err = avro.ParseWithCache(schema.Schema, "", &avro.SchemaCache{}); err != nil {
			w.t.Fatal(err)
		}
	}
	return s.ID
}

func (w *writers) send(id int, v map[string]any) {
	w.t.Helper()
	payload, err := avro.Marshal(w.parsed[id], v)
	if err != nil {
		w.t.Fatal(err)
	}
	w.raw(id, payload)
}

func (w *writers) raw(id int, payload []byte) {
	w.t.Helper()
	value := append(binary.BigEndian.AppendUint32([]byte{0}, uint32(id)), payload...)
	if err := w.cl.ProduceSync(context.Background(), &kgo.Record{Value: value}).FirstErr(); err != nil {
		w.t.Fatal(err)
	}
}

const twoColumns = "name: orders\ncolumns:\n  - {name: id, data_type: bigint, constraints: [{type: not_null}]}\n  - {name: customer, data_type: text}\n" +
	"meta:\n  stream:\n    type: kafka\n    connection: main\n    topics: [orders]\n"

// TestSchemasInOneBatch interleaves versions of a schema and grows and widens the table.
func TestSchemasInOneBatch(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		c := cluster(t, 1)
		w := newWriters(t, producer(t, c))
		run := func(more string) error {
			s := tg.streams(sourceOf(t, tg.kind, with(twoColumns, "value: {format: avro, registry: main}\n"+more)), c.ListenAddrs())
			s.connections.Registries = w.at()
			_, err := s.CatchUp(context.Background())
			return err
		}
		v1 := w.register(`{"name":"id","type":"int"},{"name":"customer","type":"string"}`)
		v2 := w.register(`{"name":"customer","type":["null","string"]},{"name":"id","type":"long"},{"name":"level","type":"int"},{"name":"day","type":{"type":"int","logicalType":"date"}}`)
		v3 := w.register(`{"name":"id","type":"long"},{"name":"level","type":"long"},{"name":"kind","type":{"type":"enum","name":"Kind","symbols":["A","B"]}}`)
		for i := range 30 {
			w.send(v1, map[string]any{"id": i, "customer": "one"})
			w.send(v2, map[string]any{"id": int64(100 + i), "customer": map[string]any{"string": "two"}, "level": i, "day": time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)})
			w.send(v3, map[string]any{"id": int64(200 + i), "level": int64(1) << 40, "kind": "B"})
		}
		if err := run("on_schema_change: sync_all_columns"); err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprint(tg.rows(t, "select customer, min(id), count(*), max(level), count(day), min(kind) from raw.orders group by customer order by 2"))
		if want := "[[one 0 30 None 0 None] [two 100 30 29 30 None] [None 200 30 1099511627776 0 B]]"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		verdicts := tg.rows(t, "select id, version, verdict, detail, count(*) from _stream.schemas group by id, version, verdict, detail order by id, verdict")
		for _, want := range []string{
			fmt.Sprintf("[%d 1 accepted  1]", v1), fmt.Sprintf("[%d 2 appended level integer, day date 1]", v2), fmt.Sprintf("[%d 3 appended kind text 1]", v3), fmt.Sprintf("[%d 3 widened level integer → bigint 1]", v3),
		} {
			if !strings.Contains(fmt.Sprint(verdicts), want) {
				t.Errorf("no verdict %s in %v", want, verdicts)
			}
		}
		// Another process knows the columns that were added, and says nothing twice.
		w.send(v2, map[string]any{"id": int64(300), "customer": nil, "level": 7, "day": time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC)})
		if err := run("on_schema_change: sync_all_columns"); err != nil {
			t.Fatal(err)
		}
		if got := tg.one(t, "select level from raw.orders where id = 300"); got != "7" {
			t.Errorf("level %s", got)
		}
		if again := tg.rows(t, "select 1 from _stream.schemas where ddl <> ''"); len(again) != 3 {
			t.Errorf("%d statements were recorded", len(again))
		}
	})
}

// TestSchemaPolicies holds schemas to what is declared and to the registry's rules.
func TestSchemaPolicies(t *testing.T) {
	for name, c := range map[string]struct {
		value, more string
		fields      []string // of the versions, after id and customer
		code        diag.Code
		landed      string
		quarantined string
		verdict     string
	}{
		"ignore":     {fields: []string{"", `,{"name":"x","type":"string","default":""}`}, landed: "2", quarantined: "[]", verdict: "ignored x"},
		"quarantine": {more: "on_schema_change: quarantine", fields: []string{"", `,{"name":"x","type":"string","default":""}`}, landed: "1", quarantined: "[[schema_change]]", verdict: "refused x"},
		"fail":       {more: "on_schema_change: fail", fields: []string{"", `,{"name":"x","type":"string","default":""}`}, code: diag.CodeSchemaChange, landed: "0", quarantined: "[]"},
		"backward":   {value: ", compatibility: BACKWARD", fields: []string{"", `,{"name":"x","type":"string"}`}, landed: "1", quarantined: "[[incompatible]]", verdict: "incompatible"},
		"forward":    {value: ", compatibility: FORWARD", fields: []string{`,{"name":"x","type":"string"}`, ""}, landed: "1", quarantined: "[[incompatible]]", verdict: "incompatible"},
		"full":       {value: ", compatibility: FULL", fields: []string{"", `,{"name":"x","type":"string","default":""}`}, landed: "2", quarantined: "[]", verdict: "ignored x"},
		"transitive": {value: ", compatibility: BACKWARD_TRANSITIVE", fields: []string{`,{"name":"x","type":"int"}`, "", `,{"name":"x","type":"string","default":""}`}, landed: "2", quarantined: "[[incompatible]]", verdict: "incompatible"},
		"last only":  {value: ", compatibility: BACKWARD", fields: []string{`,{"name":"x","type":"int"}`, "", `,{"name":"x","type":"string","default":""}`}, landed: "3", quarantined: "[]", verdict: "ignored x"},
	} {
		check := func(t *testing.T, tg *target) {
			k := cluster(t, 1)
			w := newWriters(t, producer(t, k))
			for i, f := range c.fields {
				id := w.register(`{"name":"id","type":"long"},{"name":"customer","type":"string"}` + f)
				v := map[string]any{"id": int64(i), "customer": "c"}
				if strings.Contains(f, `"string"`) {
					v["x"] = "x"
				} else if f != "" {
					v["x"] = 1
				}
				w.send(id, v)
			}
			s := tg.streams(sourceOf(t, tg.kind, with(twoColumns, "value: {format: avro, registry: main"+c.value+"}\n"+c.more)), k.ListenAddrs())
			s.connections.Registries = w.at()
			told := &heard{}
			s.events = told
			_, err := s.CatchUp(context.Background())
			if told.count("StreamSchema") == 0 {
				t.Error("nobody was told of a verdict")
			}
			if codeOf(err) != c.code {
				t.Fatalf("%v", err)
			}
			if got := tg.one(t, "select count(*) from raw.orders"); got != c.landed {
				t.Errorf("%s rows landed", got)
			}
			if got := fmt.Sprint(tg.rows(t, "select code from _stream.quarantine")); got != c.quarantined {
				t.Errorf("quarantine: %s", got)
			}
			if got := fmt.Sprint(tg.rows(t, "select verdict, detail from _stream.schemas")); !strings.Contains(got, c.verdict) {
				t.Errorf("verdicts: %s", got)
			}
		}
		t.Run(name, func(t *testing.T) { onEngines(t, check) })
	}
}

// TestRegistryOutage lets the registry fail while schemas refer to each other: the stream
// waits, and nothing is given up.
func TestRegistryOutage(t *testing.T) { onEngines(t, registryOutage) }

func registryOutage(t *testing.T, tg *target) {
	c := cluster(t, 1)
	w := newWriters(t, producer(t, c))
	part := `{"type":"record","name":"Place","fields":[{"name":"city","type":"string"}]}`
	if _, err := w.client.CreateSchema(context.Background(), "place", sr.Schema{Schema: part, Type: sr.TypeAvro}); err != nil {
		t.Fatal(err)
	}
	id := w.register(`{"name":"id","type":"long"},{"name":"customer","type":"string"},{"name":"place","type":"Place"}`, sr.SchemaReference{Name: "Place", Subject: "place", Version: 1})
	for range 20 {
		w.raw(id, append([]byte{2, 2, 'c'}, append([]byte{8}, "Bern"...)...))
	}
	var failures atomic.Int32
	w.registry.Intercept(func(rw http.ResponseWriter, _ *http.Request) bool {
		if failures.Add(1) > 3 {
			return false
		}
		rw.WriteHeader(http.StatusBadGateway)
		return true
	})
	text := strings.Replace(twoColumns, "meta:\n", "  - {name: city, data_type: text, meta: {stream: {path: place.city}}}\nmeta:\n", 1)
	s := tg.streams(sourceOf(t, tg.kind, with(text, "value: {format: avro, registry: main}")), c.ListenAddrs())
	s.connections.Registries = w.at()
	if _, err := s.CatchUp(context.Background()); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(tg.rows(t, "select city, count(*) from raw.orders group by city")) + tg.one(t, "select count(*) from _stream.quarantine"); got != "[[Bern 20]]0" {
		t.Error(got)
	}
	if failures.Load() <= 3 {
		t.Error("the registry was never asked while it was down")
	}
}

// TestFieldsOfJSON lets records without schemas hold more, less and wider values.
func TestFieldsOfJSON(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		c := cluster(t, 1)
		cl := producer(t, c)
		run := func(policy string, values ...string) error {
			for _, v := range values {
				if err := cl.ProduceSync(context.Background(), &kgo.Record{Value: []byte(v)}).FirstErr(); err != nil {
					t.Fatal(err)
				}
			}
			_, err := tg.streams(sourceOf(t, tg.kind, with(twoColumns, "on_schema_change: "+policy)), c.ListenAddrs()).CatchUp(context.Background())
			return err
		}
		if err := run("ignore", `{"id":1,"customer":"a","x":1}`, `{"id":2,"x":2}`, `{"id":3,"x":2}`); err != nil {
			t.Fatal(err)
		}
		if err := run("sync_all_columns", `{"id":4,"x":5,"y":null}`, `{"id":5,"y":{"a":[1]},"flag":true,"x":1.5}`, `{"id":6,"note":"n"}`); err != nil {
			t.Fatal(err)
		}
		got := fmt.Sprint(tg.rows(t, "select id, x, y, flag, note from raw.orders where id > 3 order by id"))
		want := "[[4 5 None None None] [6 None None None n]]"
		if got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		if got := fmt.Sprint(tg.rows(t, "select code, field from _stream.quarantine")); got != "[[type_mismatch x]]" {
			t.Errorf("quarantine: %s", got) // a bigint cannot become a double without loss
		}
		verdicts := fmt.Sprint(tg.rows(t, "select verdict, detail from _stream.schemas order by verdict, detail"))
		for _, want := range []string{"[ignored x]", "[missing customer]", "[appended x bigint]", "[appended note text]"} {
			if !strings.Contains(verdicts, want) {
				t.Errorf("no verdict %s in %s", want, verdicts)
			}
		}
		if err := run("fail", `{"id":9,"more":1}`); codeOf(err) != diag.CodeSchemaChange {
			t.Errorf("fail: %v", err)
		}
	})
}

// TestTopicPattern reads topics that match, also those that come while the stream runs.
func TestTopicPattern(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		c := cluster(t, 2)
		cl := producer(t, c)
		adm := kadm.NewClient(cl)
		send := func(topic string, partition int32, id int) {
			t.Helper()
			for deadline := time.Now().Add(10 * time.Second); ; {
				err := cl.ProduceSync(context.Background(), &kgo.Record{Topic: topic, Partition: partition, Value: fmt.Appendf(nil, `{"id":%d}`, id)}).FirstErr()
				if err == nil {
					return
				}
				if time.Now().After(deadline) {
					t.Fatal(err)
				}
			}
		}
		text := strings.Replace(twoColumns, "topics: [orders]", "topics: {pattern: 'orders.*'}", 1)
		s := tg.streams(sourceOf(t, tg.kind, with(text, "start: latest\nmax_latency: 50ms")), c.ListenAddrs())
		s.discovery = 50 * time.Millisecond
		send("orders", 0, 1) // before the stream: start says that it is not read
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan error, 1)
		go func() {
			_, err := s.Run(ctx)
			done <- err
		}()
		waitFor := func(want string) {
			t.Helper()
			got := ""
			for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(30 * time.Millisecond) {
				if len(tg.rows(t, "select 1 from information_schema.tables where table_schema = 'raw'")) == 0 {
					continue
				}
				if got = fmt.Sprint(tg.rows(t, "select id from raw.orders order by id")); got == want {
					return
				}
			}
			t.Errorf("landed %s, want %s", got, want)
		}
		waitFor("[]")
		for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(30 * time.Millisecond) {
			if len(tg.rows(t, "select 1 from _stream.offsets")) == 2 {
				break
			}
		}
		send("orders", 1, 2)
		for _, name := range []string{"orders.late", "other"} {
			if _, err := adm.CreateTopic(context.Background(), 1, 1, nil, name); err != nil {
				t.Fatal(err)
			}
		}
		send("orders.late", 0, 3)
		send("other", 0, 4)
		waitFor("[[2] [3]]")
		cancel()
		if err := <-done; err != nil {
			t.Fatal(err)
		}
	})
}
