package stream

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"sort"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/adapters/kafka/landing"
	"github.com/millrace/millrace/compiler/diag"
)

// items is a source of change events.
const items = `
name: orders
columns:
  - {name: id, data_type: bigint}
  - {name: shop, data_type: text}
  - {name: name, data_type: text, constraints: [{type: not_null}]}
  - {name: price, data_type: "numeric(10,2)"}
  - {name: body, data_type: text}
meta:
  stream:
    type: kafka
    connection: main
    topics: [orders]
    landing: debezium
    unique_key: [id, shop]
    key: {format: json}
`

type item struct {
	ID    int     `json:"id"`
	Shop  string  `json:"shop"`
	Name  string  `json:"name"`
	Price float64 `json:"price"`
	Body  string  `json:"body"`
}

// database plays a table whose changes Debezium reports.
type database struct {
	rows       map[string]item
	r          *rand.Rand
	partitions int32
	out        []*kgo.Record
	wrapped    bool
	encode     func(key item, event map[string]any) (k, v []byte) // JSON when nil
}

func keyOf(i item) string { return fmt.Sprintf(`{"id":%d,"shop":%q}`, i.ID, i.Shop) }

func (d *database) emit(key string, event map[string]any) {
	h := fnv.New32a()
	_, _ = h.Write([]byte(key))
	rec := &kgo.Record{Key: []byte(key), Partition: int32(h.Sum32() % uint32(d.partitions))}
	if event != nil {
		event["source"] = map[string]any{"lsn": len(d.out), "ts_ms": d.r.IntN(1000)}
		event["ts_ms"] = d.r.IntN(1000) // clocks say nothing
		if d.wrapped {
			event = map[string]any{"schema": map[string]any{"type": "struct", "fields": []any{}}, "payload": event}
		}
		rec.Value, _ = json.Marshal(event)
	}
	if d.encode != nil {
		var id item
		_ = json.Unmarshal([]byte(key), &id)
		rec.Key, rec.Value = d.encode(id, event)
	}
	d.out = append(d.out, rec)
}

func (d *database) random() item {
	return item{ID: d.r.IntN(40), Shop: string(rune('a' + d.r.IntN(3))), Name: fmt.Sprint("n", d.r.IntN(1000)), Price: float64(d.r.IntN(10000)) / 100, Body: strings.Repeat("b", 1+d.r.IntN(5))}
}

