package stream

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/dag"
	"github.com/millrace/millrace/dag/follow"
	"github.com/millrace/millrace/dag/run"
)

// Tick is one pass over the models below what has landed.
type Tick struct {
	Number  int
	Sources []string     // unique_ids of the streams that brought something; nil for the first tick
	Results *run.Results // nil when nothing selected hangs below them
	// Published reports that what the tick built was committed; else it will be tried again
	// with the rows that come next.
	Published bool
	Took      time.Duration
}

// Live says how Loop keeps models live.
type Live struct {
	// Follow leaves landing to other processes and builds when they have moved a stream.
	Follow bool
	// Opened, if set, is called with the streams before anything moves.
	Opened func(*Streams) error
	// UntilIdle ends the loop when no stream has brought anything for this long; 0 is never.
	UntilIdle time.Duration
}

// Loop keeps models live until ctx ends: it catches up, builds what is selected, and from
// then on builds what hangs below the streams that brought something, again and again: each
// time in one transaction, so that readers never see one model further than another. Isolated
// models have transactions of their own and may lag. Hooks on-run-start and on-run-end run
// with the first tick. A failed tick publishes nothing and does not end the loop, unless a
// test is declared to: the next one sees the same rows and more.
func Loop(ctx context.Context, s *run.Session, plan run.Plan, o run.Options, live Live, told func(*Tick)) error {
	streams, err := openSome(s, Of(s.Manifest, plan.Graph.IDs(plan.Selected)))
	if err != nil {
		return err
	}
	defer streams.Close()
	streams.live = true
	if live.Opened != nil {
		if err := live.Opened(streams); err != nil {
			return err
		}
	}
	if !live.Follow {
		if _, err := streams.CatchUp(ctx); err != nil {
			return err
		}
	}
	l := &loop{streams: streams, session: s, told: told, ticker: &follow.Ticker{Session: s, Plan: plan, Options: o}}
	if err := l.first(ctx, plan, o); err != nil {
		return err
	}
	l.ticker.Options.SkipHooks = true
	quiet := *s
	quiet.Events = demoted{s.Events}
	l.session = &quiet
	return l.run(ctx, live)
}

// loop is a Loop in progress.
type loop struct {
	streams *Streams
	session *run.Session
	ticker  *follow.Ticker

	mu     sync.Mutex // held while told is called and number is counted
	number int
	told   func(*Tick)
}

// first builds everything that is selected, as a build does.
func (l *loop) first(ctx context.Context, plan run.Plan, o run.Options) error {
	start := l.streams.now()
	results, err := run.Execute(ctx, l.session, plan, o)
	if err != nil && ctx.Err() == nil {
		return err
	}
	l.tell(&Tick{Results: results, Published: results != nil && results.Ok(), Took: l.streams.now().Sub(start)})
	return nil
}

// run lands and ticks until ctx ends, one of the two fails, or nothing has come for long enough.
func (l *loop) run(ctx context.Context, live Live) error {
	dirty := newDirty()
	l.streams.notify = dirty.add
	pumps, stop := context.WithCancel(ctx)
	defer stop()
	pumping := l.land(pumps, live.Follow)
	behind := l.follow(ctx)
	for {
		var idle <-chan time.Time
		if live.UntilIdle > 0 {
			idle = time.After(live.UntilIdle)
		}
		select {
		case err := <-pumping: // a stream stopped by itself, or ctx ended
			behind.stop()
			return err
		case err := <-behind.failed:
			stop()
			<-pumping //nolint:errcheck // stopped by us; the isolated model's error is the one to report
			return err
		case <-idle:
			stop()
			err := <-pumping
			select {
			case <-dirty.some: // committed while it stopped
				err = errors.Join(err, l.advance(ctx, dirty, behind))
			default:
			}
			behind.stop()
			return err
		case <-dirty.some:
			if err := l.advance(ctx, dirty, behind); err != nil {
				stop()
				<-pumping //nolint:errcheck // stopped by us; the tick's error is the one to report
				behind.stop()
				return err
			}
		}
	}
}

// land lands, or looks at what others land, until ctx ends; the channel says how it ended.
func (l *loop) land(ctx context.Context, follow bool) <-chan error {
	ended := make(chan error, 1)
	go func() {
		if follow {
			ended <- l.streams.Follow(ctx)
			return
		}
		_, err := l.streams.Run(ctx)
		ended <- err
	}()
	return ended
}

// advance ticks for what is dirty, and hands the isolated models over.
func (l *loop) advance(ctx context.Context, dirty *dirty, behind *lagging) error {
	together, lagging := l.ticker.Split(l.ticker.Affected(dirty.take()))
	published, err := l.tick(ctx, l.session, dirty.last, together)
	if err != nil {
		return err
	}
	if !published {
		dirty.keep()
	}
	behind.add(lagging)
	return nil
}

func (l *loop) tell(t *Tick) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.number++
	t.Number = l.number
	l.told(t)
}

// tick advances nodes in one transaction.
func (l *loop) tick(ctx context.Context, s *run.Session, sources []string, nodes dag.Set) (published bool, err error) {
	t := &Tick{Sources: sources, Published: true}
	start := l.streams.now()
	if !nodes.Empty() {
		o, err := l.ticker.Run(ctx, s, nodes)
		if err != nil && ctx.Err() == nil {
			return false, err
		}
		if o != nil {
			t.Results, t.Published = o.Results, o.Published
			if o.Stop != nil {
				t.Took = l.streams.now().Sub(start)
				l.tell(t)
				return false, o.Stop
			}
		}
	}
	t.Took = l.streams.now().Sub(start)
	l.tell(t)
	return t.Published, nil
}

// openSome opens streams of which there must be one.
func openSome(s *run.Session, ids []string) (*Streams, error) {
	if len(ids) > 0 {
		if streams, err := Open(s, ids); err != nil || streams != nil {
			return streams, err
		}
	}
	d := diag.New(diag.CodeStream, diag.Runtime, diag.Span{}, "nothing that is selected reads a stream")
	d.Hint = "declare one with config.meta.stream at a source table, or select a model below one"
	return nil, d
}

// demoted passes on what happens in a tick as details, except what needs attention.
type demoted struct{ to event.Sink }

func (d demoted) Emit(e event.Event) {
	if e.Level == event.Info {
		e.Level = event.Debug
	}
	d.to.Emit(e)
}
