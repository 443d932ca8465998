package value

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// dateParts is what strptime has read so far.
type dateParts struct {
	year, month, day, hour, minute, second, us int
	weekday, yearDay, isoYear                  int // -1 when absent
	week                                       int
	weekRule                                   byte // U, W or V
	hour12, pm                                 int  // -1 when absent
	zone                                       *Zone
}

// Strptime is datetime.strptime(text, format).
func Strptime(text, format string) (Value, error) {
	d, err := strptime(text, format)
	if err != nil {
		return Undef, err
	}
	return FromObject(d), nil
}

func strptime(text, format string) (*DateTime, error) {
	if err := checkDirectives(format); err != nil {
		return nil, err
	}
	m := &dateMatcher{text: text, format: format, budget: 100_000}
	m.parts = dateParts{year: -1, month: 1, day: 1, weekday: -1, yearDay: -1, isoYear: -1, week: -1, hour12: -1, pm: -1}
	if !m.match(0, 0) {
		return nil, valueError("time data %s does not match format %s", Repr(String(text)), Repr(String(format)))
	}
	if m.end < len(text) {
		return nil, valueError("unconverted data remains: %s", text[m.end:])
	}
	return m.parts.resolve()
}

const strptimeDirectives = "aAbBcdfGHIjmMpSuUVwWxXyYzZ%"

func checkDirectives(format string) error {
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			continue
		}
		i++
		if i == len(format) {
			return valueError("stray %% in format '%s'", format)
		}
		if strings.IndexByte(strptimeDirectives, format[i]) < 0 {
			_, n := utf8.DecodeRuneInString(format[i:])
			return valueError("'%s' is a bad directive in format '%s'", format[i:i+n], format)
		}
	}
	return nil
}

// dateMatcher matches text against a format with backtracking, as the regular expression
// that Python builds would.
type dateMatcher struct {
	text, format string
	parts        dateParts
	end          int
	budget       int // positions tried: keeps hostile formats from running for ever
}

func (m *dateMatcher) match(ti, fi int) bool {
	if m.budget--; m.budget < 0 {
		return false
	}
	for fi < len(m.format) {
		c := m.format[fi]
		if c == '%' {
			return m.directive(ti, fi+2, m.format[fi+1])
		}
		if n := spaceRun(m.format[fi:]); n > 0 {
			most := spaceRun(m.text[ti:])
			for k := most; k > 0; {
				if m.match(ti+k, fi+n) {
					return true
				}
				_, size := utf8.DecodeLastRuneInString(m.text[ti : ti+k])
				k -= size
			}
			return false
		}
		fr, fn := utf8.DecodeRuneInString(m.format[fi:])
		tr, tn := utf8.DecodeRuneInString(m.text[ti:])
		if tn == 0 || fr != tr && !strings.EqualFold(string(fr), string(tr)) {
			return false
		}
		ti, fi = ti+tn, fi+fn
	}
	m.end = ti
	return true
}

func spaceRun(s string) int {
	return len(s) - len(strings.TrimLeftFunc(s, pythonSpace))
}

