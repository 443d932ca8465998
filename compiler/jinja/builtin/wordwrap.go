package builtin

import (
	"strings"
	"unicode"

	"github.com/millrace/millrace/compiler/jinja/value"
)

func wordWrap(th *value.Thread, v value.Value, a value.Args) (value.Value, error) {
	args, err := a.BindAfter(2, "do_wordwrap", "width?", "break_long_words?", "wrapstring?", "break_on_hyphens?")
	if err != nil {
		return value.Undef, err
	}
	width, err := integer(args[0], 79)
	if err != nil {
		return value.Undef, err
	}
	s, ok := value.Text(v)
	if !ok {
		if v.IsUndefined() {
			return value.Undef, v.UndefinedError()
		}
		return value.Undef, value.Errorf("AttributeError", "'%s' object has no attribute 'splitlines'", value.TypeName(v))
	}
	newline := "\n"
	if !args[2].IsNull() {
		newline = value.Str(args[2])
	}
	if err := th.Step(int64(len(s))); err != nil {
		return value.Undef, err
	}
	lines := value.SplitLines(s, false)
	if len(lines) > 0 && width <= 0 {
		return value.Undef, value.Errorf("ValueError", "invalid width %d (must be > 0)", width)
	}
	w := wrapper{
		width:     int(min(width, 1<<30)),
		breakLong: args[1].IsUndefined() || value.Truth(args[1]),
		hyphens:   args[3].IsUndefined() || value.Truth(args[3]),
	}
	out := make([]string, len(lines))
	for i, line := range lines {
		out[i] = strings.Join(w.wrap([]rune(line)), newline)
	}
	return value.String(strings.Join(out, newline)), nil
}

// wrapper fills lines as Python's textwrap does.
type wrapper struct {
	width     int
	breakLong bool
	hyphens   bool
}

func (w wrapper) wrap(s []rune) []string {
	chunks := w.chunks(s)
	var lines []string
	for len(chunks) > 0 {
		if len(lines) > 0 && wrapBlank(chunks[0]) {
			chunks = chunks[1:]
			if len(chunks) == 0 {
				break
			}
		}
		var line [][]rune
		size := 0
		for len(chunks) > 0 && size+len(chunks[0]) <= w.width {
			line = append(line, chunks[0])
			size += len(chunks[0])
			chunks = chunks[1:]
		}
		if len(chunks) > 0 && len(chunks[0]) > w.width {
			if w.breakLong {
				room := w.breakAt(chunks[0], w.width-size)
				line = append(line, chunks[0][:room])
				chunks[0] = chunks[0][room:]
			} else if len(line) == 0 {
				line = append(line, chunks[0])
				chunks = chunks[1:]
			}
		}
		if n := len(line); n > 0 && wrapBlank(line[n-1]) {
			line = line[:n-1]
		}
		if len(line) > 0 {
			var b strings.Builder
			for _, c := range line {
				b.WriteString(string(c))
			}
			lines = append(lines, b.String())
		}
	}
	return lines
}

// breakAt is where a long chunk is cut: after a hyphen in reach, else at the room left.
func (w wrapper) breakAt(chunk []rune, room int) int {
	if w.width < 1 {
		room = 1
	}
	room = max(room, 0)
	if w.hyphens && len(chunk) > room {
		for i := room - 1; i > 0; i-- {
			if chunk[i] == '-' {
				for _, r := range chunk[:i] {
					if r != '-' {
						return i + 1
					}
				}
				break
			}
		}
	}
	return room
}

func wrapBlank(chunk []rune) bool { return strings.TrimSpace(string(chunk)) == "" }

func wrapSpace(r rune) bool { return strings.ContainsRune("\t\n\v\f\r ", r) }

// chunks cuts text into white space, words, dashes between words and the parts of
// hyphenated words.
func (w wrapper) chunks(s []rune) [][]rune {
	var out [][]rune
	for len(s) > 0 {
		n := 1
		if wrapSpace(s[0]) {
			for n < len(s) && wrapSpace(s[n]) {
				n++
			}
		} else {
			n = w.word(s, out)
		}
		out = append(out, s[:n])
		s = s[n:]
	}
	return out
}

func (w wrapper) word(s []rune, before [][]rune) int {
	if !w.hyphens {
		n := 1
		for n < len(s) && !wrapSpace(s[n]) {
			n++
		}
		return n
	}
	if len(before) > 0 {
		last := before[len(before)-1]
		if wordPunct(last[len(last)-1]) {
			if n := dashes(s); n > 0 {
				return n
			}
		}
	}
	for n := 1; ; n++ {
		switch {
		case n == len(s) || wrapSpace(s[n]):
			return n
		case wordPunct(s[n-1]) && dashes(s[n:]) > 0:
			return n
		case s[n] == '-' && hyphenAt(s, n):
			return n + 1
		}
	}
}

func letter(r rune) bool { return r == '_' || unicode.IsLetter(r) }

// hyphenAt reports whether s[i] is a hyphen inside a word: after two letters or
// letter-hyphen-letter, before a letter and another (with perhaps a hyphen between).
func hyphenAt(s []rune, i int) bool {
	before := i >= 2 && letter(s[i-1]) && letter(s[i-2]) ||
		i >= 3 && letter(s[i-1]) && s[i-2] == '-' && letter(s[i-3])
	after := s[i+1:]
	return before && len(after) >= 2 && letter(after[0]) &&
		(letter(after[1]) || len(after) >= 3 && after[1] == '-' && letter(after[2]))
}

func wordPunct(r rune) bool { return wordRune(r) || strings.ContainsRune(`!"'&.,?`, r) }

// dashes is the length of a dash of two or more hyphens before a word.
func dashes(s []rune) int {
	n := 0
	for n < len(s) && s[n] == '-' {
		n++
	}
	if n >= 2 && n < len(s) && wordRune(s[n]) {
		return n
	}
	return 0
}
