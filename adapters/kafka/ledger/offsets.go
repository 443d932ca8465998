package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// Position is how far a stream has come in one partition.
type Position struct {
	Topic       string
	TopicID     string // "" when the broker gives none
	Partition   int32
	Next        int64
	LeaderEpoch int32 // of the record before Next; -1 when unknown
}

// Positions reads how far a stream has come.
func (l *Ledger) Positions(ctx context.Context, c adapters.Conn, pipeline string) ([]Position, error) {
	t, err := l.Query(ctx, c, `select topic, topic_id, "partition", next_offset, leader_epoch from {offsets} where pipeline = `+text(pipeline)+` order by topic, "partition"`)
	if err != nil {
		return nil, err
	}
	out := make([]Position, len(t.Rows))
	for i, r := range t.Rows {
		out[i] = Position{Topic: value.Str(r[0]), Partition: int32(Int(r[2])), Next: Int(r[3]), LeaderEpoch: int32(Int(r[4]))}
		if !r[1].IsNull() {
			out[i].TopicID = value.Str(r[1])
		}
	}
	return out, nil
}

// Add begins partitions that the ledger does not know yet.
func (l *Ledger) Add(ctx context.Context, c adapters.Conn, o *Owner, positions []Position, now time.Time) error {
	if len(positions) == 0 {
		return nil
	}
	rows := make([]string, len(positions))
	for i, p := range positions {
		rows[i] = "(" + strings.Join([]string{text(o.Pipeline), text(p.Topic), text(p.TopicID), num(int64(p.Partition)), num(p.Next), num(int64(p.LeaderEpoch)), num(o.Epoch), moment(now)}, ", ") + ")"
	}
	unless := ""
	if o.Shares != nil {
		unless = " on conflict do nothing" // another owner has begun the same partition
	}
	return Within(ctx, c, func() error {
		if err := l.hold(ctx, c, o, 0, now); err != nil {
			return err
		}
		_, err := affected(ctx, c, "insert into "+l.name("offsets")+` (pipeline, topic, topic_id, "partition", next_offset, leader_epoch, owner_epoch, updated_at) values `+strings.Join(rows, ", ")+unless)
		return err
	})
}

// Move is the way of one partition through a batch.
type Move struct {
	Topic       string    `json:"topic"`
	Partition   int32     `json:"partition"`
	From        int64     `json:"from"`
	To          int64     `json:"to"`
	LeaderEpoch int32     `json:"-"`
	LastRecord  time.Time `json:"-"`
	High        int64     `json:"-"`
}

// Batch is one transaction's worth of a stream.
type Batch struct {
	Number                     int64
	Token                      string // tells this attempt's batch from anyone else's
	Moves                      []Move
	Rows, Quarantined, Skipped int64
	Bytes                      int64
	Oldest, Newest             time.Time
	Decode                     time.Duration
	RunID                      string
	EventTime                  *EventTime // nil for a stream without a watermark
}

// Advance takes the stream's owner row, moves its offsets from where the batch starts to
// where it ends, and writes the batch down. It belongs into the transaction of the rows,
// before them. ErrFenced and ErrMoved mean that the transaction must be rolled back.
func (l *Ledger) Advance(ctx context.Context, c adapters.Conn, o *Owner, b *Batch, now time.Time) error {
	ranges, err := json.Marshal(b.Moves)
	if err != nil {
		return err
	}
	var changes []change
	if o.Shares == nil {
		changes = append(changes, l.held(o, 1, now))
	} else if err := l.share(ctx, c, o); err != nil {
		return err
	}
	if len(b.Moves) > 0 {
		changes = append(changes, l.move(o, b.Moves, now))
	}
	changes = append(changes, change{"insert into " + l.name("batches") + " (batch, pipeline, token, owner_epoch, ranges, row_count, quarantined, skipped, bytes, oldest_ts, newest_ts, committed_at, decode_ms, run_id) values (" +
		strings.Join([]string{num(b.Number), text(o.Pipeline), text(b.Token), num(o.Epoch), text(string(ranges)), num(b.Rows), num(b.Quarantined), num(b.Skipped), num(b.Bytes),
			moment(b.Oldest), moment(b.Newest), moment(now), fmt.Sprintf("%.3f", float64(b.Decode.Microseconds())/1000), text(b.RunID)}, ", ") + ")", 1, ErrMoved})
	if err := carryOut(ctx, c, changes...); err != nil {
		return err
	}
	return l.TellTime(ctx, c, o, b.Number, b.EventTime)
}

