package stream

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/kafka/ledger"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/manifest"
)

// retireEvery is how often a running stream looks for rows that are too old.
const retireEvery = time.Hour

// retire takes rows of the stream away that are older than its retention and that every model
// which follows it has taken in.
func (p *pump) retire(ctx context.Context) error {
	s := p.streams
	if p.src.Retention == 0 || p.until != nil {
		return nil
	}
	upTo, slowest := int64(math.MaxInt64), ""
	err := s.with(ctx, func(c adapters.Conn) error {
		for _, input := range append([]string{inputName(s.relations[p.src.ID])}, s.below[p.src.ID]...) {
			models, err := s.Ledger.Consumers(ctx, c, input)
			if err != nil {
				return err
			}
			for _, m := range models {
				if whole := m.Frontier.Whole(); whole < upTo && (s.models == nil || s.models[ledger.Bare(m.Model)]) {
					upTo, slowest = whole, m.Model
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.writing.Lock()
	done, err := p.writer.Retire(ctx, s.now().Add(-p.src.Retention), upTo)
	s.writing.Unlock()
	if err != nil {
		return err
	}
	data := map[string]any{"stream": p.src.Name, "rows": done.Gone, "held": done.Held}
	if done.Gone > 0 {
		s.events.Emit(event.Event{Name: "StreamRetired", Code: "M124", Level: event.Info, Data: data,
			Msg: fmt.Sprintf("stream %s: %d rows that were older than %s are gone", p.src.Name, done.Gone, p.src.Retention)})
	}
	switch {
	case done.Held:
		s.events.Emit(event.Event{Name: "StreamRetentionHeld", Code: "M125", Level: event.Warn, Data: data,
			Msg: "[WARNING]: stream " + p.src.Name + ": rows that are too old stay until the model " + slowest + " has taken them in"})
	case done.Busy:
		s.events.Emit(event.Event{Name: "StreamRetentionHeld", Code: "M125", Level: event.Debug, Data: data,
			Msg: "stream " + p.src.Name + ": rows that are too old stay, because the table is being read"})
	}
	return nil
}

// belowOf are the relations of everything that hangs below each source, as positions name them.
func belowOf(m *manifest.Manifest, name func(id string) (string, bool)) map[string][]string {
	roots := map[string]map[string]bool{}
	var above func(id string) map[string]bool
	above = func(id string) map[string]bool {
		if known, ok := roots[id]; ok {
			return known
		}
		out := map[string]bool{}
		roots[id] = out
		if n := m.Nodes[id]; n != nil {
			for _, up := range n.DependsOn.Nodes {
				if m.Sources[up] != nil {
					out[up] = true
				}
				for root := range above(up) {
					out[root] = true
				}
			}
		}
		return out
	}
	out := map[string][]string{}
	for _, id := range m.Order.Nodes {
		rel, ok := name(id)
		for root := range above(id) {
			if ok {
				out[root] = append(out[root], rel)
			}
		}
	}
	return out
}
