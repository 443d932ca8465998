package context

import "strings"

// While profiles and packages are rendered, a secret stands as a mark with its name, so
// that no filter can cut or change it; the mark is replaced in the finished text.
const (
	secretStart = "$$$DBT_SECRET_START$$$"
	secretEnd   = "$$$DBT_SECRET_END$$$"
)

func secretMark(name string) string { return secretStart + name + secretEnd }

// eachSecret replaces every mark in text by what replace makes of its name.
func eachSecret(text string, replace func(name string) string) string {
	if !strings.Contains(text, secretStart) {
		return text
	}
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(text, secretStart)
		if !ok {
			b.WriteString(text)
			return b.String()
		}
		name, after, ok := strings.Cut(rest, secretEnd)
		if !ok {
			b.WriteString(text)
			return b.String()
		}
		b.WriteString(before)
		b.WriteString(replace(name))
		text = after
	}
}

// maskSecrets hides marks in text that is about to be shown.
func maskSecrets(text string) string { return eachSecret(text, func(string) string { return "*****" }) }

// MaskSecrets hides the secrets of rendered text that is about to be shown.
func MaskSecrets(text string) string { return maskSecrets(text) }
