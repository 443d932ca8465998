package value

import (
	"math"
	"strconv"
)

// Str is Python's str(v).
func Str(v Value) string {
	switch v.Kind() {
	case KindString:
		return v.rawString()
	case KindUndefined:
		return ""
	case KindNone:
		return "None"
	case KindBool:
		if v.rawInt() != 0 {
			return "True"
		}
		return "False"
	case KindInt:
		return strconv.FormatInt(v.rawInt(), 10)
	case KindObject:
		if s, ok := v.rawObject().(Stringer); ok {
			return s.Str()
		}
	}
	return string(AppendStr(nil, v))
}

// AppendStr appends str(v).
func AppendStr(dst []byte, v Value) []byte {
	switch v.Kind() {
	case KindString:
		return append(dst, v.rawString()...)
	case KindUndefined:
		return dst
	case KindObject:
		return appendObject(dst, v.rawObject(), false)
	}
	return AppendRepr(dst, v)
}

// CheckedStr is str(v) for output: a strict undefined raises, and text that would go
// beyond the limits is an error.
func CheckedStr(th *Thread, v Value) (string, error) {
	if v.IsUndefined() {
		return "", th.CheckUndefined(v)
	}
	if err := checkPrintable(v); err != nil {
		return "", err
	}
	switch v.Kind() {
	case KindList, KindTuple, KindDict, KindSet:
		if err := th.CheckTree(v); err != nil {
			return "", err
		}
	}
	s := Str(v)
	return s, th.CheckString(int64(len(s)))
}

// checkPrintable refuses what Python refuses to print.
func checkPrintable(v Value) error {
	const digits, bitsPerDigit = 4300, 3.32193
	if v.Kind() == KindBig && float64(v.rawBig().BitLen()) > digits*bitsPerDigit+1 {
		return valueError("Exceeds the limit (%d digits) for integer string conversion; use sys.set_int_max_str_digits() to increase the limit", digits)
	}
	return nil
}

// Repr is Python's repr(v).
func Repr(v Value) string { return string(AppendRepr(nil, v)) }

// AppendRepr appends repr(v).
func AppendRepr(dst []byte, v Value) []byte { return appendRepr(dst, v, nil) }

// appendRepr carries the chain of containers being printed, to write a container inside
// itself as Python does: [...].
func appendRepr(dst []byte, v Value, in *reprFrame) []byte {
	switch v.Kind() {
	case KindUndefined:
		return append(dst, "Undefined"...)
	case KindNone:
		return append(dst, "None"...)
	case KindBool:
		if v.rawInt() != 0 {
			return append(dst, "True"...)
		}
		return append(dst, "False"...)
	case KindInt:
		return strconv.AppendInt(dst, v.rawInt(), 10)
	case KindBig:
		return v.rawBig().Append(dst, 10)
	case KindFloat:
		return appendFloat(dst, v.rawFloat())
	case KindString:
		return AppendQuoted(dst, v.rawString())
	case KindObject:
		if r, ok := v.rawObject().(containerReprer); ok {
			return r.appendRepr(dst, in)
		}
		return appendObject(dst, v.rawObject(), true)
	}
	if in.has(v) {
		switch v.Kind() {
		case KindTuple:
			return append(dst, "(...)"...)
		case KindDict:
			return append(dst, "{...}"...)
		case KindSet:
			return append(dst, "set(...)"...)
		}
		return append(dst, "[...]"...)
	}
	return appendContainer(dst, v, &reprFrame{v: v, up: in, depth: in.level() + 1})
}

// containerReprer is an object that prints other values and must take part in the
// detection of cycles.
type containerReprer interface {
	appendRepr(dst []byte, in *reprFrame) []byte
}

type reprFrame struct {
	v     Value
	up    *reprFrame
	depth int
}

func (f *reprFrame) level() int {
	if f == nil {
		return 0
	}
	return f.depth
}

// has also answers yes beyond the deepest nesting, so that printing always ends.
func (f *reprFrame) has(v Value) bool {
	if f.level() > maxNesting {
		return true
	}
	for ; f != nil; f = f.up {
		if Identical(f.v, v) {
			return true
		}
	}
	return false
}

func appendContainer(dst []byte, v Value, in *reprFrame) []byte {
	switch v.Kind() {
	case KindList:
		dst = append(dst, '[')
		dst = appendItems(dst, v.rawList().Items, in)
		return append(dst, ']')
	case KindTuple:
		items := v.rawTuple().Items
		dst = append(dst, '(')
		dst = appendItems(dst, items, in)
		if len(items) == 1 {
			dst = append(dst, ',')
		}
		return append(dst, ')')
	case KindSet:
		s := v.rawSet()
		if s.Len() == 0 {
			return append(dst, "set()"...)
		}
		dst = append(dst, '{')
		dst = appendItems(dst, s.Items(), in)
		return append(dst, '}')
	}
	dst = append(dst, '{')
	first := true
	for key, item := range v.rawDict().All() {
		if !first {
			dst = append(dst, ", "...)
		}
		first = false
		dst = appendRepr(dst, key, in)
		dst = append(dst, ": "...)
		dst = appendRepr(dst, item, in)
	}
	return append(dst, '}')
}

func appendItems(dst []byte, items []Value, in *reprFrame) []byte {
	for i, item := range items {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = appendRepr(dst, item, in)
	}
	return dst
}

func appendObject(dst []byte, o Object, repr bool) []byte {
	s, hasStr := o.(Stringer)
	r, hasRepr := o.(Reprer)
	switch {
	case repr && hasRepr:
		return append(dst, r.Repr()...)
	case hasStr:
		return append(dst, s.Str()...)
	case hasRepr:
		return append(dst, r.Repr()...)
	}
	dst = append(dst, '<')
	dst = append(dst, o.TypeName()...)
	return append(dst, " object>"...)
}

func floatRepr(f float64) string { return string(appendFloat(nil, f)) }

// appendFloat writes the shortest text that reads back as f, in Python's form.
func appendFloat(dst []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(dst, "nan"...)
	case math.IsInf(f, 1):
		return append(dst, "inf"...)
	case math.IsInf(f, -1):
		return append(dst, "-inf"...)
	}
	if abs := math.Abs(f); abs != 0 && (abs < 1e-4 || abs >= 1e16) {
		return strconv.AppendFloat(dst, f, 'e', -1, 64)
	}
	start := len(dst)
	dst = strconv.AppendFloat(dst, f, 'f', -1, 64)
	for _, c := range dst[start:] {
		if c == '.' {
			return dst
		}
	}
	return append(dst, ".0"...)
}
