package stream

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/adapters/kafka/ledger"
	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// BadRecord is one record in quarantine with everything that is known of it.
type BadRecord struct {
	Source                     *declare.Source
	Record                     *kgo.Record
	SchemaID                   string
	Stage, Code, Field, Reason string
	Batch                      int64
	Status                     string
	Quarantined                time.Time
}

// Inspect finds the records that quarantine holds of "topic/partition/offset": more than
// one when a record came back to quarantine after a replay.
func (s *Streams) Inspect(ctx context.Context, topic string, partition int32, offset int64) ([]BadRecord, error) {
	if err := s.Prepare(ctx); err != nil {
		return nil, err
	}
	var out []BadRecord
	err := s.with(ctx, func(c adapters.Conn) error {
		for _, src := range s.Sources {
			where := fmt.Sprintf(`topic = '%s' and "partition" = %d and "offset" = %d`, strings.ReplaceAll(topic, "'", "''"), partition, offset)
			t, err := s.badRecords(ctx, c, src, where, `, schema_id, stage, code, field, error, status, `+s.micros("quarantined_at"))
			if err != nil {
				return err
			}
			for _, row := range t.Rows {
				r, err := recordOf(row)
				if err != nil {
					return err
				}
				text := func(i int) string {
					if row[i].IsNull() {
						return ""
					}
					return value.Str(row[i])
				}
				out = append(out, BadRecord{Source: src, Record: r, Batch: ledger.Int(row[7]), SchemaID: text(8), Stage: text(9), Code: text(10), Field: text(11), Reason: text(12),
					Status: text(13), Quarantined: time.UnixMicro(ledger.Int(row[14])).UTC()})
			}
		}
		return nil
	})
	return out, err
}

func (s *Streams) micros(column string) string {
	if s.kind == "duckdb" {
		return "epoch_us(" + column + ")"
	}
	return "cast(extract(epoch from " + column + ") * 1000000 as bigint)"
}

// badRecords reads records from quarantine in the form that recordOf takes; their batch
// and further columns follow.
func (s *Streams) badRecords(ctx context.Context, c adapters.Conn, src *declare.Source, where, more string) (*agate.Table, error) {
	hexOf := "encode(%s, 'hex')"
	if s.kind == "duckdb" {
		hexOf = "hex(%s)"
	}
	return s.Ledger.Query(ctx, c, `select topic, "partition", "offset", `+s.micros("ts")+`, `+fmt.Sprintf(hexOf, "record_key")+`, `+fmt.Sprintf(hexOf, "record_value")+
		`, headers, batch`+more+` from {quarantine} where pipeline = '`+strings.ReplaceAll(src.ID, "'", "''")+`' and `+where+` order by topic, "partition", "offset"`)
}

func recordOf(row []value.Value) (*kgo.Record, error) {
	r := &kgo.Record{Topic: value.Str(row[0]), Partition: int32(ledger.Int(row[1])), Offset: ledger.Int(row[2]), Timestamp: time.UnixMicro(ledger.Int(row[3]))}
	for i, field := range []*[]byte{&r.Key, &r.Value} {
		if row[4+i].IsNull() {
			continue
		}
		data, err := hex.DecodeString(value.Str(row[4+i]))
		if err != nil {
			return nil, err
		}
		*field = append([]byte{}, data...) // an empty value is not the same as none
	}
	if row[6].IsNull() {
		return r, nil
	}
	var err error
	r.Headers, err = headersOf(value.Str(row[6]))
	return r, err
}

// Readable is bytes for people: as text where they are text, and as a dump of hexadecimal
// digits where they are not or where that is asked for.
func Readable(data []byte, dump bool) string {
	switch {
	case data == nil:
		return "null"
	case len(data) == 0:
		return "(empty)"
	case dump || !printable(data):
		return strings.TrimRight(hex.Dump(data), "\n")
	}
	return string(data)
}

func printable(data []byte) bool {
	if !utf8.Valid(data) {
		return false
	}
	for _, b := range data {
		if b < 0x20 && b != '\n' && b != '\t' && b != '\r' || b == 0x7f {
			return false
		}
	}
	return true
}
