package native

import (
	"fmt"
	"math"
	"math/big"
	"time"

	"github.com/millrace/millrace/compiler/jinja/value"
)

func decimalValue(unscaled *big.Int, scale uint8) value.Value {
	return value.NewDecimalScaled(unscaled, int(scale))
}

func bytesValue(b []byte) value.Value { return value.NewBytes(b) }

// Python's dates go from year 1 to 9999; the engine's go further and know infinity.
// Infinity becomes the nearest date there is, other dates outside are given as text.
var (
	minTime = time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)
	maxTime = time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC)
)

func dateValue(days int32) value.Value {
	switch days {
	case math.MaxInt32:
		return value.NewDate(9999, 12, 31)
	case -math.MaxInt32:
		return value.NewDate(1, 1, 1)
	}
	t := time.Unix(int64(days)*86400, 0).UTC()
	if t.Before(minTime) || t.After(maxTime) {
		return value.String(yearText(t))
	}
	return value.NewDate(t.Year(), int(t.Month()), t.Day())
}

// yearText writes a date before Christ or after 9999 as the engine does.
func yearText(t time.Time) string {
	if t.Year() <= 0 {
		return fmt.Sprintf("%04d-%02d-%02d (BC)", 1-t.Year(), t.Month(), t.Day())
	}
	return fmt.Sprintf("%d-%02d-%02d", t.Year(), t.Month(), t.Day())
}

func timestampValue(n int64, unit time.Duration, zone *time.Location) value.Value {
	var t time.Time
	switch {
	case n == math.MaxInt64:
		t = maxTime
	case n == -math.MaxInt64:
		t = minTime
	case unit == time.Second:
		t = time.Unix(n, 0).UTC()
	case unit == time.Millisecond:
		t = time.UnixMilli(n).UTC()
	case unit == time.Nanosecond:
		t = time.Unix(0, n-n%1000).UTC() // Python keeps microseconds
	default:
		t = time.UnixMicro(n).UTC()
	}
	if t.Before(minTime) || t.After(maxTime) {
		return value.String(yearText(t) + t.Format(" 15:04:05.999999"))
	}
	if zone != nil {
		return value.NewDateTime(t.In(zone), true)
	}
	return value.NewDateTime(t, false)
}

func timeValue(micros int64) value.Value {
	t := time.UnixMicro(micros).UTC()
	return value.NewTime(t.Hour(), t.Minute(), t.Second(), t.Nanosecond()/1000)
}

// timeTZValue unpacks 40 bits of microseconds and 24 bits of an offset that is stored
// reversed, so that the packed values sort. It is given in Python's text form.
func timeTZValue(packed uint64) value.Value {
	const maxOffset = 16*3600 - 1
	t := time.UnixMicro(int64(packed >> 24)).UTC()
	zone := time.FixedZone("", maxOffset-int(packed&0xffffff))
	t = time.Date(1900, 1, 1, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), zone)
	layout := "15:04:05-07:00"
	if t.Nanosecond() != 0 {
		layout = "15:04:05.000000-07:00"
	}
	return value.String(t.Format(layout))
}

func intervalValue(days, micros int64) value.Value {
	const longest = int64(math.MaxInt64/(24*time.Hour)) / 2
	if days > longest || days < -longest || micros > math.MaxInt64/2000 || micros < -math.MaxInt64/2000 {
		return value.String(fmt.Sprintf("%d days %d microseconds", days, micros))
	}
	return value.NewTimeDelta(time.Duration(days)*24*time.Hour + time.Duration(micros)*time.Microsecond)
}

// readZone refreshes the session's TimeZone, in which the engine's clients show
// TIMESTAMPTZ. The setting may change between statements.
func (c *Conn) readZone() error {
	name, err := c.scalar("select current_setting('TimeZone')")
	if err != nil {
		return err
	}
	if name == c.zoneID && c.zone != nil {
		return nil
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		loc = time.UTC // the same instant, shown without the zone's offset
	}
	c.zoneID, c.zone = name, loc
	return nil
}

// scalar runs a query of one string inside a running call.
func (c *Conn) scalar(sql string) (string, error) {
	var stmts extracted
	count := libExtract(c.conn, sql, &stmts)
	defer libDestroyExtract(&stmts)
	if count != 1 {
		return "", newError(libExtractError(stmts), sql)
	}
	r, err := c.one(stmts, 0, sql, true, 1)
	if err != nil {
		return "", err
	}
	s, _ := r.Rows[0][0].AsString()
	return s, nil
}
