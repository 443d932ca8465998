package stream

import (
	"context"
	"strings"
	"time"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/adapters/kafka/landing"
	"github.com/millrace/millrace/adapters/kafka/ledger"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// Sample is how a stream stands at a moment.
type Sample struct {
	Source *declare.Source
	// Behind is how many offsets each partition is behind its log; Lag how old the newest
	// landed record is in the partition that has waited longest, and 0 when all are caught up.
	Behind      map[landing.Partition]int64
	Lag         time.Duration
	LastCommit  time.Time // zero when nothing has landed yet
	Quarantined int64     // records in quarantine
	Gaps        int64     // recorded, ever
	Paused      bool
	Models      map[string]int64 // how many landed offsets each model has not taken in
	Err         error            // why the brokers could not be asked
}

// Sampler looks at streams again and again, with clients of its own.
type Sampler struct {
	s     *Streams
	pumps []*pump
}

// Sampler makes one for these streams. It may be used beside the streams' own work.
func (s *Streams) Sampler() *Sampler {
	out := &Sampler{s: s}
	for _, src := range s.Sources {
		out.pumps = append(out.pumps, s.pump(src, false))
	}
	return out
}

// Close gives the clients back.
func (m *Sampler) Close() {
	for _, p := range m.pumps {
		p.close()
	}
}

// Take looks at every stream. The error is the database's; brokers that cannot be asked
// are the error of their sample.
func (m *Sampler) Take(ctx context.Context) ([]Sample, error) {
	out := make([]Sample, 0, len(m.pumps))
	err := m.s.with(ctx, func(c adapters.Conn) error {
		paused, err := m.s.Ledger.Paused(ctx, c)
		if err != nil {
			return err
		}
		for _, p := range m.pumps {
			one := Sample{Source: p.src, Paused: paused[p.src.ID], Behind: map[landing.Partition]int64{}, Models: map[string]int64{}}
			if err := m.ledger(ctx, c, p, &one); err != nil {
				return err
			}
			out = append(out, one)
		}
		return nil
	})
	return out, err
}

func (m *Sampler) ledger(ctx context.Context, c adapters.Conn, p *pump, one *Sample) error {
	id := "'" + strings.ReplaceAll(p.src.ID, "'", "''") + "'"
	t, err := m.s.Ledger.Query(ctx, c, "select (select count(*) from {quarantine} where status = 'quarantined' and pipeline = "+id+"), (select count(*) from {gaps} where pipeline = "+id+")")
	if err != nil {
		return err
	}
	one.Quarantined, one.Gaps = ledger.Int(t.Rows[0][0]), ledger.Int(t.Rows[0][1])
	t, err = m.s.Ledger.Query(ctx, c, `select topic, "partition", next_offset, `+m.s.micros("last_record_ts")+`, `+m.s.micros("updated_at")+` from {offsets} where pipeline = `+id)
	if err != nil {
		return err
	}
	landed := map[landing.Partition]int64{}
	newest := map[landing.Partition]time.Time{}
	for _, r := range t.Rows {
		part := landing.Partition{Topic: value.Str(r[0]), ID: int32(ledger.Int(r[1]))}
		landed[part] = ledger.Int(r[2])
		if !r[3].IsNull() {
			newest[part] = time.UnixMicro(ledger.Int(r[3]))
			if at := time.UnixMicro(ledger.Int(r[4])); at.After(one.LastCommit) {
				one.LastCommit = at
			}
		}
	}
	models, err := m.s.Ledger.Consumers(ctx, c, inputName(m.s.relations[p.src.ID]))
	if err != nil {
		return err
	}
	for _, model := range models {
		for part, n := range landed {
			one.Models[model.Model] += max(n-model.Frontier.Offsets[part.Topic][part.ID], 0)
		}
	}
	one.Err = m.logs(ctx, p, one, landed, newest)
	return nil
}

func (m *Sampler) logs(ctx context.Context, p *pump, one *Sample, landed map[landing.Partition]int64, newest map[landing.Partition]time.Time) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if p.admin == nil {
		if err := p.connect(ctx); err != nil {
			return err
		}
	}
	logs, err := p.survey(ctx)
	if err != nil {
		return err
	}
	for part, l := range logs {
		from, ok := landed[part]
		if !ok {
			from = l.start
		}
		one.Behind[part] = max(p.limit(l)-from, 0)
		if t, ok := newest[part]; ok && one.Behind[part] > 0 {
			one.Lag = max(one.Lag, m.s.now().Sub(t))
		}
	}
	return nil
}
