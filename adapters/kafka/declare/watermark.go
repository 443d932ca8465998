package declare

import (
	"strings"
	"time"

	"github.com/millrace/millrace/adapters/columnar"
	"github.com/millrace/millrace/adapters/kafka/eventtime"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// Watermark says how a stream's event time is followed.
type Watermark struct {
	eventtime.Rule
	Column int // of Fields; the source's event_time
}

const (
	defaultIdle  = 30 * time.Second
	defaultAhead = 5 * time.Minute
)

func (s *Source) readWatermark(r *reader, src *manifest.Source) {
	v, ok := r.dict.GetString("watermark")
	if !ok || v.IsNull() {
		return
	}
	d, isDict := v.AsDict()
	if !isDict {
		r.bad([]any{"watermark"}, "watermark must be a mapping with 'lateness', 'idle_after' and 'ahead'")
		return
	}
	in := r.inside("watermark", d)
	in.known("lateness", "idle_after", "ahead")
	w := &Watermark{Column: -1, Rule: eventtime.Rule{
		Lateness: in.duration("lateness", 0), IdleAfter: in.duration("idle_after", defaultIdle), Ahead: in.duration("ahead", defaultAhead),
	}}
	if w.Lateness < 0 || w.IdleAfter < 0 || w.Ahead < 0 {
		in.bad(nil, "the durations of a watermark cannot be negative")
	}
	name := eventTime(src)
	if name == "" {
		in.bad(nil, "a watermark needs config.event_time, the column that says when something happened")
		return
	}
	for i, f := range s.Fields {
		if !strings.EqualFold(f.Name, name) {
			continue
		}
		switch f.Type.Kind {
		case columnar.Timestamp, columnar.TimestampTZ:
			w.Column = i
		default:
			in.bad(nil, "event_time '"+name+"' must be a column of type timestamp or timestamptz")
			return
		}
	}
	if w.Column < 0 && r.list.Err() == nil {
		in.bad(nil, "event_time '"+name+"' is no declared column")
	}
	s.Watermark = w
}

func eventTime(src *manifest.Source) string {
	if src.Config == nil || src.Config.Values == nil {
		return ""
	}
	v, ok := src.Config.Values.GetString("event_time")
	if !ok || v.IsNull() {
		return ""
	}
	return value.Str(v)
}
