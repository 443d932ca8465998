package duckdb

import "strings"

// statementStart is where the n-th statement of a text begins, from 0: after the
// semicolon of the one before. Semicolons in strings, names and comments do not count,
// nor do empty statements.
func statementStart(sql string, n int) int {
	start, used := 0, false
	for i := 0; i < len(sql); {
		switch c := sql[i]; {
		case c == ';':
			if used {
				if n == 0 {
					return start
				}
				n--
			}
			i++
			start, used = i, false
		case strings.HasPrefix(sql[i:], "--"):
			i = after(sql, i, "\n")
		case strings.HasPrefix(sql[i:], "/*"):
			i = afterComment(sql, i)
		default:
			used = used || c > ' '
			i = afterToken(sql, i)
		}
	}
	return start
}

// afterToken skips a string, a quoted name or a single byte.
func afterToken(sql string, i int) int {
	switch c := sql[i]; c {
	case '"':
		return after(sql, i+1, `"`)
	case '\'':
		if i > 0 && (sql[i-1] == 'e' || sql[i-1] == 'E') && (i < 2 || !wordByte(sql[i-2])) {
			return afterEscaped(sql, i+1)
		}
		return after(sql, i+1, "'")
	case '$':
		if i > 0 && wordByte(sql[i-1]) {
			return i + 1
		}
		end := i + 1
		for end < len(sql) && wordByte(sql[end]) {
			end++
		}
		if end < len(sql) && sql[end] == '$' {
			return after(sql, end+1, sql[i:end+1])
		}
	}
	return i + 1
}

func wordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// after is the place behind the next mark, or the end.
func after(sql string, i int, mark string) int {
	at := strings.Index(sql[i:], mark)
	if at < 0 {
		return len(sql)
	}
	return i + at + len(mark)
}

func afterEscaped(sql string, i int) int {
	for ; i < len(sql); i++ {
		switch sql[i] {
		case '\\':
			i++
		case '\'':
			return i + 1
		}
	}
	return len(sql)
}

func afterComment(sql string, i int) int {
	depth := 0
	for i < len(sql) {
		switch {
		case strings.HasPrefix(sql[i:], "/*"):
			depth++
			i += 2
		case strings.HasPrefix(sql[i:], "*/"):
			depth--
			i += 2
			if depth == 0 {
				return i
			}
		default:
			i++
		}
	}
	return i
}
