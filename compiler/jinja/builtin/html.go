package builtin

import (
	"html"
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
)

var htmlEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "'", "&#39;", `"`, "&#34;")

// escape escapes once: text that is escaped already stays.
func escape(th *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	if value.IsSafe(v) {
		return v, nil
	}
	return forceEscape(th, v, a)
}

func forceEscape(th *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	if _, err := a.BindAfter(1, "escape"); err != nil {
		return value.Undef, err
	}
	s, err := text(th, v)
	if err != nil {
		return value.Undef, err
	}
	if err := th.CheckString(5 * int64(len(s))); err != nil {
		return value.Undef, err
	}
	return value.Mark(value.MarkSafe, value.String(htmlEscaper.Replace(s))), nil
}

func safe(_ *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	if _, err := a.BindAfter(1, "do_mark_safe"); err != nil {
		return value.Undef, err
	}
	return value.Mark(value.MarkSafe, v), nil
}

// stripTags drops comments and tags, joins what is left with single spaces and unescapes it.
func stripTags(s string) string {
	s = dropBetween(s, "<!--", "-->")
	s = dropBetween(s, "<", ">")
	return html.UnescapeString(strings.Join(strings.Fields(s), " "))
}

func dropBetween(s, open, end string) string {
	var b strings.Builder
	for {
		i := strings.Index(s, open)
		if i < 0 {
			break
		}
		j := strings.Index(s[i:], end)
		if j < 0 {
			break
		}
		b.WriteString(s[:i])
		s = s[i+j+len(end):]
	}
	b.WriteString(s)
	return b.String()
}

func xmlAttr(th *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	args, err := a.BindAfter(2, "do_xmlattr", "autospace?")
	if err != nil {
		return value.Undef, err
	}
	d, ok := v.AsDict()
	if !ok {
		_, err := pairsOf(th, v)
		if err == nil {
			err = value.Errorf("TypeError", "xmlattr needs a mapping, not '%s'", value.TypeName(v))
		}
		return value.Undef, err
	}
	var b strings.Builder
	for key, item := range d.All() {
		if item.IsNull() {
			continue
		}
		name, ok := value.Text(key)
		if !ok {
			return value.Undef, value.Errorf("TypeError", "expected string or bytes-like object, got '%s'", value.TypeName(key))
		}
		if strings.ContainsAny(name, " \t\n\r\f\v/>=") {
			return value.Undef, value.Errorf("ValueError", "Invalid character in attribute name: %s", value.Repr(key))
		}
		s, err := escape(th, item, value.Args{})
		if err != nil {
			return value.Undef, err
		}
		if b.Len() > 0 || args[0].IsUndefined() || value.Truth(args[0]) {
			b.WriteByte(' ')
		}
		b.WriteString(htmlEscaper.Replace(name) + `="` + value.Str(s) + `"`)
	}
	return value.String(b.String()), nil
}

func urlEncode(th *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	if _, err := a.BindAfter(1, "do_urlencode"); err != nil {
		return value.Undef, err
	}
	if _, ok := value.Text(v); ok || !value.CanIterate(v) {
		return value.String(urlQuote(value.Str(v), false)), nil
	}
	if d, ok := v.AsDict(); ok {
		pairs, err := value.CallMethod(th, value.FromDict(d), "items", value.Args{})
		if err != nil {
			return value.Undef, err
		}
		v = pairs
	}
	items, err := value.ToSlice(th, v)
	if err != nil {
		return value.Undef, err
	}
	parts := make([]string, len(items))
	for i, item := range items {
		if !value.CanIterate(item) {
			return value.Undef, value.Errorf("TypeError", "cannot unpack non-iterable %s object", value.TypeName(item))
		}
		pair, err := value.ToSlice(th, item)
		if err != nil {
			return value.Undef, err
		}
		if len(pair) != 2 {
			return value.Undef, unpackError(len(pair))
		}
		parts[i] = urlQuote(value.Str(pair[0]), true) + "=" + urlQuote(value.Str(pair[1]), true)
	}
	return value.String(strings.Join(parts, "&")), nil
}

func unpackError(n int) error {
	if n > 2 {
		return value.Errorf("ValueError", "too many values to unpack (expected 2)")
	}
	return value.Errorf("ValueError", "not enough values to unpack (expected 2, got %d)", n)
}

// urlQuote percent-encodes; in a query "/" is encoded too and a space becomes "+".
func urlQuote(s string, query bool) string {
	const hex = "0123456789ABCDEF"
	out := make([]byte, 0, len(s))
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', strings.IndexByte("_.-~", c) >= 0,
			c == '/' && !query:
			out = append(out, c)
		case c == ' ' && query:
			out = append(out, '+')
		default:
			out = append(out, '%', hex[c>>4], hex[c&15])
		}
	}
	return string(out)
}
