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
	if isASCII(s) {
		return titleRune(r) + Lower(s[n:])
	}
	var b strings.Builder
	b.WriteString(titleRune(r))
	for i, r := range s[n:] {
		b.WriteString(lowerAt(s, n+i, r))
	}
	return b.String()
}

// pythonTitle starts a word at every cased character that follows an uncased one.
func pythonTitle(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	inWord := false
	for i, r := range s {
		if inWord {
			b.WriteString(lowerAt(s, i, r))
		} else {
			b.WriteString(titleRune(r))
		}
		inWord = cased(r)
	}
	return b.String()
}

// lowerSigma is the sigma that ends a word or the one inside it: it ends a word when a
// cased character comes before it and none after, apart from marks that case ignores.
func lowerSigma(s string, i int) string {
	before, _ := utf8.DecodeLastRuneInString(strings.TrimRightFunc(s[:i], caseIgnorable))
	after, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(s[i+len("Σ"):], caseIgnorable))
	if cased(before) && !cased(after) {
		return "ς"
	}
	return "σ"
}

func caseIgnorable(r rune) bool {
	return unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf, unicode.Lm, unicode.Sk) || strings.ContainsRune("'.:·’", r)
}

// lowerAt is the lower case of the character r at s[i].
func lowerAt(s string, i int, r rune) string {
	if r == 'Σ' {
		return lowerSigma(s, i)
	}
	return Lower(string(r))
}

func swapCase(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for i, r := range s {
		switch {
		case upperRune(r):
			b.WriteString(lowerAt(s, i, r))
		case lowerRune(r):
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
