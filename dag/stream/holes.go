package stream

import (
	"context"
	"encoding/binary"
	"fmt"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/millrace/millrace/adapters/kafka/landing"
)

// holes asks the log about partitions whose records do not reach up to where they can be
// read: offsets at the end of a log may belong to nothing (compaction, empty batches), and
// then the stream moves over them, so that its lag is zero.
func (p *pump) holes(ctx context.Context, targets map[landing.Partition]int64) ([]*job, error) {
	behind := false
	for part, next := range p.next {
		behind = behind || next < p.end(part, targets)
	}
	if !behind {
		return nil, nil
	}
	logs, err := p.survey(ctx)
	if err != nil {
		return nil, p.later(err)
	}
	var out []*job
	for part, next := range p.next {
		l, ok := logs[part]
		if !ok {
			continue
		}
		if l.start > next {
			return nil, p.vanished(part.Topic, part.ID, fmt.Errorf("it begins at %d now, behind the reader at %d", l.start, next))
		}
		limit := p.limit(l)
		if next >= limit {
			continue
		}
		to, err := p.empty(ctx, part, l, next, limit)
		if err != nil {
			return nil, err
		}
		if to > next {
			out = append(out, &job{part: part, from: next, to: to, done: make(chan struct{})})
			p.next[part] = to
		}
	}
	return out, nil
}

func (p *pump) end(part landing.Partition, targets map[landing.Partition]int64) int64 {
	if t, ok := targets[part]; ok {
		return t
	}
	return p.high[part]
}

// empty says up to where, from an offset on, the log holds no record.
func (p *pump) empty(ctx context.Context, part landing.Partition, l log, from, limit int64) (int64, error) {
	req := kmsg.NewPtrFetchRequest()
	req.ReplicaID, req.MaxWaitMillis, req.MinBytes, req.MaxBytes = -1, 10, 0, 1<<20
	if !p.src.ReadUncommitted {
		req.IsolationLevel = 1
	}
	topic := kmsg.NewFetchRequestTopic()
	topic.Topic = part.Topic
	topics, err := p.admin.ListTopics(ctx, part.Topic)
	if err != nil {
		return from, p.broker(err)
	}
	topic.TopicID = topics[part.Topic].ID
	rp := kmsg.NewFetchRequestTopicPartition()
	rp.Partition, rp.FetchOffset, rp.PartitionMaxBytes, rp.CurrentLeaderEpoch = part.ID, from, 1<<20, -1
	topic.Partitions = append(topic.Partitions, rp)
	req.Topics = append(req.Topics, topic)
	answer, err := p.asking.Broker(int(l.leader)).RetriableRequest(ctx, req)
	if err != nil {
		if ctx.Err() == nil && kgo.IsRetryableBrokerErr(err) {
			return from, nil // the leader is gone; its successor is asked the next time
		}
		return from, p.broker(err)
	}
	resp := answer.(*kmsg.FetchResponse)
	if err := kerr.ErrorForCode(resp.ErrorCode); err != nil {
		return from, p.broker(err)
	}
	for _, t := range resp.Topics {
		for _, rp := range t.Partitions {
			if rp.Partition != part.ID {
				continue
			}
			if err := kerr.ErrorForCode(rp.ErrorCode); err != nil {
				if kerr.IsRetriable(err) {
					return from, nil
				}
				return from, p.vanished(part.Topic, part.ID, err)
			}
			return emptyUntil(rp.RecordBatches, from, limit), nil
		}
	}
	return from, nil
}

// Where the fields of a record batch stand.
const (
	batchHead      = 61
	batchLength    = 8
	batchLastDelta = 23
	batchRecords   = 57
)

// emptyUntil walks over batches without records. An answer without any batch means that
// there is nothing up to the limit, which was asked for before it.
func emptyUntil(batches []byte, from, limit int64) int64 {
	if len(batches) == 0 {
		return limit
	}
	for len(batches) >= batchHead {
		first := int64(binary.BigEndian.Uint64(batches))
		size := int(binary.BigEndian.Uint32(batches[batchLength:])) + 12
		last := first + int64(int32(binary.BigEndian.Uint32(batches[batchLastDelta:])))
		if last >= from {
			if binary.BigEndian.Uint32(batches[batchRecords:]) != 0 {
				return from // the client will deliver these
			}
			from = last + 1
		}
		if size > len(batches) || size <= 12 {
			break
		}
		batches = batches[size:]
	}
	return min(from, limit)
}
