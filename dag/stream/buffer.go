package stream

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/compiler/event"
)

// buffer counts what the streams of this process have read and not committed. Streams stop
// fetching while it is full and go on when half of it is free, so that neither a slow
// database nor huge records fill the memory.
type buffer struct {
	limit int64
	used  atomic.Int64
	peak  atomic.Int64
}

func newBuffer(limit int64) *buffer {
	if limit <= 0 {
		limit = declare.DefaultBuffer
	}
	return &buffer{limit: limit}
}

func (b *buffer) take(n int64) {
	used := b.used.Add(n)
	for {
		peak := b.peak.Load()
		if used <= peak || b.peak.CompareAndSwap(peak, used) {
			return
		}
	}
}

func (b *buffer) give(n int64) { b.used.Add(-n) }

func (b *buffer) full() bool  { return b.used.Load() >= b.limit }
func (b *buffer) roomy() bool { return b.used.Load() <= b.limit/2 }

// recordCost is what a record costs besides its bytes.
const recordCost = 192

// sizeOf is about what a record takes until it is committed: its bytes are there as they
// came, because the database may refuse its row, and as columns.
func sizeOf(r *kgo.Record) int64 {
	n := len(r.Key) + len(r.Value)
	for _, h := range r.Headers {
		n += len(h.Key) + len(h.Value)
	}
	return int64(2*n) + recordCost
}

// fetchBytes is how much one answer of a broker may hold, in all and of one partition.
// A client keeps one answer of each broker and asks for the next; records that were
// compressed become more in it.
func (s *Streams) fetchBytes() (all, partition int32) {
	all = int32(min(16<<20, max(s.buffer.limit/int64(16*len(s.Sources)), 1<<20)))
	return all, min(4<<20, all)
}

// asking is how much the next answer may hold. An answer is handed over when all of it has
// been unpacked, so the first is small, and decoders and writer begin with it; each one
// after it may be twice as large, until one holds the records of a batch: more would be
// unpacked, and kept, before their time.
type asking struct {
	part, all, most, mostPart int32
	left                      int64 // records of the last answer that were not polled yet
}

// firstAnswer is how much of a partition the first answer may hold.
const firstAnswer = 256 << 10

func (s *Streams) asking() asking {
	a := asking{part: firstAnswer, all: 4 * firstAnswer}
	a.most, a.mostPart = s.fetchBytes()
	a.all, a.part = min(a.all, a.most), min(a.part, a.mostPart)
	return a
}

// received takes note of records that were polled.
func (a *asking) received(cl *kgo.Client, records int) {
	first := a.left == 0
	a.left = cl.BufferedFetchRecords()
	if !first || int64(records)+a.left >= flushRows || a.all == a.most && a.part == a.mostPart {
		return
	}
	a.all, a.part = min(2*a.all, a.most), min(2*a.part, a.mostPart)
	cl.UpdateFetchMaxBytes(a.all, a.part)
}

// patience is how long a batch waits for the one before it until the stream stops fetching. A
// full one takes the database a second or two: fetching, which reads some records twice when
// it begins again, must not stop for each.
const patience = 5 * time.Second

// hold stops fetching, or begins it again. Polling goes on meanwhile: whoever pauses the
// stream, or waits for a sign of life, is not kept waiting by a slow database.
func (p *pump) hold(on bool) {
	switch {
	case on && (p.held == nil || p.heldParts != len(p.next)): // also partitions that came since
		first := p.held == nil
		p.held, p.heldParts = map[string][]int32{}, len(p.next)
		for part := range p.next {
			p.held[part.Topic] = append(p.held[part.Topic], part.ID)
		}
		p.consumer.PauseFetchPartitions(p.held)
		if first {
			p.holding(true)
		}
	case !on && p.held != nil:
		p.consumer.ResumeFetchPartitions(p.held)
		p.held = nil
		p.holding(false)
	}
}

// holding tells watchers; people hear of the first time.
func (p *pump) holding(on bool) {
	level, msg := event.Debug, "goes on reading"
	if on {
		msg = fmt.Sprintf("reads nothing until the database has taken what waits for it (%d MiB)", p.streams.buffer.used.Load()>>20)
		if !p.toldHeld {
			p.toldHeld, level = true, event.Info
		}
	}
	p.streams.events.Emit(event.Event{Name: "StreamHeld", Code: "M116", Level: level, Msg: "stream " + p.src.Name + " " + msg,
		Data: map[string]any{"stream": p.src.Name, "held": on, "buffered": p.streams.buffer.used.Load()}})
}
