package landing

import (
	"time"

	"github.com/millrace/millrace/adapters/kafka/decode"
	"github.com/millrace/millrace/adapters/kafka/eventtime"
	"github.com/millrace/millrace/adapters/kafka/ledger"
)

// Ends says how the logs stood when a batch was put together.
type Ends struct {
	High   map[Partition]int64 // their high watermarks
	Behind map[Partition]bool  // of every partition: there is more to read
}

// eventTime finds out what a batch does to the stream's event time; nil without a watermark.
func (w *Writer) eventTime(chunks []*decode.Chunk, ends Ends, now time.Time) *ledger.EventTime {
	mark := w.Table.Source.Watermark
	if mark == nil {
		return nil
	}
	e := &ledger.EventTime{Before: w.Clock.Watermark, Seen: map[eventtime.Partition]eventtime.Seen{}}
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
	for part, behind := range ends.Behind {
		all[eventtime.Partition{Topic: part.Topic, ID: part.ID}] = behind
	}
	e.After = w.Clock.Advance(mark.Rule, e.Seen, all, now)
	return e
}
