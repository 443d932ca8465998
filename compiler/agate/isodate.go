package agate

import (
	"math/big"
	"strings"
	"time"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// parseDate reads YYYY-MM-DD as strptime does: month and day may have one digit.
func parseDate(s string) (value.Value, bool) {
	y, m, d, rest, ok := strptimeDate(s)
	if !ok || rest != "" {
		return value.Undef, false
	}
	return newDate(y, m, d), true
}

// parseDateTime reads YYYY-MM-DD HH:MM:SS as strptime does.
func parseDateTime(s string) (value.Value, bool) {
	y, mo, d, rest, ok := strptimeDate(s)
	if !ok {
		return value.Undef, false
	}
	trimmed := strings.TrimLeft(rest, " \t\n\r\v\f")
	if len(trimmed) == len(rest) {
		return value.Undef, false
	}
	h, rest, ok := upTo(trimmed, 23)
	if !ok || !strings.HasPrefix(rest, ":") {
		return value.Undef, false
	}
	mi, rest, ok := upTo(rest[1:], 59)
	if !ok || !strings.HasPrefix(rest, ":") {
		return value.Undef, false
	}
	sec, rest, ok := upTo(rest[1:], 59)
	if !ok || rest != "" {
		return value.Undef, false
	}
	return newDateTime(time.Date(y, time.Month(mo), d, h, mi, sec, 0, time.UTC), false), true
}

func strptimeDate(s string) (y, m, d int, rest string, ok bool) {
	if len(s) < 8 || s[4] != '-' {
		return
	}
	y, ok = digits(s[:4])
	if !ok || y == 0 {
		return 0, 0, 0, "", false
	}
	m, rest, ok = upTo(s[5:], 12)
	if !ok || m == 0 || !strings.HasPrefix(rest, "-") {
		return 0, 0, 0, "", false
	}
	rest = rest[1:]
	if len(rest) > 1 && rest[0] == ' ' && rest[1] != '0' { // "%d" takes a space for the first digit
		rest = rest[1:]
		if len(rest) > 1 && rest[1] >= '0' && rest[1] <= '9' {
			return 0, 0, 0, "", false
		}
	}
	d, rest, ok = upTo(rest, 31)
	if !ok || d == 0 || d > daysIn(y, m) {
		return 0, 0, 0, "", false
	}
	return y, m, d, rest, true
}

// upTo takes two digits, or one where two would exceed limit.
func upTo(s string, limit int) (n int, rest string, ok bool) {
	if s == "" || s[0] < '0' || s[0] > '9' {
		return 0, s, false
	}
	n = int(s[0] - '0')
	if len(s) > 1 && s[1] >= '0' && s[1] <= '9' {
		if two := n*10 + int(s[1]-'0'); two <= limit {
			return two, s[2:], true
		}
	}
	return n, s[1:], true
}

func daysIn(y, m int) int { return time.Date(y, time.Month(m)+1, 0, 0, 0, 0, 0, time.UTC).Day() }

func digits(s string) (int, bool) {
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, s != ""
}

// parseISO reads an ISO 8601 date and time joined by T, in all the forms of the standard.
func parseISO(s string) (value.Value, bool) {
	date, clock, ok := strings.Cut(s, "T")
	if !ok || strings.Contains(clock, "T") {
		return value.Undef, false
	}
	day, ok := isoDate(date)
	if !ok || day.Year() < 1 || day.Year() > 9999 {
		return value.Undef, false
	}
	t, zone, ok := isoTime(clock)
	if !ok {
		return value.Undef, false
	}
	loc := time.UTC
	if zone != nil {
		loc = zone
	}
	at := time.Date(day.Year(), day.Month(), day.Day(), t.hour, t.minute, t.second, t.micro*1000, loc)
	return newDateTime(at, zone != nil), true
}

// isoDate reads complete, week, ordinal and reduced dates, with and without separators.
func isoDate(s string) (time.Time, bool) {
	var none time.Time
	if len(s) == 2 {
		century, ok := digits(s)
		return ymd(century*100+1, 1, 1), ok
	}
	if len(s) < 4 {
		return none, false
	}
	year, ok := digits(s[:4])
	if !ok || year == 0 {
		return none, false
	}
	rest := s[4:]
	dashed := strings.HasPrefix(rest, "-")
	rest = strings.TrimPrefix(rest, "-")
	if strings.HasPrefix(rest, "W") {
		return isoWeek(year, rest[1:], dashed)
	}
	month, day := 1, 1
	switch {
	case rest == "" && !dashed:
	case dashed && len(rest) == 5 && rest[2] == '-':
		m, okM := digits(rest[:2])
		d, okD := digits(rest[3:])
		month, day, ok = m, d, okM && okD
	case !dashed && len(rest) == 4:
		m, okM := digits(rest[:2])
		d, okD := digits(rest[2:])
		month, day, ok = m, d, okM && okD
	case len(rest) == 3: // ordinal
		n, isDigits := digits(rest)
		return ymd(year, 1, 1).AddDate(0, 0, n-1), isDigits
	case len(rest) == 2:
		month, ok = digits(rest)
	default:
		return none, false
	}
	if month == 0 { // the reader takes month 00 for January
		month = 1
	}
	if !ok || month > 12 || day < 1 || day > daysIn(year, month) {
		return none, false
	}
	return ymd(year, month, day), true
}

func ymd(y, m, d int) time.Time { return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC) }

