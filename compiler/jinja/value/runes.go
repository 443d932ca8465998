package value

import "unicode/utf8"

// Python indexes strings by code point. Nearly all strings are ASCII, where that is the
// byte offset, so the helpers here look for that first.

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

func runeLen(s string) int { return utf8.RuneCountInString(s) }

// runeAt returns the character at a (possibly negative) index.
func runeAt(s string, i int64) (Value, bool) {
	n := int64(runeLen(s))
	if i < 0 {
		i += n
	}
	if i < 0 || i >= n {
		return Undef, false
	}
	if n == int64(len(s)) {
		return String(s[i : i+1]), true
	}
	start := byteOffset(s, int(i))
	_, size := utf8.DecodeRuneInString(s[start:])
	return String(s[start : start+size]), true
}

// byteOffset is where character number i starts; i may equal the length.
func byteOffset(s string, i int) int {
	if i <= 0 {
		return 0
	}
	for off := range s {
		if i == 0 {
			return off
		}
		i--
	}
	return len(s)
}
