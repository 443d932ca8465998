package stream

import (
	"context"
	"sync"
	"time"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/dag"
	"github.com/millrace/millrace/dag/run"
)

// Tick is one pass over the models below what has landed.
type Tick struct {
	Number  int
	Sources []string     // unique_ids of the streams that brought something; nil for the first tick
	Results *run.Results // nil when nothing selected hangs below them
	Took    time.Duration
}

// Live says how Loop keeps models live.
type Live struct {
	// Follow leaves landing to other processes and builds when they have moved a stream.
	Follow bool
	// Opened, if set, is called with the streams before anything moves.
	Opened func(*Streams)
}

// Loop keeps models live until ctx ends: it catches up, builds what is selected, and from
// then on builds what hangs below the streams that brought something, again and again.
// Models see whole batches only, because each commits at once. Hooks on-run-start and
// on-run-end run with the first tick. A failed tick does not end the loop: the next one
// sees the same rows and more.
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
		live.Opened(streams)
	}
	if !live.Follow {
		if _, err := streams.CatchUp(ctx); err != nil {
			return err
		}
	}
	number := 0
	tick := func(sources []string, session *run.Session, nodes dag.Set) error {
		number++
		t := &Tick{Number: number, Sources: sources}
		start := streams.now()
		var err error
		if !nodes.Empty() {
			t.Results, err = run.Execute(ctx, session, run.Plan{Mode: plan.Mode, Graph: plan.Graph, Selected: nodes}, o)
		}
		t.Took = streams.now().Sub(start)
		if err == nil || ctx.Err() != nil {
			told(t)
			return nil //nolint:nilerr // stopping the loop ends its last tick
		}
		return err
	}
	if err := tick(nil, s, plan.Selected); err != nil {
		return err
	}
	o.SkipHooks = true
	quiet := *s
	quiet.Events = demoted{s.Events}
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
	for {
		select {
		case err := <-pumping: // a stream stopped by itself, or ctx ended
			return err
		case <-dirty.some:
			changed := dirty.take()
			below := plan.Graph.Descendants(plan.Graph.SetOf(changed...), -1)
			below.Intersect(plan.Selected)
			if err := tick(changed, &quiet, below); err != nil {
				stop()
				<-pumping //nolint:errcheck // stopped by us; the tick's error is the one to report
				return err
			}
		}
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

func (d *dirty) take() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := make([]string, 0, len(d.ids))
	for id := range d.ids {
		out = append(out, id)
	}
	clear(d.ids)
	return out
}
