package value

import (
	"strings"
	"unicode/utf8"
)

// encodingName normalises the spellings that Python accepts.
func encodingName(v Value) (string, error) {
	if v.IsUndefined() {
		return "utf-8", nil
	}
	s, ok := v.AsString()
	if !ok {
		return "", typeError("encode() argument 'encoding' must be str, not %s", TypeName(v))
	}
	switch strings.ReplaceAll(strings.ToLower(s), "_", "-") {
	case "utf-8", "utf8", "u8":
		return "utf-8", nil
	case "ascii", "us-ascii", "646":
		return "ascii", nil
	case "latin-1", "latin1", "iso-8859-1", "iso8859-1", "l1":
		return "latin-1", nil
	}
	return "", Errorf("LookupError", "unknown encoding: %s", s)
}

func errorMode(v Value) (string, error) {
	if v.IsUndefined() {
		return "strict", nil
	}
	s, _ := v.AsString()
	switch s {
	case "strict", "ignore", "replace", "backslashreplace", "xmlcharrefreplace":
		return s, nil
	}
	return "", Errorf("LookupError", "unknown error handler name '%s'", Str(v))
}

func strEncode(_ *Thread, self Value, a Args) (Value, error) {
	args, err := a.Bind("encode", "encoding?", "errors?")
	if err != nil {
		return Undef, err
	}
	name, err := encodingName(args[0])
	if err != nil {
		return Undef, err
	}
	mode, err := errorMode(args[1])
	if err != nil {
		return Undef, err
	}
	s := self.rawString()
	if name == "utf-8" {
		return NewBytes([]byte(s)), nil
	}
	limit := rune(0x80)
	if name == "latin-1" {
		limit = 0x100
	}
	var out []byte
	at := 0
	for _, r := range s {
		switch {
		case r < limit:
			out = append(out, byte(r))
		case mode == "strict":
			return Undef, Errorf("UnicodeEncodeError", "'%s' codec can't encode character '%s' in position %d: ordinal not in range(%d)",
				name, appendEscapedRune(nil, r), at, limit)
		case mode == "replace":
			out = append(out, '?')
		case mode == "backslashreplace":
			out = appendEscapedRune(out, r)
		case mode == "xmlcharrefreplace":
			out = append(out, "&#"+Str(Int(int64(r)))+";"...)
		}
		at++
	}
	return NewBytes(out), nil
}

func decodeBytes(b []byte, encoding, errors Value) (Value, error) {
	name, err := encodingName(encoding)
	if err != nil {
		return Undef, err
	}
	mode, err := errorMode(errors)
	if err != nil {
		return Undef, err
	}
	var out []byte
	for i := 0; i < len(b); {
		if name == "latin-1" || b[i] < utf8.RuneSelf {
			out = utf8.AppendRune(out, rune(b[i]))
			i++
			continue
		}
		r, n := utf8.DecodeRune(b[i:])
		if name == "utf-8" && (r != utf8.RuneError || n > 1) {
			out = append(out, b[i:i+n]...)
			i += n
			continue
		}
		switch mode {
		case "strict":
			reason := "ordinal not in range(128)"
			if name == "utf-8" {
				reason = "invalid start byte"
			}
			return Undef, Errorf("UnicodeDecodeError", "'%s' codec can't decode byte 0x%02x in position %d: %s", name, b[i], i, reason)
		case "replace":
			out = utf8.AppendRune(out, utf8.RuneError)
		case "backslashreplace":
			out = append(out, '\\', 'x', hexDigits[b[i]>>4], hexDigits[b[i]&15])
		}
		i++
	}
	return String(string(out)), nil
}
