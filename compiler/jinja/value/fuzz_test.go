package value

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// fuzzThread has limits low enough that a width bomb ends at once.
func fuzzThread() *Thread {
	return &Thread{Limits: Limits{Steps: 1 << 16, Output: 1 << 16, Range: 1 << 12}}
}

func fuzzArgs() []Value {
	d := NewDict(0)
	d.SetString("a", NewList(Int(1), String("é")))
	return []Value{Int(-42), Float(3.14159), String("text"), FromDict(d), None, Undef, NewTuple(Int(1))}
}

func FuzzFormat(f *testing.F) {
	for _, s := range []string{"{}", "{0:>10}", "{1:+012,.3f}", "{3[a][1]!r:^9}", "{{}}", "{", "{0!x}", "{:{}}", "{2.upper}", "{0:999999999999}", "{a[b]}"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, format string) {
		v, err := CallMethod(fuzzThread(), String(format), "format", Args{Pos: fuzzArgs()})
		if err != nil {
			if !IsError(err) {
				t.Fatalf("%q: %T %v", format, err, err)
			}
			return
		}
		s, ok := v.AsString()
		if !ok || len(s) > 1<<16 {
			t.Fatalf("%q gave %d bytes", format, len(s))
		}
		if !strings.ContainsAny(format, "{}") && s != format {
			t.Fatalf("%q changed to %q", format, s)
		}
	})
}

func FuzzPercent(f *testing.F) {
	for _, s := range []string{"%s", "%5.2f|%-8s", "%(a)s", "%*d", "%%", "%", "%c%x%o", "%999999999d", "%.9999999999f", "%5%", "%(a"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, format string) {
		for _, arg := range append(fuzzArgs(), NewTuple(fuzzArgs()...)) {
			v, err := Percent(fuzzThread(), format, arg)
			if err != nil {
				if !IsError(err) {
					t.Fatalf("%q: %T %v", format, err, err)
				}
				continue
			}
			if s, _ := v.AsString(); !strings.Contains(format, "%") && s != format {
				t.Fatalf("%q changed to %q", format, s)
			}
		}
	})
}

func FuzzParseJSON(f *testing.F) {
	for _, s := range []string{`{"a": [1, 2.5, null, true], "b": "\u00e9\ud83d\ude00"}`, `[1e400, -0, 123456789012345678901234567890]`, `"\ud800"`, `{`, `nul`, "\"\x01\"", `[[[[]]]]`, `NaN`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return // text is decoded before it gets here, and Python strings are valid
		}
		v, err := ParseJSON(text)
		if err != nil {
			if !IsError(err) {
				t.Fatalf("%q: %T %v", text, err, err)
			}
			return
		}
		out, err := AppendJSON(nil, v, JSONOptions{})
		if err != nil {
			t.Fatalf("%q: cannot encode what was decoded: %v", text, err)
		}
		again, err := ParseJSON(string(out))
		if err != nil {
			t.Fatalf("%q: cannot decode what was encoded: %v", out, err)
		}
		if Repr(again) != Repr(v) {
			t.Fatalf("%q: %s became %s", text, Repr(v), Repr(again))
		}
	})
}

func FuzzLiteralEval(f *testing.F) {
	for _, s := range []string{"{'a': (1,), 'b': [None, True, -2.5e3]}", "'a' \"b\"", "b'\\xff'", "1_000", "0x1f", "((((", "'''x\ny'''", "{1, 2}", "set()", "r'\\n'", "# c", "1,", "'\\N{DASH}'"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return // text is decoded before it gets here, and Python strings are valid
		}
		v, err := LiteralEval(text)
		if err != nil {
			if !IsError(err) {
				t.Fatalf("%q: %T %v", text, err, err)
			}
			return
		}
		rep := Repr(v)
		if strings.Contains(rep, "inf") || strings.Contains(rep, "nan") {
			return // printed as names, which are no literals
		}
		again, err := LiteralEval(rep)
		if err != nil {
			t.Fatalf("%q: cannot read %s back: %v", text, rep, err)
		}
		if got := Repr(again); got != rep {
			t.Fatalf("%q: %s became %s", text, rep, got)
		}
	})
}

func FuzzStrptime(f *testing.F) {
	for _, s := range [][2]string{{"2024-02-29", "%Y-%m-%d"}, {"Feb 29 24 01:02 PM +01:30", "%b %d %y %I:%M %p %z"}, {"9 1 2024", "%W %w %Y"}, {"x", "%"}, {"60 2024", "%j %Y"}, {"2024 53 7", "%G %V %u"}, {"Thu Feb 29 13:04:05 2024", "%c"}} {
		f.Add(s[0], s[1])
	}
	f.Fuzz(func(t *testing.T, text, format string) {
		v, err := Strptime(text, format)
		if err != nil {
			if !IsError(err) {
				t.Fatalf("%q %q: %T %v", text, format, err, err)
			}
			return
		}
		d, ok := as[*DateTime](v)
		if !ok {
			t.Fatalf("%q %q: not a datetime", text, format)
		}
		back, err := parseISODateTime(d.iso("T", "auto"))
		if err != nil {
			t.Fatalf("%q %q: cannot read %s back: %v", text, format, d.Str(), err)
		}
		if back.Str() != d.Str() {
			t.Fatalf("%q %q: %s became %s", text, format, d.Str(), back.Str())
		}
	})
}
