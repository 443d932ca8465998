package decode

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/hamba/avro/v2"
	"github.com/twmb/franz-go/pkg/kgo"
)

// BenchmarkDecode decodes flat records of six fields, of which four are declared.
func BenchmarkDecode(b *testing.B) {
	fields := fieldsOf(b, "duckdb", "id bigint!", "customer text", "amount numeric(10,2)", "at timestamp with time zone")
	const schema = `{"type":"record","name":"Order","fields":[{"name":"id","type":"long"},{"name":"customer","type":"string"},
 {"name":"amount","type":{"type":"bytes","logicalType":"decimal","precision":10,"scale":2}},{"name":"at","type":{"type":"long","logicalType":"timestamp-millis"}},
 {"name":"note","type":"string"},{"name":"tags","type":{"type":"array","items":"string"}}]}`
	parsed, err := avro.Parse(schema)
	if err != nil {
		b.Fatal(err)
	}
	type source struct {
		name    string
		decoder Decoder
		value   func(n int) []byte
	}
	for _, s := range []source{
		{"json", NewJSON(fields, DialectOf("duckdb"), false), func(n int) []byte {
			return fmt.Appendf(nil, `{"id":%d,"customer":"customer-%d","amount":%d.%02d,"at":"2026-01-%02dT10:11:12.345Z","note":"left at the door, please ring twice","channel":"web"}`, n, n%997, n%1000, n%100, 1+n%28)
		}},
		{"avro", NewAvro(context.Background(), fields, DialectOf("duckdb"), fakeRegistry{1: schema}, nil), func(n int) []byte {
			payload, err := avro.Marshal(parsed, map[string]any{"id": int64(n), "customer": fmt.Sprint("customer-", n%997), "amount": decimalOf(int64(n%100000), 2), "at": timeOf(n), "note": "left at the door, please ring twice", "tags": []string{"a", "b"}})
			if err != nil {
				b.Fatal(err)
			}
			return framed(1, payload)
		}},
	} {
		var records []*kgo.Record
		bytes := 0
		for n := range 4096 {
			v := s.value(n)
			bytes += len(v)
			records = append(records, &kgo.Record{Offset: int64(n), Key: fmt.Appendf(nil, "k%d", n), Value: v})
		}
		layout := &Layout{Fields: fields, Dialect: DialectOf("duckdb"), KeepKey: true}
		b.Run(s.name, func(b *testing.B) {
			b.SetBytes(int64(bytes))
			b.ReportAllocs()
			for range b.N {
				if c, err := layout.Decode(s.decoder, records); err != nil || len(c.Bad) > 0 {
					b.Fatal(err, c.Bad)
				}
			}
		})
	}
}

func decimalOf(n, scale int64) *big.Rat {
	return big.NewRat(n, int64(math.Pow10(int(scale))))
}

func timeOf(n int) time.Time { return time.UnixMilli(1769853600000 + int64(n)).UTC() }
