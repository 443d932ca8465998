package main

import (
	"context"
	"fmt"

	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/dag/run"
	"github.com/millrace/millrace/dag/stream"
)

// publish sends what a build has changed in models with a sink, and what tests with one have found.
func (inv *invocation) publish(s *run.Session, mode run.Mode, results *run.Results) error {
	sinks, err := stream.OpenSinks(s, mode == run.ModeTest)
	if err != nil || sinks == nil {
		return err
	}
	defer sinks.Close()
	return inv.publishTo(inv.ctx, sinks, results, true)
}

func (inv *invocation) publishTo(ctx context.Context, sinks *stream.Sinks, results *run.Results, committed bool) error {
	published, err := sinks.Publish(ctx, results, committed)
	for _, p := range published {
		if p.Sent == 0 {
			continue
		}
		first := p.Sinks[0]
		name, data := first.Name, map[string]any{"model": first.ID, "topic": first.Topic, "sent": p.Sent, "deleted": p.Deleted}
		if first.Test {
			name = "of tests"
			delete(data, "model")
		}
		text := fmt.Sprintf("sink %s: %d changes published to %s", name, p.Sent, first.Topic)
		if p.Deleted > 0 {
			text += fmt.Sprintf(", %d of them deletions", p.Deleted)
		}
		inv.emit(event.Event{Name: "StreamPublished", Code: "M139", Level: event.Info, Msg: text, Data: data})
	}
	return err
}

// publishTick publishes after a tick: of one that was not committed what its tests have found
// alone. What cannot be sent now is sent with the next tick.
func (inv *invocation) publishTick(ctx context.Context, sinks *stream.Sinks, t *stream.Tick) {
	if sinks == nil || t.Results == nil {
		return
	}
	if err := inv.publishTo(ctx, sinks, t.Results, t.Published); err != nil && ctx.Err() == nil {
		inv.emit(event.Event{Name: "StreamPublishFailed", Code: "M140", Level: event.Warn, Msg: "[WARNING]: " + err.Error()})
	}
}
