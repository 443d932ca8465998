package value

import (
	"strconv"
	"time"
)

// TimeOfDay is datetime.time.
type TimeOfDay struct {
	t    time.Time // on the day 1900-01-01, as strftime shows it
	zone *Zone
}

// NewTime makes a time of day without a zone.
func NewTime(hour, minute, second, microsecond int) Value {
	return FromObject(&TimeOfDay{t: clockReading(hour, minute, second, microsecond)})
}

func clockReading(hour, minute, second, us int) time.Time {
	return time.Date(1900, 1, 1, hour, minute, second, us*1000, time.UTC)
}

func checkClock(h, m, s, us int64) error {
	switch {
	case h < 0 || h > 23:
		return valueError("hour must be in 0..23")
	case m < 0 || m > 59:
		return valueError("minute must be in 0..59")
	case s < 0 || s > 59:
		return valueError("second must be in 0..59")
	case us < 0 || us > 999_999:
		return valueError("microsecond must be in 0..999999")
	}
	return nil
}

// TypeName is Python's qualified name.
func (c *TimeOfDay) TypeName() string { return "datetime.time" }

// Str is 13:04:05.000006.
func (c *TimeOfDay) Str() string { return isoClock(c.t, "auto") + zoneSuffix(c.zone, c.t) }

// isoClock writes the time down to the named unit.
func isoClock(t time.Time, spec string) string {
	out := appendTwo(nil, t.Hour())
	if spec == "hours" {
		return string(out)
	}
	out = appendTwo(append(out, ':'), t.Minute())
	if spec == "minutes" {
		return string(out)
	}
	out = appendTwo(append(out, ':'), t.Second())
	us := int64(t.Nanosecond() / 1000)
	switch {
	case spec == "milliseconds":
		out = appendPadded(append(out, '.'), us/1000, 3)
	case spec == "microseconds" || spec == "auto" && us != 0:
		out = appendPadded(append(out, '.'), us, 6)
	}
	return string(out)
}

func zoneSuffix(z *Zone, wall time.Time) string {
	if z == nil {
		return ""
	}
	offset, _, _ := z.at(wall)
	return formatOffset(offset)
}

// Repr is datetime.time(13, 4).
func (c *TimeOfDay) Repr() string {
	return "datetime.time(" + clockFields(c.t) + zoneArgument(c.zone) + ")"
}

// clockFields lists hour and minute, and second and microsecond where they matter.
func clockFields(t time.Time) string {
	out := strconv.Itoa(t.Hour()) + ", " + strconv.Itoa(t.Minute())
	us := t.Nanosecond() / 1000
	if t.Second() != 0 || us != 0 {
		out += ", " + strconv.Itoa(t.Second())
	}
	if us != 0 {
		out += ", " + strconv.Itoa(us)
	}
	return out
}

func zoneArgument(z *Zone) string {
	if z == nil {
		return ""
	}
	return ", tzinfo=" + z.Repr()
}

// HashKey makes equal times the same key.
func (c *TimeOfDay) HashKey() string { return "time:" + c.Str() }

// Equal compares readings.
func (c *TimeOfDay) Equal(other Value) (equal, ok bool) {
	o, ok := as[*TimeOfDay](other)
	return ok && c.t.Equal(o.t) && (c.zone == nil) == (o.zone == nil), ok
}

// Compare orders readings.
func (c *TimeOfDay) Compare(other Value) (int, bool) {
	o, ok := as[*TimeOfDay](other)
	if !ok || (c.zone == nil) != (o.zone == nil) {
		return 0, false
	}
	return c.t.Compare(o.t), true
}

// Attr has the fields and methods.
func (c *TimeOfDay) Attr(_ *Thread, name string) (Value, bool, error) {
	if v, ok := clockAttr(c.t, name); ok {
		return v, true, nil
	}
	switch name {
	case "tzinfo":
		return zoneValue(c.zone), true, nil
	case "isoformat":
		return Func(name, func(_ *Thread, a Args) (Value, error) {
			args, err := a.Bind("isoformat", "timespec?")
			if err != nil {
				return Undef, err
			}
			spec, err := timespec(args[0])
			return String(isoClock(c.t, spec) + zoneSuffix(c.zone, c.t)), err
		}), true, nil
	case "strftime":
		return Func(name, func(th *Thread, a Args) (Value, error) { return strftimeMethod(th, c.t, c.zone, a) }), true, nil
	case "replace":
		return Func(name, func(_ *Thread, a Args) (Value, error) {
			args, err := a.Bind("replace", "hour?", "minute?", "second?", "microsecond?", "tzinfo?")
			if err != nil {
				return Undef, err
			}
			t, err := replaceClock(c.t, args[:4])
			if err != nil {
				return Undef, err
			}
			zone, err := replaceZone(c.zone, args[4])
			return FromObject(&TimeOfDay{t: t, zone: zone}), err
		}), true, nil
	case "utcoffset", "tzname", "dst":
		return zoneMethod(c.zone, c.t, name), true, nil
	}
	return Undef, false, nil
}

// Format is strftime with the spec, or str.
func (c *TimeOfDay) Format(th *Thread, spec string) (string, error) {
	if spec == "" {
		return c.Str(), nil
	}
	return strftime(th, c.t, c.zone, spec)
}

func clockAttr(t time.Time, name string) (Value, bool) {
	switch name {
	case "hour":
		return Int(int64(t.Hour())), true
	case "minute":
		return Int(int64(t.Minute())), true
	case "second":
		return Int(int64(t.Second())), true
	case "microsecond":
		return Int(int64(t.Nanosecond() / 1000)), true
	case "fold":
		return Int(0), true
	}
	return Undef, false
}

func replaceClock(t time.Time, args []Value) (time.Time, error) {
	fields := [4]int64{int64(t.Hour()), int64(t.Minute()), int64(t.Second()), int64(t.Nanosecond() / 1000)}
	for i := range fields {
		if !args[i].IsUndefined() {
			n, err := needIndex(args[i])
			if err != nil {
				return t, err
			}
			fields[i] = n
		}
	}
	if err := checkClock(fields[0], fields[1], fields[2], fields[3]); err != nil {
		return t, err
	}
	return time.Date(t.Year(), t.Month(), t.Day(), int(fields[0]), int(fields[1]), int(fields[2]), int(fields[3])*1000, time.UTC), nil
}

func timespec(v Value) (string, error) {
	if v.IsUndefined() {
		return "auto", nil
	}
	switch s := Str(v); s {
	case "auto", "hours", "minutes", "seconds", "milliseconds", "microseconds":
		return s, nil
	}
	return "", valueError("Unknown timespec value")
}
