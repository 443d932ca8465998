package ledger

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// A stream may have several owners at once, each of some partitions. They share the
// stream's owner row, which a single owner takes from all of them by raising its epoch, and
// every partition has an epoch of its own in its row of offsets: whoever claims it raises
// that, and the owner before can move it no more. Batches get their numbers from a row
// that no transaction holds, so they may commit in another order than they were numbered.
const (
	sharedOwner  = "shared"
	numbersShard = -1
)

type partition struct {
	topic string
	id    int32
}

// Shares are the partitions that one of several owners has claimed, with their epochs.
type Shares struct {
	mu     sync.Mutex
	epochs map[partition]int64
}

// Drop forgets a partition that another owner will claim.
func (s *Shares) Drop(topic string, id int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.epochs, partition{topic, id})
}

func (s *Shares) take(topic string, id int32, epoch int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.epochs[partition{topic, id}] = epoch
}

// of is the epoch of a partition; one that is not claimed has an epoch that nothing has.
func (s *Shares) of(topic string, id int32) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	if n, ok := s.epochs[partition{topic, id}]; ok {
		return n
	}
	return -1
}

// Join makes this process one of several owners of a stream. A single owner that had it
// can commit nothing more. PostgreSQL only: DuckDB has one writing process.
func (l *Ledger) Join(ctx context.Context, c adapters.Conn, pipeline string, now time.Time) (*Owner, error) {
	if l.engine == "duckdb" {
		return nil, fmt.Errorf("a DuckDB file has one writing process; several cannot share a stream")
	}
	o := &Owner{Pipeline: pipeline, ID: sharedOwner, Shares: &Shares{epochs: map[partition]int64{}}}
	owner, mine := l.name("owner"), " where pipeline = "+text(pipeline)
	newest := "(select coalesce(max(last_batch), 0) from " + owner + mine + " and shard = 0)" // of when there was a single owner
	err := l.taking(ctx, c, func() error {
		n, err := affected(ctx, c, "update "+owner+" set epoch = epoch + case when owner_id = "+text(sharedOwner)+" then 0 else 1 end, owner_id = "+text(sharedOwner)+
			", updated_at = "+moment(now)+mine+" and shard = 0")
		if err == nil && n == 0 {
			_, err = affected(ctx, c, "insert into "+owner+" (pipeline, shard, epoch, owner_id, last_batch, updated_at) values ("+text(pipeline)+", 0, 1, "+text(sharedOwner)+", 0, "+moment(now)+")")
		}
		if err != nil {
			return err
		}
		n, err = affected(ctx, c, "update "+owner+" set last_batch = greatest(last_batch, "+newest+")"+mine+" and shard = "+num(numbersShard))
		if err == nil && n == 0 {
			_, err = affected(ctx, c, "insert into "+owner+" (pipeline, shard, epoch, owner_id, last_batch, updated_at) select "+
				text(pipeline)+", "+num(numbersShard)+", 0, 'numbers', "+newest+", "+moment(now))
		}
		if err != nil {
			return err
		}
		rows, err := query(ctx, c, "select epoch from "+owner+mine+" and shard = 0")
		if err != nil {
			return err
		}
		o.Epoch = Int(rows[0][0])
		return nil
	})
	return o, err
}

// share keeps a single owner from taking the stream over until the transaction ends.
func (l *Ledger) share(ctx context.Context, c adapters.Conn, o *Owner) error {
	rows, err := query(ctx, c, "select epoch from "+l.name("owner")+" where pipeline = "+text(o.Pipeline)+" and shard = 0 for share")
	if err != nil {
		return err
	}
	if len(rows) != 1 || Int(rows[0][0]) != o.Epoch {
		return ErrFenced
	}
	return nil
}

// StillShared reports whether the stream belongs to the owners that o is one of.
func (l *Ledger) StillShared(ctx context.Context, c adapters.Conn, o *Owner) (bool, error) {
	t, err := l.Query(ctx, c, "select epoch from {owner} where pipeline = "+text(o.Pipeline)+" and shard = 0")
	if err != nil {
		return false, err
	}
	return len(t.Rows) == 1 && Int(t.Rows[0][0]) == o.Epoch, nil
}

// Number gives the next batch of o its number, outside of its transaction when there are
// several owners.
func (l *Ledger) Number(ctx context.Context, c adapters.Conn, o *Owner) (int64, error) {
	if o.Shares == nil {
		return o.LastBatch + 1, nil
	}
	var n int64
	err := Retry(ctx, func() error {
		return Within(ctx, c, func() error {
			rows, err := query(ctx, c, "update "+l.name("owner")+" set last_batch = last_batch + 1 where pipeline = "+text(o.Pipeline)+" and shard = "+num(numbersShard)+" returning last_batch")
			if err != nil {
				return err
			}
			if len(rows) != 1 {
				return ErrFenced
			}
			n = Int(rows[0][0])
			return nil
		})
	})
	return n, err
}

// Take claims partitions for o: their owner until now can move them no more. It gives the
// positions of those that the ledger knows.
func (l *Ledger) Take(ctx context.Context, c adapters.Conn, o *Owner, wanted []Position, now time.Time) ([]Position, error) {
	if len(wanted) == 0 {
		return nil, nil
	}
	keys := make([]string, len(wanted))
	for i, p := range wanted {
		keys[i] = "(" + text(p.Topic) + ", " + num(int64(p.Partition)) + ")"
	}
	var out []Position
	err := l.taking(ctx, c, func() error {
		if err := l.share(ctx, c, o); err != nil {
			return err
		}
		rows, err := query(ctx, c, "update "+l.name("offsets")+" set owner_epoch = owner_epoch + 1, updated_at = "+moment(now)+" where pipeline = "+text(o.Pipeline)+
			` and (topic, "partition") in (`+strings.Join(keys, ", ")+`) returning topic, topic_id, "partition", next_offset, leader_epoch, owner_epoch`)
		if err != nil {
			return err
		}
		out = out[:0]
		for _, r := range rows {
			p := Position{Topic: value.Str(r[0]), Partition: int32(Int(r[2])), Next: Int(r[3]), LeaderEpoch: int32(Int(r[4]))}
			if !r[1].IsNull() {
				p.TopicID = value.Str(r[1])
			}
			o.Shares.take(p.Topic, p.Partition, Int(r[5]))
			out = append(out, p)
		}
		return nil
	})
	return out, err
}
