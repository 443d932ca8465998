package value

import (
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

func strftimeMethod(th *Thread, t time.Time, z *Zone, a Args) (Value, error) {
	args, err := a.Bind("strftime", "format")
	if err != nil {
		return Undef, err
	}
	format, err := needString(args[0], "strftime() argument 1 must be str, not %s")
	if err != nil {
		return Undef, err
	}
	s, err := strftime(th, t, z, format)
	return String(s), err
}

// strftime formats as glibc does, which is what Python uses: the flags - _ 0 ^ # and a
// width are understood, an unknown directive stays as it is.
func strftime(th *Thread, t time.Time, z *Zone, format string) (string, error) {
	var out []byte
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			out = append(out, format[i])
			continue
		}
		start := i
		i++
		var d dateDirective
		for i < len(format) && strings.IndexByte("-_0^#", format[i]) >= 0 {
			d.flag(format[i])
			i++
		}
		end := digits(format, i)
		if end > i {
			width, err := specNumber(th, format[i:end])
			if err != nil {
				return "", err
			}
			d.width = width
			i = end
		}
		if i < len(format) && (format[i] == 'E' || format[i] == 'O') && i+1 < len(format) {
			i++
		}
		if i >= len(format) {
			out = append(out, format[start:]...)
			break
		}
		text, ok := d.format(t, z, format[i])
		if !ok {
			_, n := utf8.DecodeRuneInString(format[i:])
			i += n - 1
			text = format[start : i+1]
		}
		out = append(out, text...)
		if err := th.CheckString(int64(len(out))); err != nil {
			return "", err
		}
	}
	return string(out), nil
}

type dateDirective struct {
	pad   byte // '-', '_' or '0' when given
	upper bool
	swap  bool
	width int
}

func (d *dateDirective) flag(c byte) {
	switch c {
	case '^':
		d.upper = true
	case '#':
		d.swap = true
	default:
		d.pad = c
	}
}

// number pads with zeros (or what the flag says) to a width.
func (d dateDirective) number(n, width int, pad byte) string {
	if d.pad != 0 {
		pad = d.pad
	}
	width = max(width, d.width)
	s := strconv.Itoa(n)
	switch pad {
	case '-':
		return s
	case '_', ' ':
		return strings.Repeat(" ", max(width-len(s), 0)) + s
	}
	return strings.Repeat("0", max(width-len(s), 0)) + s
}

func (d dateDirective) text(s string) string {
	if d.upper || d.swap {
		s = strings.ToUpper(s)
	}
	if missing := d.width - len(s); missing > 0 {
		pad := " "
		if d.pad == '0' {
			pad = "0"
		}
		s = strings.Repeat(pad, missing) + s
	}
	return s
}

func (d dateDirective) format(t time.Time, z *Zone, c byte) (string, bool) {
	switch c {
	case '%':
		return "%", true
	case 'n':
		return "\n", true
	case 't':
		return "\t", true
	case 'a':
		return d.text(t.Weekday().String()[:3]), true
	case 'A':
		return d.text(t.Weekday().String()), true
	case 'b', 'h':
		return d.text(t.Month().String()[:3]), true
	case 'B':
		return d.text(t.Month().String()), true
	case 'c':
		return d.text(t.Format("Mon Jan _2 15:04:05 2006")), true
	case 'D', 'x':
		return d.text(t.Format("01/02/06")), true
	case 'F':
		return d.text(t.Format("2006-01-02")), true
	case 'R':
		return d.text(t.Format("15:04")), true
	case 'T', 'X':
		return d.text(t.Format("15:04:05")), true
	case 'r':
		return d.text(t.Format("03:04:05 PM")), true
	case 'p', 'P':
		s := t.Format("PM")
		if c == 'P' || d.swap {
			return dateDirective{width: d.width, pad: d.pad}.text(strings.ToLower(s)), true
		}
		return d.text(s), true
	case 'z', 'Z':
		return d.zone(t, z, c), true
	}
	return d.numeric(t, c)
}

func (d dateDirective) zone(t time.Time, z *Zone, c byte) string {
	if z == nil {
		return ""
	}
	offset, abbr, _ := z.at(t)
	if c == 'z' {
		return formatOffsetSep(offset, "")
	}
	return d.text(abbr)
}

func (d dateDirective) numeric(t time.Time, c byte) (string, bool) {
	isoYear, isoWeek := t.ISOWeek()
	hour12 := (t.Hour()+11)%12 + 1
	switch c {
	case 'C':
		return d.number(t.Year()/100, 2, '0'), true
	case 'd':
		return d.number(t.Day(), 2, '0'), true
	case 'e':
		return d.number(t.Day(), 2, ' '), true
	case 'f':
		return string(appendPadded(nil, int64(t.Nanosecond()/1000), 6)), true
	case 'G':
		return d.number(isoYear, 4, '0'), true
	case 'g':
		return d.number(isoYear%100, 2, '0'), true
	case 'H':
		return d.number(t.Hour(), 2, '0'), true
	case 'I':
		return d.number(hour12, 2, '0'), true
	case 'j':
		return d.number(t.YearDay(), 3, '0'), true
	case 'k':
		return d.number(t.Hour(), 2, ' '), true
	case 'l':
		return d.number(hour12, 2, ' '), true
	case 'm':
		return d.number(int(t.Month()), 2, '0'), true
	case 'M':
		return d.number(t.Minute(), 2, '0'), true
	case 's':
		return d.number(int(t.Unix()), 1, '0'), true
	case 'S':
		return d.number(t.Second(), 2, '0'), true
	case 'u':
		return d.number(pythonWeekday(t)+1, 1, '0'), true
	case 'U':
		return d.number((t.YearDay()+6-int(t.Weekday()))/7, 2, '0'), true
	case 'V':
		return d.number(isoWeek, 2, '0'), true
	case 'w':
		return d.number(int(t.Weekday()), 1, '0'), true
	case 'W':
		return d.number((t.YearDay()+6-pythonWeekday(t))/7, 2, '0'), true
	case 'y':
		return d.number(t.Year()%100, 2, '0'), true
	case 'Y':
		return d.number(t.Year(), 1, '0'), true
	}
	return "", false
}
