package stream

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/adapters/columnar"
	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/adapters/kafka/landing"
	"github.com/millrace/millrace/adapters/kafka/ledger"
	"github.com/millrace/millrace/adapters/kafka/schemas"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
)

// A batch is committed when it has one of these sizes: the larger it is, the less a row costs.
// A DuckDB row group has 122,880 rows; one that comes whole is written once, and not to the
// log first. A writer that has nothing to do gets what is there from the smaller sizes on,
// unless the rest of a whole batch is in the log already.
const (
	flushBytes = 32 << 20
	flushRows  = 122_880
	idleBytes  = flushBytes / 4
	idleRows   = flushRows / 4
)

// fetchRecords is how many records one poll returns at most, chunkRecords how many are
// decoded as one piece.
const (
	fetchRecords = 32_768
	chunkRecords = 4096
)

// pump moves one stream. Records flow from polling through decoders to one writer; each
// hand-over is bounded, so a slow database makes polling wait, and the client then stops
// fetching with at most one answer per broker in memory. Partitions are assigned by the
// ledger and not by a consumer group: nobody is evicted for polling late.
type pump struct {
	streams *Streams
	src     *declare.Source
	table   *landing.Table
	writer  *landing.Writer
	forever bool

	options  []kgo.Opt
	asking   *kgo.Client // questions
	consumer *kgo.Client
	admin    *kadm.Client
	asks     asking // the consumer

	next   map[landing.Partition]int64 // the offset after what was handed to the decoders
	epochs map[landing.Partition]int32
	high   map[landing.Partition]int64
	beaten time.Time // when the last heartbeat was written
	report SourceReport
	rests  bool // while the stream is paused
	group  *membership
	until  map[landing.Partition]int64 // where a replay aside ends; nil otherwise
	held   map[string][]int32          // what is not fetched until the database has caught up; nil when all is

	heldParts int  // how many partitions those are
	toldHeld  bool // people were told

	texts    schemaTexts
	governor *schemas.Governor
	spares   columnar.Spares // buffers of what was committed
}

func (p *pump) close() {
	if p.consumer != nil {
		p.consumer.Close()
	}
	if p.asking != nil {
		p.asking.Close()
	}
	_ = p.writer.Close()
}

// run moves records until the stream has caught up, or until ctx ends.
func (p *pump) run(ctx context.Context) error {
	if p.forever && p.streams.shared {
		return p.runShared(ctx)
	}
	start := p.streams.now()
	defer func() { p.report.Took = p.streams.now().Sub(start) }()
	if err := p.connect(ctx); err != nil {
		return err
	}
	logs, err := p.begin(ctx)
	if err != nil {
		return p.explain(err)
	}
	if err := p.consume(); err != nil {
		return err
	}
	pool, err := p.decoders(ctx)
	if err != nil {
		return err
	}
	defer pool.stop()
	targets := map[landing.Partition]int64{}
	p.high = map[landing.Partition]int64{}
	for part, l := range logs {
		p.high[part] = l.end
		if !p.forever {
			targets[part] = p.limit(l)
			if p.until != nil {
				targets[part] = min(targets[part], p.until[part])
			}
		}
	}
	w := newWriting(ctx, p)
	err = p.poll(ctx, pool, w, targets)
	// What was handed over is still committed, unless something failed.
	if e := w.finish(ctx, err); e != nil {
		err = e
	}
	if err == nil && !p.forever {
		err = p.retire(ctx)
	}
	if err != nil && p.forever && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		err = nil
	}
	if err == nil && p.until == nil {
		p.tell(context.WithoutCancel(ctx))
	}
	return p.explain(err)
}

// explain gives an error its diagnostic.
func (p *pump) explain(err error) error {
	var d *diag.Diagnostic
	if err == nil || errors.As(err, &d) || errors.Is(err, context.Canceled) {
		return err
	}
	if errors.Is(err, ledger.ErrFenced) {
		return p.writer.Fenced(err)
	}
	d = diag.New(diag.CodeLedger, diag.Database, p.src.Span, "stream "+p.src.Name+": "+err.Error())
	d.Cause, d.NodeID = err, p.src.ID
	return d
}