func (d *database) some() (string, bool) {
	if len(d.rows) == 0 {
		return "", false
	}
	keys := make([]string, 0, len(d.rows))
	for k := range d.rows {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys[d.r.IntN(len(keys))], true
}

// step changes the table in one of the ways there are.
func (d *database) step() {
	key, there := d.some()
	switch n := d.r.IntN(10); {
	case n < 4 || !there:
		i := d.random()
		k := keyOf(i)
		if _, ok := d.rows[k]; ok {
			return
		}
		d.rows[k] = i
		op := "c"
		if d.r.IntN(5) == 0 {
			op = "r"
		}
		d.emit(k, map[string]any{"before": nil, "after": i, "op": op})
	case n < 7: // an update, whose unchanged large value the log may not hold
		old := d.rows[key]
		i := d.random()
		i.ID, i.Shop = old.ID, old.Shop
		after := map[string]any{"id": i.ID, "shop": i.Shop, "name": i.Name, "price": i.Price, "body": i.Body}
		if d.r.IntN(2) == 0 {
			i.Body, after["body"] = old.Body, "__debezium_unavailable_value"
		}
		d.rows[key] = i
		event := map[string]any{"before": nil, "after": after, "op": "u"}
		if d.r.IntN(2) == 0 {
			event["before"] = old
		}
		d.emit(key, event)
	case n < 8: // a changed key is a delete and a create
		old := d.rows[key]
		i := old
		i.ID = d.r.IntN(40)
		k := keyOf(i)
		if _, ok := d.rows[k]; ok {
			return
		}
		delete(d.rows, key)
		d.rows[k] = i
		d.emit(key, map[string]any{"before": map[string]any{"id": old.ID, "shop": old.Shop, "name": nil}, "after": nil, "op": "d"})
		d.emit(key, nil)
		d.emit(k, map[string]any{"before": nil, "after": i, "op": "c"})
	default:
		old := d.rows[key]
		delete(d.rows, key)
		event := map[string]any{"before": old, "after": nil, "op": "d"}
		if d.r.IntN(2) == 0 {
			event["before"] = nil // the record's key says which row
		}
		d.emit(key, event)
		if d.r.IntN(2) == 0 {
			d.emit(key, nil)
		}
	}
}

func (d *database) send(t testing.TB, cl *kgo.Client) {
	t.Helper()
	if err := cl.ProduceSync(context.Background(), d.out...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	d.out = nil
}

// same compares the current rows with the table.
func (d *database) same(t testing.TB, tg *target) {
	t.Helper()
	want := map[string]bool{}
	for _, i := range d.rows {
		want[fmt.Sprintf("%d %s %s %.2f %s", i.ID, i.Shop, i.Name, i.Price, i.Body)] = true
	}
	got := tg.rows(t, "select id, shop, name, price, body from raw.orders")
	if len(got) != len(want) {
		t.Errorf("%d current rows, the table has %d", len(got), len(want))
	}
	for _, r := range got {
		if line := strings.Join(r, " "); !want[line] {
			t.Errorf("no such row in the table: %s", line)
		}
	}
}

// TestDebezium replays random histories of a table, with changed keys, in batches of any
// size and with crashes at every step, and compares the current rows with the table.
func TestDebezium(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		for seed := range seeds(t, 2) {
			tg.exec(t, "drop schema if exists raw cascade")
			tg.exec(t, "drop schema if exists _stream cascade")
			t.Logf("seed %d", seed)
			c := cluster(t, 4)
			cl := producer(t, c)
			r := rand.New(rand.NewPCG(uint64(seed), 12))
			d := &database{rows: map[string]item{}, r: r, partitions: 4, wrapped: seed%2 == 1}
			src := sourceOf(t, tg.kind, items)
			total := 0
			for round := range 6 {
				for range 20 + r.IntN(120) {
					d.step()
				}
				total += len(d.out)
				d.send(t, cl)
				s := tg.streams(src, c.ListenAddrs())
				crashes := landing.Steps[r.IntN(len(landing.Steps))]
				s.steps = locked(func(at string) error {
					if round%2 == 0 && at == string(crashes) && crashes != landing.StepAck {
						crashes = ""
						return errCrash
					}
					return nil
				})
				if _, err := s.CatchUp(context.Background()); err != nil {
					tg.restart(t)
					if _, err := tg.streams(src, c.ListenAddrs()).CatchUp(context.Background()); err != nil {
						t.Fatalf("seed %d: %v", seed, err)
					}
				}
				d.same(t, tg)
				if t.Failed() {
					t.Fatalf("seed %d round %d", seed, round)
				}
			}
			if n := tg.one(t, "select count(*) from raw.orders__log"); n != fmt.Sprint(total) {
				t.Errorf("seed %d: the log has %s of %d events", seed, n, total)
			}
			// Taken back from the middle on and landed again, the rows are the same.
			s := tg.streams(src, c.ListenAddrs())
			if _, err := s.Rewind(context.Background(), "orders/0=5,orders/2=20"); err != nil {
				t.Fatal(err)
			}
			if _, err := s.CatchUp(context.Background()); err != nil {
				t.Fatal(err)
			}
			d.same(t, tg)
			if n := tg.one(t, "select count(*) from raw.orders__log"); n != fmt.Sprint(total) {
				t.Errorf("seed %d: after a replay the log has %s of %d events", seed, n, total)
			}
			verified(t, s)
		}
	})
}

// TestChangedKeyInOneEvent has events whose record key is another one than the table's.
func TestChangedKeyInOneEvent(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		c := cluster(t, 1)
		cl := producer(t, c)
		run := func(values ...string) error {
			for _, v := range values {
				if err := cl.ProduceSync(context.Background(), &kgo.Record{Key: []byte(`{"tenant":1}`), Value: []byte(v)}).FirstErr(); err != nil {
					t.Fatal(err)
				}
			}
			_, err := tg.streams(sourceOf(t, tg.kind, items), c.ListenAddrs()).CatchUp(context.Background())
			return err
		}
		rows := func() string { return fmt.Sprint(tg.rows(t, "select id, name, body from raw.orders order by id")) }
		if err := run(`{"op":"c","after":{"id":1,"shop":"a","name":"x","body":"long"}}`, `{"op":"c","after":{"id":2,"shop":"a","name":"y","body":"z"}}`,
			`{"op":"u","before":{"id":1,"shop":"a","name":"x"},"after":{"id":3,"shop":"a","name":"x","body":"__debezium_unavailable_value"}}`); err != nil {
			t.Fatal(err)
		}
		if got := rows(); got != "[[2 y z] [3 x long]]" {
			t.Errorf("in one batch: %s", got)
		}
		if err := run(`{"op":"u","before":{"id":3,"shop":"a","name":"x"},"after":{"id":1,"shop":"a","name":"w","body":"__debezium_unavailable_value"}}`,
			`{"op":"u","before":{"id":2,"shop":"a"},"after":{"id":3,"shop":"a","name":"y","body":"q"}}`); err != nil {
			t.Fatal(err)
		}
		if got := rows(); got != "[[1 w long] [3 y q]]" {
			t.Errorf("in another batch: %s", got)
		}
		// Bad events are set aside; the rest of the batch lands.
		if err := run(`{"op":"x"}`, `{"after":{}}`, `{"op":"c","after":null}`, `{"op":"c","after":{"id":9,"shop":null,"name":"k"}}`, `{"op":"t"}`,
			`{"op":"m","message":{}}`, `{"op":"d","before":{"id":1,"shop":"a"}}`); err != nil {
			t.Fatal(err)
		}
		if got := rows() + fmt.Sprint(tg.rows(t, `select code from _stream.quarantine order by "offset"`)); got != "[[3 y q]][[syntax] [syntax] [null_value] [null_value] [truncate]]" {
			t.Error(got)
		}
	})
}