// move brings offsets from where a batch starts to where it ends.
func (l *Ledger) move(o *Owner, moves []Move, now time.Time) change {
	// A single owner holds its row; of several, each must still have the partition's epoch.
	epoch := func(Move) string { return "null" }
	became, still := num(o.Epoch), ""
	if o.Shares != nil {
		epoch = func(m Move) string { return num(o.Shares.of(m.Topic, m.Partition)) }
		became, still = "o.owner_epoch", " and o.owner_epoch = v.owned"
	}
	rows := make([]string, len(moves))
	for i, m := range moves {
		last := moment(m.LastRecord)
		if m.LastRecord.IsZero() {
			last = "null::timestamp with time zone"
		}
		rows[i] = "(" + strings.Join([]string{text(m.Topic), num(int64(m.Partition)), num(m.From) + "::bigint", num(m.To) + "::bigint", num(int64(m.LeaderEpoch)), last, num(m.High) + "::bigint", epoch(m) + "::bigint"}, ", ") + ")"
	}
	return change{"update " + l.name("offsets") + ` as o set next_offset = v.new_offset, leader_epoch = v.epoch, owner_epoch = ` + became +
		`, last_record_ts = coalesce(v.last_ts, o.last_record_ts), high_watermark = v.high, updated_at = ` + moment(now) +
		` from (values ` + strings.Join(rows, ", ") + `) as v (topic, part, old_offset, new_offset, epoch, last_ts, high, owned)
		where o.pipeline = ` + text(o.Pipeline) + ` and o.topic = v.topic and o."partition" = v.part and o.next_offset = v.old_offset` + still, int64(len(moves)), ErrMoved}
}

// Committed reports whether a batch is in the ledger: the answer when the outcome of a
// COMMIT is unknown.
func (l *Ledger) Committed(ctx context.Context, c adapters.Conn, pipeline string, b *Batch) (bool, error) {
	t, err := l.Query(ctx, c, "select token from {batches} where pipeline = "+text(pipeline)+" and batch = "+num(b.Number))
	if err != nil {
		return false, err
	}
	return len(t.Rows) == 1 && value.Str(t.Rows[0][0]) == b.Token, nil
}

// Gap is a range of records that can never land.
type Gap struct {
	Topic          string
	Partition      int32
	From, To       int64
	Reason, Detail string
	OldID, NewID   string
	LeaderEpoch    int32
}

// Reasons of gaps.
const (
	GapRetention = "log_start"       // the topic no longer holds the records
	GapRecreated = "topic_recreated" // another topic has the name now
	GapTruncated = "truncated"       // the log ends before what has landed
)

// RecordGap writes a gap down; with skip it also moves the stream behind it.
func (l *Ledger) RecordGap(ctx context.Context, c adapters.Conn, o *Owner, g Gap, skip bool, now time.Time) error {
	policy, became := "fail", num(o.Epoch)
	if o.Shares != nil {
		became = "owner_epoch"
	}
	if skip {
		policy = "skip_recorded"
	}
	return Within(ctx, c, func() error {
		if err := l.hold(ctx, c, o, 0, now); err != nil {
			return err
		}
		known, err := query(ctx, c, "select count(*) from "+l.name("gaps")+" where pipeline = "+text(o.Pipeline)+" and topic = "+text(g.Topic)+` and "partition" = `+num(int64(g.Partition))+
			" and from_offset = "+num(g.From)+" and to_offset = "+num(g.To)+" and reason = "+text(g.Reason)+" and policy = "+text(policy)+" and new_topic_id = "+text(g.NewID))
		if err != nil {
			return err
		}
		if Int(known[0][0]) == 0 {
			if _, err := affected(ctx, c, "insert into "+l.name("gaps")+` (pipeline, topic, "partition", from_offset, to_offset, reason, detail, old_topic_id, new_topic_id, policy, recorded_at) values (`+
				strings.Join([]string{text(o.Pipeline), text(g.Topic), num(int64(g.Partition)), num(g.From), num(g.To), text(g.Reason), text(g.Detail), text(g.OldID), text(g.NewID), text(policy), moment(now)}, ", ")+")"); err != nil {
				return err
			}
		}
		if !skip {
			return nil
		}
		n, err := affected(ctx, c, "update "+l.name("offsets")+" set next_offset = "+num(g.To)+", topic_id = "+text(g.NewID)+", leader_epoch = "+num(int64(g.LeaderEpoch))+
			", owner_epoch = "+became+", updated_at = "+moment(now)+" where pipeline = "+text(o.Pipeline)+" and topic = "+text(g.Topic)+` and "partition" = `+num(int64(g.Partition))+" and next_offset = "+num(g.From))
		if err == nil && n != 1 {
			err = ErrMoved
		}
		return err
	})
}

// Place moves partitions to other offsets inside a transaction that holds the owner row,
// because an operator asked for it.
func (l *Ledger) Place(ctx context.Context, c adapters.Conn, o *Owner, positions []Position, now time.Time) error {
	for _, p := range positions {
		n, err := affected(ctx, c, "update "+l.name("offsets")+" set next_offset = "+num(p.Next)+", topic_id = "+text(p.TopicID)+", leader_epoch = -1, owner_epoch = "+num(o.Epoch)+", updated_at = "+moment(now)+
			" where pipeline = "+text(o.Pipeline)+" and topic = "+text(p.Topic)+` and "partition" = `+num(int64(p.Partition)))
		if err != nil {
			return err
		}
		if n != 1 {
			return fmt.Errorf("%w: %s/%d has %d rows in the ledger", ErrMoved, p.Topic, p.Partition, n)
		}
	}
	return l.forgetTime(ctx, c, o)
}