func (p *pump) consume() error {
	assigned := map[string]map[int32]kgo.Offset{}
	for part, next := range p.next {
		if assigned[part.Topic] == nil {
			assigned[part.Topic] = map[int32]kgo.Offset{}
		}
		assigned[part.Topic][part.ID] = kgo.NoResetOffset().At(next).WithEpoch(p.epochs[part])
	}
	cl, err := kgo.NewClient(append(p.reads(), kgo.ConsumePartitions(assigned))...)
	if err != nil {
		return p.broker(err)
	}
	p.consumer = cl
	return nil
}

// reads are the options of every client that reads records.
func (p *pump) reads() []kgo.Opt {
	isolation := kgo.ReadCommitted()
	if p.src.ReadUncommitted {
		isolation = kgo.ReadUncommitted()
	}
	p.asks = p.streams.asking()
	return append(append([]kgo.Opt{}, p.options...),
		kgo.ConsumeResetOffset(kgo.NoResetOffset()), // a position that is gone is a gap, never a silent reset
		kgo.FetchIsolationLevel(isolation),
		kgo.KeepControlRecords(), // they move the position to the end of transactions
		kgo.FetchMaxWait(50*time.Millisecond),
		kgo.FetchMinBytes(1),
		kgo.FetchMaxBytes(p.asks.all),
		kgo.FetchMaxPartitionBytes(p.asks.part),
	)
}

// quiet is how long a partition may bring nothing before the log is asked why.
const quiet = 300 * time.Millisecond

// heldWait is how often a stream that fetches nothing looks whether it may go on, idleWait
// how often one that has something to write looks whether the writer is free.
const (
	heldWait = 20 * time.Millisecond
	idleWait = 5 * time.Millisecond
)

// poll takes records from the client until every target is reached.
func (p *pump) poll(ctx context.Context, pool *decoders, w *writing, targets map[landing.Partition]int64) error {
	age := max(p.src.MaxLatency/4, time.Millisecond)
	var (
		pending   []*job
		bytes     int64
		rows      int
		since     time.Time // when the oldest pending record arrived
		heard     = time.Now()
		discovery = time.Now()
		retired   time.Time
	)
	room := p.streams.buffer
	defer func() { // what fails is not handed over
		for _, j := range pending {
			room.give(j.size)
		}
	}()
	flush := func(wait time.Duration) error {
		if len(pending) == 0 {
			return nil
		}
		sent, err := w.send(ctx, pending, wait)
		if sent {
			pending, bytes, rows = nil, 0, 0
		}
		return err
	}
	for {
		if len(targets) == 0 && !p.forever || p.reached(targets) {
			return flush(untilDone)
		}
		if p.forever && p.obey() {
			heard = time.Now() // silence needs no reason now
		}
		if p.held != nil {
			heard = time.Now() // likewise
			if len(pending) == 0 && room.roomy() {
				p.hold(false)
			}
		}
		if p.group != nil && len(pending) == 0 {
			p.consumer.AllowRebalance()
		}
		wait := quiet
		if len(pending) > 0 && p.forever {
			wait = max(age-time.Since(since), 0)
		}
		if p.held != nil {
			wait = heldWait
		}
		// Where a whole batch is known to come, a part of one would make its rows cost more.
		some := func() bool { return (bytes >= idleBytes || rows >= idleRows) && p.backlog() < int64(flushRows-rows) }
		if some() { // the writer may have nothing to do before more comes
			wait = min(wait, idleWait)
		}
		most := fetchRecords
		if rows < flushRows {
			most = min(most, flushRows-rows) // a whole batch is no larger than it has to be
		}
		fetches, err := p.fetch(ctx, wait, most)
		if err == nil {
			err = p.streams.step("fetch")
		}
		if err == nil {
			err = w.failed()
		}
		if err == nil && p.group != nil {
			err = p.group.notice()
		}
		if err != nil {
			if ctx.Err() != nil && p.forever {
				return flush(untilDone)
			}
			return err
		}
		fetches.EachPartition(func(f kgo.FetchTopicPartition) {
			part := landing.Partition{Topic: f.Topic, ID: f.Partition}
			if _, ours := p.next[part]; !ours {
				return // others have it now
			}
			if f.HighWatermark > p.high[part] {
				p.high[part] = f.HighWatermark
			}
			for _, j := range p.jobs(part, f.Records) {
				if len(pending) == 0 {
					since = time.Now()
				}
				pending = append(pending, j)
				bytes += j.bytes
				rows += len(j.records)
				room.take(j.size)
				pool.submit(j)
			}
		})
		if fetches.NumRecords() > 0 {
			heard = time.Now()
		}
		full := room.full()
		enough := bytes >= flushBytes || rows >= flushRows || some() && w.idle()
		if full || enough || p.held != nil || len(pending) > 0 && p.forever && time.Since(since) >= age {
			wait := patience
			if p.held != nil {
				wait = 0
			}
			if err := flush(wait); err != nil {
				return err
			}
			if full || len(pending) > 0 {
				p.hold(true)
			}
		}
		if time.Since(heard) > quiet {
			heard = time.Now()
			moved, err := p.holes(ctx, targets)
			if err != nil {
				return err
			}
			pending = append(pending, moved...)
			if since.IsZero() || len(pending) == len(moved) {
				since = time.Now()
			}
			for _, j := range moved {
				pool.submit(j)
			}
		}
		if err := p.beat(ctx); err != nil {
			return err
		}
		if p.forever && p.src.Retention > 0 && time.Since(retired) > retireEvery {
			retired = time.Now()
			if err := w.pause(func() error { return p.retire(ctx) }); err != nil {
				return err
			}
		}
		if p.forever && p.group == nil && time.Since(discovery) > p.streams.discovery {
			discovery = time.Now()
			if err := p.discover(ctx, w); err != nil {
				return err
			}
		}
	}
}

