package stream

import (
	"context"
	"fmt"
	"strings"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/kafka/client"
	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/adapters/kafka/landing"
	"github.com/millrace/millrace/adapters/kafka/ledger"
	"github.com/millrace/millrace/compiler/agate"
)

// with runs do on a connection of its own.
func (s *Streams) with(ctx context.Context, do func(c adapters.Conn) error) error {
	c, err := s.engine.Conn(ctx, "stream")
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	return do(c)
}

// names are the streams' names in the ledger as a SQL list.
func (s *Streams) names() string {
	out := make([]string, len(s.Sources))
	for i, src := range s.Sources {
		out[i] = "'" + strings.ReplaceAll(src.ID, "'", "''") + "'"
	}
	return "(" + strings.Join(out, ", ") + ")"
}

// Status is what the ledger says about each stream: who owns it, what has landed, when.
func (s *Streams) Status(ctx context.Context) (*agate.Table, error) {
	if err := s.Prepare(ctx); err != nil {
		return nil, err
	}
	var out *agate.Table
	err := s.with(ctx, func(c adapters.Conn) (err error) {
		out, err = s.Ledger.Query(ctx, c, `select o.pipeline as stream, (select max(n.last_batch) from {owner} n where n.pipeline = o.pipeline) as batches,
			(select cast(coalesce(sum(b.row_count), 0) as bigint) from {batches} b where b.pipeline = o.pipeline) as landed,
			(select count(*) from {quarantine} q where q.pipeline = o.pipeline and q.status = 'quarantined') as quarantined,
			(select count(*) from {gaps} g where g.pipeline = o.pipeline) as gaps,
			(select max(b.committed_at) from {batches} b where b.pipeline = o.pipeline) as last_commit,
			(select max(e.watermark) from {event_time} e where e.pipeline = o.pipeline) as watermark,
			(select cast(coalesce(sum(e.late), 0) as bigint) from {event_time} e where e.pipeline = o.pipeline) as late, o.owner_id as owner, o.epoch
			from {owner} o where o.shard = 0 and o.pipeline in `+s.names()+` order by o.pipeline`)
		return err
	})
	return out, err
}

// PublishedModels is what the ledger says about each model that is published.
func (s *Streams) PublishedModels(ctx context.Context) (*agate.Table, error) {
	var out *agate.Table
	err := s.with(ctx, func(c adapters.Conn) (err error) {
		out, err = s.Ledger.Sinks(ctx, c)
		return err
	})
	return out, err
}

// Quarantine lists quarantined records, the newest first; a negative limit means all.
func (s *Streams) Quarantine(ctx context.Context, limit int) (*agate.Table, error) {
	if err := s.Prepare(ctx); err != nil {
		return nil, err
	}
	tail := ""
	if limit >= 0 {
		tail = fmt.Sprintf(" limit %d", limit)
	}
	shown := "left(encode(record_value, 'escape'), 80)"
	if s.kind == "duckdb" {
		shown = "left(cast(record_value as varchar), 80)"
	}
	var out *agate.Table
	err := s.with(ctx, func(c adapters.Conn) (err error) {
		out, err = s.Ledger.Query(ctx, c, `select topic, "partition", "offset", code, field, error, `+shown+` as value, batch, quarantined_at
			from {quarantine} where status = 'quarantined' and pipeline in `+s.names()+` order by quarantined_at desc, topic, "partition", "offset"`+tail)
		return err
	})
	return out, err
}

// Finding is one answer of Verify or Doctor.
type Finding struct {
	Source  *declare.Source // nil for none in particular
	Check   string
	OK      bool
	Message string
}

// Verify checks that the ledger and the tables agree: nothing landed twice, nothing beyond
// the ledger, nothing both landed and quarantined, and as many rows as the batches say.
func (s *Streams) Verify(ctx context.Context) ([]Finding, error) {
	if err := s.Prepare(ctx); err != nil {
		return nil, err
	}
	var out []Finding
	err := s.with(ctx, func(c adapters.Conn) error {
		for _, src := range s.Sources {
			table := landing.Log(src, s.relations[src.ID]).Render()
			id := "'" + strings.ReplaceAll(src.ID, "'", "''") + "'"
			for _, check := range []struct{ name, sql, wrong string }{
				{"landed once", `select count(*) from (select 1 from ` + table + ` group by _stream_topic, _stream_partition, _stream_offset having count(*) > 1) d`, "%s records are in the table more than once"},
				{"landed or quarantined", `select count(*) from ` + table + ` t join {quarantine} q on q.pipeline = ` + id + ` and q.status = 'quarantined' and q.topic = t._stream_topic
					and q."partition" = t._stream_partition and q."offset" = t._stream_offset`, "%s records are in the table and in quarantine"},
				{"within the ledger", `select count(*) from ` + table + ` t left join {offsets} o on o.pipeline = ` + id + ` and o.topic = t._stream_topic and o."partition" = t._stream_partition
					where o.next_offset is null or t._stream_offset >= o.next_offset`, "%s rows lie beyond the ledger"},
				{"as the batches say", `select (select count(*) from ` + table + `) - (select cast(coalesce(sum(row_count), 0) as bigint) from {batches} where pipeline = ` + id + `)`, "the table and the batches differ by %s rows"},
			} {
				t, err := s.Ledger.Query(ctx, c, check.sql)
				if err != nil {
					return err
				}
				n := ledger.Int(t.Rows[0][0])
				f := Finding{Source: src, Check: check.name, OK: n == 0}
				if n != 0 {
					f.Message = fmt.Sprintf(check.wrong, fmt.Sprint(n))
				}
				out = append(out, f)
			}
		}
		return nil
	})
	return out, err
}

// Doctor tries everything a stream needs and says what does not work.
func (s *Streams) Doctor(ctx context.Context) []Finding {
	var out []Finding
	add := func(src *declare.Source, check string, err error) bool {
		f := Finding{Source: src, Check: check, OK: err == nil}
		if err != nil {
			f.Message = err.Error()
		}
		out = append(out, f)
		return err == nil
	}
	ledger := add(nil, "ledger in the target database", s.Prepare(ctx))
	for _, src := range s.Sources {
		p := s.pump(src, false)
		if add(src, "connection '"+src.Connection+"'", p.connect(ctx)) {
			logs, err := p.survey(ctx)
			if add(src, "topics "+src.TopicNames(), err) && ledger {
				out = append(out, s.gaps(ctx, p, logs)...)
			}
		}
		if src.Registry != "" {
			r, err := client.NewRegistry(s.connections.Registries[src.Registry], s.root)
			if err == nil {
				err = r.Ping(ctx)
			}
			add(src, "registry '"+src.Registry+"'", err)
		}
		if ledger {
			add(src, "table "+p.table.Relation.Render(), s.with(ctx, func(c adapters.Conn) error { return p.table.Ensure(ctx, c) }))
		}
		p.close()
	}
	return out
}

func (s *Streams) gaps(ctx context.Context, p *pump, logs map[landing.Partition]log) []Finding {
	f := Finding{Source: p.src, Check: "no gap between ledger and topics", OK: true}
	positions, err := s.positions(ctx, p.src)
	if err != nil {
		f.OK, f.Message = false, err.Error()
		return []Finding{f}
	}
	for _, pos := range positions {
		l, ok := logs[landing.Partition{Topic: pos.Topic, ID: pos.Partition}]
		if !ok {
			continue
		}
		g, err := p.gap(ctx, pos, l)
		switch {
		case err != nil:
			f.OK, f.Message = false, err.Error()
		case g != nil:
			f.OK, f.Message = false, p.lost(*g).Message()
		}
	}
	return []Finding{f}
}
