package landing

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/millrace/millrace/adapters/kafka/decode"
	"github.com/millrace/millrace/adapters/kafka/ledger"
)

// Release lands records that were in quarantine and can be decoded now: their rows and the
// new state of their quarantine entries commit together, so that each lands once. Those that
// tests of the source still find stay; they become bad records of their chunks.
func (w *Writer) Release(ctx context.Context, chunks []*decode.Chunk, batches map[string]int64) (Landed, error) {
	for {
		landed, err := w.release(ctx, chunks, batches)
		var found *failing
		if !errors.As(err, &found) {
			return landed, err
		}
		if err := w.setAside(chunks, found); err != nil {
			return Landed{}, err
		}
	}
}

func (w *Writer) release(ctx context.Context, chunks []*decode.Chunk, batches map[string]int64) (Landed, error) {
	b := &ledger.Batch{Number: w.Owner.LastBatch + 1, Token: token(), RunID: w.RunID}
	w.summarize(b, chunks, nil)
	b.Moves = nil // the offsets were moved when the records went into quarantine
	var list []string
	for _, c := range chunks {
		for _, r := range c.Records {
			key := Key(r.Topic, r.Partition, r.Offset)
			list = append(list, fmt.Sprintf("('%s', %d, %d::bigint, %d::bigint)", strings.ReplaceAll(r.Topic, "'", "''"), r.Partition, r.Offset, batches[key]))
		}
	}
	if len(list) == 0 {
		return Landed{}, nil
	}
	// What stays bad keeps its entry; the batch says only what it landed.
	b.Rows, b.Quarantined = int64(len(list)), -int64(len(list))
	c, err := w.connection(ctx)
	if err != nil {
		return Landed{}, err
	}
	now := w.Now()
	if err := w.makeRoom(ctx, c, now); err != nil {
		return Landed{}, err
	}
	err = ledger.Within(ctx, c, func() error {
		if err := w.Ledger.Advance(ctx, c, w.Owner, b, now); err != nil {
			return err
		}
		if err := w.decide(ctx, c, b.Number, now); err != nil {
			return err
		}
		resp, _, err := c.Execute(ctx, "update "+w.Ledger.Relation("quarantine").Render()+` as q set status = 'replayed', replayed_batch = `+fmt.Sprint(b.Number)+
			" from (values "+strings.Join(list, ", ")+`) as v (topic, part, off, batch) where q.pipeline = '`+strings.ReplaceAll(w.Owner.Pipeline, "'", "''")+
			`' and q.topic = v.topic and q."partition" = v.part and q."offset" = v.off and q.batch = v.batch and q.status = 'quarantined'`, false, -1)
		if err != nil {
			return err
		}
		if resp.RowsAffected != int64(len(list)) {
			return fmt.Errorf("%d of %d quarantined records have been replayed by someone else meanwhile", int64(len(list))-resp.RowsAffected, len(list))
		}
		if err := w.rows(ctx, c, b.Number, chunks, now); err != nil {
			return err
		}
		if err := w.check(ctx, c, b.Number); err != nil {
			return err
		}
		return w.keep(ctx, c, b.Number, chunks, true)
	})
	if err != nil {
		return Landed{}, err
	}
	w.settled()
	w.Owner.LastBatch = b.Number
	return Landed{Batch: b.Number, Rows: b.Rows, Bytes: b.Bytes}, nil
}

// Key names a record.
func Key(topic string, partition int32, offset int64) string {
	return fmt.Sprintf("%s/%d/%d", topic, partition, offset)
}

// Rewind takes back what has landed from the given positions on, and moves the ledger
// there, so that it can land again.
func (w *Writer) Rewind(ctx context.Context, positions []ledger.Position) (rows int64, err error) {
	c, err := w.connection(ctx)
	if err != nil {
		return 0, err
	}
	now := w.Now()
	b := &ledger.Batch{Number: w.Owner.LastBatch + 1, Token: token(), RunID: w.RunID}
	err = ledger.Within(ctx, c, func() error {
		rows = 0
		var bad int64
		if w.Table.Current != nil {
			for _, p := range positions {
				if err := w.forget(ctx, c, p); err != nil {
					return err
				}
			}
		}
		for _, p := range positions {
			topic := "'" + strings.ReplaceAll(p.Topic, "'", "''") + "'"
			r, _, err := c.Execute(ctx, fmt.Sprintf("delete from %s where _stream_topic = %s and _stream_partition = %d and _stream_offset >= %d",
				w.Table.Relation.Render(), topic, p.Partition, p.Next), false, -1)
			if err != nil {
				return err
			}
			rows += r.RowsAffected
			r, _, err = c.Execute(ctx, fmt.Sprintf(`delete from %s where pipeline = '%s' and topic = %s and "partition" = %d and "offset" >= %d and status = 'quarantined'`,
				w.Ledger.Relation("quarantine").Render(), strings.ReplaceAll(w.Owner.Pipeline, "'", "''"), topic, p.Partition, p.Next), false, -1)
			if err != nil {
				return err
			}
			bad += r.RowsAffected
			if _, _, err = c.Execute(ctx, fmt.Sprintf(`delete from %s where pipeline = '%s' and topic = %s and "partition" = %d and "offset" >= %d`,
				w.Ledger.Relation("quarantine").Render(), strings.ReplaceAll(w.Owner.Pipeline, "'", "''"), topic, p.Partition, p.Next), false, -1); err != nil {
				return err
			}
		}
		if w.Table.Current != nil {
			if err := w.remember(ctx, c); err != nil {
				return err
			}
		}
		b.Rows, b.Quarantined = -rows, -bad
		if err := w.Ledger.Advance(ctx, c, w.Owner, b, now); err != nil {
			return err
		}
		return w.Ledger.Place(ctx, c, w.Owner, positions, now)
	})
	if err == nil {
		w.Owner.LastBatch = b.Number
	}
	return rows, err
}
