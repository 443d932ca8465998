package value

import (
	"math"
	"math/big"
	"time"
)

// Class is a Python class that templates may call and take attributes of, such as
// modules.datetime.datetime.
type Class struct {
	name  string
	new   func(th *Thread, a Args) (Value, error)
	attrs map[string]Value
}

// NewClass makes a class with its constructor and its static attributes.
func NewClass(name string, new func(th *Thread, a Args) (Value, error), attrs map[string]Value) *Class {
	return &Class{name: name, new: new, attrs: attrs}
}

// TypeName is "type".
func (c *Class) TypeName() string { return "type" }

// Repr is <class 'datetime.datetime'>.
func (c *Class) Repr() string { return "<class '" + c.name + "'>" }

// Call constructs.
func (c *Class) Call(th *Thread, a Args) (Value, error) { return c.new(th, a) }

// Attr finds a static attribute.
func (c *Class) Attr(_ *Thread, name string) (Value, bool, error) {
	v, ok := c.attrs[name]
	return v, ok, nil
}

// Module is a Python module: a name and attributes.
type Module struct {
	name  string
	attrs map[string]Value
}

// NewModule makes a module.
func NewModule(name string, attrs map[string]Value) *Module { return &Module{name: name, attrs: attrs} }

// TypeName is "module".
func (m *Module) TypeName() string { return "module" }

// Repr is <module 'datetime'>.
func (m *Module) Repr() string { return "<module '" + m.name + "'>" }

// Attr finds an attribute.
func (m *Module) Attr(_ *Thread, name string) (Value, bool, error) {
	v, ok := m.attrs[name]
	return v, ok, nil
}

// DateTimeModule is Python's datetime module over a clock.
func DateTimeModule(now func() time.Time) Value {
	return FromObject(NewModule("datetime", map[string]Value{
		"datetime":  FromObject(dateTimeClass(now)),
		"date":      FromObject(dateClass(now)),
		"time":      FromObject(timeClass()),
		"timedelta": FromObject(timeDeltaClass()),
		"timezone":  FromObject(timezoneClass()),
		"tzinfo": FromObject(NewClass("datetime.tzinfo", func(*Thread, Args) (Value, error) {
			return Undef, typeError("tzinfo cannot be instantiated in a template; use timezone or pytz")
		}, nil)),
		"UTC":     FromObject(TimezoneUTC),
		"MINYEAR": Int(1), "MAXYEAR": Int(9999),
	}))
}

// PytzModule is pytz: timezone(), utc, FixedOffset().
func PytzModule() Value {
	zone := func(_ *Thread, a Args) (Value, error) {
		args, err := a.Bind("timezone", "zone")
		if err != nil {
			return Undef, err
		}
		name, ok := Text(args[0])
		if !ok {
			return Undef, Errorf("UnknownTimeZoneError", "%s", Repr(args[0]))
		}
		z, err := LoadZone(name)
		if err != nil {
			return Undef, err
		}
		return FromObject(z), nil
	}
	fixed := func(_ *Thread, a Args) (Value, error) {
		args, err := a.Bind("FixedOffset", "offset")
		if err != nil {
			return Undef, err
		}
		minutes, err := needIndex(args[0])
		if err != nil {
			return Undef, err
		}
		z, err := FixedOffset(minutes)
		if err != nil {
			return Undef, err
		}
		return FromObject(z), nil
	}
	return FromObject(NewModule("pytz", map[string]Value{
		"utc": FromObject(UTC), "UTC": FromObject(UTC), "timezone": Func("timezone", zone), "FixedOffset": Func("FixedOffset", fixed),
	}))
}

// fieldArgs reads integer arguments; a missing one keeps its default.
func fieldArgs(args []Value, defaults []int64) ([]int64, error) {
	out := append([]int64(nil), defaults...)
	for i := range out {
		if !args[i].IsUndefined() {
			n, err := needIndex(args[i])
			if err != nil {
				return nil, err
			}
			out[i] = n
		}
	}
	return out, nil
}

