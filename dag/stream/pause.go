package stream

import (
	"context"
	"sync"
	"time"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/compiler/event"
)

// Pause stops the streams, in this process or another, until Resume. It is written down in
// the ledger, so it outlives every process. It says, by unique_id, which
// streams that changed.
func (s *Streams) Pause(ctx context.Context) (map[string]bool, error) {
	return s.control(ctx, func(c adapters.Conn, id string) (bool, error) { return s.Ledger.Pause(ctx, c, id, s.owner, s.now()) })
}

// Resume lets paused streams move again.
func (s *Streams) Resume(ctx context.Context) (map[string]bool, error) {
	return s.control(ctx, func(c adapters.Conn, id string) (bool, error) { return s.Ledger.Resume(ctx, c, id) })
}

func (s *Streams) control(ctx context.Context, do func(c adapters.Conn, id string) (bool, error)) (map[string]bool, error) {
	if err := s.Prepare(ctx); err != nil {
		return nil, err
	}
	out := map[string]bool{}
	err := s.with(ctx, func(c adapters.Conn) error {
		for _, src := range s.Sources {
			changed, err := do(c, src.ID)
			if err != nil {
				return err
			}
			if changed {
				out[src.ID] = true
			}
		}
		return nil
	})
	return out, err
}

// pausesEvery is how often a running process looks whether its streams are paused. With
// one poll of a partition that is silent, a pause is obeyed within a second.
const pausesEvery = 500 * time.Millisecond

// pauses is what the ledger says about paused streams, looked up again and again.
type pauses struct {
	mu  sync.Mutex
	ids map[string]bool
}

func (p *pauses) has(id string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ids[id]
}

func (p *pauses) set(ids map[string]bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ids = ids
}

// watchPauses keeps pauses up to date until ctx ends. A database that cannot be asked
// changes nothing: the next commit will say what is wrong with it.
func (s *Streams) watchPauses(ctx context.Context) {
	var c adapters.Conn
	drop := func() {
		if c != nil {
			_ = c.Close()
			c = nil
		}
	}
	defer drop()
	for {
		var err error
		if c == nil {
			c, err = s.engine.Conn(ctx, "stream control")
		}
		if err == nil {
			var ids map[string]bool
			if ids, err = s.Ledger.Paused(ctx, c); err == nil {
				s.paused.set(ids)
			}
		}
		if err != nil {
			drop()
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(pausesEvery):
		}
	}
}

// obey pauses the fetching of a running stream, or goes on. It reports whether the stream
// rests.
func (p *pump) obey() bool {
	rests := p.streams.paused.has(p.src.ID)
	if rests == p.rests {
		return rests
	}
	p.rests = rests
	msg := "goes on"
	if rests {
		msg = "is paused"
		p.consumer.PauseFetchTopics(p.reading()...)
	} else {
		p.consumer.ResumeFetchTopics(p.reading()...)
	}
	p.streams.events.Emit(event.Event{Name: "StreamPause", Code: "M111", Level: event.Info, Msg: "stream " + p.src.Name + " " + msg,
		Data: map[string]any{"stream": p.src.Name, "paused": rests}})
	return rests
}

// reading are the topics that the stream reads now.
func (p *pump) reading() []string {
	seen := map[string]bool{}
	var out []string
	for part := range p.next {
		if !seen[part.Topic] {
			seen[part.Topic] = true
			out = append(out, part.Topic)
		}
	}
	return out
}

// skipPaused says that a catch-up leaves a stream alone.
func (s *Streams) skipPaused(src *declare.Source) {
	s.events.Emit(event.Event{Name: "StreamPause", Code: "M111", Level: event.Warn,
		Msg:  "[WARNING]: stream " + src.Name + " is paused and was not caught up; millrace stream resume lets it go on",
		Data: map[string]any{"stream": src.Name, "paused": true}})
}