func TestTruncate(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		c := cluster(t, 1)
		cl := producer(t, c)
		src := sourceOf(t, tg.kind, with(items, "on_truncate: apply"))
		for i, v := range []string{
			`{"op":"c","after":{"id":1,"shop":"a","name":"x"}}`, `{"op":"c","after":{"id":2,"shop":"a","name":"x"}}`, "",
			`{"op":"c","after":{"id":3,"shop":"a","name":"x"}}`, `{"op":"t"}`, `{"op":"c","after":{"id":4,"shop":"a","name":"x"}}`, "",
		} {
			if v != "" {
				if err := cl.ProduceSync(context.Background(), &kgo.Record{Key: []byte("k"), Value: []byte(v)}).FirstErr(); err != nil {
					t.Fatal(err)
				}
				continue
			}
			if _, err := tg.streams(src, c.ListenAddrs()).CatchUp(context.Background()); err != nil {
				t.Fatal(err)
			}
			want := map[int]string{2: "[[1] [2]]", 6: "[[4]]"}[i]
			if got := fmt.Sprint(tg.rows(t, "select id from raw.orders order by id")); got != want {
				t.Errorf("current rows %s, want %s", got, want)
			}
		}
	})
}

func TestUpsert(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		c := cluster(t, 2)
		cl := producer(t, c)
		send := func(partition int32, key, value string) {
			rec := &kgo.Record{Partition: partition, Key: []byte(key), Value: []byte(value)}
			if value == "" {
				rec.Value = nil
			}
			if key == "" {
				rec.Key = nil
			}
			if err := cl.ProduceSync(context.Background(), rec).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
		columns := "name: orders\ncolumns:\n  - {name: id, data_type: bigint}\n  - {name: v, data_type: text}\nmeta:\n  stream:\n    type: kafka\n    connection: main\n    topics: [orders]\n    landing: upsert\n"
		run := func(more string) error {
			_, err := tg.streams(sourceOf(t, tg.kind, columns+more), c.ListenAddrs()).CatchUp(context.Background())
			return err
		}
		send(0, "1", `{"id":1,"v":"a"}`)
		send(1, "2", `{"id":2,"v":"b"}`)
		send(0, "1", `{"id":1,"v":"c"}`)
		send(1, "2", "")
		send(0, "x", "")
		send(0, "", `{"id":5}`)
		if err := run("    unique_key: id\n"); err != nil {
			t.Fatal(err)
		}
		rows := func() string { return fmt.Sprint(tg.rows(t, "select id, v, _stream_op from raw.orders order by id")) }
		if got := rows() + fmt.Sprint(tg.rows(t, `select stage, code from _stream.quarantine`)); got != "[[1 c u] [5 None u]][[key type_mismatch]]" {
			t.Errorf("by a column: %s", got)
		}
		// The same key from another partition has no order.
		send(1, "1", `{"id":1,"v":"d"}`)
		if err := run("    unique_key: id\n"); codeOf(err) != diag.CodeKeyOrder {
			t.Errorf("a key from two partitions: %v", err)
		}
		// By the record's own key, into a table of its own.
		tg.exec(t, "drop schema if exists raw cascade")
		tg.exec(t, "drop schema if exists _stream cascade")
		own := cluster(t, 2, kfake.SeedTopics(1, "other"))
		cl = producer(t, own)
		c = own
		send(0, "k", `{"id":1,"v":"a"}`)
		send(0, "l", `{"id":1,"v":"b"}`)
		send(0, "k", "")
		send(0, "", `{"id":2}`)
		if err := run(""); err != nil {
			t.Fatal(err)
		}
		if got := rows() + fmt.Sprint(tg.rows(t, `select stage, code from _stream.quarantine`)); got != "[[1 b u]][[key null_key]]" {
			t.Errorf("by the record's key: %s", got)
		}
	})
}