func dateTimeClass(now func() time.Time) *Class {
	static := func(name string, params []string, fn func(args []Value) (Value, error)) Value {
		return Func(name, func(_ *Thread, a Args) (Value, error) {
			args, err := a.Bind(name, params...)
			if err != nil {
				return Undef, err
			}
			return fn(args)
		})
	}
	nowIn := func(args []Value) (Value, error) {
		zone, err := replaceZone(nil, args[0])
		if err != nil {
			return Undef, err
		}
		if zone == nil {
			return NewDateTime(now(), false), nil
		}
		return NewDateTimeIn(now(), zone), nil
	}
	utcNow := func([]Value) (Value, error) { return NewDateTime(now().UTC(), false), nil }
	attrs := map[string]Value{
		"now":    static("now", []string{"tz?"}, nowIn),
		"utcnow": static("utcnow", nil, utcNow),
		"today":  static("today", nil, func([]Value) (Value, error) { return NewDateTime(now(), false), nil }),
		"strptime": static("strptime", []string{"date_string", "format"}, func(args []Value) (Value, error) {
			text, err := needString(args[0], "strptime() argument 1 must be str, not %s")
			if err != nil {
				return Undef, err
			}
			format, err := needString(args[1], "strptime() argument 2 must be str, not %s")
			if err != nil {
				return Undef, err
			}
			return Strptime(text, format)
		}),
		"fromisoformat": static("fromisoformat", []string{"date_string"}, func(args []Value) (Value, error) {
			s, err := needString(args[0], "fromisoformat: argument must be str")
			if err != nil {
				return Undef, typeError("fromisoformat: argument must be str")
			}
			d, err := parseISODateTime(s)
			return FromObject(d), err
		}),
		"fromtimestamp":    static("fromtimestamp", []string{"timestamp", "tz?"}, fromTimestamp),
		"utcfromtimestamp": static("utcfromtimestamp", []string{"timestamp"}, func(args []Value) (Value, error) { return fromTimestamp([]Value{args[0], Undef}) }),
		"fromordinal": static("fromordinal", []string{"ordinal"}, func(args []Value) (Value, error) {
			t, err := fromOrdinal(args[0])
			return FromObject(&DateTime{wall: t}), err
		}),
		"fromisocalendar": static("fromisocalendar", []string{"year", "week", "day"}, func(args []Value) (Value, error) {
			t, err := fromISOCalendar(args)
			return FromObject(&DateTime{wall: t}), err
		}),
		"combine": static("combine", []string{"date", "time", "tzinfo?"}, combineDateTime),
		"min":     NewDateTime(time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), false),
		"max":     NewDateTime(time.Date(9999, 12, 31, 23, 59, 59, 999_999_000, time.UTC), false),
	}
	return NewClass("datetime.datetime", func(_ *Thread, a Args) (Value, error) {
		args, err := a.Bind("__new__", "year", "month", "day", "hour?", "minute?", "second?", "microsecond?", "tzinfo?", "fold?")
		if err != nil {
			return Undef, err
		}
		n, err := fieldArgs(args, make([]int64, 7))
		if err != nil {
			return Undef, err
		}
		day, err := makeDate(n[0], n[1], n[2])
		if err != nil {
			return Undef, err
		}
		if err := checkClock(n[3], n[4], n[5], n[6]); err != nil {
			return Undef, err
		}
		zone, err := replaceZone(nil, args[7])
		if err != nil {
			return Undef, err
		}
		wall := onDay(day, clockReading(int(n[3]), int(n[4]), int(n[5]), int(n[6])))
		return FromObject(&DateTime{wall: wall, zone: zone}), nil
	}, attrs)
}

func fromTimestamp(args []Value) (Value, error) {
	zone, err := replaceZone(nil, args[1])
	if err != nil {
		return Undef, err
	}
	var r *big.Rat
	switch args[0].Kind() {
	case KindBool, KindInt, KindBig:
		r = new(big.Rat).SetInt(bigOf(args[0]))
	case KindFloat:
		if r = new(big.Rat).SetFloat64(args[0].rawFloat()); r == nil {
			_, err := ToInt(args[0], 10)
			return Undef, err
		}
	default:
		return Undef, typeError("'%s' object cannot be interpreted as an integer", TypeName(args[0]))
	}
	us := roundRat(r.Mul(r, new(big.Rat).SetInt64(usSecond)))
	if !us.IsInt64() || us.Int64() > math.MaxInt64/2 || us.Int64() < math.MinInt64/2 {
		return Undef, valueError("year is out of range")
	}
	seconds, rest := floorDiv(us.Int64(), usSecond)
	t := time.Unix(seconds, rest*1000).UTC()
	if err := inRange(t); err != nil {
		return Undef, valueError("year %d is out of range", t.Year())
	}
	if zone == nil {
		return NewDateTime(t, false), nil
	}
	return NewDateTimeIn(t, zone), nil
}

func fromOrdinal(v Value) (time.Time, error) {
	n, err := needIndex(v)
	if err != nil {
		return time.Time{}, err
	}
	if n < 1 || n > 3_652_059 {
		if n < 1 {
			return time.Time{}, valueError("ordinal must be >= 1")
		}
		return time.Time{}, valueError("year is out of range")
	}
	return time.Date(1, 1, int(n), 0, 0, 0, 0, time.UTC), nil
}

func fromISOCalendar(args []Value) (time.Time, error) {
	n, err := fieldArgs(args, make([]int64, 3))
	if err != nil {
		return time.Time{}, err
	}
	if n[0] < 1 || n[0] > 9999 {
		return time.Time{}, valueError("Year is out of range: %d", n[0])
	}
	if n[1] < 1 || n[1] > 53 {
		return time.Time{}, valueError("Invalid week: %d", n[1])
	}
	return isoWeekDay(int(n[0]), int(n[1]), int(max(min(n[2], 8), 0)))
}

