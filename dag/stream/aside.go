package stream

import (
	"context"
	"errors"
	"fmt"

	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/adapters/kafka/landing"
)

// asideMark distinguishes a stream that lands aside from the stream itself in the ledger.
const asideMark = "#aside"

// Replayed says what a replay aside exchanged.
type Replayed struct {
	Source *declare.Source
	landing.Swapped
}

// ReplayAside lands a part of each stream's log again: from a point (as Rewind takes it) up
// to what has landed. It lands into a table beside, while the stream itself goes on, and
// then exchanges the rows in one transaction: readers see all old rows or all new ones.
// It takes about half of the database's time, so that live events hardly wait for it.
func (s *Streams) ReplayAside(ctx context.Context, from string) ([]Replayed, error) {
	if err := s.Prepare(ctx); err != nil {
		return nil, err
	}
	var out []Replayed
	for _, src := range append([]*declare.Source{}, s.Sources...) {
		r, err := s.replayAside(ctx, src, from)
		if err != nil {
			return out, err
		}
		out = append(out, Replayed{src, r})
	}
	return out, nil
}

func (s *Streams) replayAside(ctx context.Context, src *declare.Source, from string) (landing.Swapped, error) {
	p := s.pump(src, false)
	defer p.close()
	if p.table.Relation.Render() != s.relations[src.ID].Render() {
		// Exchanging rows of the log would leave the current rows as they were.
		return landing.Swapped{}, p.refused("--shadow exchanges the rows of streams that only append; this one also keeps current rows")
	}
	if err := p.connect(ctx); err != nil {
		return landing.Swapped{}, err
	}
	logs, err := p.survey(ctx)
	if err != nil {
		return landing.Swapped{}, err
	}
	to, err := p.point(ctx, from, logs)
	if err != nil {
		return landing.Swapped{}, err
	}
	known, err := s.positions(ctx, src)
	if err != nil {
		return landing.Swapped{}, p.explain(err)
	}
	// The stream under another name, with a table of its own.
	other := *src
	other.ID += asideMark
	other.Retention = 0
	other.Start = declare.Start{Offsets: map[string]map[int32]int64{}}
	until := map[landing.Partition]int64{}
	for part, l := range logs {
		if other.Start.Offsets[part.Topic] == nil {
			other.Start.Offsets[part.Topic] = map[int32]int64{}
		}
		other.Start.Offsets[part.Topic][part.ID] = l.end // nothing, unless it is replayed
		until[part] = l.end
	}
	var ranges []landing.Range
	for _, pos := range known {
		part := landing.Partition{Topic: pos.Topic, ID: pos.Partition}
		begin, ok := to[part]
		if !ok || begin >= pos.Next {
			continue
		}
		if l := logs[part]; begin < l.start || pos.Next > l.end {
			return landing.Swapped{}, p.refused("the log no longer holds what is to be replayed: it goes from " + span(l) + ", and the rows would be lost")
		}
		other.Start.Offsets[part.Topic][part.ID], until[part] = begin, pos.Next
		ranges = append(ranges, landing.Range{Topic: pos.Topic, Partition: pos.Partition, From: begin, To: pos.Next})
	}
	if len(ranges) == 0 {
		return landing.Swapped{}, nil
	}
	rel := s.relations[src.ID]
	s.relations[other.ID] = s.Ledger.Beside(rel, rel.Identifier+"__replay")
	defer delete(s.relations, other.ID)
	aside := s.pump(&other, false)
	defer aside.close()
	aside.until, aside.pace = until, newPace(src.MaxLatency)
	if err := p.writer.Discard(ctx, aside.table); err != nil {
		return landing.Swapped{}, p.explain(err)
	}
	if err := aside.run(ctx); err != nil {
		return landing.Swapped{}, err
	}
	if err := s.step("swap"); err != nil {
		return landing.Swapped{}, err
	}
	done, err := p.writer.Swap(ctx, aside.table, ranges)
	if errors.Is(err, landing.ErrMovedBack) {
		return done, p.refused("it was moved back while it was replayed aside, so nothing was exchanged; what is moved back lands again anyway")
	}
	return done, p.explain(errors.Join(err, s.step("swapped")))
}

func span(l log) string { return fmt.Sprintf("%d to %d", l.start, l.end) }