func (m *dateMatcher) directive(ti, fi int, c byte) bool {
	p := &m.parts
	try := func(n int, set func()) bool {
		before := *p
		set()
		if m.match(ti+n, fi) {
			return true
		}
		*p = before
		return false
	}
	number := func(low, high, width int, field *int) bool {
		for n := width; n >= 1; n-- {
			if ti+n > len(m.text) {
				continue
			}
			v, err := strconv.Atoi(m.text[ti : ti+n])
			// Python reads " 1" as a day, and no other padding.
			spaced := c == 'd' && n == 2 && m.text[ti] == ' ' && isDigit(m.text[ti+1])
			if spaced {
				v, err = int(m.text[ti+1]-'0'), nil
			}
			if err != nil || !spaced && !isDigit(m.text[ti]) || v < low || v > high {
				continue
			}
			if try(n, func() { *field = v }) {
				return true
			}
		}
		return false
	}
	switch c {
	case '%':
		return strings.HasPrefix(m.text[ti:], "%") && m.match(ti+1, fi)
	case 'Y', 'G':
		field := &p.year
		if c == 'G' {
			field = &p.isoYear
		}
		if ti+4 <= len(m.text) && digits(m.text[:ti+4], ti) == ti+4 {
			v, _ := strconv.Atoi(m.text[ti : ti+4])
			return try(4, func() { *field = v })
		}
		return false
	case 'y':
		if ti+2 <= len(m.text) && digits(m.text[:ti+2], ti) == ti+2 {
			v, _ := strconv.Atoi(m.text[ti : ti+2])
			if v <= 68 {
				v += 100
			}
			return try(2, func() { p.year = 1900 + v })
		}
		return false
	case 'm':
		return number(1, 12, 2, &p.month)
	case 'd':
		return number(1, 31, 2, &p.day)
	case 'H':
		return number(0, 23, 2, &p.hour)
	case 'I':
		return number(1, 12, 2, &p.hour12)
	case 'M':
		return number(0, 59, 2, &p.minute)
	case 'S':
		return number(0, 61, 2, &p.second)
	case 'j':
		return number(1, 366, 3, &p.yearDay)
	case 'u':
		return number(1, 7, 1, &p.weekday) && m.fixWeekday(c)
	case 'w':
		return number(0, 6, 1, &p.weekday) && m.fixWeekday(c)
	case 'U', 'W', 'V':
		p.weekRule = c
		low := 0
		if c == 'V' {
			low = 1
		}
		return number(low, 53, 2, &p.week)
	case 'f':
		for n := min(6, len(m.text)-ti); n >= 1; n-- {
			if digits(m.text[:ti+n], ti) == ti+n {
				v, _ := strconv.Atoi(m.text[ti:ti+n] + "000000"[n:])
				if try(n, func() { p.us = v }) {
					return true
				}
			}
		}
		return false
	}
	return m.word(ti, fi, c, try)
}

// fixWeekday turns the numbers of %u and %w into Monday = 0.
func (m *dateMatcher) fixWeekday(byte) bool {
	m.parts.weekday = (m.parts.weekday + 6) % 7
	return true
}

func (m *dateMatcher) word(ti, fi int, c byte, try func(int, func()) bool) bool {
	p, rest := &m.parts, m.text[ti:]
	name := func(n int, of func(i int) string, set func(i int)) bool {
		for i := range n {
			if s := of(i); len(rest) >= len(s) && strings.EqualFold(rest[:len(s)], s) && try(len(s), func() { set(i) }) {
				return true
			}
		}
		return false
	}
	short := 3
	switch c {
	case 'A', 'B':
		short = 99
	}
	cut := func(s string) string { return s[:min(short, len(s))] }
	switch c {
	case 'a', 'A':
		return name(7, func(i int) string { return cut(time.Weekday((i + 1) % 7).String()) }, func(i int) { p.weekday = i })
	case 'b', 'B':
		return name(12, func(i int) string { return cut(time.Month(i + 1).String()) }, func(i int) { p.month = i + 1 })
	case 'p':
		return name(2, func(i int) string { return [...]string{"AM", "PM"}[i] }, func(i int) { p.pm = i })
	case 'Z':
		return name(2, func(i int) string { return [...]string{"UTC", "GMT"}[i] }, func(i int) {}) // as Python: the name alone gives no offset
	case 'z':
		offset, n, ok := parseOffset(rest)
		return ok && try(n, func() { p.zone = offset })
	case 'c', 'x', 'X':
		full := map[byte]string{'c': "%a %b %d %H:%M:%S %Y", 'x': "%m/%d/%y", 'X': "%H:%M:%S"}[c]
		m.format = m.format[:fi] + full + m.format[fi:]
		return m.match(ti, fi)
	}
	return false
}

