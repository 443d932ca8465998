package stream

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/hamba/avro/v2"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sr"

	"github.com/millrace/millrace/compiler/diag"
)

// poison spoils a good value in one of the ways that there are.
type poison struct {
	name, code string
	spoil      func(id int, good []byte) []byte
}

var jsonPoison = []poison{
	{"truncated", "truncated", func(_ int, good []byte) []byte { return good[:len(good)-4] }},
	{"wrong type", "type_mismatch", func(id int, _ []byte) []byte { return fmt.Appendf(nil, `{"id":"%d"}`, id) }},
	{"bad UTF-8", "invalid_utf8", func(id int, _ []byte) []byte { return fmt.Appendf(nil, "{\"id\":%d,\"customer\":\"\xff\xfe\"}", id) }},
	{"2 MB", "syntax", func(_ int, _ []byte) []byte { return []byte(`{"customer":"` + strings.Repeat("x", 2<<20) + `"]`) }},
	{"deep nesting", "too_deep", func(id int, _ []byte) []byte {
		return fmt.Appendf(nil, `{"id":%d,"more":%s%s}`, id, strings.Repeat("[", 5000), strings.Repeat("]", 5000))
	}},
	{"duplicate key", "duplicate_key", func(id int, _ []byte) []byte { return fmt.Appendf(nil, `{"id":%d,"id":%d}`, id, id) }},
	{"no key", "null_value", func(int, []byte) []byte { return []byte(`{"customer":"x"}`) }},
}

var avroPoison = []poison{
	{"magic byte", "magic_byte", func(_ int, good []byte) []byte { return append([]byte{7}, good[1:]...) }},
	{"unknown schema", "unknown_schema", func(_ int, good []byte) []byte { return append([]byte{0, 0, 1, 0, 0}, good[5:]...) }},
	{"truncated", "truncated", func(_ int, good []byte) []byte { return good[:len(good)-1] }},
	{"trailing", "trailing_bytes", func(_ int, good []byte) []byte { return append(append([]byte{}, good...), 1) }},
	{"bad UTF-8", "invalid_utf8", func(_ int, good []byte) []byte {
		out := append([]byte{}, good...)
		out[len(out)-1] = 0xff
		return out
	}},
}

var protobufPoison = []poison{
	{"magic byte", "magic_byte", func(_ int, good []byte) []byte { return append([]byte{7}, good[1:]...) }},
	{"unknown schema", "unknown_schema", func(_ int, good []byte) []byte { return append([]byte{0, 0, 1, 0, 0}, good[5:]...) }},
	{"truncated", "truncated", func(_ int, good []byte) []byte { return good[:len(good)-1] }},
	{"no such message", "incompatible", func(_ int, good []byte) []byte { return append(append([]byte{}, good[:5]...), 2, 18, 8, 1) }},
	{"bad UTF-8", "invalid_utf8", func(_ int, good []byte) []byte {
		out := append([]byte{}, good...)
		out[len(out)-1] = 0xff
		return out
	}},
	{"wrong wire type", "syntax", func(_ int, good []byte) []byte { return append(append([]byte{}, good[:6]...), 0x0a, 1, 'x') }},
}

