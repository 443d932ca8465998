package value

import (
	"strings"
	"unicode/utf8"
)

var strMethods map[string]method

func init() {
	strMethods = map[string]method{
		"capitalize": strMap("capitalize", Capitalize), "casefold": strMap("casefold", caseFold),
		"center": strJustify("center", '^'), "ljust": strJustify("ljust", '<'), "rjust": strJustify("rjust", '>'),
		"count": strCount, "encode": strEncode, "expandtabs": strExpandTabs, "zfill": strZFill,
		"startswith": strStarts("startswith", strings.HasPrefix), "endswith": strStarts("endswith", strings.HasSuffix),
		"find": strFind("find", false, false), "rfind": strFind("rfind", true, false),
		"index": strFind("index", false, true), "rindex": strFind("rindex", true, true),
		"format": strFormat, "format_map": strFormatMap,
		"isalnum": strAsk("isalnum", isAlnum), "isalpha": strAsk("isalpha", isAlpha), "isascii": strAskAll("isascii", isASCII),
		"isdecimal": strAsk("isdecimal", isDecimal), "isdigit": strAsk("isdigit", isDigitRune),
		"isidentifier": strAskAll("isidentifier", isIdentifier), "islower": strAskAll("islower", isLower),
		"isnumeric": strAsk("isnumeric", isNumeric), "isprintable": strAskAll("isprintable", isPrintable),
		"isspace": strAsk("isspace", pythonSpace), "istitle": strAskAll("istitle", isTitle),
		"isupper": strAskAll("isupper", isUpper),
		"join":    strJoin, "lower": strMap("lower", Lower), "upper": strMap("upper", Upper),
		"strip": strStrip("strip", true, true), "lstrip": strStrip("lstrip", true, false), "rstrip": strStrip("rstrip", false, true),
		"maketrans": strMakeTrans, "translate": strTranslate,
		"partition": strPartition("partition", false), "rpartition": strPartition("rpartition", true),
		"removeprefix": strRemove("removeprefix", strings.TrimPrefix), "removesuffix": strRemove("removesuffix", strings.TrimSuffix),
		"replace": strReplace, "split": strSplit("split", false), "rsplit": strSplit("rsplit", true),
		"splitlines": strSplitLines, "swapcase": strMap("swapcase", swapCase), "title": strMap("title", pythonTitle),
	}
}

func strMap(name string, fn func(string) string) method {
	full := "str." + name
	return func(_ *Thread, self Value, a Args) (Value, error) {
		if err := a.between(full, 0, 0); err != nil {
			return Undef, err
		}
		return String(fn(self.rawString())), nil
	}
}

// strAsk asks every character of a string that has some.
func strAsk(name string, is func(rune) bool) method {
	return strAskAll(name, func(s string) bool {
		for _, r := range s {
			if !is(r) {
				return false
			}
		}
		return s != ""
	})
}

func strAskAll(name string, is func(string) bool) method {
	full := "str." + name
	return func(_ *Thread, self Value, a Args) (Value, error) {
		if err := a.between(full, 0, 0); err != nil {
			return Undef, err
		}
		return Bool(is(self.rawString())), nil
	}
}

func strJustify(name string, align byte) method {
	return func(th *Thread, self Value, a Args) (Value, error) {
		if err := a.between("str."+name, 1, 2); err != nil {
			return Undef, err
		}
		width, err := needIndex(a.Pos[0])
		if err != nil {
			return Undef, err
		}
		fill := " "
		if len(a.Pos) == 2 {
			s, ok := markerText(a.Pos[1]).AsString()
			if !ok {
				return Undef, typeError("The fill character must be a unicode character, not %s", TypeName(a.Pos[1]))
			}
			if runeLen(s) != 1 {
				return Undef, typeError("The fill character must be exactly one character long")
			}
			fill = s
		}
		s, err := justify(th, self.rawString(), width, fill, align)
		return String(s), err
	}
}

