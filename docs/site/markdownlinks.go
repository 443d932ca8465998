package site

import "regexp"

// Where markdown names a target: [text](target), ![text](target), [label]: target. Code is
// taken out before.
var (
	fenced     = regexp.MustCompile("(?m)^ {0,3}(```|~~~)[^\n]*\n(?s:.*?)\n? {0,3}(```|~~~)[ \t]*$")
	codeSpan   = regexp.MustCompile("``[^\n]*?``|`[^`\n]*`")
	inlineLink = regexp.MustCompile(`\]\(\s*(?:<([^>\n]*)>|([^\s()<>]+(?:\([^\s()]*\)[^\s()]*)*))(?:\s+(?:"[^"]*"|'[^']*'))?\s*\)`)
	definition = regexp.MustCompile(`(?m)^ {0,3}\[[^\]\n]+\]:\s*<?([^\s<>]+)>?`)
)

// targets lists what the links and pictures of a markdown text point to, in their order;
// definitions of references come last.
func targets(body []byte) []string {
	body = codeSpan.ReplaceAll(fenced.ReplaceAll(body, nil), nil)
	var out []string
	for _, m := range inlineLink.FindAllSubmatch(body, -1) {
		if t := string(m[1]) + string(m[2]); t != "" {
			out = append(out, t)
		}
	}
	for _, m := range definition.FindAllSubmatch(body, -1) {
		out = append(out, string(m[1]))
	}
	return out
}
