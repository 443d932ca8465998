package stream

import (
	"context"
	"sort"
	"time"

	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/adapters/kafka/landing"
)

// Lag is how far a stream is behind in one partition.
type Lag struct {
	Source    *declare.Source
	Topic     string
	Partition int32
	Next      int64 // -1 when nothing was ever landed
	End       int64 // up to where records can be read now
	Behind    int64 // offsets, not records: a log may have holes
	Gap       string
}

// Lag compares the ledger with the logs. It changes no stream.
func (s *Streams) Lag(ctx context.Context) ([]Lag, error) {
	if err := s.Prepare(ctx); err != nil {
		return nil, err
	}
	c, err := s.engine.Conn(ctx, "stream lag")
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close() }()
	var out []Lag
	for _, src := range s.Sources {
		p := s.pump(src, false)
		err := func() error {
			defer p.close()
			if err := p.connect(ctx); err != nil {
				return err
			}
			ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
			defer cancel()
			logs, err := p.survey(ctx)
			if err != nil {
				return err
			}
			positions, err := s.Ledger.Positions(ctx, c, src.ID)
			if err != nil {
				return err
			}
			known := map[landing.Partition]int{}
			for i, pos := range positions {
				known[landing.Partition{Topic: pos.Topic, ID: pos.Partition}] = i
			}
			for part, l := range logs {
				lag := Lag{Source: src, Topic: part.Topic, Partition: part.ID, Next: -1, End: p.limit(l)}
				from := l.start
				if i, ok := known[part]; ok {
					lag.Next, from = positions[i].Next, positions[i].Next
					g, err := p.gap(ctx, positions[i], l)
					if err != nil {
						return err
					}
					if g != nil {
						lag.Gap = g.Reason
						from = g.To
					}
				}
				lag.Behind = max(lag.End-from, 0)
				out = append(out, lag)
			}
			return nil
		}()
		if err != nil {
			return nil, err
		}
	}
	sort.SliceStable(out, func(i, j int) bool {
		a, b := out[i], out[j]
		if a.Source.ID != b.Source.ID {
			return a.Source.ID < b.Source.ID
		}
		if a.Topic != b.Topic {
			return a.Topic < b.Topic
		}
		return a.Partition < b.Partition
	})
	return out, nil
}
