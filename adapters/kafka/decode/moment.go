package decode

// parseDate reads YYYY-MM-DD as days since 1970 and gives what follows.
func parseDate(b []byte) (days int64, rest []byte, ok bool) {
	if len(b) < 10 || b[4] != '-' || b[7] != '-' {
		return 0, nil, false
	}
	y, ok1 := digits(b[:4])
	m, ok2 := digits(b[5:7])
	d, ok3 := digits(b[8:10])
	if !ok1 || !ok2 || !ok3 || y < 1 || m < 1 || m > 12 || d < 1 || d > daysIn(y, m) {
		return 0, nil, false
	}
	return civil(y, m, d), b[10:], true
}

func digits(b []byte) (int, bool) {
	n := 0
	for _, ch := range b {
		if ch < '0' || ch > '9' {
			return 0, false
		}
		n = n*10 + int(ch-'0')
	}
	return n, true
}

func leap(y int) bool { return y%4 == 0 && (y%100 != 0 || y%400 == 0) }

func daysIn(y, m int) int {
	switch m {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if leap(y) {
			return 29
		}
		return 28
	}
	return 31
}

// civil counts days since 1970 in the Gregorian calendar: years begin in March, so that
// the leap day is the last of its year.
func civil(y, m, d int) int64 {
	if m <= 2 {
		y--
	}
	era := y / 400
	yoe := y - era*400
	mp := (m + 9) % 12
	doy := (153*mp+2)/5 + d - 1
	doe := yoe*365 + yoe/4 - yoe/100 + doy
	return int64(era)*146097 + int64(doe) - 719468
}

// parseClock reads HH:MM[:SS[.fraction]] as microseconds; digits beyond them are cut.
func parseClock(b []byte) (micros int64, rest []byte, ok bool) {
	if len(b) < 5 || b[2] != ':' {
		return 0, nil, false
	}
	h, ok1 := digits(b[:2])
	m, ok2 := digits(b[3:5])
	if !ok1 || !ok2 || h > 23 || m > 59 {
		return 0, nil, false
	}
	micros = (int64(h)*60 + int64(m)) * 60e6
	b = b[5:]
	if len(b) == 0 || b[0] != ':' {
		return micros, b, true
	}
	if len(b) < 3 {
		return 0, nil, false
	}
	s, ok := digits(b[1:3])
	if !ok || s > 59 {
		return 0, nil, false
	}
	micros += int64(s) * 1e6
	b = b[3:]
	if len(b) == 0 || b[0] != '.' && b[0] != ',' {
		return micros, b, true
	}
	b = b[1:]
	unit, n := int64(1e5), 0
	for len(b) > n && b[n] >= '0' && b[n] <= '9' {
		micros += int64(b[n]-'0') * unit
		unit /= 10
		n++
	}
	return micros, b[n:], n > 0
}

// parseTimestamp reads a date and a time with or without a zone as microseconds of UTC.
func parseTimestamp(b []byte) (micros int64, zoned, ok bool) {
	days, b, ok := parseDate(b)
	if !ok {
		return 0, false, false
	}
	micros = days * 86400e6
	if len(b) == 0 {
		return micros, false, true
	}
	if b[0] != 'T' && b[0] != 't' && b[0] != ' ' {
		return 0, false, false
	}
	clock, b, ok := parseClock(b[1:])
	if !ok {
		return 0, false, false
	}
	micros += clock
	if len(b) > 1 && b[0] == ' ' {
		b = b[1:]
	}
	if len(b) == 0 {
		return micros, false, true
	}
	offset, ok := parseZone(b)
	if micros -= offset; micros < minMicros || micros > maxMicros {
		return 0, false, false
	}
	return micros, true, ok
}

// parseZone reads Z, UTC, ±HH, ±HHMM or ±HH:MM as microseconds east of Greenwich.
func parseZone(b []byte) (int64, bool) {
	switch string(b) {
	case "Z", "z", "UTC":
		return 0, true
	}
	sign := int64(1)
	switch b[0] {
	case '+':
	case '-':
		sign = -1
	default:
		return 0, false
	}
	b = b[1:]
	if len(b) == 5 && b[2] == ':' {
		b = []byte{b[0], b[1], b[3], b[4]}
	}
	if len(b) != 2 && len(b) != 4 {
		return 0, false
	}
	h, ok := digits(b[:2])
	m := 0
	if ok && len(b) == 4 {
		m, ok = digits(b[2:])
	}
	if !ok || h > 23 || m > 59 {
		return 0, false
	}
	return sign * (int64(h)*60 + int64(m)) * 60e6, true
}