func justify(th *Thread, s string, width int64, fill string, align byte) (string, error) {
	missing := width - int64(runeLen(s))
	if missing <= 0 {
		return s, nil
	}
	if err := th.CheckString(width * int64(len(fill))); err != nil {
		return "", err
	}
	left := missing
	switch align {
	case '<':
		left = 0
	case '^': // CPython puts the odd one left when the width is odd
		left = missing/2 + (missing & width & 1)
	}
	return strings.Repeat(fill, int(left)) + s + strings.Repeat(fill, int(missing-left)), nil
}

// Center is str.center(width) with spaces.
func Center(th *Thread, s string, width int64) (string, error) {
	return justify(th, s, width, " ", '^')
}

func strZFill(th *Thread, self Value, a Args) (Value, error) {
	if err := a.between("str.zfill", 1, 1); err != nil {
		return Undef, err
	}
	width, err := needIndex(a.Pos[0])
	if err != nil {
		return Undef, err
	}
	s := self.rawString()
	missing := width - int64(runeLen(s))
	if missing <= 0 {
		return self, nil
	}
	if err := th.CheckString(width); err != nil {
		return Undef, err
	}
	zeros := strings.Repeat("0", int(missing))
	if s != "" && (s[0] == '+' || s[0] == '-') {
		return String(s[:1] + zeros + s[1:]), nil
	}
	return String(zeros + s), nil
}

func strExpandTabs(th *Thread, self Value, a Args) (Value, error) {
	args, err := a.Bind("expandtabs", "tabsize?")
	if err != nil {
		return Undef, err
	}
	size := int64(8)
	if !args[0].IsUndefined() {
		if size, err = needIndex(args[0]); err != nil {
			return Undef, err
		}
	}
	var out []byte
	col := int64(0)
	for _, r := range self.rawString() {
		switch r {
		case '\t':
			if size > 0 {
				n := size - col%size
				if err := th.CheckString(int64(len(out)) + n); err != nil {
					return Undef, err
				}
				out = append(out, strings.Repeat(" ", int(n))...)
				col += n
			}
			continue
		case '\n', '\r':
			col = -1
		}
		out = append(out, string(r)...)
		col++
	}
	return String(string(out)), nil
}

// needString is an argument that must be a string, or the TypeError that says so.
func needString(v Value, format string) (string, error) {
	if s, ok := markerText(v).AsString(); ok {
		return s, nil
	}
	if !strings.Contains(format, "%s") {
		return "", typeError("%s", format)
	}
	return "", typeError(format, TypeName(v))
}

// window cuts s to the characters start:stop of the arguments from index i on.
func (a Args) window(s string, i int) (cut string, firstChar int, ok bool, err error) {
	if len(a.Pos) <= i {
		return s, 0, true, nil
	}
	n := runeLen(s)
	start, stop := orNone(a.pos(i)), orNone(a.pos(i+1))
	r, err := sliceRange(n, start, stop, None)
	if err != nil {
		return "", 0, false, err
	}
	if first, given := indexOf(start); given && first > int64(n) || r.start > r.stop {
		return "", 0, false, nil
	}
	from := byteOffset(s, r.start)
	return s[from : from+byteOffset(s[from:], r.stop-r.start)], r.start, true, nil
}

func strCount(_ *Thread, self Value, a Args) (Value, error) {
	if err := a.between("str.count", 1, 3); err != nil {
		return Undef, err
	}
	sub, err := needString(a.Pos[0], "must be str, not %s")
	if err != nil {
		return Undef, err
	}
	s, _, ok, err := a.window(self.rawString(), 1)
	if err != nil || !ok {
		return Int(0), err
	}
	return Int(int64(strings.Count(s, sub))), nil
}

func strFind(name string, last, must bool) method {
	full := "str." + name
	return func(_ *Thread, self Value, a Args) (Value, error) {
		if err := a.between(full, 1, 3); err != nil {
			return Undef, err
		}
		sub, err := needString(a.Pos[0], "must be str, not %s")
		if err != nil {
			return Undef, err
		}
		s, first, ok, err := a.window(self.rawString(), 1)
		if err != nil {
			return Undef, err
		}
		at := -1
		switch {
		case !ok:
		case last:
			at = strings.LastIndex(s, sub)
		default:
			at = strings.Index(s, sub)
		}
		if at >= 0 {
			return Int(int64(first + runeLen(s[:at]))), nil
		}
		if must {
			return Undef, valueError("substring not found")
		}
		return Int(-1), nil
	}
}

