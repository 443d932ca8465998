package yaml

import "strings"

// WrapCall puts template braces around a test argument that is written as a bare call of
// ref, source, var, env_var or doc, so that `to: ref('orders')` is rendered. Other text
// comes back as it is.
func WrapCall(text string) string {
	s := strings.TrimSpace(text)
	open := strings.IndexByte(s, '(')
	if open < 0 || !strings.HasSuffix(s, ")") || len(s) < open+3 || strings.ContainsAny(s[open:], "\n") {
		return text
	}
	switch strings.TrimRight(s[:open], " \t\r\n") {
	case "env_var", "ref", "var", "source", "doc":
		return "{{ " + text + " }}"
	}
	return text
}