// backlog is how many records are known to be there and were not handed to the decoders.
func (p *pump) backlog() int64 {
	var n int64
	for part, next := range p.next {
		n += max(p.high[part]-next, 0)
	}
	return n
}

// partitionsEvery is how often a running stream looks for topics and partitions that were added.
const partitionsEvery = 30 * time.Second

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

// discover finds partitions that were added to the topics.
func (p *pump) discover(ctx context.Context, w *writing) error {
	logs, err := p.survey(ctx)
	if err != nil {
		return p.later(err)
	}
	known := len(p.next)
	err = w.pause(func() error {
		p.streams.writing.Lock()
		defer p.streams.writing.Unlock()
		return p.adopt(ctx, logs, true)
	})
	if err != nil || len(p.next) == known {
		return err
	}
	added := map[string]map[int32]kgo.Offset{}
	for part, next := range p.next {
		if _, ok := p.high[part]; ok {
			continue
		}
		p.high[part] = logs[part].end
		if added[part.Topic] == nil {
			added[part.Topic] = map[int32]kgo.Offset{}
		}
		added[part.Topic][part.ID] = kgo.NoResetOffset().At(next)
	}
	p.consumer.AddConsumePartitions(added)
	return nil
}

// tell commits the offsets to a consumer group, for tools that watch lag there. Nothing is
// ever read back from it.
func (p *pump) tell(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	offsets := kadm.Offsets{}
	for part, next := range p.next {
		offsets.AddOffset(part.Topic, part.ID, next, p.epochs[part])
	}
	if _, err := p.admin.CommitOffsets(ctx, Group(p.src), offsets); err != nil {
		p.streams.events.Emit(event.Event{Name: "StreamGroupCommit", Code: "M103", Level: event.Debug, Msg: "stream " + p.src.Name + ": offsets were not told to the group: " + err.Error()})
	}
}

// Group is the consumer group under which tools find a stream's lag.
func Group(src *declare.Source) string { return "millrace." + src.Name }
