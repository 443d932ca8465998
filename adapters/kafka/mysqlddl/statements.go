package mysqlddl

import "strings"

// Statement is one statement of a script.
type Statement struct {
	Text string
	Line int // where it begins, from 1
}

// Defines reports that a statement may change what tables there are.
func (s Statement) Defines() bool {
	words := strings.Fields(strings.ToLower(s.Text))
	if len(words) < 2 {
		return false
	}
	switch words[0] {
	case "use":
		return true
	case "create":
		return words[1] == "table" || words[1] == "temporary" && len(words) > 2 && words[2] == "table"
	case "alter", "drop", "rename":
		return words[1] == "table"
	}
	return false
}

// Statements cuts a script at its semicolons. Comments before a statement are left out;
// DELIMITER of MySQL's own client is followed.
func Statements(script string) []Statement {
	var out []Statement
	delimiter := ";"
	start, line, begun := 0, 1, 1
	blank := true // nothing of a statement yet
	emit := func(end int) {
		if text := strings.TrimSpace(script[start:end]); !blank && text != "" {
			out = append(out, Statement{text, begun})
		}
		blank = true
	}
	for i := 0; i < len(script); {
		rest := script[i:]
		switch {
		case strings.HasPrefix(rest, delimiter):
			emit(i)
			i += len(delimiter)
			start = i
		case blank && len(rest) > 10 && strings.EqualFold(rest[:10], "delimiter "):
			end := strings.IndexByte(rest, '\n')
			if end < 0 {
				end = len(rest)
			}
			if d := strings.TrimSpace(rest[10:end]); d != "" {
				delimiter = d
			}
			i += end
			start = i
		case strings.HasPrefix(rest, "-- ") || strings.HasPrefix(rest, "--\n") || rest[0] == '#':
			end := strings.IndexByte(rest, '\n')
			if end < 0 {
				end = len(rest)
			}
			i += end
			if blank {
				start = i
			}
		case strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest[2:], "*/")
			if end < 0 {
				end = len(rest) - 2
			} else {
				end += 2
			}
			line += strings.Count(rest[:end+2], "\n")
			i += end + 2
			if blank && !strings.HasPrefix(rest, "/*!") && !strings.HasPrefix(rest, "/*T!") {
				start = i
			} else if blank {
				blank, begun = false, line
			}
		case rest[0] == '\'' || rest[0] == '"' || rest[0] == '`':
			n := quoted(rest)
			line += strings.Count(rest[:n], "\n")
			i += n
			blank = false
		default:
			if rest[0] == '\n' {
				line++
			}
			if blank && rest[0] > ' ' {
				blank, start, begun = false, i, line
			}
			i++
		}
	}
	emit(len(script))
	return out
}

// quoted is the length of a quoted piece at the beginning of a text.
func quoted(s string) int {
	q := s[0]
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && q != '`':
			i++
		case s[i] == q && i+1 < len(s) && s[i+1] == q:
			i++
		case s[i] == q:
			return i + 1
		}
	}
	return len(s)
}
