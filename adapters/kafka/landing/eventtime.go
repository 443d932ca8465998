package landing

import (
	"context"
	"maps"
	"time"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/kafka/decode"
	"github.com/millrace/millrace/adapters/kafka/eventtime"
	"github.com/millrace/millrace/adapters/kafka/ledger"
)

// Ends says how the logs stood when a batch was put together.
type Ends struct {
	High   map[Partition]int64 // their high watermarks
	Behind map[Partition]bool  // of every partition that this process reads: there is more to read
	// Logs says where the logs of all partitions end, when several processes land a stream
	// with a watermark; else it is nil.
	Logs map[Partition]int64
}

// sharedTime writes down what a batch does to the event time of a stream that several
// processes land. What the others have brought is in the ledger. From here on they wait until
// this transaction ends: no batch may meet a lower watermark than one that was to be seen
// before it, or windows that were closed would change. So it comes last.
func (w *Writer) sharedTime(ctx context.Context, c adapters.Conn, b *ledger.Batch, chunks []*decode.Chunk, ends Ends, now time.Time) (*ledger.EventTime, error) {
	if err := w.Ledger.LockTime(ctx, c, w.Owner.Pipeline); err != nil {
		return nil, err
	}
	clock, err := w.Ledger.Clock(ctx, c, w.Owner.Pipeline)
	if err != nil {
		return nil, err
	}
	positions, err := w.Ledger.Positions(ctx, c, w.Owner.Pipeline)
	if err != nil {
		return nil, err
	}
	landed := map[Partition]int64{}
	for _, pos := range positions {
		landed[Partition{Topic: pos.Topic, ID: pos.Partition}] = pos.Next
	}
	behind := make(map[Partition]bool, len(ends.Logs))
	for part, end := range ends.Logs {
		behind[part] = landed[part] < end
	}
	maps.Copy(behind, ends.Behind)
	e := w.eventTime(clock, chunks, behind, now)
	return e, w.Ledger.TellTime(ctx, c, w.Owner, b.Number, e)
}

// eventTime finds out what a batch does to the stream's event time; nil without a watermark.
// behind says of every partition of the stream whether there is more to read.
func (w *Writer) eventTime(clock eventtime.Clock, chunks []*decode.Chunk, behind map[Partition]bool, now time.Time) *ledger.EventTime {
	mark := w.Table.Source.Watermark
	if mark == nil {
		return nil
	}
	e := &ledger.EventTime{Before: clock.Watermark, Seen: map[eventtime.Partition]eventtime.Seen{}}
	before := e.Before.UnixMicro()
	believed := now.Add(mark.Ahead).UnixMicro()
	for _, c := range chunks {
		if c.Newest.IsZero() {
			continue // no records, only the end of a transaction or a hole
		}
		var newest time.Time
		column := c.Batch.Columns[mark.Column]
		for row := range c.Batch.Rows {
			if column.IsNull(row) {
				continue
			}
			at := column.IntAt(row)
			if !e.Before.IsZero() && at < before {
				e.Late++
			}
			if t := time.UnixMicro(at); at <= believed && t.After(newest) {
				newest = t
			}
		}
		part := eventtime.Partition{Topic: c.Topic, ID: c.Partition}
		s := e.Seen[part]
		if newest.After(s.Newest) {
			s.Newest = newest
		}
		e.Seen[part] = s
	}
	all := map[eventtime.Partition]bool{}
	for part, more := range behind {
		all[eventtime.Partition{Topic: part.Topic, ID: part.ID}] = more
	}
	e.After = clock.Advance(mark.Rule, e.Seen, all, now)
	return e
}