func strStarts(name string, has func(s, affix string) bool) method {
	full := "str." + name
	return func(_ *Thread, self Value, a Args) (Value, error) {
		if err := a.between(full, 1, 3); err != nil {
			return Undef, err
		}
		s, _, ok, err := a.window(self.rawString(), 1)
		if err != nil {
			return Undef, err
		}
		choices := []Value{a.Pos[0]}
		format := name + " first arg must be str or a tuple of str, not %s"
		if t, isTuple := a.Pos[0].AsTuple(); isTuple {
			choices = t.Items
			format = "tuple for " + name + " must only contain str, not %s"
		}
		for _, c := range choices {
			affix, err := needString(c, format)
			if err != nil {
				return Undef, err
			}
			if ok && has(s, affix) {
				return True, nil
			}
		}
		return False, nil
	}
}

func strJoin(th *Thread, self Value, a Args) (Value, error) {
	if err := a.between("str.join", 1, 1); err != nil {
		return Undef, err
	}
	if !CanIterate(a.Pos[0]) {
		return Undef, typeError("can only join an iterable")
	}
	items := a.Pos[0].Items()
	if items == nil {
		var err error
		if items, err = ToSlice(th, a.Pos[0]); err != nil {
			return Undef, err
		}
	}
	sep := self.rawString()
	size := int64(0)
	for i, v := range items {
		s, ok := markerText(v).AsString()
		if !ok {
			return Undef, typeError("sequence item %d: expected str instance, %s found", i, TypeName(v))
		}
		size += int64(len(s)) + int64(len(sep))
	}
	if err := th.CheckString(size); err != nil {
		return Undef, err
	}
	var b strings.Builder
	b.Grow(int(size))
	for i, v := range items {
		if i > 0 {
			b.WriteString(sep)
		}
		b.WriteString(Str(v))
	}
	return String(b.String()), nil
}

func strStrip(name string, left, right bool) method {
	full := "str." + name
	return func(_ *Thread, self Value, a Args) (Value, error) {
		if err := a.between(full, 0, 1); err != nil {
			return Undef, err
		}
		var chars *string
		if len(a.Pos) == 1 && !a.Pos[0].IsNone() {
			s, err := needString(a.Pos[0], name+" arg must be None or str")
			if err != nil {
				return Undef, err
			}
			chars = &s
		}
		return String(stripSides(self.rawString(), chars, left, right)), nil
	}
}

func stripSides(s string, chars *string, left, right bool) string {
	in := pythonSpace
	if chars != nil {
		in = func(r rune) bool { return strings.ContainsRune(*chars, r) }
	}
	if left {
		s = strings.TrimLeftFunc(s, in)
	}
	if right {
		s = strings.TrimRightFunc(s, in)
	}
	return s
}

// Strip is str.strip(chars); chars nil means white space.
func Strip(s string, chars *string) string { return stripSides(s, chars, true, true) }

func strPartition(name string, last bool) method {
	full := "str." + name
	return func(_ *Thread, self Value, a Args) (Value, error) {
		if err := a.between(full, 1, 1); err != nil {
			return Undef, err
		}
		sep, err := needString(a.Pos[0], "must be str, not %s")
		if err != nil {
			return Undef, err
		}
		if sep == "" {
			return Undef, valueError("empty separator")
		}
		s := self.rawString()
		at := strings.Index(s, sep)
		if last {
			at = strings.LastIndex(s, sep)
		}
		empty := String("")
		switch {
		case at >= 0:
			return NewTuple(String(s[:at]), String(sep), String(s[at+len(sep):])), nil
		case last:
			return NewTuple(empty, empty, self), nil
		}
		return NewTuple(self, empty, empty), nil
	}
}

func strRemove(name string, trim func(s, affix string) string) method {
	full := "str." + name
	return func(_ *Thread, self Value, a Args) (Value, error) {
		if err := a.between(full, 1, 1); err != nil {
			return Undef, err
		}
		affix, err := needString(a.Pos[0], name+"() argument must be str, not %s")
		return String(trim(self.rawString(), affix)), err
	}
}

