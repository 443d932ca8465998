package stream

import (
	"sync/atomic"
	"time"
)

// pace keeps a stream that lands aside from slowing down the stream itself, which shares
// its database and processors: no batch takes longer than the live events can wait, and after
// each one the writer rests for as long.
type pace struct {
	longest time.Duration // that a batch should take
	rows    atomic.Int64  // of the next batch
}

// Sizes of a batch beside a live stream.
const (
	firstPace = 2048
	leastPace = 512
)

func newPace(latency time.Duration) *pace {
	p := &pace{longest: latency / 8}
	p.rows.Store(firstPace)
	return p
}

// limit is how many rows a batch may have.
func (p *pace) limit() int {
	if p == nil {
		return flushRows
	}
	return int(p.rows.Load())
}

// rest waits after a batch, and sizes the next one.
func (p *pace) rest(rows int64, took time.Duration) {
	if p == nil || rows == 0 {
		return
	}
	next := int64(float64(rows) * float64(p.longest) / float64(max(took, time.Microsecond)))
	p.rows.Store(max(leastPace, min(next, 2*p.rows.Load(), flushRows)))
	time.Sleep(took)
}
