package value

import "time"

// DateTime is datetime.datetime: a wall clock reading, naive or with a zone.
type DateTime struct {
	wall time.Time // the reading, kept as if it were UTC, microsecond precision
	zone *Zone     // nil when naive
}

// NewDateTime makes a datetime of t's own wall clock; hasZone says whether it is aware.
func NewDateTime(t time.Time, hasZone bool) Value {
	d := &DateTime{wall: wallOf(t)}
	if hasZone {
		d.zone = zoneOf(t)
	}
	return FromObject(d)
}

func wallOf(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond()/1000*1000, time.UTC)
}

// TypeName is Python's qualified name, as its error messages use it.
func (d *DateTime) TypeName() string { return "datetime.datetime" }

// Zone is the zone of an aware datetime, nil for a naive one.
func (d *DateTime) Zone() *Zone { return d.zone }

// Time is the instant; a naive datetime counts as UTC.
func (d *DateTime) Time() time.Time {
	if d.zone == nil {
		return d.wall
	}
	offset, name, _ := d.zone.at(d.wall)
	return d.wall.Add(-offset).In(time.FixedZone(name, int(offset/time.Second)))
}
