package main

import (
	"context"
	"fmt"

	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/dag/run"
	"github.com/millrace/millrace/dag/stream"
)

// publish sends what a build has changed in models with a sink.
func (inv *invocation) publish(s *run.Session, results *run.Results) error {
	sinks, err := stream.OpenSinks(s)
	if err != nil || sinks == nil {
		return err
	}
	defer sinks.Close()
	return inv.publishTo(inv.ctx, sinks, results)
}

func (inv *invocation) publishTo(ctx context.Context, sinks *stream.Sinks, results *run.Results) error {
	published, err := sinks.Publish(ctx, results)
	for _, p := range published {
		if p.Sent == 0 {
			continue
		}
		text := fmt.Sprintf("sink %s: %d changes published to %s", p.Sink.Name, p.Sent, p.Sink.Topic)
		if p.Deleted > 0 {
			text += fmt.Sprintf(", %d of them deletions", p.Deleted)
		}
		inv.emit(event.Event{Name: "StreamPublished", Code: "M109", Level: event.Info, Msg: text,
			Data: map[string]any{"model": p.Sink.ID, "topic": p.Sink.Topic, "sent": p.Sent, "deleted": p.Deleted}})
	}
	return err
}

// publishTick publishes after a tick. What cannot be sent now is sent with the next tick.
func (inv *invocation) publishTick(ctx context.Context, sinks *stream.Sinks, t *stream.Tick) {
	if sinks == nil || t.Results == nil || !t.Published {
		return
	}
	if err := inv.publishTo(ctx, sinks, t.Results); err != nil && ctx.Err() == nil {
		inv.emit(event.Event{Name: "StreamPublishFailed", Code: "M110", Level: event.Warn, Msg: "[WARNING]: " + err.Error()})
	}
}
