package value

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

func badISO(s string) error { return valueError("Invalid isoformat string: %s", Repr(String(s))) }

// parseISODate reads YYYY-MM-DD, YYYYMMDD, YYYY-Www[-D] and YYYYWww[D].
func parseISODate(s string) (time.Time, bool, error) {
	number := func(from, to int) (int, bool) {
		if to > len(s) || digits(s[:to], from) != to {
			return 0, false
		}
		n, err := strconv.Atoi(s[from:to])
		return n, err == nil
	}
	year, ok := number(0, 4)
	if !ok {
		return time.Time{}, false, nil
	}
	dash := 0
	if len(s) > 4 && s[4] == '-' {
		dash = 1
	}
	if len(s) > 4+dash && s[4+dash] == 'W' {
		week, ok := number(5+dash, 7+dash)
		if !ok {
			return time.Time{}, false, nil
		}
		day := 1
		switch rest := s[7+dash:]; {
		case rest == "":
		case len(rest) == 1+dash && strings.HasPrefix(rest, "-"[:dash]) && isDigit(rest[dash]):
			day = int(rest[dash] - '0')
		default:
			return time.Time{}, false, nil
		}
		t, err := isoWeekDay(year, week, day)
		return t, true, err
	}
	month, ok1 := number(4+dash, 6+dash)
	day, ok2 := number(6+2*dash, 8+2*dash)
	if !ok1 || !ok2 || len(s) != 8+2*dash || dash == 1 && s[7] != '-' {
		return time.Time{}, false, nil
	}
	t, err := makeDate(int64(year), int64(month), int64(day))
	return t, true, err
}

// parseISOClock reads HH[:MM[:SS[.fff…]]] or the form without colons, and a zone.
func parseISOClock(s string) (t time.Time, z *Zone, ok bool, err error) {
	clock := s
	if i := strings.IndexAny(s, "+-Z"); i >= 0 {
		clock = s[:i]
		n := 0
		if z, n, ok = parseOffset(isoOffset(s[i:])); !ok || n != len(isoOffset(s[i:])) {
			return t, nil, false, nil
		}
	}
	var fields [3]int
	colon := len(clock) > 2 && clock[2] == ':'
	i := 0
	for k := range fields {
		if i+2 > len(clock) || digits(clock[:i+2], i) != i+2 {
			return t, nil, false, nil
		}
		fields[k], _ = strconv.Atoi(clock[i : i+2])
		i += 2
		if i == len(clock) {
			break
		}
		if k < 2 && colon {
			if clock[i] != ':' {
				return t, nil, false, nil
			}
			i++
		}
	}
	us := 0
	if i < len(clock) {
		if clock[i] != '.' && clock[i] != ',' {
			return t, nil, false, nil
		}
		frac := clock[i+1:]
		if frac == "" || digits(frac, 0) != len(frac) {
			return t, nil, false, nil
		}
		us, _ = strconv.Atoi((frac + "000000")[:6])
	}
	err = checkClock(int64(fields[0]), int64(fields[1]), int64(fields[2]), int64(us))
	return clockReading(fields[0], fields[1], fields[2], us), z, true, err
}

// isoOffset allows ±HH alone.
func isoOffset(s string) string {
	if len(s) == 3 {
		return s + "00"
	}
	return s
}

func parseISODateTime(s string) (*DateTime, error) {
	date, clock := s, ""
	// The separator is any one character after the date, whose length its form tells.
	if n := isoDateLength(s); n > 0 && n < len(s) {
		date, clock = s[:n], s[n:]
		_, sep := utf8.DecodeRuneInString(clock)
		if clock = clock[sep:]; clock == "" {
			return nil, badISO(s)
		}
	}
	day, ok, err := parseISODate(date)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, badISO(s)
	}
	if clock == "" {
		return &DateTime{wall: day}, nil
	}
	t, z, ok, err := parseISOClock(clock)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, badISO(s)
	}
	return &DateTime{wall: onDay(day, t), zone: z}, nil
}

func isoDateLength(s string) int {
	if len(s) < 7 {
		return 0
	}
	dashes := s[4] == '-'
	switch {
	case dashes && s[5] == 'W':
		if len(s) > 9 && s[8] == '-' && isDigit(s[9]) {
			return 10
		}
		return 8
	case s[4] == 'W':
		if len(s) > 7 && isDigit(s[7]) && (len(s) == 8 || !isDigit(s[8])) {
			return 8
		}
		return 7
	case dashes:
		return 10
	}
	return 8
}
