package stream

import (
	"context"
	"encoding/json"
	"io"
	"strings"
	"time"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/kafka/ledger"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// Document is stream_status.json: what the ledger says about each stream, for the
// documentation. What is not known is null.
type Document struct {
	Streams map[string]Recorded `json:"streams"` // by unique_id
}

// Recorded is what the ledger says about one stream.
type Recorded struct {
	Topic       string  `json:"topic"`
	Landed      *int64  `json:"landed"`
	Batches     *int64  `json:"batches"`
	Waiting     *int64  `json:"lag_messages"` // when each partition was last committed
	LastHour    *int64  `json:"rows_in_last_hour"`
	Quarantined *int64  `json:"quarantined"`
	Gaps        *int64  `json:"gaps"`
	LastCommit  *string `json:"last_commit_at"`
	Newest      *string `json:"newest_record_at"`
	Watermark   *string `json:"watermark_at"`
}

// Write writes the document as JSON.
func (d *Document) Write(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(d)
}

// Document reads the ledger and changes nothing: where there is none, nothing is known.
func (s *Streams) Document(ctx context.Context) (*Document, error) {
	out := &Document{Streams: map[string]Recorded{}}
	for _, src := range s.Sources {
		out.Streams[src.ID] = Recorded{Topic: strings.Join(src.Topics, ", ")}
	}
	return out, s.with(ctx, func(c adapters.Conn) error {
		owner := s.Ledger.Relation("event_time") // the table that an older ledger may lack
		t, err := s.Ledger.Query(ctx, c, "select count(*) from information_schema.tables where table_schema = '"+owner.Schema+"' and table_name = '"+owner.Identifier+"'")
		if err != nil || ledger.Int(t.Rows[0][0]) == 0 {
			return err
		}
		t, err = s.Ledger.Query(ctx, c, `select o.pipeline, b.landed, b.batches, (select cast(sum(p.high_watermark - p.next_offset) as bigint) from {offsets} p where p.pipeline = o.pipeline),
			(select cast(sum(r.row_count) as bigint) from {batches} r where r.pipeline = o.pipeline and r.committed_at > b.last_commit - interval '1 hour'),
			(select count(*) from {quarantine} q where q.pipeline = o.pipeline and q.status = 'quarantined'), (select count(*) from {gaps} g where g.pipeline = o.pipeline),
			`+ledger.Micros("b.last_commit")+`, `+ledger.Micros("b.newest")+`, `+ledger.Micros("(select max(e.watermark) from {event_time} e where e.pipeline = o.pipeline)")+`
			from {owner} o join (select pipeline, cast(sum(row_count) as bigint) as landed, count(*) as batches, max(committed_at) as last_commit, max(newest_ts) as newest from {batches} group by pipeline) b
			on b.pipeline = o.pipeline where o.shard = 0 and o.pipeline in `+s.names())
		if err != nil {
			return err
		}
		for _, row := range t.Rows {
			id := value.Str(row[0])
			out.Streams[id] = Recorded{
				Topic: out.Streams[id].Topic, Landed: known(row[1]), Batches: known(row[2]), Waiting: known(row[3]), LastHour: known(row[4]), Quarantined: known(row[5]), Gaps: known(row[6]),
				LastCommit: knownTime(row[7]), Newest: knownTime(row[8]), Watermark: knownTime(row[9]),
			}
		}
		return nil
	})
}

func known(v value.Value) *int64 {
	if v.IsNull() {
		return nil
	}
	n := ledger.Int(v)
	return &n
}

func knownTime(v value.Value) *string {
	n := known(v)
	if n == nil {
		return nil
	}
	text := time.UnixMicro(*n).UTC().Format("2006-01-02T15:04:05.000Z")
	return &text
}