func strReplace(th *Thread, self Value, a Args) (Value, error) {
	if err := a.between("str.replace", 2, 3); err != nil {
		return Undef, err
	}
	old, err := needString(a.Pos[0], "replace() argument 1 must be str, not %s")
	if err != nil {
		return Undef, err
	}
	repl, err := needString(a.Pos[1], "replace() argument 2 must be str, not %s")
	if err != nil {
		return Undef, err
	}
	n := int64(-1)
	if len(a.Pos) == 3 {
		if n, err = needIndex(a.Pos[2]); err != nil {
			return Undef, err
		}
	}
	s, err := Replace(th, self.rawString(), old, repl, n)
	return String(s), err
}

// Replace is s.replace(old, new, n); n < 0 means all.
func Replace(th *Thread, s, old, repl string, n int64) (string, error) {
	if grown := len(repl) - len(old); grown > 0 {
		hits := int64(strings.Count(s, old))
		if n >= 0 {
			hits = min(hits, n)
		}
		if err := th.CheckString(int64(len(s)) + hits*int64(grown)); err != nil {
			return "", err
		}
	}
	return strings.Replace(s, old, repl, int(max(min(n, 1<<30), -1))), nil
}

func strSplit(name string, fromRight bool) method {
	return func(th *Thread, self Value, a Args) (Value, error) {
		var args [2]Value
		if n := len(a.Pos) + len(a.Kwargs); n > 2 {
			return Undef, typeError("%s() takes at most 2 arguments (%d given)", name, n)
		}
		for _, kw := range a.Kwargs {
			if kw.Name != "sep" && kw.Name != "maxsplit" {
				return Undef, typeError("'%s' is an invalid keyword argument for %s()", kw.Name, name)
			}
		}
		if err := a.BindInto(args[:], name, "sep?", "maxsplit?"); err != nil {
			return Undef, err
		}
		most := int64(-1)
		if !args[1].IsUndefined() {
			var err error
			if most, err = needIndex(args[1]); err != nil {
				return Undef, err
			}
		}
		s := self.rawString()
		var parts []string
		if args[0].IsUndefined() || args[0].IsNone() {
			parts = splitSpace(s, most, fromRight)
		} else {
			sep, err := needString(args[0], "must be str or None, not %s")
			if err != nil {
				return Undef, err
			}
			if sep == "" {
				return Undef, valueError("empty separator")
			}
			hits := int64(strings.Count(s, sep))
			if most >= 0 {
				hits = min(hits, most)
			}
			if err := th.CheckList(hits + 1); err != nil {
				return Undef, err
			}
			parts = splitSep(s, sep, most, fromRight)
		}
		return Strings(parts...), th.CheckList(int64(len(parts)))
	}
}

func splitSep(s, sep string, most int64, fromRight bool) []string {
	if most < 0 || most > int64(len(s)) {
		return strings.Split(s, sep)
	}
	if !fromRight {
		return strings.SplitN(s, sep, int(most)+1)
	}
	var tail []string
	for ; most > 0; most-- {
		i := strings.LastIndex(s, sep)
		if i < 0 {
			break
		}
		tail = append(tail, s[i+len(sep):])
		s = s[:i]
	}
	out := make([]string, 0, len(tail)+1)
	out = append(out, s)
	for i := len(tail) - 1; i >= 0; i-- {
		out = append(out, tail[i])
	}
	return out
}

func splitSpace(s string, most int64, fromRight bool) []string {
	if most < 0 {
		return strings.FieldsFunc(s, pythonSpace)
	}
	var out []string
	if fromRight {
		for s = strings.TrimRightFunc(s, pythonSpace); s != ""; s = strings.TrimRightFunc(s, pythonSpace) {
			i := strings.LastIndexFunc(s, pythonSpace)
			if i < 0 || most == 0 {
				out = append(out, s)
				break
			}
			_, n := utf8.DecodeRuneInString(s[i:])
			out = append(out, s[i+n:])
			s = s[:i]
			most--
		}
		for i, j := 0, len(out)-1; i < j; i, j = i+1, j-1 {
			out[i], out[j] = out[j], out[i]
		}
		return out
	}
	for s = strings.TrimLeftFunc(s, pythonSpace); s != ""; s = strings.TrimLeftFunc(s, pythonSpace) {
		i := strings.IndexFunc(s, pythonSpace)
		if i < 0 || most == 0 {
			return append(out, s)
		}
		out = append(out, s[:i])
		s = s[i:]
		most--
	}
	return out
}

