// Package eventtime follows the event time of a stream: how far each partition has come,
// and up to where all of them have, which is the stream's watermark. It knows nothing of
// Kafka or databases; the ledger keeps what it says.
package eventtime

import (
	"maps"
	"time"
)

// Rule is what a stream declares.
type Rule struct {
	// Lateness is how far out of order the records of a partition may come.
	Lateness time.Duration
	// IdleAfter is how long a partition that has been read to its end may bring nothing
	// before the others no longer wait for it.
	IdleAfter time.Duration
	// Ahead is how far in the future a moment may lie and still be believed. Others land
	// like any record and move no watermark: one wrong clock must not make everything late.
	Ahead time.Duration
}

// Partition names one partition.
type Partition struct {
	Topic string
	ID    int32
}

// Progress is how far a partition has come.
type Progress struct {
	Newest time.Time // the newest believed event; zero for none
	Heard  time.Time // when it last brought a record, by our clock
}

// Clock is the event time of one stream. It is a value that each batch replaces.
type Clock struct {
	Watermark  time.Time // zero before every partition has brought something
	Partitions map[Partition]Progress
}

// Seen is what a batch brought of one partition.
type Seen struct {
	Newest time.Time // of its believed events; zero for none
}

// Advance gives the clock after a batch. all says of every partition of the stream whether
// there is more to read; seen are those that brought records.
func (c Clock) Advance(r Rule, seen map[Partition]Seen, all map[Partition]bool, now time.Time) Clock {
	next := Clock{Watermark: c.Watermark, Partitions: maps.Clone(c.Partitions)}
	if next.Partitions == nil {
		next.Partitions = map[Partition]Progress{}
	}
	for part, s := range seen {
		p := next.Partitions[part]
		p.Heard = now
		if s.Newest.After(p.Newest) {
			p.Newest = s.Newest
		}
		next.Partitions[part] = p
	}
	var least time.Time
	for part, behind := range all {
		p := next.Partitions[part]
		if !behind && now.Sub(p.Heard) > r.IdleAfter {
			continue
		}
		if p.Newest.IsZero() {
			return next // it may bring anything
		}
		if least.IsZero() || p.Newest.Before(least) {
			least = p.Newest
		}
	}
	if least.IsZero() {
		return next
	}
	if w := least.Add(-r.Lateness); w.After(next.Watermark) {
		next.Watermark = w
	}
	return next
}
