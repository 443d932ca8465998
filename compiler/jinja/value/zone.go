package value

import (
	"strconv"
	"time"
	_ "time/tzdata" // the same zones on every machine
)

// Zone is a tzinfo: a fixed offset (datetime.timezone), UTC, or an IANA zone that behaves
// as pytz's do: one value for each offset the zone ever had.
type Zone struct {
	name   string
	loc    *time.Location // IANA zones only
	offset time.Duration
	dst    time.Duration
	abbr   string
	kind   zoneKind
}

type zoneKind uint8

const (
	zonePytzUTC   zoneKind = iota
	zonePytz               // pytz.timezone('Europe/Berlin')
	zonePytzFixed          // pytz.FixedOffset(60)
	zoneFixed              // datetime.timezone(timedelta(hours=1))
)

// UTC is pytz.UTC, which run_started_at carries; TimezoneUTC is datetime.timezone.utc.
var (
	UTC         = &Zone{name: "UTC", abbr: "UTC", kind: zonePytzUTC}
	TimezoneUTC = &Zone{name: "UTC", abbr: "UTC", kind: zoneFixed}
)

// FixedZone is datetime.timezone(offset, name); an empty name prints as UTC±HH:MM.
func FixedZone(offset time.Duration, name string) *Zone {
	z := &Zone{name: name, offset: offset, abbr: name, kind: zoneFixed}
	if name == "" {
		z.abbr = "UTC"
		if offset != 0 {
			z.abbr += formatOffset(offset)
		}
	}
	return z
}

// LoadZone is pytz.timezone(name): before localize it has the zone's oldest offset, local
// mean time, just as pytz's has.
func LoadZone(name string) (*Zone, error) {
	if name == "UTC" || name == "utc" {
		return UTC, nil
	}
	loc, err := time.LoadLocation(name)
	if err != nil || name == "" || name == "Local" {
		return nil, Errorf("UnknownTimeZoneError", "%s", Repr(String(name)))
	}
	z := &Zone{name: name, loc: loc, kind: zonePytz}
	abbr, seconds := time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).In(loc).Zone()
	// pytz keeps offsets in whole minutes.
	minutes, _ := floorDiv(int64(seconds)+30, 60)
	z.offset, z.abbr = time.Duration(minutes)*time.Minute, abbr
	return z, nil
}

func zoneOf(t time.Time) *Zone {
	name, seconds := t.Zone()
	if seconds == 0 && (name == "UTC" || name == "") {
		return UTC
	}
	return FixedZone(time.Duration(seconds)*time.Second, "")
}

// at is the offset, abbreviation and daylight saving of this variant of the zone.
func (z *Zone) at(time.Time) (offset time.Duration, abbr string, dst time.Duration) {
	return z.offset, z.abbr, z.dst
}

// atInstant is the variant of the zone in force at a moment.
func (z *Zone) atInstant(t time.Time) *Zone {
	if z.loc == nil {
		return z
	}
	local := t.In(z.loc)
	abbr, seconds := local.Zone()
	out := &Zone{name: z.name, loc: z.loc, kind: z.kind, abbr: abbr, offset: time.Duration(seconds) * time.Second}
	if local.IsDST() {
		out.dst = daylightSaving(local, seconds)
	}
	return out
}

// daylightSaving is how far the clock is ahead of the nearest standard time.
func daylightSaving(local time.Time, seconds int) time.Duration {
	for _, months := range []int{-6, 6, -3, 3, -9, 9} {
		other := local.AddDate(0, months, 0)
		if !other.IsDST() {
			_, standard := other.Zone()
			if standard < seconds {
				return time.Duration(seconds-standard) * time.Second
			}
		}
	}
	return time.Hour
}

// Name is the IANA name.
func (z *Zone) Name() string { return z.name }

// TypeName is the Python class.
func (z *Zone) TypeName() string {
	switch z.kind {
	case zonePytzUTC:
		return "pytz.UTC"
	case zonePytz:
		return "pytz.tzfile." + z.name
	case zonePytzFixed:
		return "pytz._FixedOffset"
	}
	return "datetime.timezone"
}

// Str is the name, or UTC+01:00.
func (z *Zone) Str() string {
	switch z.kind {
	case zonePytz, zonePytzUTC:
		return z.name
	case zonePytzFixed:
		return z.Repr()
	}
	return z.abbr
}

// Repr follows Python's and pytz's.
func (z *Zone) Repr() string {
	switch {
	case z.kind == zonePytzUTC:
		return "<UTC>"
	case z.kind == zonePytzFixed:
		return "pytz.FixedOffset(" + strconv.Itoa(int(z.offset/time.Minute)) + ")"
	case z.kind == zonePytz:
		season := "STD"
		if z.dst != 0 {
			season = "DST"
		}
		sign := ""
		if z.offset >= 0 {
			sign = "+"
		}
		delta := &TimeDelta{us: z.offset.Microseconds()}
		return "<DstTzInfo '" + z.name + "' " + z.abbr + sign + delta.Str() + " " + season + ">"
	case z == TimezoneUTC:
		return "datetime.timezone.utc"
	}
	delta := (&TimeDelta{us: z.offset.Microseconds()}).Repr()
	if z.name != "" {
		delta += ", " + Repr(String(z.name))
	}
	return "datetime.timezone(" + delta + ")"
}

// HashKey makes equal zones the same key.
func (z *Zone) HashKey() string { return z.TypeName() + ":" + z.name + ":" + z.offset.String() }

// Equal compares zones.
func (z *Zone) Equal(other Value) (equal, ok bool) {
	o, ok := as[*Zone](other)
	return ok && z.kind == o.kind && z.offset == o.offset && z.dst == o.dst && (z.kind == zoneFixed || z.name == o.name), ok
}

// Compare is not defined for zones.
func (z *Zone) Compare(Value) (int, bool) { return 0, false }

// formatOffset is ±HH:MM, with seconds where there are any.
func formatOffset(d time.Duration) string { return formatOffsetSep(d, ":") }

func formatOffsetSep(d time.Duration, sep string) string {
	sign := byte('+')
	if d < 0 {
		sign, d = '-', -d
	}
	out := []byte{sign}
	out = appendTwo(out, int(d/time.Hour))
	out = appendTwo(append(out, sep...), int(d/time.Minute%60))
	if s := int(d / time.Second % 60); s != 0 {
		out = appendTwo(append(out, sep...), s)
	}
	return string(out)
}

func appendTwo(dst []byte, n int) []byte { return append(dst, byte('0'+n/10), byte('0'+n%10)) }

func zoneValue(z *Zone) Value {
	if z == nil {
		return None
	}
	return FromObject(z)
}

func replaceZone(z *Zone, v Value) (*Zone, error) {
	if v.IsUndefined() {
		return z, nil
	}
	if v.IsNone() {
		return nil, nil
	}
	if o, ok := as[*Zone](v); ok {
		return o, nil
	}
	return nil, typeError("tzinfo argument must be None or of a tzinfo subclass, not type '%s'", TypeName(v))
}

// zoneMethod is utcoffset(), tzname() and dst() of a reading.
func zoneMethod(z *Zone, wall time.Time, name string) Value {
	return Func(name, func(_ *Thread, a Args) (Value, error) {
		if err := a.between(name, 0, 1); err != nil {
			return Undef, err
		}
		if z == nil {
			return None, nil
		}
		offset, abbr, dst := z.at(wall)
		switch {
		case name == "utcoffset":
			return NewTimeDelta(offset), nil
		case name == "tzname":
			return String(abbr), nil
		case z.kind == zoneFixed:
			return None, nil
		}
		return NewTimeDelta(dst), nil
	})
}