func combineDateTime(args []Value) (Value, error) {
	var day time.Time
	if d, ok := as[*Date](args[0]); ok {
		day = d.t
	} else if d, ok := as[*DateTime](args[0]); ok {
		day = d.wall
	} else {
		return Undef, typeError("combine() argument 1 must be datetime.date, not %s", TypeName(args[0]))
	}
	c, ok := as[*TimeOfDay](args[1])
	if !ok {
		return Undef, typeError("combine() argument 2 must be datetime.time, not %s", TypeName(args[1]))
	}
	zone, err := replaceZone(c.zone, args[2])
	return FromObject(&DateTime{wall: onDay(day, c.t), zone: zone}), err
}

func dateClass(now func() time.Time) *Class {
	make0 := func(t time.Time, err error) (Value, error) {
		if err != nil {
			return Undef, err
		}
		return NewDate(t.Year(), int(t.Month()), t.Day()), nil
	}
	static := func(name string, params []string, fn func(args []Value) (time.Time, error)) Value {
		return Func(name, func(_ *Thread, a Args) (Value, error) {
			args, err := a.Bind(name, params...)
			if err != nil {
				return Undef, err
			}
			return make0(fn(args))
		})
	}
	return NewClass("datetime.date", func(_ *Thread, a Args) (Value, error) {
		args, err := a.Bind("__new__", "year", "month", "day")
		if err != nil {
			return Undef, err
		}
		n, err := fieldArgs(args, make([]int64, 3))
		if err != nil {
			return Undef, err
		}
		return make0(makeDate(n[0], n[1], n[2]))
	}, map[string]Value{
		"today": static("today", nil, func([]Value) (time.Time, error) { return now(), nil }),
		"fromisoformat": static("fromisoformat", []string{"date_string"}, func(args []Value) (time.Time, error) {
			s, ok := Text(args[0])
			if !ok {
				return time.Time{}, typeError("fromisoformat: argument must be str")
			}
			t, ok, err := parseISODate(s)
			if err == nil && !ok {
				err = badISO(s)
			}
			return t, err
		}),
		"fromordinal":     static("fromordinal", []string{"ordinal"}, func(args []Value) (time.Time, error) { return fromOrdinal(args[0]) }),
		"fromisocalendar": static("fromisocalendar", []string{"year", "week", "day"}, fromISOCalendar),
		"fromtimestamp": static("fromtimestamp", []string{"timestamp"}, func(args []Value) (time.Time, error) {
			v, err := fromTimestamp([]Value{args[0], Undef})
			if err != nil {
				return time.Time{}, err
			}
			d, _ := as[*DateTime](v)
			return d.wall, nil
		}),
		"min": NewDate(1, 1, 1), "max": NewDate(9999, 12, 31), "resolution": NewTimeDelta(24 * time.Hour),
	})
}

func timeClass() *Class {
	return NewClass("datetime.time", func(_ *Thread, a Args) (Value, error) {
		args, err := a.Bind("__new__", "hour?", "minute?", "second?", "microsecond?", "tzinfo?", "fold?")
		if err != nil {
			return Undef, err
		}
		n, err := fieldArgs(args, make([]int64, 4))
		if err != nil {
			return Undef, err
		}
		if err := checkClock(n[0], n[1], n[2], n[3]); err != nil {
			return Undef, err
		}
		zone, err := replaceZone(nil, args[4])
		return FromObject(&TimeOfDay{t: clockReading(int(n[0]), int(n[1]), int(n[2]), int(n[3])), zone: zone}), err
	}, map[string]Value{
		"min": NewTime(0, 0, 0, 0), "max": NewTime(23, 59, 59, 999_999),
		"fromisoformat": Func("fromisoformat", func(_ *Thread, a Args) (Value, error) {
			args, err := a.Bind("fromisoformat", "time_string")
			if err != nil {
				return Undef, err
			}
			s, ok := Text(args[0])
			if !ok {
				return Undef, typeError("fromisoformat: argument must be str")
			}
			text := s
			if len(text) > 0 && text[0] == 'T' {
				text = text[1:]
			}
			t, z, ok, err := parseISOClock(text)
			if err == nil && !ok {
				err = badISO(s)
			}
			return FromObject(&TimeOfDay{t: t, zone: z}), err
		}),
	})
}

func timeDeltaClass() *Class {
	return NewClass("datetime.timedelta", MakeTimeDelta, map[string]Value{
		"resolution": NewTimeDelta(time.Microsecond),
	})
}

func timezoneClass() *Class {
	return NewClass("datetime.timezone", func(_ *Thread, a Args) (Value, error) {
		args, err := a.Bind("__new__", "offset", "name?")
		if err != nil {
			return Undef, err
		}
		d, ok := as[*TimeDelta](args[0])
		if !ok {
			return Undef, typeError("timezone() argument 1 must be datetime.timedelta, not %s", TypeName(args[0]))
		}
		if d.us <= -usDay || d.us >= usDay {
			return Undef, valueError("offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24), not %s.", d.Repr())
		}
		name := ""
		if !args[1].IsUndefined() {
			name = Str(args[1])
		}
		if d.us == 0 && name == "" {
			return FromObject(TimezoneUTC), nil
		}
		return FromObject(FixedZone(time.Duration(d.us)*time.Microsecond, name)), nil
	}, map[string]Value{"utc": FromObject(TimezoneUTC)})
}
