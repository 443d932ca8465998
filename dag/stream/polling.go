package stream

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/adapters/kafka/landing"
)

// quiet is how long a partition may bring nothing before the log is asked why.
const quiet = 300 * time.Millisecond

// heldWait is how often a stream that fetches nothing looks whether it may go on, idleWait
// how often one that has something to write looks whether the writer is free.
const (
	heldWait = 20 * time.Millisecond
	idleWait = 5 * time.Millisecond
)

// partitionsEvery is how often a running stream looks for topics and partitions that were added.
const partitionsEvery = 30 * time.Second

// polling takes records from the client and hands them on, to the decoders at once and to the
// writer by the batch.
type polling struct {
	p       *pump
	pool    *decoders
	w       *writing
	targets map[landing.Partition]int64
	age     time.Duration // how old what is pending may become

	pending []*job // that were not handed to the writer
	bytes   int64  // of those
	rows    int
	since   time.Time // when the oldest of them arrived

	heard     time.Time // when records came last, or silence had another reason
	looked    time.Time // for partitions
	forgotten time.Time // when retention was seen to
}

// poll takes records from the client until every target is reached.
func (p *pump) poll(ctx context.Context, pool *decoders, w *writing, targets map[landing.Partition]int64) error {
	l := &polling{p: p, pool: pool, w: w, targets: targets, age: max(p.src.MaxLatency/4, time.Millisecond), heard: time.Now(), looked: time.Now()}
	defer func() { // what fails is not handed over
		for _, j := range l.pending {
			p.streams.buffer.give(j.size)
		}
	}()
	for {
		if len(targets) == 0 && !p.forever || p.reached(targets) {
			return l.flush(ctx, untilDone)
		}
		l.obey()
		fetches, err := l.fetch(ctx)
		if err != nil {
			if ctx.Err() != nil && p.forever {
				return l.flush(ctx, untilDone)
			}
			return err
		}
		l.take(fetches)
		if err := l.hand(ctx); err != nil {
			return err
		}
		if time.Since(l.heard) > quiet {
			if err := l.askWhy(ctx); err != nil {
				return err
			}
		}
		if err := l.keepHouse(ctx); err != nil {
			return err
		}
	}
}

// obey does what operators, the memory that is free and the other members of a group ask for.
func (l *polling) obey() {
	p := l.p
	if p.forever && p.obey() {
		l.heard = time.Now() // silence needs no reason now
	}
	if p.held != nil {
		l.heard = time.Now() // likewise
		if len(l.pending) == 0 && p.streams.buffer.roomy() {
			p.hold(false)
		}
	}
	if p.group != nil && len(l.pending) == 0 {
		p.consumer.AllowRebalance()
	}
}

// some reports that a writer who has nothing to do should get what is pending. Where a whole
// batch is known to come, a part of one would make its rows cost more.
func (l *polling) some() bool {
	return (l.bytes >= idleBytes || l.rows >= idleRows) && l.p.backlog() < int64(flushRows-l.rows)
}

// wait is how long records may be waited for.
func (l *polling) wait() time.Duration {
	wait := quiet
	if len(l.pending) > 0 && l.p.forever {
		wait = max(l.age-time.Since(l.since), 0)
	}
	if l.p.held != nil {
		wait = heldWait
	}
	if l.some() { // the writer may have nothing to do before more comes
		wait = min(wait, idleWait)
	}
	return wait
}

// fetch polls once. Its errors include those of the writer.
func (l *polling) fetch(ctx context.Context) (kgo.Fetches, error) {
	most := fetchRecords
	if limit := l.p.pace.limit(); l.rows < limit {
		most = min(most, limit-l.rows) // a whole batch is no larger than it has to be
	}
	fetches, err := l.p.fetch(ctx, l.wait(), most)
	if err == nil {
		err = l.p.streams.step("fetch")
	}
	if err == nil {
		err = l.w.failed()
	}
	if err == nil && l.p.group != nil {
		err = l.p.group.notice()
	}
	return fetches, err
}

// take lets records be decoded.
func (l *polling) take(fetches kgo.Fetches) {
	fetches.EachPartition(func(f kgo.FetchTopicPartition) {
		part := landing.Partition{Topic: f.Topic, ID: f.Partition}
		if _, ours := l.p.next[part]; !ours {
			return // others have it now
		}
		if f.HighWatermark > l.p.high[part] {
			l.p.high[part] = f.HighWatermark
		}
		for _, j := range l.p.jobs(part, f.Records) {
			l.p.streams.buffer.take(j.size)
			l.add(j)
			l.bytes += j.bytes
			l.rows += len(j.records)
		}
	})
	if fetches.NumRecords() > 0 {
		l.heard = time.Now()
	}
}

func (l *polling) add(j *job) {
	if len(l.pending) == 0 {
		l.since = time.Now()
	}
	l.pending = append(l.pending, j)
	l.pool.submit(j)
}

// hand gives the writer what is pending once it is enough, or old enough. What the writer
// does not take stops fetching.
func (l *polling) hand(ctx context.Context) error {
	p := l.p
	full := p.streams.buffer.full()
	enough := l.bytes >= flushBytes || l.rows >= l.p.pace.limit() || l.some() && l.w.idle()
	old := len(l.pending) > 0 && p.forever && time.Since(l.since) >= l.age
	if !full && !enough && !old && p.held == nil {
		return nil
	}
	wait := patience
	if p.held != nil {
		wait = 0
	}
	if err := l.flush(ctx, wait); err != nil {
		return err
	}
	if full || len(l.pending) > 0 {
		p.hold(true)
	}
	return nil
}

// flush hands over what is pending, unless the writer does not take it in time.
func (l *polling) flush(ctx context.Context, wait time.Duration) error {
	if len(l.pending) == 0 {
		return nil
	}
	sent, err := l.w.send(ctx, l.pending, wait)
	if sent {
		l.pending, l.bytes, l.rows = nil, 0, 0
	}
	return err
}

// askWhy finds out why nothing comes, and moves over offsets that have no records.
func (l *polling) askWhy(ctx context.Context) error {
	l.heard = time.Now()
	moved, err := l.p.holes(ctx, l.targets)
	if err != nil {
		return err
	}
	for _, j := range moved {
		l.add(j)
	}
	return nil
}

// keepHouse does what is due: a sign of life, retention, a look for new partitions.
func (l *polling) keepHouse(ctx context.Context) error {
	p := l.p
	if err := p.beat(ctx); err != nil || !p.forever {
		return err
	}
	if p.src.Retention > 0 && time.Since(l.forgotten) > retireEvery {
		l.forgotten = time.Now()
		if err := l.w.pause(func() error { return p.retire(ctx) }); err != nil {
			return err
		}
	}
	if p.group == nil && time.Since(l.looked) > p.streams.discovery {
		l.looked = time.Now()
		return p.discover(ctx, l.w)
	}
	return nil
}

// backlog is how many records are known to be there and were not handed to the decoders.
func (p *pump) backlog() int64 {
	var n int64
	for part, next := range p.next {
		n += max(p.high[part]-next, 0)
	}
	return n
}

// reached reports that a stream which ends has everything it was to read.
func (p *pump) reached(targets map[landing.Partition]int64) bool {
	if p.forever {
		return false
	}
	for part, t := range targets {
		if p.next[part] < t {
			return false
		}
	}
	return true
}
