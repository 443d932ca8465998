package stream

import (
	"context"
	"errors"
	"fmt"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/relation"
	"github.com/millrace/millrace/dag/run"
)

// publishRows sends what has changed in the rows of a model.
func (s *Sinks) publishRows(ctx context.Context, c adapters.Conn, sink *declare.Sink) (Published, error) {
	p := Published{Sinks: []*declare.Sink{sink}}
	rel, ok := s.session.Env.RelationOf(s.session.Manifest, sink.ID)
	if !ok {
		return p, errors.New("the model has no relation")
	}
	key := make([]value.Value, len(sink.Key))
	for i, k := range sink.Key {
		key[i] = value.String(k)
	}
	rows, err := run.RenderMacro(ctx, s.session, "stream_sink_rows", value.String(rel.Render()), value.NewList(key...))
	if err != nil {
		return p, err
	}
	if err := s.unique(ctx, c, sink, rows); err != nil {
		return p, err
	}
	for {
		changes, err := s.ledger.Changes(ctx, c, sink.ID, sink.Topic, rows, sinkChunk)
		if err != nil || len(changes) == 0 {
			return p, err
		}
		form, err := s.form(ctx, sink, func() ([]*relation.Column, error) { return c.Describe(ctx, "select * from "+rel.Render()) })
		if err != nil {
			return p, err
		}
		records := make([]outgoing, len(changes))
		for i, ch := range changes {
			records[i] = outgoing{of: sink, Change: ch}
			if ch.Deleted {
				p.Deleted++
			}
		}
		if err := s.send(ctx, sink, form, records); err != nil {
			return p, err
		}
		if err := s.ledger.Published(ctx, c, sink.ID, sink.Topic, changes, s.now()); err != nil {
			return p, err
		}
		p.Sent += len(changes)
	}
}

// unique refuses keys that do not tell rows apart, before anything is sent.
func (s *Sinks) unique(ctx context.Context, c adapters.Conn, sink *declare.Sink, rows string) error {
	t, err := s.ledger.Query(ctx, c, "select row_key, count(*) from ("+rows+") as r group by row_key having count(*) > 1 or row_key is null order by 1 limit 1")
	if err != nil || len(t.Rows) == 0 {
		return err
	}
	if t.Rows[0][0].IsNull() {
		return errors.New("a row has no key")
	}
	return fmt.Errorf("the key '%s' stands for %s rows", value.Str(t.Rows[0][0]), value.Str(t.Rows[0][1]))
}
