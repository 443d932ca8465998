package value

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

// Upper, Lower … change case with the full Unicode mappings (ß becomes SS), as Python does.

// Upper is str.upper().
func Upper(s string) string {
	if isASCII(s) {
		return strings.ToUpper(s)
	}
	return cases.Upper(language.Und).String(s)
}

// Lower is str.lower().
func Lower(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	return cases.Lower(language.Und).String(s)
}

func caseFold(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	return cases.Fold().String(s)
}

// titleRune is the title case of one character, which may be several.
func titleRune(r rune) string {
	if r < utf8.RuneSelf {
		return string(unicode.ToUpper(r))
	}
	return cases.Title(language.Und).String(string(r))
}

// Capitalize is str.capitalize().
func Capitalize(s string) string {
	r, n := utf8.DecodeRuneInString(s)
	if n == 0 {
		return s
	}
	return titleRune(r) + Lower(s[n:])
}

// pythonTitle starts a word at every cased character that follows an uncased one.
func pythonTitle(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	inWord := false
	for i, r := range s {
		n := utf8.RuneLen(r)
		switch {
		case !inWord:
			b.WriteString(titleRune(r))
		case n > 1 && r == 'Σ':
			b.WriteString(lowerSigma(s, i))
		default:
			b.WriteString(Lower(string(r)))
		}
		inWord = cased(r)
	}
	return b.String()
}

// lowerSigma is the sigma that ends a word or the one inside it.
func lowerSigma(s string, i int) string {
	if next, n := utf8.DecodeRuneInString(s[i+len("Σ"):]); n > 0 && cased(next) {
		return "σ"
	}
	return "ς"
}

func swapCase(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range s {
		switch {
		case unicode.IsUpper(r):
			b.WriteString(Lower(string(r)))
		case unicode.IsLower(r):
			b.WriteString(Upper(string(r)))
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func lowerRune(r rune) bool {
	return unicode.IsLower(r) || r >= utf8.RuneSelf && unicode.Is(unicode.Other_Lowercase, r)
}

func upperRune(r rune) bool {
	return unicode.IsUpper(r) || r >= utf8.RuneSelf && unicode.Is(unicode.Other_Uppercase, r)
}

func cased(r rune) bool { return lowerRune(r) || upperRune(r) || unicode.IsTitle(r) }

func isLower(s string) bool {
	found := false
	for _, r := range s {
		if upperRune(r) || unicode.IsTitle(r) {
			return false
		}
		found = found || lowerRune(r)
	}
	return found
}

func isUpper(s string) bool {
	found := false
	for _, r := range s {
		if lowerRune(r) || unicode.IsTitle(r) {
			return false
		}
		found = found || upperRune(r)
	}
	return found
}

// IsLower and IsUpper are str.islower() and str.isupper().
func IsLower(s string) bool { return isLower(s) }

// IsUpper is str.isupper().
func IsUpper(s string) bool { return isUpper(s) }

func isTitle(s string) bool {
	found, inWord := false, false
	for _, r := range s {
		switch {
		case upperRune(r) || unicode.IsTitle(r):
			if inWord {
				return false
			}
			found, inWord = true, true
		case lowerRune(r):
			if !inWord {
				return false
			}
			found = true
		default:
			inWord = false
		}
	}
	return found
}
