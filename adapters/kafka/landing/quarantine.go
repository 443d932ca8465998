package landing

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/columnar"
	"github.com/millrace/millrace/adapters/kafka/decode"
	"github.com/millrace/millrace/adapters/kafka/ledger"
)

var quarantineColumns = []struct {
	name string
	kind columnar.Kind
}{
	{"topic", columnar.Text}, {"partition", columnar.Integer}, {"offset", columnar.Integer}, {"ts", columnar.TimestampTZ}, {"record_key", columnar.Bytes}, {"record_value", columnar.Bytes},
	{"headers", columnar.Text}, {"schema_id", columnar.Integer}, {"stage", columnar.Text}, {"code", columnar.Text}, {"field", columnar.Text}, {"error", columnar.Text},
}

// quarantine stores the bad records with their bytes.
func (w *Writer) quarantine(ctx context.Context, c adapters.Conn, number int64, chunks []*decode.Chunk, now time.Time) error {
	names, kinds := make([]string, len(quarantineColumns)), make([]columnar.Kind, len(quarantineColumns))
	for i, col := range quarantineColumns {
		names[i], kinds[i] = col.name, col.kind
	}
	b := columnar.NewBatch(names, kinds)
	for _, ch := range chunks {
		for _, bad := range ch.Bad {
			appendBad(b, bad)
		}
	}
	if b.Rows == 0 {
		return nil
	}
	loader, ok := c.(columnar.Loader)
	if !ok {
		return fmt.Errorf("the adapter %s cannot receive streams", w.Table.engine)
	}
	full := b.With([]string{"pipeline", "batch", "status", "quarantined_at"},
		constText(w.Owner.Pipeline), constInt(columnar.Integer, number), constText("quarantined"), constInt(columnar.TimestampTZ, now.UnixMicro()))
	_, err := loader.LoadColumns(ctx, w.Ledger.Relation("quarantine"), full)
	return err
}

func appendBad(b *columnar.Batch, bad decode.Bad) {
	r, c := bad.Record, b.Columns
	c[0].String(r.Topic)
	c[1].Int(int64(r.Partition))
	c[2].Int(r.Offset)
	c[3].Int(r.Timestamp.UnixMicro())
	for i, data := range [][]byte{r.Key, r.Value} {
		if data == nil {
			c[4+i].Null()
		} else {
			c[4+i].Data(data)
		}
	}
	if len(r.Headers) == 0 {
		c[6].Null()
	} else {
		c[6].Data(decode.AppendHeaders(nil, r.Headers))
	}
	if bad.SchemaID == 0 {
		c[7].Null()
	} else {
		c[7].Int(int64(bad.SchemaID))
	}
	c[8].String(string(bad.Err.Stage))
	c[9].String(bad.Err.Code)
	c[10].String(bad.Err.Field)
	c[11].String(cleaned(bad.Err.Message))
	b.Rows++
}

// cleaned makes a message storable as text everywhere.
func cleaned(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "�"), "\x00", "�")
}

// dataError reports that the database refused values, not the statement.
func dataError(err error) bool {
	var db *adapters.DatabaseError
	if !errors.As(err, &db) || db.Fault != adapters.FaultQuery {
		return false
	}
	switch db.Code {
	case "Conversion", "Out of Range", "Constraint", "Invalid Input", "Mismatch Type":
		return true
	}
	if strings.HasPrefix(db.Message, "Failed to append") {
		return true // DuckDB's appender names no class
	}
	return len(db.Code) == 5 && (strings.HasPrefix(db.Code, "22") || strings.HasPrefix(db.Code, "23"))
}

func passing(err error) bool {
	var db *adapters.DatabaseError
	return errors.As(err, &db) && db.Fault == adapters.FaultTransient || errors.Is(err, ErrLostAck)
}

// isolate finds the rows that the database refuses, by halves, and makes bad records of
// them. It is the last resort: decoding refuses what a column's type cannot hold.
func (w *Writer) isolate(ctx context.Context, chunks []*decode.Chunk, cause error) error {
	found := false
	for _, ch := range chunks {
		var refused []int
		messages := map[int]*decode.Error{}
		var search func(from, to int) error
		search = func(from, to int) error {
			err := w.probe(ctx, ch, from, to)
			switch {
			case err == nil:
				return nil
			case !dataError(err):
				return err
			case to-from == 1:
				refused = append(refused, from)
				messages[from] = &decode.Error{Stage: decode.StageLoad, Code: decode.CodeLoad, Message: err.Error()}
				return nil
			}
			mid := (from + to) / 2
			if err := search(from, mid); err != nil {
				return err
			}
			return search(mid, to)
		}
		if ch.Batch.Rows == 0 {
			continue
		}
		if err := search(0, ch.Batch.Rows); err != nil {
			return err
		}
		if len(refused) > 0 {
			found = true
			w.take(ch, refused, messages)
		}
	}
	if !found {
		return cause
	}
	return nil
}

// probe loads rows and takes them back.
func (w *Writer) probe(ctx context.Context, ch *decode.Chunk, from, to int) error {
	c, err := w.connection(ctx)
	if err != nil {
		return err
	}
	if err := ledger.Begin(ctx, c); err != nil {
		return err
	}
	part := columnar.NewBatch(ch.Batch.Names, kindsOf(ch.Batch))
	part.Append(ch.Batch, from, to)
	err = w.load(ctx, c, []*columnar.Batch{part}, ch.Topic, w.Owner.LastBatch+1, w.Now())
	return errors.Join(err, c.Rollback(ctx))
}

func kindsOf(b *columnar.Batch) []columnar.Kind {
	out := make([]columnar.Kind, len(b.Columns))
	for i, c := range b.Columns {
		out[i] = c.Kind
	}
	return out
}

// take turns rows of a chunk into bad records.
func (w *Writer) take(ch *decode.Chunk, rows []int, reasons map[int]*decode.Error) {
	kept := columnar.NewBatch(ch.Batch.Names, kindsOf(ch.Batch))
	var records []*kgo.Record
	next := 0
	for _, row := range append(rows, ch.Batch.Rows) {
		kept.Append(ch.Batch, next, row)
		records = append(records, ch.Records[next:row]...)
		if row < ch.Batch.Rows {
			ch.Bad = append(ch.Bad, decode.Bad{Record: ch.Records[row], Err: reasons[row]})
		}
		next = row + 1
	}
	ch.Batch, ch.Records = kept, records
}
