package yaml

import "strings"

// Quote writes a string as a YAML scalar on one line, without quotes where a reader would
// take the bare text for the same string.
func Quote(s string) string {
	if plainSafe(s) {
		return s
	}
	if strings.IndexFunc(s, needsEscape) < 0 {
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	return doubleQuote(s)
}

// plainSafe reports text that reads back as itself without quotes, in block and flow style.
func plainSafe(s string) bool {
	if s == "" || s != strings.TrimSpace(s) || strings.ContainsAny(s, "\n\r\t\x00,[]{}\"'`|>%@&*!#?") {
		return false
	}
	if s == "=" || s == "<<" || strings.Contains(s, ": ") || strings.HasSuffix(s, ":") || strings.HasPrefix(s, ":") {
		return false
	}
	if (s[0] == '-' || s[0] == '?') && (len(s) == 1 || s[1] == ' ') || strings.HasPrefix(s, "---") || strings.HasPrefix(s, "...") {
		return false
	}
	if strings.IndexFunc(s, needsEscape) >= 0 {
		return false
	}
	v, problem := resolvePlain(s)
	text, ok := v.AsString()
	return problem == "" && ok && text == s
}

// needsEscape are control characters, line ends of Unicode, and what is no character: a
// reader refuses or changes them unless they are escaped.
func needsEscape(r rune) bool {
	return r < ' ' || r >= 0x7f && r < 0xa0 || r == 0x2028 || r == 0x2029 || r == 0xfeff || r == 0xfffe || r == 0xffff
}

func doubleQuote(s string) string {
	const hex = "0123456789abcdef"
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case r == '\r':
			b.WriteString(`\r`)
		case r < ' ' || r >= 0x7f && r < 0xa0:
			b.WriteString(`\x` + string(hex[r>>4&15]) + string(hex[r&15]))
		case needsEscape(r):
			b.WriteString(`\u`)
			for shift := 12; shift >= 0; shift -= 4 {
				b.WriteByte(hex[r>>shift&15])
			}
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