// parseOffset reads Z, ±HHMM, ±HH:MM and either with seconds and microseconds.
func parseOffset(s string) (*Zone, int, bool) {
	if strings.HasPrefix(s, "Z") || strings.HasPrefix(s, "z") {
		return TimezoneUTC, 1, true
	}
	if s == "" || s[0] != '+' && s[0] != '-' {
		return nil, 0, false
	}
	two := func(i int) (int, bool) {
		if i+2 > len(s) || !isDigit(s[i]) || !isDigit(s[i+1]) {
			return 0, false
		}
		return int(s[i]-'0')*10 + int(s[i+1]-'0'), true
	}
	h, ok := two(1)
	i, colon := 3, false
	if ok && i < len(s) && s[i] == ':' {
		i, colon = i+1, true
	}
	mins, ok2 := two(i)
	if !ok || !ok2 || mins > 59 || h > 23 {
		return nil, 0, false
	}
	i += 2
	total := time.Duration(h)*time.Hour + time.Duration(mins)*time.Minute
	k := i
	if colon && k < len(s) && s[k] == ':' {
		k++
	}
	if secs, ok := two(k); ok && secs < 60 && (k > i) == colon {
		total += time.Duration(secs) * time.Second
		i = k + 2
	}
	if s[0] == '-' {
		total = -total
	}
	if total == 0 {
		return TimezoneUTC, i, true
	}
	return FixedZone(total, ""), i, true
}

// resolve puts the parts together.
func (p *dateParts) resolve() (*DateTime, error) {
	if p.hour12 >= 0 {
		p.hour = p.hour12 % 12
		if p.pm == 1 {
			p.hour += 12
		}
	}
	hasYear := p.year >= 0
	if !hasYear {
		p.year = 1900
	}
	switch {
	case p.isoYear >= 0 && (p.weekRule != 'V' || p.weekday < 0):
		return nil, valueError("ISO year directive '%%G' must be used with the ISO week directive '%%V' and a weekday directive ('%%A', '%%a', '%%w', or '%%u').")
	case p.weekRule == 'V' && (p.isoYear < 0 || p.weekday < 0):
		return nil, valueError("ISO week directive '%%V' must be used with the ISO year directive '%%G' and a weekday directive ('%%A', '%%a', '%%w', or '%%u').")
	case p.weekRule == 'V':
		day, err := isoWeekDay(p.isoYear, p.week, p.weekday+1)
		if err != nil {
			return nil, err
		}
		p.setDay(day)
	case p.week >= 0 && p.weekday >= 0 && hasYear:
		p.setDay(time.Date(p.year, 1, p.dayOfWeekRule(), 0, 0, 0, 0, time.UTC))
	case p.yearDay >= 0:
		p.setDay(time.Date(p.year, 1, p.yearDay, 0, 0, 0, 0, time.UTC))
	}
	day, err := makeDate(int64(p.year), int64(p.month), int64(p.day))
	if err != nil {
		return nil, err
	}
	if err := checkClock(int64(p.hour), int64(p.minute), int64(p.second), int64(p.us)); err != nil {
		return nil, err
	}
	wall := onDay(day, clockReading(p.hour, p.minute, p.second, p.us))
	return &DateTime{wall: wall, zone: p.zone}, nil
}

func (p *dateParts) setDay(t time.Time) {
	p.year, p.month, p.day = t.Year(), int(t.Month()), t.Day()
}

// dayOfWeekRule is the day of the year for %U (weeks begin on Sunday) or %W (on Monday).
func (p *dateParts) dayOfWeekRule() int {
	first := pythonWeekday(time.Date(p.year, 1, 1, 0, 0, 0, 0, time.UTC))
	weekday := p.weekday
	if p.weekRule == 'U' {
		first, weekday = (first+1)%7, (weekday+1)%7
	}
	week0 := (7 - first) % 7
	if p.week == 0 {
		return 1 + weekday - first
	}
	return 1 + week0 + 7*(p.week-1) + weekday
}

func isoWeekDay(year, week, day int) (time.Time, error) {
	if day < 1 || day > 7 {
		return time.Time{}, valueError("Invalid weekday: %d (range is [1, 7])", day)
	}
	fourth := time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC)
	t := fourth.AddDate(0, 0, -pythonWeekday(fourth)+(week-1)*7+day-1)
	monday := t.AddDate(0, 0, 1-day)
	if y, w := monday.ISOWeek(); y != year || w != week {
		return time.Time{}, valueError("Invalid week: %d", week)
	}
	return t, nil
}
