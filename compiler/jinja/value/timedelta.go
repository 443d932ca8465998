package value

import "time"

// TimeDelta is datetime.timedelta with microsecond precision.
type TimeDelta struct{ us int64 }

// NewTimeDelta wraps a duration.
func NewTimeDelta(d time.Duration) Value { return FromObject(&TimeDelta{us: d.Microseconds()}) }

// TypeName is Python's qualified name.
func (d *TimeDelta) TypeName() string { return "datetime.timedelta" }
