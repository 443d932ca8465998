package scan

// Statement is where one statement of a text stands, without the semicolon that ends it.
// It begins behind the semicolon before, so that blanks and comments are a part of it.
type Statement struct{ Start, End int }

// Statements splits a text at its semicolons. Those in strings, names and comments do not
// count, and what holds nothing but blanks and comments is no statement.
func Statements(sql string) []Statement {
	var out []Statement
	start, used := 0, false
	for t := range Tokens(sql) {
		switch {
		case t.Kind == Symbol && sql[t.Start] == ';':
			if used {
				out = append(out, Statement{start, t.Start})
			}
			start, used = t.End, false
		case t.Kind != Space && t.Kind != Comment:
			used = true
		}
	}
	if used {
		out = append(out, Statement{start, len(sql)})
	}
	return out
}

// FirstWord is the first word of a text behind blanks and comments, "" when something else
// stands there.
func FirstWord(sql string) string {
	for t := range Tokens(sql) {
		switch t.Kind {
		case Space, Comment:
			continue
		case Word:
			return t.Text(sql)
		}
		break
	}
	return ""
}

// Parameters reports whether a text has placeholders for values.
func Parameters(sql string) bool {
	for t := range Tokens(sql) {
		if t.Kind == Parameter {
			return true
		}
	}
	return false
}
