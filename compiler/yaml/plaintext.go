package yaml

import "strings"

// The scalars of plainReader.

// plainStart reports that a scalar without quotes can begin at i.
func plainStart(text string, i int) bool {
	if i >= len(text) {
		return false
	}
	switch text[i] {
	case '-':
		return i+1 < len(text) && !blankAt(text[i+1])
	case ' ', '\n', '?', ':', ',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`':
		return false
	}
	return true
}

// plain reads a scalar without quotes and the lines that continue it.
func (r *plainReader) plain(column int) *Node {
	start := r.at
	if !plainStart(r.text, start) {
		return nil
	}
	end, commented := r.plainLine(start)
	if end == 0 {
		return nil
	}
	text := r.text[start:end]
	r.at = end
	var b strings.Builder // of a scalar of several lines
	for !commented {
		next, breaks := r.continued(end, column)
		if next == 0 {
			break
		}
		if b.Len() == 0 {
			b.WriteString(text)
		}
		if end, commented = r.plainLine(next); end == 0 {
			return nil
		}
		fold(&b, breaks)
		b.WriteString(r.text[next:end])
		r.at = end
	}
	if b.Len() == 0 {
		return r.scalar(start, end, text, true)
	}
	text = b.String()
	return r.scalar(start, start+plainEnd(r.text[start:], text), text, true)
}

// plainLine is where the part of a scalar that begins at i ends on its line, and whether a
// comment follows; 0 when there is a key.
func (r *plainReader) plainLine(i int) (end int, commented bool) {
	end = i
	for j := i; j < len(r.text) && r.text[j] != '\n'; j++ {
		switch c := r.text[j]; {
		case c == ' ':
			continue
		case c == ':' && blankAt(r.peek(j+1)):
			return 0, false
		case c == '#' && j > i && r.text[j-1] == ' ':
			return end, true
		}
		end = j + 1
	}
	return end, false
}

// continued finds the line after a part of a scalar that ends at i: where its text begins,
// 0 when it is no further part of the scalar, and how many line breaks there are before it.
func (r *plainReader) continued(i, column int) (next, breaks int) {
	indent := 0
	for ; i < len(r.text); i++ {
		switch r.text[i] {
		case '\n':
			breaks++
			indent = 0
		case ' ':
			indent++
		default:
			if indent <= column || r.text[i] == '#' {
				return 0, 0
			}
			return i, breaks
		}
	}
	return 0, 0
}

// fold writes the line breaks between two parts: one is a space, more are one less.
func fold(b *strings.Builder, breaks int) {
	if breaks == 1 {
		b.WriteByte(' ')
		return
	}
	for range breaks - 1 {
		b.WriteByte('\n')
	}
}

// quoteEnd is the place behind a quoted scalar at i; 0 when there is something in it that
// is not simple, or no end.
func (r *plainReader) quoteEnd(i int) int {
	quote := r.text[i]
	for j := i + 1; j < len(r.text); j++ {
		switch c := r.text[j]; {
		case c == '\\' && quote == '"':
			return 0
		case c == '\n' && j+1 < len(r.text) && r.marker(j+1):
			return 0
		case c == quote && quote == '\'' && r.peek(j+1) == '\'':
			j++
		case c == quote:
			return j + 1
		}
	}
	return 0
}

// quoted is the scalar in quotes that stands at [start, end).
func (r *plainReader) quoted(start, end int) *Node {
	quote, text := r.text[start:start+1], r.text[start+1:end-1]
	if strings.IndexByte(text, '\n') >= 0 {
		text = folded(text)
	}
	if quote == "'" {
		text = strings.ReplaceAll(text, "''", "'")
	}
	return r.scalar(start, end, text, false)
}

// folded joins the lines of a quoted scalar.
func folded(text string) string {
	var b strings.Builder
	lines := strings.Split(text, "\n")
	breaks := 0
	for i, line := range lines {
		if i > 0 {
			line = strings.TrimLeft(line, " ")
			breaks++
		}
		if i < len(lines)-1 {
			line = strings.TrimRight(line, " ")
		}
		if line == "" && i > 0 && i < len(lines)-1 {
			continue
		}
		if breaks > 0 {
			fold(&b, breaks)
			breaks = 0
		}
		b.WriteString(line)
	}
	return b.String()
}

// blockText reads a block scalar: the lines below that are indented further than column.
func (r *plainReader) blockText(column int, literal bool) *Node {
	start := r.at
	r.at++
	keep := true // the last line break
	if r.peek(r.at) == '-' {
		keep = false
		r.at++
	}
	if r.peek(r.at) != '\n' || r.at >= len(r.text) {
		return nil
	}
	r.at++
	first, indent := r.blockIndent()
	if indent <= column {
		return nil
	}
	var b strings.Builder
	breaks := first // line breaks since the last text
	began, indented := false, false
	for {
		line, ok := r.blockLine(indent)
		if !ok {
			break
		}
		next := strings.IndexByte(line, '\n')
		if next < 0 {
			return nil // without a last line break the rules are others
		}
		deeper := line[0] == ' '
		switch {
		case !began:
			writeBreaks(&b, breaks)
		case !literal && !indented && !deeper:
			fold(&b, breaks)
		default:
			writeBreaks(&b, breaks)
		}
		b.WriteString(line[:next])
		began, indented = true, deeper
		r.at += indent + next + 1
		breaks = 1
		for r.at < len(r.text) { // empty lines
			spaces := len(r.text[r.at:]) - len(strings.TrimLeft(r.text[r.at:], " "))
			if r.peek(r.at+spaces) != '\n' || r.at+spaces >= len(r.text) {
				break
			}
			if spaces > indent {
				return nil
			}
			r.at += spaces + 1
			breaks++
		}
	}
	if keep {
		b.WriteByte('\n')
	}
	r.at-- // the break that ends the scalar also ends its line
	text := b.String()
	return r.scalar(start, start+blockEnd(r.text[start:], text), text, false)
}

func writeBreaks(b *strings.Builder, breaks int) {
	for range breaks {
		b.WriteByte('\n')
	}
}

// blockIndent skips the empty lines before the text of a block scalar and gives their
// number and the indentation of the text; 0 when there is none that is simple.
func (r *plainReader) blockIndent() (empty, indent int) {
	widest := 0
	for r.at < len(r.text) {
		spaces := len(r.text[r.at:]) - len(strings.TrimLeft(r.text[r.at:], " "))
		if r.peek(r.at+spaces) != '\n' {
			if widest > spaces {
				return 0, 0
			}
			return empty, spaces
		}
		widest = max(widest, spaces)
		r.at += spaces + 1
		empty++
	}
	return 0, 0
}

// blockLine is the rest of the text from a line of a block scalar on, without its indentation.
func (r *plainReader) blockLine(indent int) (string, bool) {
	rest := r.text[r.at:]
	if len(rest) <= indent || strings.TrimLeft(rest[:indent], " ") != "" {
		return "", false
	}
	return rest[indent:], true
}
