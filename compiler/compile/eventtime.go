package compile

import (
	"time"

	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/relation"
)

// Window is a half-open range of time in UTC.
type Window struct{ Start, End time.Time }

// literal prints a time as Python's str(datetime) with zone, which is how dbt writes
// event-time filters.
func literal(t time.Time) string {
	t = t.UTC()
	if t.Nanosecond() == 0 {
		return t.Format("2006-01-02 15:04:05") + "+00:00"
	}
	return t.Format("2006-01-02 15:04:05.000000") + "+00:00"
}

// restrict applies --empty, --sample and the microbatch's range to a relation.
func (r *resolver) restrict(rel *relation.Relation, config *manifest.Config, columns []*manifest.Column, quoting *value.Dict) *relation.Relation {
	if r.c.Empty {
		rel = rel.WithLimit(0)
	}
	w := r.window()
	if w == nil {
		return rel
	}
	field := config.String("event_time")
	if field == "" {
		return rel
	}
	if quoted(field, columns, quoting) {
		field = rel.Dialect.QuoteIdentifier(field)
	}
	return rel.WithEventTime(relation.EventTimeFilter{Field: field, Start: literal(w.Start), End: literal(w.End)})
}

// window is the range that the node's inputs are restricted to, nil for none.
func (r *resolver) window() *Window {
	if r.node.ResourceType != manifest.Model && r.node.ResourceType != manifest.Snapshot {
		return nil
	}
	batch := r.host.Batch
	if !IsMicrobatch(r.node) || batch == nil {
		return r.c.Sample
	}
	if r.c.Sample == nil {
		return batch
	}
	both := *batch
	if r.c.Sample.Start.After(both.Start) {
		both.Start = r.c.Sample.Start
	}
	if r.c.Sample.End.Before(both.End) {
		both.End = r.c.Sample.End
	}
	return &both
}

// IsMicrobatch reports whether a model is built in batches of time.
func IsMicrobatch(n *manifest.Node) bool {
	return n.ResourceType == manifest.Model && n.Config.Materialized() == "incremental" && n.Config.String("incremental_strategy") == "microbatch"
}

// quoted tells whether the event_time column is quoted: its own setting wins over its source's.
func quoted(field string, columns []*manifest.Column, quoting *value.Dict) bool {
	for _, c := range columns {
		if c.Name == field && c.Quote != nil {
			return *c.Quote
		}
	}
	if quoting != nil {
		if v, ok := quoting.GetString("column"); ok {
			return value.Truth(v)
		}
	}
	return false
}