func strSplitLines(_ *Thread, self Value, a Args) (Value, error) {
	args, err := a.Bind("splitlines", "keepends?")
	if err != nil {
		return Undef, err
	}
	return Strings(SplitLines(self.rawString(), Truth(args[0]))...), nil
}

// SplitLines is str.splitlines(keepends).
func SplitLines(s string, keepEnds bool) []string {
	var out []string
	for s != "" {
		i := strings.IndexFunc(s, lineBreak)
		if i < 0 {
			return append(out, s)
		}
		end := i + 1
		switch {
		case strings.HasPrefix(s[i:], "\r\n"), s[i] == 0xc2:
			end = i + 2
		case s[i] == 0xe2:
			end = i + 3
		}
		if keepEnds {
			out = append(out, s[:end])
		} else {
			out = append(out, s[:i])
		}
		s = s[end:]
	}
	return out
}

func lineBreak(r rune) bool {
	return r >= '\n' && r <= '\r' || r >= 0x1c && r <= 0x1e || r == 0x85 || r == 0x2028 || r == 0x2029
}

func strMakeTrans(_ *Thread, _ Value, a Args) (Value, error) {
	if err := a.between("maketrans", 1, 3); err != nil {
		return Undef, err
	}
	table := NewDict(0)
	if len(a.Pos) == 1 {
		d, ok := a.Pos[0].AsDict()
		if !ok {
			return Undef, typeError("if you give only one argument to maketrans it must be a dict")
		}
		for k, v := range d.All() {
			if s, ok := k.AsString(); ok {
				if runeLen(s) != 1 {
					return Undef, valueError("string keys in translate table must be of length 1")
				}
				k = Int(int64([]rune(s)[0]))
			} else if _, ok := indexOf(k); !ok {
				return Undef, typeError("keys in translate table must be strings or integers")
			}
			if err := table.Set(k, v); err != nil {
				return Undef, err
			}
		}
		return FromDict(table), nil
	}
	from, err := needString(a.Pos[0], "first maketrans argument must be a string if there is a second argument")
	if err != nil {
		return Undef, err
	}
	to, err := needString(a.Pos[1], "maketrans() argument 2 must be str, not %s")
	if err != nil {
		return Undef, err
	}
	x, y := []rune(from), []rune(to)
	if len(x) != len(y) {
		return Undef, valueError("the first two maketrans arguments must have equal length")
	}
	for i := range x {
		if err := table.Set(Int(int64(x[i])), Int(int64(y[i]))); err != nil {
			return Undef, err
		}
	}
	if len(a.Pos) == 3 {
		drop, err := needString(a.Pos[2], "maketrans() argument 3 must be str, not %s")
		if err != nil {
			return Undef, err
		}
		for _, r := range drop {
			if err := table.Set(Int(int64(r)), None); err != nil {
				return Undef, err
			}
		}
	}
	return FromDict(table), nil
}

func strTranslate(th *Thread, self Value, a Args) (Value, error) {
	if err := a.between("str.translate", 1, 1); err != nil {
		return Undef, err
	}
	d, ok := a.Pos[0].AsDict()
	if !ok {
		return Undef, typeError("'%s' object is not subscriptable", TypeName(a.Pos[0]))
	}
	var out []byte
	for _, r := range self.rawString() {
		v, ok := d.Get(Int(int64(r)))
		switch {
		case !ok:
			out = append(out, string(r)...)
		case v.IsNone():
		case v.Kind() == KindString:
			out = append(out, v.rawString()...)
		case v.Kind() == KindInt:
			out = append(out, string(rune(v.rawInt()))...)
		default:
			return Undef, typeError("character mapping must return integer, None or str")
		}
		if err := th.CheckString(int64(len(out))); err != nil {
			return Undef, err
		}
	}
	return String(string(out)), nil
}
