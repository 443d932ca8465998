package value

import (
	"time"
)

// Zone is a tzinfo: a fixed offset (datetime.timezone), UTC, or an IANA zone that behaves
// as pytz's do.
type Zone struct {
	name    string
	loc     *time.Location // IANA zones
	offset  time.Duration  // of this reading of the zone
	dst     time.Duration
	abbr    string
	pytz    bool // prints and localizes as pytz does
	isUTC   bool
	isFixed bool // datetime.timezone(…)
}

// UTC is pytz.UTC, which is also what run_started_at carries; TimezoneUTC is datetime.timezone.utc.
var (
	UTC         = &Zone{name: "UTC", loc: time.UTC, abbr: "UTC", pytz: true, isUTC: true}
	TimezoneUTC = &Zone{name: "UTC", abbr: "UTC", isUTC: true, isFixed: true}
)

// at is the offset, abbreviation and daylight saving that the zone gives a wall reading.
func (z *Zone) at(time.Time) (offset time.Duration, abbr string, dst time.Duration) {
	return z.offset, z.abbr, z.dst
}

// FixedZone is datetime.timezone(timedelta(seconds=…)); an empty name prints as UTC±HH:MM.
func FixedZone(offset time.Duration, name string) *Zone {
	z := &Zone{name: name, offset: offset, abbr: name, isFixed: true}
	if name == "" {
		z.abbr = "UTC"
		if offset != 0 {
			z.abbr += formatOffset(offset)
		}
	}
	return z
}

func zoneOf(t time.Time) *Zone {
	name, seconds := t.Zone()
	if seconds == 0 && (name == "UTC" || name == "") {
		return UTC
	}
	return FixedZone(time.Duration(seconds)*time.Second, "")
}

// TypeName names the kind of zone.
func (z *Zone) TypeName() string {
	if z.isFixed {
		return "datetime.timezone"
	}
	return "pytz.tzfile." + z.name
}

// formatOffset is ±HH:MM, with seconds where there are any.
func formatOffset(d time.Duration) string {
	sign := byte('+')
	if d < 0 {
		sign, d = '-', -d
	}
	out := []byte{sign}
	out = appendTwo(out, int(d/time.Hour))
	out = appendTwo(append(out, ':'), int(d/time.Minute%60))
	if s := int(d / time.Second % 60); s != 0 {
		out = appendTwo(append(out, ':'), s)
	}
	return string(out)
}

func appendTwo(dst []byte, n int) []byte { return append(dst, byte('0'+n/10), byte('0'+n%10)) }
