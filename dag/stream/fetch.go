package stream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/adapters/kafka/landing"
	"github.com/millrace/millrace/compiler/diag"
)

// fetch polls for at most wait, and at most so many records.
func (p *pump) fetch(ctx context.Context, wait time.Duration, most int) (kgo.Fetches, error) {
	pctx, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	fetches := p.consumer.PollRecords(pctx, most)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	for _, e := range fetches.Errors() {
		var loss *kgo.ErrDataLoss
		switch {
		case errors.Is(e.Err, context.DeadlineExceeded), errors.Is(e.Err, context.Canceled):
		case p.group != nil && errors.As(e.Err, new(*kgo.ErrGroupSession)):
			if err := p.group.unsettled(e.Err); err != nil {
				return nil, err
			}
		case errors.As(e.Err, &loss), errors.Is(e.Err, kerr.OffsetOutOfRange), errors.Is(e.Err, kerr.UnknownTopicOrPartition), errors.Is(e.Err, kerr.UnknownTopicID), errors.Is(e.Err, kerr.InconsistentTopicID):
			return nil, p.vanished(e.Topic, e.Partition, e.Err)
		default:
			return nil, p.broker(fmt.Errorf("topic %s partition %d: %w", e.Topic, e.Partition, e.Err))
		}
	}
	if n := fetches.NumRecords(); n > 0 {
		p.asks.received(p.consumer, n)
	}
	return fetches, nil
}

// vanished says that the log under a running stream has changed. What it means for the
// ledger is found out at the next start, which sees the log as it is then.
func (p *pump) vanished(topic string, partition int32, cause error) error {
	d := diag.New(diag.CodeGap, diag.Runtime, p.src.Span, fmt.Sprintf("stream %s: the log of %s/%d has changed under the reader: %v", p.src.Name, topic, partition, cause))
	d.NodeID, d.Cause = p.src.ID, cause
	d.Hint = "start again: the ledger is compared with the log and a gap is recorded"
	return d
}

// jobs cuts the new records of a partition into pieces that follow on from each other.
func (p *pump) jobs(part landing.Partition, records []*kgo.Record) []*job {
	next := p.next[part]
	for len(records) > 0 && records[0].Offset < next { // delivered again after a reconnect
		records = records[1:]
	}
	var out []*job
	for len(records) > 0 {
		n := min(chunkRecords, len(records))
		j := &job{part: part, from: next, records: records[:n], done: make(chan struct{})}
		for _, r := range j.records {
			j.bytes += int64(len(r.Key) + len(r.Value) + 64)
			j.size += sizeOf(r)
		}
		next = records[n-1].Offset + 1
		records = records[n:]
		out = append(out, j)
	}
	p.next[part] = next
	return out
}
