package stream

import (
	"context"
	"errors"
	"sort"
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
	selected := plan.Graph.IDs(plan.Selected)
	ids := Of(s.Manifest, selected)
	streams, err := openSome(s, ids)
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
	dirty := newDirty()
	streams.notify = dirty.add
	pumping := make(chan error, 1)
	pumps, stop := context.WithCancel(ctx)
	defer stop()
	go func() {
		if live.Follow {
			pumping <- streams.Follow(pumps)
			return
		}
		_, err := streams.Run(pumps)
		pumping <- err
	}()
	behind := l.follow(ctx)
	advance := func() error {
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
				err = errors.Join(err, advance())
			default:
			}
			behind.stop()
			return err
		case <-dirty.some:
			if err := advance(); err != nil {
				stop()
				<-pumping //nolint:errcheck // stopped by us; the tick's error is the one to report
				behind.stop()
				return err
			}
		}
	}
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

// lagging advances isolated models and what hangs below them beside the ticks of the others.
type lagging struct {
	mu     sync.Mutex
	nodes  dag.Set
	some   chan struct{}
	failed chan error
	done   chan struct{}
	stop   func()
}

func (l *loop) follow(ctx context.Context) *lagging {
	ctx, cancel := context.WithCancel(ctx)
	b := &lagging{some: make(chan struct{}, 1), failed: make(chan error, 1), done: make(chan struct{})}
	b.stop = func() {
		cancel()
		<-b.done
	}
	session := *l.session
	if f, ok := session.Follow.(*follow.Follower); ok {
		session.Follow = f.Clone() // what one transaction changes is nothing to the other
	}
	go func() {
		defer close(b.done)
		for {
			select {
			case <-ctx.Done():
				return
			case <-b.some:
			}
			b.mu.Lock()
			nodes := b.nodes
			b.nodes = nil
			b.mu.Unlock()
			if nodes.Empty() {
				continue
			}
			published, err := l.tick(ctx, &session, nil, nodes)
			if err != nil {
				b.failed <- err
				return
			}
			if !published {
				b.mu.Lock()
				nodes.Union(b.nodes)
				b.nodes = nodes
				b.mu.Unlock()
			}
		}
	}()
	return b
}

// add hands over nodes that are to be advanced; those that wait already advance once.
func (b *lagging) add(nodes dag.Set) {
	if nodes.Empty() {
		return
	}
	b.mu.Lock()
	if b.nodes == nil {
		b.nodes = nodes
	} else {
		b.nodes.Union(nodes)
	}
	b.mu.Unlock()
	select {
	case b.some <- struct{}{}:
	default:
	}
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

// dirty collects the streams that brought something since somebody looked.
type dirty struct {
	mu   sync.Mutex
	ids  map[string]bool
	some chan struct{}
	last []string // used by who takes only
}

func newDirty() *dirty { return &dirty{ids: map[string]bool{}, some: make(chan struct{}, 1)} }

func (d *dirty) add(id string) {
	d.mu.Lock()
	d.ids[id] = true
	d.mu.Unlock()
	select {
	case d.some <- struct{}{}:
	default:
	}
}

// take gives what is dirty, which last remembers.
func (d *dirty) take() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.last = make([]string, 0, len(d.ids))
	for id := range d.ids {
		d.last = append(d.last, id)
	}
	sort.Strings(d.last)
	clear(d.ids)
	return d.last
}

// keep makes what was taken part of what is taken next, because it was not published.
func (d *dirty) keep() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, id := range d.last {
		d.ids[id] = true
	}
}
