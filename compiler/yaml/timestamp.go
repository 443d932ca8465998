package yaml

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// resolveTimestamp reads YAML 1.1 dates and times. ok=false means the text is no
// timestamp; a problem means it looks like one but names no real moment.
func resolveTimestamp(text string) (v value.Value, ok bool, problem string) {
	p := timestampParser{s: text}
	year, month, day := p.digits(4, 4), 0, 0
	p.expect('-')
	month = p.digits(1, 2)
	p.expect('-')
	day = p.digits(1, 2)
	if p.bad {
		return value.Undef, false, ""
	}
	notReal := fmt.Sprintf("'%s' is written like a date or time but there is no such moment; put it in quotes to make it text", text)
	if p.s == "" {
		if len(text) != len("2006-01-02") {
			return value.Undef, false, ""
		}
		d := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
		if !sameDate(d, year, month, day) {
			return value.Undef, true, notReal
		}
		return value.NewDate(year, month, day), true, ""
	}
	if rest := strings.TrimLeft(p.s, " \t"); rest != p.s {
		p.s = rest
	} else if p.s[0] == 'T' || p.s[0] == 't' {
		p.s = p.s[1:]
	} else {
		return value.Undef, false, ""
	}
	hour := p.digits(1, 2)
	p.expect(':')
	minute := p.digits(2, 2)
	p.expect(':')
	second := p.digits(2, 2)
	micros := p.fraction()
	zone, hasZone := p.zone()
	if p.bad || p.s != "" {
		return value.Undef, false, ""
	}
	t := time.Date(year, time.Month(month), day, hour, minute, second, micros*1000, zone)
	if !sameDate(t, year, month, day) || hour > 23 || minute > 59 || second > 59 {
		return value.Undef, true, notReal
	}
	return value.NewDateTime(t, hasZone), true, ""
}

func sameDate(t time.Time, year, month, day int) bool {
	return year >= 1 && t.Year() == year && int(t.Month()) == month && t.Day() == day
}

type timestampParser struct {
	s   string
	bad bool
}

func (p *timestampParser) digits(least, most int) int {
	n := 0
	for n < len(p.s) && n < most && p.s[n] >= '0' && p.s[n] <= '9' {
		n++
	}
	if n < least {
		p.bad = true
		return 0
	}
	i, err := strconv.Atoi(p.s[:n])
	if err != nil {
		p.bad = true
	}
	p.s = p.s[n:]
	return i
}

func (p *timestampParser) expect(c byte) {
	if p.s == "" || p.s[0] != c {
		p.bad = true
		return
	}
	p.s = p.s[1:]
}

// fraction reads ".123456" in microseconds; further digits are dropped.
func (p *timestampParser) fraction() int {
	if p.s == "" || p.s[0] != '.' {
		return 0
	}
	n := 1
	for n < len(p.s) && p.s[n] >= '0' && p.s[n] <= '9' {
		n++
	}
	digits := (p.s[1:n] + "000000")[:6]
	p.s = p.s[n:]
	micros, err := strconv.Atoi(digits)
	if err != nil {
		p.bad = true
	}
	return micros
}

func (p *timestampParser) zone() (*time.Location, bool) {
	p.s = strings.TrimLeft(p.s, " \t")
	if p.s == "" {
		return time.UTC, false
	}
	if p.s == "Z" {
		p.s = ""
		return time.UTC, true
	}
	sign := 1
	switch p.s[0] {
	case '-':
		sign = -1
	case '+':
	default:
		p.bad = true
		return time.UTC, false
	}
	p.s = p.s[1:]
	seconds := p.digits(1, 2) * 3600
	if p.s != "" {
		p.expect(':')
		seconds += p.digits(2, 2) * 60
	}
	if seconds == 0 {
		return time.UTC, true
	}
	return time.FixedZone("", sign*seconds), true
}
