package fix

import "strings"

func lineStart(text string, at int) int { return strings.LastIndexByte(text[:at], '\n') + 1 }

// columnOf is how many bytes stand before a place on its line.
func columnOf(text string, at int) int { return at - lineStart(text, at) }

// aboveComments moves the start of a line up over comments that stand directly above it at
// the same column: they are about what follows.
func aboveComments(text string, start, floor, column int) int {
	for start > floor {
		above := lineStart(text, start-1)
		line := text[above:start]
		trimmed := strings.TrimLeft(line, " ")
		if above <= floor || !strings.HasPrefix(trimmed, "#") || len(line)-len(trimmed) != column {
			break
		}
		start = above
	}
	return start
}

// blockEnd is where the entry whose key stands at a place ends: before the next line that is
// not indented deeper, without the empty lines and comments above that.
func blockEnd(text string, key, column int) int {
	end := nextLine(text, key)
	for at := end; at < len(text); at = nextLine(text, at) {
		line := text[at:nextLine(text, at)]
		trimmed := strings.TrimLeft(line, " ")
		depth := len(line) - len(trimmed)
		trimmed = strings.TrimSpace(trimmed)
		list := depth == column && (trimmed == "-" || strings.HasPrefix(trimmed, "- "))
		switch {
		case trimmed == "":
			continue
		case strings.HasPrefix(trimmed, "#") && depth <= column:
			continue
		case depth > column || list:
			end = nextLine(text, at)
			continue
		}
		break
	}
	return end
}

func nextLine(text string, at int) int {
	if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(text)
}
