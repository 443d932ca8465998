package value

import (
	"strconv"
	"time"
)

// Date is datetime.date.
type Date struct{ t time.Time } // midnight UTC

// NewDate makes a date; the caller vouches for the numbers, which are normalised as time.Date does.
func NewDate(year, month, day int) Value {
	return FromObject(&Date{t: time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)})
}

// makeDate checks the fields as Python does.
func makeDate(year, month, day int64) (time.Time, error) {
	switch {
	case year < 1 || year > 9999:
		return time.Time{}, valueError("year %d is out of range", year)
	case month < 1 || month > 12:
		return time.Time{}, valueError("month must be in 1..12")
	case day < 1 || day > int64(daysIn(int(year), time.Month(month))):
		return time.Time{}, valueError("day is out of range for month")
	}
	return time.Date(int(year), time.Month(month), int(day), 0, 0, 0, 0, time.UTC), nil
}

func daysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}

// inRange is the check after arithmetic.
func inRange(t time.Time) error {
	if t.Year() < 1 || t.Year() > 9999 {
		return Errorf("OverflowError", "date value out of range")
	}
	return nil
}

// TypeName is Python's qualified name.
func (d *Date) TypeName() string { return "datetime.date" }

// Time is midnight UTC of the day.
func (d *Date) Time() time.Time { return d.t }

// Str is 2024-02-29.
func (d *Date) Str() string { return isoDate(d.t) }

func isoDate(t time.Time) string {
	out := appendPadded(nil, int64(t.Year()), 4)
	out = appendTwo(append(out, '-'), int(t.Month()))
	return string(appendTwo(append(out, '-'), t.Day()))
}

// Repr is datetime.date(2024, 2, 29).
func (d *Date) Repr() string {
	return "datetime.date(" + strconv.Itoa(d.t.Year()) + ", " + strconv.Itoa(int(d.t.Month())) + ", " + strconv.Itoa(d.t.Day()) + ")"
}

// HashKey makes equal days the same key.
func (d *Date) HashKey() string { return "date:" + d.Str() }

// Equal compares days; a datetime never equals a date.
func (d *Date) Equal(other Value) (equal, ok bool) {
	o, ok := as[*Date](other)
	return ok && d.t.Equal(o.t), ok
}

// Compare orders days.
func (d *Date) Compare(other Value) (int, bool) {
	o, ok := as[*Date](other)
	if !ok {
		return 0, false
	}
	return d.t.Compare(o.t), true
}

// Binary is date ± timedelta and date - date.
func (d *Date) Binary(op string, other Value, reflected bool) (Value, bool, error) {
	if delta, ok := as[*TimeDelta](other); ok && (op == "+" || op == "-" && !reflected) {
		days, _, _ := delta.parts()
		if op == "-" {
			days = -days
		}
		if days > 4_000_000 || days < -4_000_000 {
			return Undef, true, Errorf("OverflowError", "date value out of range")
		}
		t := d.t.AddDate(0, 0, int(days))
		return FromObject(&Date{t: t}), true, inRange(t)
	}
	if o, ok := as[*Date](other); ok && op == "-" && !reflected {
		return FromObject(&TimeDelta{us: d.t.Unix()*usSecond - o.t.Unix()*usSecond}), true, nil
	}
	return Undef, false, nil
}

// Attr has the fields and methods.
func (d *Date) Attr(_ *Thread, name string) (Value, bool, error) {
	switch name {
	case "year":
		return Int(int64(d.t.Year())), true, nil
	case "month":
		return Int(int64(d.t.Month())), true, nil
	case "day":
		return Int(int64(d.t.Day())), true, nil
	}
	v, ok := dateMethods.bound(d, name)
	return v, ok, nil
}

// CallMethod calls a method without binding it first.
func (d *Date) CallMethod(th *Thread, name string, a Args) (Value, bool, error) {
	return dateMethods.call(th, d, name, a)
}

// Format is strftime with the spec, or str.
func (d *Date) Format(th *Thread, spec string) (string, error) {
	if spec == "" {
		return d.Str(), nil
	}
	return strftime(th, d.t, nil, spec)
}

