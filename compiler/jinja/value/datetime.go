package value

import (
	"math/big"
	"strconv"
	"time"
)

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

// NewDateTimeIn is the instant t in a zone.
func NewDateTimeIn(t time.Time, z *Zone) Value { return FromObject(inZone(t, z)) }

// inZone reads the clock of z at the instant t.
func inZone(t time.Time, z *Zone) *DateTime {
	z = z.atInstant(t)
	return &DateTime{wall: wallOf(t.UTC().Add(z.offset)), zone: z}
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

// instant is the moment in UTC.
func (d *DateTime) instant() time.Time {
	if d.zone == nil {
		return d.wall
	}
	offset, _, _ := d.zone.at(d.wall)
	return d.wall.Add(-offset)
}

// Str is 2024-02-29 13:04:05.000006+00:00.
func (d *DateTime) Str() string { return d.iso(" ", "auto") }

func (d *DateTime) iso(sep, spec string) string {
	return isoDate(d.wall) + sep + isoClock(d.wall, spec) + zoneSuffix(d.zone, d.wall)
}

// Repr is datetime.datetime(2024, 2, 29, 13, 4).
func (d *DateTime) Repr() string {
	return "datetime.datetime(" + strconv.Itoa(d.wall.Year()) + ", " + strconv.Itoa(int(d.wall.Month())) + ", " +
		strconv.Itoa(d.wall.Day()) + ", " + clockFields(d.wall) + zoneArgument(d.zone) + ")"
}

// HashKey makes equal moments the same key.
func (d *DateTime) HashKey() string {
	if d.zone == nil {
		return "naive:" + d.Str()
	}
	return "aware:" + isoDate(d.instant()) + isoClock(d.instant(), "microseconds")
}

// Equal compares moments; naive and aware never are equal.
func (d *DateTime) Equal(other Value) (equal, ok bool) {
	o, ok := as[*DateTime](other)
	return ok && (d.zone == nil) == (o.zone == nil) && d.instant().Equal(o.instant()), ok
}

// Compare orders moments; naive and aware do not compare.
func (d *DateTime) Compare(other Value) (int, bool) {
	o, ok := as[*DateTime](other)
	if !ok || (d.zone == nil) != (o.zone == nil) {
		return 0, false
	}
	return d.instant().Compare(o.instant()), true
}

// orderError words the refusal to order naive and aware datetimes.
func (d *DateTime) orderError(other Value) error {
	if o, ok := as[*DateTime](other); ok && (d.zone == nil) != (o.zone == nil) {
		return typeError("can't compare offset-naive and offset-aware datetimes")
	}
	if _, ok := as[*Date](other); ok {
		return typeError("can't compare datetime.datetime to datetime.date")
	}
	return nil
}

// Binary is datetime ± timedelta and datetime - datetime.
func (d *DateTime) Binary(op string, other Value, reflected bool) (Value, bool, error) {
	if delta, ok := as[*TimeDelta](other); ok && (op == "+" || op == "-" && !reflected) {
		us := delta.us
		if op == "-" {
			us = -us
		}
		seconds, rest := floorDiv(us, usSecond)
		t := time.Unix(d.wall.Unix()+seconds, int64(d.wall.Nanosecond())+rest*1000).UTC()
		return FromObject(&DateTime{wall: t, zone: d.zone}), true, inRange(t)
	}
	o, ok := as[*DateTime](other)
	if !ok || op != "-" || reflected {
		return Undef, false, nil
	}
	if (d.zone == nil) != (o.zone == nil) {
		return Undef, true, typeError("can't subtract offset-naive and offset-aware datetimes")
	}
	a, b := d.instant(), o.instant()
	us := (a.Unix()-b.Unix())*usSecond + int64(a.Nanosecond()-b.Nanosecond())/1000
	return FromObject(&TimeDelta{us: us}), true, nil
}

// Attr has the fields and methods.
func (d *DateTime) Attr(_ *Thread, name string) (Value, bool, error) {
	switch name {
	case "year":
		return Int(int64(d.wall.Year())), true, nil
	case "month":
		return Int(int64(d.wall.Month())), true, nil
	case "day":
		return Int(int64(d.wall.Day())), true, nil
	case "tzinfo":
		return zoneValue(d.zone), true, nil
	case "utcoffset", "tzname", "dst":
		return zoneMethod(d.zone, d.wall, name), true, nil
	}
	if v, ok := clockAttr(d.wall, name); ok {
		return v, true, nil
	}
	v, ok := dateTimeMethods.bound(d, name)
	return v, ok, nil
}

// CallMethod calls a method without binding it first.
func (d *DateTime) CallMethod(th *Thread, name string, a Args) (Value, bool, error) {
	return dateTimeMethods.call(th, d, name, a)
}

// Format is strftime with the spec, or str.
func (d *DateTime) Format(th *Thread, spec string) (string, error) {
	if spec == "" {
		return d.Str(), nil
	}
	return strftime(th, d.wall, d.zone, spec)
}

var dateTimeMethods objMethods[*DateTime]

func init() {
	dateTimeMethods = objMethods[*DateTime]{
		"date": func(_ *Thread, d *DateTime, a Args) (Value, error) {
			return NewDate(d.wall.Year(), int(d.wall.Month()), d.wall.Day()), a.between("datetime.date", 0, 0)
		},
		"time": func(_ *Thread, d *DateTime, a Args) (Value, error) {
			return FromObject(&TimeOfDay{t: clockOf(d.wall)}), a.between("datetime.time", 0, 0)
		},
		"timetz": func(_ *Thread, d *DateTime, a Args) (Value, error) {
			return FromObject(&TimeOfDay{t: clockOf(d.wall), zone: d.zone}), a.between("datetime.timetz", 0, 0)
		},
		"timestamp": func(_ *Thread, d *DateTime, a Args) (Value, error) {
			if err := a.between("datetime.timestamp", 0, 0); err != nil {
				return Undef, err
			}
			t := d.instant()
			return trueDivide(big.NewInt(t.Unix()*usSecond+int64(t.Nanosecond())/1000), big.NewInt(usSecond))
		},
		"isoformat":  dateTimeISO,
		"strftime":   func(th *Thread, d *DateTime, a Args) (Value, error) { return strftimeMethod(th, d.wall, d.zone, a) },
		"replace":    dateTimeReplace,
		"astimezone": dateTimeAsZone,
		"utctimetuple": func(_ *Thread, d *DateTime, a Args) (Value, error) {
			return FromObject(&structTime{t: d.instant()}), a.between("datetime.utctimetuple", 0, 0)
		},
	}
	for name, fn := range calendarMethods {
		dateTimeMethods[name] = func(_ *Thread, d *DateTime, a Args) (Value, error) {
			return fn(d.wall), a.between("datetime."+name, 0, 0)
		}
	}
}

func clockOf(t time.Time) time.Time {
	return clockReading(t.Hour(), t.Minute(), t.Second(), t.Nanosecond()/1000)
}

func dateTimeISO(_ *Thread, d *DateTime, a Args) (Value, error) {
	args, err := a.Bind("isoformat", "sep?", "timespec?")
	if err != nil {
		return Undef, err
	}
	sep := "T"
	if !args[0].IsUndefined() {
		if sep = Str(args[0]); runeLen(sep) != 1 {
			return Undef, typeError("isoformat() argument 1 must be a unicode character, not %s", TypeName(args[0]))
		}
	}
	spec, err := timespec(args[1])
	return String(d.iso(sep, spec)), err
}

func dateTimeReplace(_ *Thread, d *DateTime, a Args) (Value, error) {
	args, err := a.Bind("replace", "year?", "month?", "day?", "hour?", "minute?", "second?", "microsecond?", "tzinfo?", "fold?")
	if err != nil {
		return Undef, err
	}
	day, err := replaceDate(d.wall, args[:3])
	if err != nil {
		return Undef, err
	}
	clock, err := replaceClock(d.wall, args[3:7])
	if err != nil {
		return Undef, err
	}
	zone, err := replaceZone(d.zone, args[7])
	if err != nil {
		return Undef, err
	}
	return FromObject(&DateTime{wall: onDay(day, clock), zone: zone}), nil
}

// onDay puts the clock reading on a day.
func onDay(day, clock time.Time) time.Time {
	return time.Date(day.Year(), day.Month(), day.Day(), clock.Hour(), clock.Minute(), clock.Second(), clock.Nanosecond(), time.UTC)
}

func dateTimeAsZone(_ *Thread, d *DateTime, a Args) (Value, error) {
	args, err := a.Bind("astimezone", "tz?")
	if err != nil {
		return Undef, err
	}
	zone := TimezoneUTC // without an argument Python takes the machine's own zone, which templates must not see
	if !args[0].IsNull() {
		z, ok := as[*Zone](args[0])
		if !ok {
			return Undef, typeError("tzinfo argument must be None or of a tzinfo subclass, not type '%s'", TypeName(args[0]))
		}
		zone = z
	}
	out := inZone(d.instant(), zone)
	return FromObject(out), inRange(out.wall)
}
