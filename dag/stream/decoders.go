package stream

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/adapters/kafka/decode"
	"github.com/millrace/millrace/adapters/kafka/landing"
	"github.com/millrace/millrace/compiler/event"
)

// job is consecutive records of one partition on their way through a decoder. The chunk
// and err are there when done is closed.
type job struct {
	part    landing.Partition
	from    int64 // where the ledger will be when this is committed
	to      int64 // set instead of records to move over offsets without any
	records []*kgo.Record
	bytes   int64 // of the records
	size    int64 // what they take in memory until they are committed
	done    chan struct{}
	chunk   *decode.Chunk
	ends    landing.Ends // of the first job of a batch: how the logs stood when it was sent
	err     error
}

// decoders decode jobs in parallel.
type decoders struct {
	jobs chan *job
	wg   sync.WaitGroup
}

func (p *pump) decoders(ctx context.Context) (*decoders, error) {
	if err := p.govern(ctx); err != nil {
		return nil, err
	}
	d := &decoders{jobs: make(chan *job, 2*runtime.GOMAXPROCS(0))}
	// The writer waits for short answers of its database, and gets each late where all
	// processors decode.
	for range max(1, runtime.GOMAXPROCS(0)-1) {
		dec := &decoding{p: p}
		if err := dec.renew(ctx); err != nil {
			d.stop()
			return nil, err
		}
		d.wg.Add(1)
		go func() {
			defer d.wg.Done()
			for j := range d.jobs {
				p.decode(ctx, dec, j)
				close(j.done)
			}
		}()
	}
	return d, nil
}

func (d *decoders) submit(j *job) { d.jobs <- j }

func (d *decoders) stop() {
	close(d.jobs)
	d.wg.Wait()
}

// decode decodes one job. While the registry cannot be asked, it waits and tries again:
// records are never given up for an outage.
func (p *pump) decode(ctx context.Context, dec *decoding, j *job) {
	if len(j.records) == 0 {
		j.chunk, j.err = dec.decode(ctx, nil)
		j.chunk.Topic, j.chunk.Partition, j.chunk.First, j.chunk.Next, j.chunk.Epoch = j.part.Topic, j.part.ID, j.from, j.to, -1
		return
	}
	wait := 250 * time.Millisecond
	for n := 0; ; n++ {
		if j.err = p.streams.step("decode"); j.err != nil {
			return
		}
		j.chunk, j.err = dec.decode(ctx, j.records)
		if j.err == nil {
			j.chunk.First = j.from
			return
		}
		var why *decode.Error
		if ctx.Err() != nil || !errors.As(j.err, &why) || why.Outage == nil {
			j.err = p.undecided(j.err)
			return
		}
		if n == 0 {
			p.streams.events.Emit(event.Event{Name: "StreamPaused", Code: "M104", Level: event.Warn,
				Msg: "[WARNING]: stream " + p.src.Name + " waits for its schema registry: " + j.err.Error()})
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
			wait = min(2*wait, 15*time.Second)
		}
	}
}
