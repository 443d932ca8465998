package builtin

import (
	"strings"
	"unicode"

	"github.com/millrace/millrace/compiler/jinja/value"
)

func center(th *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	args, err := a.BindAfter(1, "do_center", "width?")
	if err != nil {
		return value.Undef, err
	}
	width, err := integer(args[0], 80)
	if err != nil {
		return value.Undef, err
	}
	s, err := text(th, v)
	if err != nil {
		return value.Undef, err
	}
	s, err = value.Center(th, s, width)
	return value.String(s), err
}

func format(th *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	if len(a.Pos) > 0 && len(a.Kwargs) > 0 {
		return value.Undef, filterError("can't handle positional and keyword arguments at the same time")
	}
	s, err := text(th, v)
	if err != nil {
		return value.Undef, err
	}
	if len(a.Kwargs) == 0 {
		return value.Percent(th, s, value.NewTuple(a.Pos...))
	}
	d := value.NewDict(len(a.Kwargs))
	for _, kw := range a.Kwargs {
		d.SetString(kw.Name, kw.Value)
	}
	return value.Percent(th, s, value.FromDict(d))
}

func indent(th *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	args, err := a.BindAfter(1, "do_indent", "width?", "first?", "blank?")
	if err != nil {
		return value.Undef, err
	}
	prefix, ok := value.Text(args[0])
	if !ok {
		width, err := integer(args[0], 4)
		if err != nil {
			return value.Undef, value.Errorf("TypeError", "can't multiply sequence by non-int of type '%s'", value.TypeName(args[0]))
		}
		if err := th.CheckString(width); err != nil {
			return value.Undef, err
		}
		prefix = strings.Repeat(" ", int(max(width, 0)))
	}
	s, ok := value.Text(v)
	if !ok {
		if v.IsUndefined() {
			return value.Undef, v.UndefinedError()
		}
		return value.Undef, value.Errorf("TypeError", "unsupported operand type(s) for +=: '%s' and 'str'", value.TypeName(v))
	}
	lines := value.SplitLines(s+"\n", false)
	if err := th.CheckString(int64(len(s)) + int64(len(lines))*int64(len(prefix))); err != nil {
		return value.Undef, err
	}
	blank := value.Truth(args[2])
	var b strings.Builder
	for i, line := range lines {
		if i > 0 {
			b.WriteByte('\n')
		}
		if i == 0 && value.Truth(args[1]) || i > 0 && (blank || line != "") {
			b.WriteString(prefix)
		}
		b.WriteString(line)
	}
	return value.String(b.String()), nil
}

func replace(th *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	args, err := a.BindAfter(2, "do_replace", "old", "new", "count?")
	if err != nil {
		return value.Undef, err
	}
	n := int64(-1)
	if !args[2].IsNone() {
		if n, err = integer(args[2], -1); err != nil {
			return value.Undef, err
		}
	}
	s, err := text(th, v)
	if err != nil {
		return value.Undef, err
	}
	s, err = value.Replace(th, s, value.Str(args[0]), value.Str(args[1]), n)
	return value.String(s), err
}

// title starts a word after white space and any of - ( { [ <, unlike str.title.
func title(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for s != "" {
		end := strings.IndexFunc(s, titleBreak)
		if end == 0 {
			end = strings.IndexFunc(s, func(r rune) bool { return !titleBreak(r) })
			if end < 0 {
				end = len(s)
			}
			b.WriteString(s[:end])
		} else {
			if end < 0 {
				end = len(s)
			}
			b.WriteString(upperFirst(s[:end]))
		}
		s = s[end:]
	}
	return b.String()
}

func titleBreak(r rune) bool {
	return strings.ContainsRune("-({[<", r) || unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f
}

func upperFirst(word string) string {
	for i := range word {
		if i > 0 {
			return value.Upper(word[:i]) + value.Lower(word[i:])
		}
	}
	return value.Upper(word)
}

func trim(th *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	args, err := a.BindAfter(1, "do_trim", "chars?")
	if err != nil {
		return value.Undef, err
	}
	s, err := text(th, v)
	if err != nil {
		return value.Undef, err
	}
	if args[0].IsNull() {
		return value.String(value.Strip(s, nil)), nil
	}
	chars, ok := value.Text(args[0])
	if !ok {
		return value.Undef, value.Errorf("TypeError", "strip arg must be None or str, not %s", value.TypeName(args[0]))
	}
	return value.String(value.Strip(s, &chars)), nil
}

func truncate(th *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	args, err := a.BindAfter(2, "do_truncate", "length?", "killwords?", "end?", "leeway?")
	if err != nil {
		return value.Undef, err
	}
	size, err := integer(args[0], 255)
	if err != nil {
		return value.Undef, err
	}
	end := "..."
	if !args[2].IsUndefined() {
		end = value.Str(args[2])
	}
	leeway := int64(5)
	if !args[3].IsNull() {
		if leeway, err = integer(args[3], 5); err != nil {
			return value.Undef, err
		}
	}
	endLen, _ := value.Len(value.String(end))
	if size < int64(endLen) {
		return value.Undef, value.Errorf("AssertionError", "expected length >= %d, got %d", endLen, size)
	}
	if leeway < 0 {
		return value.Undef, value.Errorf("AssertionError", "expected leeway >= 0, got %d", leeway)
	}
	n, err := value.Len(v)
	if err != nil {
		return value.Undef, err
	}
	if int64(n) <= size+leeway {
		return v, nil
	}
	s, ok := value.Text(v)
	if !ok {
		return value.Undef, value.Errorf("AttributeError", "'%s' object has no attribute 'rsplit'", value.TypeName(v))
	}
	cut, err := value.Slice(value.String(s), value.None, value.Int(size-int64(endLen)), value.None)
	if err != nil {
		return value.Undef, err
	}
	s = value.Str(cut)
	if !value.Truth(args[1]) {
		if i := strings.LastIndexByte(s, ' '); i >= 0 {
			s = s[:i]
		}
	}
	return value.String(s + end), nil
}

func wordCount(th *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	if _, err := a.BindAfter(1, "do_wordcount"); err != nil {
		return value.Undef, err
	}
	s, err := text(th, v)
	n, in := int64(0), false
	for _, r := range s {
		word := wordRune(r)
		if word && !in {
			n++
		}
		in = word
	}
	return value.Int(n), err
}

func wordRune(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsNumber(r) }

func toString(th *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	if _, err := a.BindAfter(1, "soft_str"); err != nil {
		return value.Undef, err
	}
	if _, ok := value.Text(v); ok {
		return v, nil
	}
	s, err := text(th, v)
	return value.String(s), err
}

func mark(kind value.MarkerKind) Filter {
	return func(th *value.Thread, v value.Value, a value.Args) (value.Value, error) {
		if len(a.Pos)+len(a.Kwargs) > 0 {
			return value.Undef, value.Errorf("TypeError", "as_text, as_bool, as_number and as_native take no arguments")
		}
		if th == nil || !th.Native {
			return v, nil
		}
		if err := th.CheckUndefined(v); err != nil {
			return value.Undef, err
		}
		return value.Mark(kind, v), nil
	}
}
