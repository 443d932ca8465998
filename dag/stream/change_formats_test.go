package stream

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/hamba/avro/v2"
	"github.com/twmb/franz-go/pkg/sr"
	"google.golang.org/protobuf/encoding/protowire"
)

const rowAvro = `{"type":"record","name":"Value","fields":[{"name":"id","type":"long"},{"name":"shop","type":"string"},{"name":"name","type":["null","string"]},
 {"name":"price","type":["null",{"type":"bytes","logicalType":"decimal","precision":10,"scale":2}]},{"name":"body","type":["null","string"]}]}`

const eventAvro = `{"type":"record","name":"Envelope","fields":[{"name":"before","type":["null",` + rowAvro + `]},{"name":"after","type":["null","Value"]},
 {"name":"op","type":"string"},{"name":"ts_ms","type":["null","long"]}]}`

const keyAvro = `{"type":"record","name":"Key","fields":[{"name":"id","type":"long"},{"name":"shop","type":"string"}]}`

const eventProto = `syntax = "proto3";
import "confluent/type/decimal.proto";
message Envelope { Value before = 1; Value after = 2; string op = 3; optional int64 ts_ms = 4; }
message Value { int64 id = 1; string shop = 2; optional string name = 3; confluent.type.Decimal price = 4; optional string body = 5; }
`

const keyProto = "syntax = \"proto3\";\nmessage Key { int64 id = 1; string shop = 2; }\n"

// image is a row of an event, whatever it was made of; absent when there is none.
type image struct {
	ID    int      `json:"id"`
	Shop  string   `json:"shop"`
	Name  *string  `json:"name"`
	Price *float64 `json:"price"`
	Body  *string  `json:"body"`
}

func imageOf(t testing.TB, v any) *image {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out *image
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// cents is a price as both formats carry decimals: an unscaled number of scale 2.
func cents(price float64) *big.Int { return big.NewInt(int64(price*100 + 0.5)) }

// asAvro encodes events as Debezium's Avro converter does.
func (w *writers) asAvro() func(item, map[string]any) ([]byte, []byte) {
	keys, values := w.create("orders-key", sr.Schema{Type: sr.TypeAvro, Schema: keyAvro}), w.create("orders-value", sr.Schema{Type: sr.TypeAvro, Schema: eventAvro})
	framed := func(id int, v any) []byte {
		payload, err := avro.Marshal(w.parsed[id], v)
		if err != nil {
			w.t.Fatal(err)
		}
		return append(binary.BigEndian.AppendUint32([]byte{0}, uint32(id)), payload...)
	}
	row := func(v any) any {
		i := imageOf(w.t, v)
		if i == nil {
			return nil
		}
		out := map[string]any{"id": int64(i.ID), "shop": i.Shop, "name": nil, "price": nil, "body": nil}
		if i.Name != nil {
			out["name"] = map[string]any{"string": *i.Name}
		}
		if i.Body != nil {
			out["body"] = map[string]any{"string": *i.Body}
		}
		if i.Price != nil {
			out["price"] = map[string]any{"bytes.decimal": new(big.Rat).SetFrac(cents(*i.Price), big.NewInt(100))}
		}
		return map[string]any{"Value": out}
	}
	return func(key item, event map[string]any) (k, v []byte) {
		k = framed(keys, map[string]any{"id": int64(key.ID), "shop": key.Shop})
		if event != nil {
			v = framed(values, map[string]any{"before": row(event["before"]), "after": row(event["after"]), "op": event["op"], "ts_ms": nil})
		}
		return k, v
	}
}

// asProtobuf encodes events as the Protobuf converter does.
func (w *writers) asProtobuf() func(item, map[string]any) ([]byte, []byte) {
	keys, values := w.create("orders-key", sr.Schema{Type: sr.TypeProtobuf, Schema: keyProto}), w.create("orders-value", sr.Schema{Type: sr.TypeProtobuf, Schema: eventProto})
	framed := func(id int, payload []byte) []byte {
		return append(append(binary.BigEndian.AppendUint32([]byte{0}, uint32(id)), 0), payload...)
	}
	text := func(b []byte, field protowire.Number, s *string) []byte {
		if s == nil {
			return b
		}
		return protowire.AppendString(protowire.AppendTag(b, field, protowire.BytesType), *s)
	}
	key := func(id int, shop string) []byte {
		b := protowire.AppendVarint(protowire.AppendTag(nil, 1, protowire.VarintType), uint64(id))
		return text(b, 2, &shop)
	}
	row := func(b []byte, field protowire.Number, v any) []byte {
		i := imageOf(w.t, v)
		if i == nil {
			return b
		}
		m := text(key(i.ID, i.Shop), 3, i.Name)
		if i.Price != nil {
			unscaled := append([]byte{0}, cents(*i.Price).Bytes()...)
			d := protowire.AppendBytes(protowire.AppendTag(nil, 1, protowire.BytesType), unscaled)
			d = protowire.AppendVarint(protowire.AppendTag(d, 2, protowire.VarintType), 10)
			d = protowire.AppendVarint(protowire.AppendTag(d, 3, protowire.VarintType), 2)
			m = protowire.AppendBytes(protowire.AppendTag(m, 4, protowire.BytesType), d)
		}
		m = text(m, 5, i.Body)
		return protowire.AppendBytes(protowire.AppendTag(b, field, protowire.BytesType), m)
	}
	return func(k item, event map[string]any) ([]byte, []byte) {
		if event == nil {
			return framed(keys, key(k.ID, k.Shop)), nil
		}
		op, _ := event["op"].(string)
		return framed(keys, key(k.ID, k.Shop)), framed(values, text(row(row(nil, 1, event["before"]), 2, event["after"]), 3, &op))
	}
}

// TestDebeziumFormats replays random histories of a table, with changed keys and
// tombstones, in Debezium's Avro and Protobuf.
func TestDebeziumFormats(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		for format, encoder := range map[string]func(*writers) func(item, map[string]any) ([]byte, []byte){"avro": (*writers).asAvro, "protobuf": (*writers).asProtobuf} {
			t.Run(format, func(t *testing.T) {
				for seed := range seeds(t, 1) {
					tg.exec(t, "drop schema if exists raw cascade")
					tg.exec(t, "drop schema if exists _stream cascade")
					c := cluster(t, 4)
					w := newWriters(t, producer(t, c))
					d := &database{rows: map[string]item{}, r: rand.New(rand.NewPCG(uint64(seed), 14)), partitions: 4, encode: encoder(w)}
					src := sourceOf(t, tg.kind, strings.Replace(items, "key: {format: json}", "key: {format: "+format+", registry: main}\n    value: {format: "+format+", registry: main}", 1))
					for range 4 {
						for range 20 + d.r.IntN(100) {
							d.step()
						}
						d.send(t, w.cl)
						s := tg.streams(src, c.ListenAddrs())
						s.connections.Registries = w.at()
						if _, err := s.CatchUp(context.Background()); err != nil {
							t.Fatalf("seed %d: %v", seed, err)
						}
						d.same(t, tg)
						if t.Failed() {
							t.Fatalf("seed %d: %v", seed, tg.rows(t, "select code, field, error from _stream.quarantine limit 3"))
						}
					}
					if n := tg.one(t, "select count(*) from raw.orders__log where _stream_op = 'd'"); n == "0" {
						t.Error("nothing was deleted")
					}
					verified(t, tg.streams(src, c.ListenAddrs()))
				}
			})
		}
	})
}
