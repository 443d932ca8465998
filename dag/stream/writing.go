package stream

import (
	"context"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"
	"time"

	"github.com/millrace/millrace/adapters/kafka/decode"
	"github.com/millrace/millrace/adapters/kafka/landing"
	"github.com/millrace/millrace/compiler/event"
)

// writing commits batches one after the other while the next ones are read.
type writing struct {
	p     *pump
	queue chan []*job
	done  chan struct{}
	open  sync.WaitGroup // batches that were handed over and are not settled
	left  atomic.Int64   // how many that are

	mu   sync.Mutex // held while a batch is committed
	errm sync.Mutex
	err  error
}

// newWriting starts the writer. It outlives ctx, so that a stop commits what was decoded.
func newWriting(ctx context.Context, p *pump) *writing {
	w := &writing{p: p, queue: make(chan []*job, 1), done: make(chan struct{})}
	go w.loop(context.WithoutCancel(ctx))
	return w
}

func (w *writing) loop(ctx context.Context) {
	defer close(w.done)
	for jobs := range w.queue {
		if w.failed() == nil { // after a failure the rest is drained, so that nobody waits
			landed, err := w.commit(ctx, jobs)
			if err != nil {
				w.errm.Lock()
				w.err = err
				w.errm.Unlock()
			}
			w.p.pace.rest(landed.Rows, landed.Took)
		}
		for _, j := range jobs {
			w.p.streams.buffer.give(j.size)
		}
		w.settled()
	}
}

// settled takes note of a batch that is committed, or never will be.
func (w *writing) settled() {
	w.left.Add(-1)
	w.open.Done()
}

// idle reports that nothing is being written or waits for it.
func (w *writing) idle() bool { return w.left.Load() == 0 }

// drain returns when everything that was handed over is committed or has failed.
func (w *writing) drain() { w.open.Wait() }

func (w *writing) failed() error {
	w.errm.Lock()
	defer w.errm.Unlock()
	return w.err
}

// untilDone is a wait that ends with the batch before, or with ctx.
const untilDone = time.Duration(-1)

// send hands a batch over. While one is being written and one is queued it waits, but no
// longer than it is told to: then the batch was not sent.
func (w *writing) send(ctx context.Context, jobs []*job, wait time.Duration) (sent bool, err error) {
	ends := landing.Ends{High: maps.Clone(w.p.high)}
	if w.p.src.Watermark != nil {
		ends.Behind = make(map[landing.Partition]bool, len(w.p.next))
		for part, next := range w.p.next {
			ends.Behind[part] = next < w.p.high[part]
		}
	}
	jobs[0].ends = ends
	var late <-chan time.Time
	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		late = timer.C
	}
	done := ctx.Done()
	if w.p.forever {
		done = nil // a stop commits what was decoded
	}
	w.open.Add(1)
	w.left.Add(1)
	if wait == 0 {
		select {
		case w.queue <- jobs:
			return true, w.failed()
		default:
			w.settled()
			return false, w.failed()
		}
	}
	select {
	case w.queue <- jobs:
		return true, w.failed()
	case <-late:
		w.settled()
		return false, w.failed()
	case <-done:
		w.settled()
		return false, ctx.Err()
	}
}

// pause runs do while no batch is being committed.
func (w *writing) pause(do func() error) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return do()
}

// finish waits for everything that was handed over. After an error of the caller the rest
// is dropped.
func (w *writing) finish(ctx context.Context, err error) error {
	if err != nil {
		w.errm.Lock()
		if w.err == nil {
			w.err = err
		}
		w.errm.Unlock()
	}
	close(w.queue)
	<-w.done
	if err := w.failed(); err != nil {
		return err
	}
	w.p.writer.Settle(context.WithoutCancel(ctx))
	return nil
}

func (w *writing) commit(ctx context.Context, jobs []*job) (landing.Landed, error) {
	chunks := make([]*decode.Chunk, 0, len(jobs))
	for _, j := range jobs {
		<-j.done
		if j.err != nil {
			return landing.Landed{}, j.err
		}
		chunks = append(chunks, j.chunk)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	p := w.p
	landed, err := w.write(ctx, chunks, jobs[0].ends)
	if landed.Batch > 0 {
		p.report.Batches++
		p.report.Rows += landed.Rows
		p.report.Quarantined += landed.Quarantined
		p.report.Skipped += landed.Skipped
		p.report.Bytes += landed.Bytes
		if p.streams.notify != nil && landed.Rows > 0 {
			p.streams.notify(p.src.ID)
		}
		p.streams.events.Emit(event.Event{Name: "StreamBatch", Code: "M101", Level: event.Debug,
			Msg: fmt.Sprintf("stream %s: batch %d landed %d rows, %d quarantined in %s", p.src.Name, landed.Batch, landed.Rows, landed.Quarantined, landed.Took.Round(time.Millisecond)),
			Data: map[string]any{"stream": p.src.Name, "batch": landed.Batch, "rows": landed.Rows, "quarantined": landed.Quarantined, "skipped": landed.Skipped,
				"bytes": landed.Bytes, "seconds": landed.Took.Seconds()}})
	}
	if err == nil {
		for _, c := range chunks {
			p.spares.Put(c.Batch)
		}
	}
	return landed, err
}

// write commits chunks while no other stream of this process does.
func (w *writing) write(ctx context.Context, chunks []*decode.Chunk, ends landing.Ends) (landing.Landed, error) {
	p := w.p
	p.streams.writing.Lock()
	defer p.streams.writing.Unlock()
	var err error
	if ends.Logs, err = p.logs(ctx); err != nil {
		return landing.Landed{}, err
	}
	return p.writer.Write(ctx, chunks, ends)
}