// TestPoison spoils one record of a hundred: the others of its batch land, the spoilt bytes
// are kept as they came, and the budget stops the stream behind the batch, not before it.
func TestPoison(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		for format, kinds := range map[string][]poison{"json": jsonPoison, "avro": avroPoison, "protobuf": protobufPoison} {
			t.Run(format, func(t *testing.T) {
				tg.exec(t, "drop schema if exists raw cascade")
				tg.exec(t, "drop schema if exists _stream cascade")
				const seed = 5
				t.Logf("seed %d", seed)
				r := rand.New(rand.NewPCG(seed, seed))
				c := cluster(t, 2)
				cl := producer(t, c, kgo.ProducerBatchMaxBytes(8<<20), kgo.MaxBufferedRecords(100_000))
				w := newWriters(t, cl)
				schema := 0
				switch format {
				case "avro":
					schema = w.register(`{"name":"id","type":"long"},{"name":"customer","type":"string"}`)
				case "protobuf":
					schema = w.create("orders-value", sr.Schema{Type: sr.TypeProtobuf, Schema: "syntax = \"proto3\";\nmessage Order { int64 id = 1; string customer = 2; }\n"})
				}
				spoilt := map[string]string{} // place → code and bytes
				count := map[string]int{}
				var records []*kgo.Record
				var codes []string
				for id := range 3000 {
					good := fmt.Appendf(nil, `{"id":%d,"customer":"c"}`, id)
					if format == "avro" {
						payload, err := avro.Marshal(w.parsed[schema], map[string]any{"id": int64(id), "customer": "c"})
						if err != nil {
							t.Fatal(err)
						}
						good = append(binary.BigEndian.AppendUint32([]byte{0}, uint32(schema)), payload...)
					}
					if format == "protobuf" {
						good = append(binary.BigEndian.AppendUint32([]byte{0}, uint32(schema)), 0, 8) // the first message, field 1
						good = append(binary.AppendUvarint(good, uint64(id)), 0x12, 1, 'c')
					}
					code := ""
					if r.IntN(100) == 0 {
						p := kinds[r.IntN(len(kinds))]
						good, code = p.spoil(id, good), p.code
						count[code]++
					}
					records, codes = append(records, &kgo.Record{Partition: int32(id % 2), Value: good}), append(codes, code)
				}
				if err := cl.ProduceSync(context.Background(), records...).FirstErr(); err != nil {
					t.Fatal(err)
				}
				for i, rec := range records {
					if codes[i] != "" {
						spoilt[fmt.Sprintf("%d/%d", rec.Partition, rec.Offset)] = codes[i] + fmt.Sprintf(" %x", rec.Value)
					}
				}
				text := with(twoColumns, "budget: {per_batch: 5}")
				if format != "json" {
					text = with(text, "value: {format: "+format+", registry: main}")
				}
				s := tg.streams(sourceOf(t, tg.kind, text), c.ListenAddrs())
				s.connections.Registries = w.at()
				if _, err := s.CatchUp(context.Background()); codeOf(err) != diag.CodeBadRecord {
					t.Errorf("the budget did not stop the stream: %v", err)
				}
				if got := tg.one(t, "select count(*) from raw.orders"); got != fmt.Sprint(3000-len(spoilt)) {
					t.Errorf("%s of %d good records landed", got, 3000-len(spoilt))
				}
				hex := `encode(record_value, 'hex')`
				if tg.kind == "duckdb" {
					hex = `lower(hex(record_value))`
				}
				for _, row := range tg.rows(t, `select "partition" || '/' || "offset", code, `+hex+` from _stream.quarantine`) {
					if want := spoilt[row[0]]; want != row[1]+" "+row[2] {
						t.Errorf("%s: %s %.60s, want %.80s", row[0], row[1], row[2], want)
					}
					delete(spoilt, row[0])
				}
				if len(spoilt) > 0 {
					t.Errorf("%d spoilt records are lost", len(spoilt))
				}
				if format == "json" { // what a wider declaration can take lands once
					fixed := strings.Replace(twoColumns, "bigint, constraints: [{type: not_null}]", "text", 1)
					tg.exec(t, "alter table raw.orders alter column id set data type text")
					for range 2 {
						if _, err := tg.streams(sourceOf(t, tg.kind, fixed), c.ListenAddrs()).ReleaseQuarantine(context.Background()); err != nil {
							t.Fatal(err)
						}
					}
					want := 3000
					for _, code := range []string{"truncated", "invalid_utf8", "syntax", "too_deep", "duplicate_key"} {
						want -= count[code]
					}
					// A number is no text: only the records whose id was a text, or not there, land.
					if got := tg.one(t, "select count(*) from raw.orders"); got != fmt.Sprint(want) {
						t.Errorf("after the fix %s rows, want %d", got, want)
					}
					verified(t, tg.streams(sourceOf(t, tg.kind, fixed), c.ListenAddrs()))
				}
			})
		}
	})
}