func isoWeek(year int, s string, dashed bool) (time.Time, bool) {
	if len(s) < 2 {
		return time.Time{}, false
	}
	week, ok := digits(s[:2])
	s = s[2:]
	day := 1
	if s != "" {
		if dashed != strings.HasPrefix(s, "-") {
			return time.Time{}, false
		}
		s = strings.TrimPrefix(s, "-")
		if len(s) != 1 {
			return time.Time{}, false
		}
		var okDay bool
		day, okDay = digits(s)
		ok = ok && okDay
	}
	first := ymd(year, 1, 1)
	_, isoW := first.ISOWeek()
	weekday := (int(first.Weekday())+6)%7 + 1
	if isoW == 1 {
		week--
	}
	return first.AddDate(0, 0, week*7-weekday+day), ok
}

type clockTime struct{ hour, minute, second, micro int }

// isoTime reads hh, hhmm, hh:mm, hhmmss and hh:mm:ss with a fraction of the last part and a zone.
func isoTime(s string) (clockTime, *time.Location, bool) {
	s = strings.TrimPrefix(s, "T")
	body, zone, ok := isoZone(s)
	if !ok {
		return clockTime{}, nil, false
	}
	body = strings.ReplaceAll(body, ",", ".")
	whole, frac, hasFrac := strings.Cut(body, ".")
	if _, isDigits := digits(frac); hasFrac && !isDigits {
		return clockTime{}, nil, false
	}
	colons := strings.Count(whole, ":")
	compact := strings.ReplaceAll(whole, ":", "")
	switch {
	case colons == 0 && (len(whole) == 2 || len(whole) == 4 || len(whole) == 6):
	case colons == 1 && len(whole) == 5 && whole[2] == ':':
	case colons == 2 && len(whole) == 8 && whole[2] == ':' && whole[5] == ':':
	default:
		return clockTime{}, nil, false
	}
	if _, isDigits := digits(compact); !isDigits {
		return clockTime{}, nil, false
	}
	var t clockTime
	t.hour, _ = digits(compact[:2])
	unit := int64(3600)
	if len(compact) >= 4 {
		t.minute, _ = digits(compact[2:4])
		unit = 60
	}
	if len(compact) == 6 {
		t.second, _ = digits(compact[4:6])
		unit = 1
	}
	if hasFrac {
		micros := fraction(frac, unit*1_000_000)
		t.micro = int(micros % 1_000_000)
		rest := int(micros / 1_000_000)
		if unit == 3600 {
			t.minute, rest = rest/60, rest%60
		}
		if unit > 1 {
			t.second = rest
		}
	}
	return t, zone, t.hour < 24 && t.minute < 60 && t.second < 60
}

// fraction is 0.frac × unit, rounded down.
func fraction(frac string, unit int64) int64 {
	n, _ := new(big.Int).SetString(frac, 10)
	n.Mul(n, big.NewInt(unit))
	return n.Quo(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(len(frac))), nil)).Int64()
}

// isoZone splits off Z, ±hh, ±hhmm or ±hh:mm.
func isoZone(s string) (rest string, zone *time.Location, ok bool) {
	if strings.HasSuffix(s, "Z") {
		return s[:len(s)-1], time.UTC, true
	}
	i := strings.IndexAny(s, "+-")
	if i < 0 {
		return s, nil, true
	}
	name := s[i:]
	hm := strings.Replace(name[1:], ":", "", 1)
	if len(hm) != 2 && len(hm) != 4 || len(name) == 6 && name[3] != ':' {
		return "", nil, false
	}
	n, isDigits := digits(hm)
	if !isDigits {
		return "", nil, false
	}
	if len(hm) == 2 {
		n *= 100
	}
	seconds := n/100*3600 + n%100*60
	if seconds >= 24*3600 {
		return "", nil, false
	}
	if name[0] == '-' {
		seconds = -seconds
	}
	return s[:i], time.FixedZone(name, seconds), true
}
