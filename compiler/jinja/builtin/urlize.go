package builtin

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/millrace/millrace/compiler/jinja/value"
)

var (
	webAddress = regexp.MustCompile(`(?i)^((https?://|www\.)(([\w%-]+\.)+)?([a-z]{2,63}|xn--[\w%]{2,59})` +
		`|([\w%-]{2,63}\.)+(com|net|int|edu|gov|org|info|mil)` +
		`|(https?://)((([\d]{1,3})(\.[\d]{1,3}){3})|(\[([\da-f]{0,4}:){2}([\da-f]{0,4}:?){1,6}\])))` +
		`(:[\d]{1,5})?([/?#]\S*)?$`)
	mailAddress = regexp.MustCompile(`^\S+@\w[\w.-]*\.\w+$`)
	uriScheme   = regexp.MustCompile(`^([\w.+-]{2,}:(/){0,2})$`)
)

type linker struct {
	limit       int64 // characters of a shown address, -1 for all
	rel, target string
	schemes     []string
}

func urlize(th *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	args, err := a.BindAfter(2, "do_urlize", "trim_url_limit?", "nofollow?", "target?", "rel?", "extra_schemes?")
	if err != nil {
		return value.Undef, err
	}
	l := linker{limit: -1}
	if !args[0].IsNull() {
		if l.limit, err = integer(args[0], -1); err != nil {
			return value.Undef, err
		}
	}
	rel := []string{"noopener"}
	if value.Truth(args[3]) {
		rel = append(rel, strings.Fields(value.Str(args[3]))...)
	}
	if value.Truth(args[1]) {
		rel = append(rel, "nofollow")
	}
	slices.Sort(rel)
	l.rel = ` rel="` + htmlEscaper.Replace(strings.Join(slices.Compact(rel), " ")) + `"`
	if value.Truth(args[2]) {
		l.target = ` target="` + htmlEscaper.Replace(value.Str(args[2])) + `"`
	}
	if !args[4].IsNull() {
		schemes, err := value.ToSlice(th, args[4])
		if err != nil {
			return value.Undef, err
		}
		for _, s := range schemes {
			if !uriScheme.MatchString(value.Str(s)) {
				return value.Undef, filterError("%s is not a valid URI scheme prefix.", value.Repr(s))
			}
			l.schemes = append(l.schemes, value.Str(s))
		}
	}
	escaped, err := escape(th, v, value.Args{})
	if err != nil {
		return value.Undef, err
	}
	return value.String(l.text(value.Str(escaped))), nil
}

// text links the words of escaped text.
func (l *linker) text(s string) string {
	var b strings.Builder
	for s != "" {
		end := strings.IndexFunc(s, unicode.IsSpace)
		if end < 0 {
			end = len(s)
		}
		b.WriteString(l.word(s[:end]))
		s = s[end:]
		next := strings.IndexFunc(s, func(r rune) bool { return !unicode.IsSpace(r) })
		if next < 0 {
			next = len(s)
		}
		b.WriteString(s[:next])
		s = s[next:]
	}
	return b.String()
}

func (l *linker) word(word string) string {
	head, middle, tail := cutPunctuation(word)
	switch {
	case webAddress.MatchString(middle):
		href := middle
		if !strings.HasPrefix(href, "https://") && !strings.HasPrefix(href, "http://") {
			href = "https://" + href
		}
		middle = `<a href="` + href + `"` + l.rel + l.target + `>` + l.trimmed(middle) + `</a>`
	case strings.HasPrefix(middle, "mailto:") && mailAddress.MatchString(middle[7:]):
		middle = `<a href="` + middle + `">` + middle[7:] + `</a>`
	case strings.Contains(middle, "@") && !strings.HasPrefix(middle, "www.") && !strings.HasPrefix(middle, "@") &&
		!strings.Contains(middle, ":") && mailAddress.MatchString(middle):
		middle = `<a href="mailto:` + middle + `">` + middle + `</a>`
	default:
		for _, scheme := range l.schemes {
			if middle != scheme && strings.HasPrefix(middle, scheme) {
				middle = `<a href="` + middle + `"` + l.rel + l.target + `>` + middle + `</a>`
			}
		}
	}
	return head + middle + tail
}

func (l *linker) trimmed(s string) string {
	if n := []rune(s); l.limit >= 0 && int64(len(n)) > l.limit {
		return string(n[:l.limit]) + "..."
	}
	return s
}

// cutPunctuation takes brackets and sentence punctuation off a word, and gives closing
// brackets back that the address itself opened.
func cutPunctuation(word string) (head, middle, tail string) {
	middle = word
	for {
		n := affix(middle, strings.HasPrefix, "(", "<", "&lt;")
		if n == 0 {
			break
		}
		head, middle = head+middle[:n], middle[n:]
	}
	for {
		n := affix(middle, strings.HasSuffix, ")", ">", ".", ",", "\n", "&gt;")
		if n == 0 {
			break
		}
		at := len(middle) - n
		middle, tail = middle[:at], middle[at:]+tail
	}
	for _, pair := range [][2]string{{"(", ")"}, {"<", ">"}, {"&lt;", "&gt;"}} {
		open := strings.Count(middle, pair[0])
		if open <= strings.Count(middle, pair[1]) {
			continue
		}
		for range min(open, strings.Count(tail, pair[1])) {
			end := strings.Index(tail, pair[1]) + len(pair[1])
			middle, tail = middle+tail[:end], tail[end:]
		}
	}
	return head, middle, tail
}

func affix(s string, has func(s, part string) bool, parts ...string) int {
	for _, p := range parts {
		if has(s, p) {
			return len(p)
		}
	}
	return 0
}
