package stream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/adapters/kafka/landing"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/dag/run"
)

// Freshness measures streamed source tables for `source freshness`: not by the age of their
// newest row, which says nothing about a topic that is silent, but by what has not landed.
func Freshness(s *run.Session) func(ctx context.Context, src *manifest.Source) (*run.StreamAge, error) {
	return func(ctx context.Context, src *manifest.Source) (*run.StreamAge, error) {
		if !declare.Has(src) {
			return nil, nil
		}
		streams, err := Open(s, []string{src.UniqueID})
		if err != nil {
			return nil, err
		}
		defer streams.Close()
		if err := streams.Prepare(ctx); err != nil {
			return nil, err
		}
		return streams.age(ctx, streams.Sources[0])
	}
}

// age compares the ledger with the topic.
func (s *Streams) age(ctx context.Context, src *declare.Source) (*run.StreamAge, error) {
	lags, err := s.Lag(ctx)
	if err != nil {
		return nil, err
	}
	out := &run.StreamAge{}
	behind := map[landing.Partition]int64{}
	for _, l := range lags {
		if l.Behind == 0 {
			continue
		}
		out.Behind += l.Behind
		behind[landing.Partition{Topic: l.Topic, ID: l.Partition}] = l.End - l.Behind
	}
	if len(behind) > 0 {
		if out.Oldest, err = s.oldest(ctx, src, behind); err != nil {
			return nil, err
		}
	}
	if src.Heartbeat == 0 {
		return out, nil
	}
	err = s.with(ctx, func(c adapters.Conn) error {
		sign, err := s.Ledger.Sign(ctx, c, src.ID)
		out.Silent = err == nil && s.now().Sub(sign) > src.Heartbeat
		out.Sign = sign
		return err
	})
	return out, err
}

// oldest is the time of the oldest record that has not landed. Where a log ends in records that
// nobody may see, such as those of an aborted transaction, there is none: the zero time.
func (s *Streams) oldest(ctx context.Context, src *declare.Source, from map[landing.Partition]int64) (time.Time, error) {
	p := s.pump(src, false)
	defer p.close()
	if err := p.connect(ctx); err != nil {
		return time.Time{}, err
	}
	p.next, p.epochs = from, map[landing.Partition]int32{}
	for part := range from {
		p.epochs[part] = -1
	}
	if err := p.consume(); err != nil {
		return time.Time{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	var oldest time.Time
	for waiting := len(from); waiting > 0; {
		fetches := p.consumer.PollRecords(ctx, 1024)
		for _, e := range fetches.Errors() {
			if errors.Is(e.Err, context.DeadlineExceeded) {
				return oldest, p.broker(fmt.Errorf("topic %s: no record came within 10 seconds, although some are said to be there", src.Topics[0]))
			}
			return oldest, p.broker(e.Err)
		}
		fetches.EachPartition(func(f kgo.FetchTopicPartition) {
			part := landing.Partition{Topic: f.Topic, ID: f.Partition}
			if _, asked := from[part]; !asked || len(f.Records) == 0 {
				return
			}
			delete(from, part)
			waiting--
			for _, r := range f.Records {
				if r.Attrs.IsControl() {
					continue
				}
				if oldest.IsZero() || r.Timestamp.Before(oldest) {
					oldest = r.Timestamp
				}
				break
			}
		})
	}
	return oldest, nil
}

// beat writes a sign of life down where a stream is declared to run all the time.
func (p *pump) beat(ctx context.Context) error {
	if !p.forever || p.src.Heartbeat == 0 || time.Since(p.beaten) < p.src.Heartbeat/3 {
		return nil
	}
	p.beaten = time.Now()
	p.streams.writing.Lock()
	defer p.streams.writing.Unlock()
	return p.streams.with(ctx, func(c adapters.Conn) error { return p.streams.Ledger.Beat(ctx, c, p.writer.Owner, p.streams.now()) })
}