var dateMethods objMethods[*Date]

func init() {
	dateMethods = objMethods[*Date]{
		"isoformat": func(_ *Thread, d *Date, a Args) (Value, error) {
			return String(d.Str()), a.between("date.isoformat", 0, 0)
		},
		"strftime": func(th *Thread, d *Date, a Args) (Value, error) { return strftimeMethod(th, d.t, nil, a) },
		"replace": func(_ *Thread, d *Date, a Args) (Value, error) {
			args, err := a.Bind("replace", "year?", "month?", "day?")
			if err != nil {
				return Undef, err
			}
			t, err := replaceDate(d.t, args)
			return FromObject(&Date{t: t}), err
		},
	}
	for name, fn := range calendarMethods {
		dateMethods[name] = func(_ *Thread, d *Date, a Args) (Value, error) {
			return fn(d.t), a.between("date."+name, 0, 0)
		}
	}
}

// calendarMethods are shared by date and datetime.
var calendarMethods = map[string]func(t time.Time) Value{
	"weekday":    func(t time.Time) Value { return Int(int64(pythonWeekday(t))) },
	"isoweekday": func(t time.Time) Value { return Int(int64(pythonWeekday(t) + 1)) },
	"isocalendar": func(t time.Time) Value {
		year, week := t.ISOWeek()
		return NewTuple(Int(int64(year)), Int(int64(week)), Int(int64(pythonWeekday(t)+1)))
	},
	"toordinal": func(t time.Time) Value { return Int(ordinal(t)) },
	"ctime": func(t time.Time) Value {
		return String(t.Format("Mon Jan _2 15:04:05 2006"))
	},
	"timetuple": func(t time.Time) Value { return FromObject(&structTime{t: t}) },
}

// pythonWeekday counts from Monday = 0.
func pythonWeekday(t time.Time) int { return (int(t.Weekday()) + 6) % 7 }

// ordinal counts days from 0001-01-01 = 1.
func ordinal(t time.Time) int64 {
	day := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	return (day.Unix()-time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC).Unix())/86_400 + 1
}

func replaceDate(t time.Time, args []Value) (time.Time, error) {
	fields := [3]int64{int64(t.Year()), int64(t.Month()), int64(t.Day())}
	for i := range fields {
		if !args[i].IsUndefined() {
			n, err := needIndex(args[i])
			if err != nil {
				return t, err
			}
			fields[i] = n
		}
	}
	return makeDate(fields[0], fields[1], fields[2])
}

// structTime is time.struct_time as timetuple() returns it.
type structTime struct{ t time.Time }

func (s *structTime) TypeName() string { return "time.struct_time" }

func (s *structTime) fields() []Value {
	t := s.t
	out := []Value{}
	for _, n := range []int{t.Year(), int(t.Month()), t.Day(), t.Hour(), t.Minute(), t.Second(), pythonWeekday(t), t.YearDay(), -1} {
		out = append(out, Int(int64(n)))
	}
	return out
}

var structTimeNames = [...]string{"tm_year", "tm_mon", "tm_mday", "tm_hour", "tm_min", "tm_sec", "tm_wday", "tm_yday", "tm_isdst"}

func (s *structTime) Attr(_ *Thread, name string) (Value, bool, error) {
	for i, n := range structTimeNames {
		if n == name {
			return s.fields()[i], true, nil
		}
	}
	return Undef, false, nil
}

func (s *structTime) Index(th *Thread, key Value) (Value, bool, error) {
	v, err := GetItem(th, NewTuple(s.fields()...), key)
	return v, err == nil && !v.IsUndefined(), err
}

func (s *structTime) Len() int { return len(structTimeNames) }

func (s *structTime) Iterate(th *Thread, yield func(Value) bool) error {
	return Iterate(th, NewTuple(s.fields()...), yield)
}

func (s *structTime) Repr() string {
	out := "time.struct_time("
	for i, v := range s.fields() {
		if i > 0 {
			out += ", "
		}
		out += structTimeNames[i] + "=" + Repr(v)
	}
	return out + ")"
}
