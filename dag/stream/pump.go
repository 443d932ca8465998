package stream

import (
	"context"
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
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
	pace   *pace                       // of a replay aside; nil otherwise
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
