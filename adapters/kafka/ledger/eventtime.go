package ledger

import (
	"context"
	"strings"
	"time"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/kafka/eventtime"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// EventTime is what a batch does to the event time of its stream.
type EventTime struct {
	Before time.Time // the watermark that the batch's records met; zero for none
	After  eventtime.Clock
	Seen   map[eventtime.Partition]eventtime.Seen
	Late   int64 // landed rows that lie before Before
}

// Tables of event time: how far each partition has come, and the watermark of each batch.
func eventTimeTables(table func(name, cols string) string, key func(cols string) string) []string {
	return []string{
		table("partition_times", `pipeline text, topic text, "partition" integer, max_event_time timestamp with time zone, heard_at timestamp with time zone`+key(`pipeline, topic, "partition"`)),
		table("event_time", "pipeline text, batch bigint, watermark_before timestamp with time zone, watermark timestamp with time zone, late bigint"+key("pipeline, batch")),
	}
}

// LockTime makes other owners of a stream on PostgreSQL wait with its event time until the
// transaction ends.
func (l *Ledger) LockTime(ctx context.Context, c adapters.Conn, pipeline string) error {
	_, _, err := c.Execute(ctx, "select pg_advisory_xact_lock(hashtextextended("+text(l.name("event_time")+" "+pipeline)+", 0))", false, -1)
	return err
}

// TellTime writes down what a batch does to the event time, nothing for nil.
func (l *Ledger) TellTime(ctx context.Context, c adapters.Conn, o *Owner, batch int64, e *EventTime) error {
	if e == nil {
		return nil
	}
	for part := range e.Seen {
		p := e.After.Partitions[part]
		where := " where pipeline = " + text(o.Pipeline) + " and topic = " + text(part.Topic) + ` and "partition" = ` + num(int64(part.ID))
		n, err := affected(ctx, c, "update "+l.name("partition_times")+" set max_event_time = "+moment(p.Newest)+", heard_at = "+moment(p.Heard)+where)
		if err != nil {
			return err
		}
		if n == 0 {
			if _, err := affected(ctx, c, "insert into "+l.name("partition_times")+` (pipeline, topic, "partition", max_event_time, heard_at) values (`+
				strings.Join([]string{text(o.Pipeline), text(part.Topic), num(int64(part.ID)), moment(p.Newest), moment(p.Heard)}, ", ")+")"); err != nil {
				return err
			}
		}
	}
	_, err := affected(ctx, c, "insert into "+l.name("event_time")+" (pipeline, batch, watermark_before, watermark, late) values ("+
		strings.Join([]string{text(o.Pipeline), num(batch), moment(e.Before), moment(e.After.Watermark), num(e.Late)}, ", ")+")")
	return err
}

// Clock reads the event time of a stream.
func (l *Ledger) Clock(ctx context.Context, c adapters.Conn, pipeline string) (eventtime.Clock, error) {
	clock := eventtime.Clock{Partitions: map[eventtime.Partition]eventtime.Progress{}}
	t, err := l.Query(ctx, c, `select topic, "partition", `+Micros("max_event_time")+", "+Micros("heard_at")+
		", (select "+Micros("max(e.watermark)")+" from {event_time} e where e.pipeline = p.pipeline) from {partition_times} p where pipeline = "+text(pipeline))
	if err != nil {
		return clock, err
	}
	for _, r := range t.Rows {
		clock.Partitions[eventtime.Partition{Topic: value.Str(r[0]), ID: int32(Int(r[1]))}] = eventtime.Progress{Newest: instant(r[2]), Heard: instant(r[3])}
		clock.Watermark = instant(r[4])
	}
	return clock, nil
}

// forgetTime begins the event time anew, because an operator moved the stream back.
func (l *Ledger) forgetTime(ctx context.Context, c adapters.Conn, o *Owner) error {
	for _, table := range []string{"partition_times", "event_time"} {
		if _, err := affected(ctx, c, "delete from "+l.name(table)+" where pipeline = "+text(o.Pipeline)); err != nil {
			return err
		}
	}
	return nil
}

// Micros is a moment in microseconds since 1970, which both engines give without loss.
func Micros(expr string) string { return "cast(extract(epoch from " + expr + ") * 1000000 as bigint)" }

func instant(v value.Value) time.Time {
	if v.IsNull() {
		return time.Time{}
	}
	return time.UnixMicro(Int(v))
}
