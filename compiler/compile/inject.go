package compile

import (
	"strings"

	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/relation"
)

// cte is an ephemeral parent ready to be put in front, with where its code came from.
type cte struct {
	manifest.CTE
	from *Map
	head int // bytes before the parent's own code in SQL
}

const cteOpen = " as (\n"

func cteText(identifier, code string) string {
	return " " + relation.EphemeralPrefix + identifier + cteOpen + code + "\n)"
}

func cteHead(identifier string) int {
	return 1 + len(relation.EphemeralPrefix) + len(identifier) + len(cteOpen)
}

// inject puts CTEs in front of the code: after WITH [RECURSIVE] where the code begins with
// it, else as a new WITH. Text and spacing are dbt's.
func inject(out *Output, ctes []cte) {
	if len(ctes) == 0 {
		return
	}
	at, hasWith := withClause(out.own)
	prefix, suffix := "", ", "
	if !hasWith {
		prefix, suffix = "with", " "
	}
	var b strings.Builder
	b.WriteString(out.own[:at])
	b.WriteString(prefix)
	m := &Map{}
	m.shift(out.Map, 0, at, 0)
	for i, c := range ctes {
		if i > 0 {
			b.WriteString(", ")
		}
		if c.from != nil {
			m.shift(c.from, 0, c.from.size, b.Len()+c.head)
		}
		b.WriteString(c.SQL)
		out.ExtraCTEs = append(out.ExtraCTEs, c.CTE)
	}
	b.WriteString(suffix)
	m.shift(out.Map, at, len(out.own), b.Len()-at)
	b.WriteString(out.own[at:])
	out.Code = b.String()
	m.size = len(out.Code)
	m.body = out.Map
	m.parents = ctes
	out.Map = m
}

// ctes are the parents that were put in front.
func (o *Output) ctes() []cte {
	if o.Map == nil {
		return nil
	}
	return o.Map.parents
}

// withClause finds where CTEs go: behind the leading WITH [RECURSIVE] and the white space
// after it, or at the first word when there is none.
func withClause(sql string) (at int, hasWith bool) {
	start := spaces(sql, 0)
	at = blanks(sql, start)
	end, ok := keyword(sql, at, "with")
	if !ok {
		return start, false
	}
	if next, ok := keyword(sql, blanks(sql, end), "recursive"); ok {
		end = next
	}
	return spaces(sql, end), true
}

// keyword matches a whole word without regard to case.
func keyword(sql string, at int, word string) (end int, ok bool) {
	end = at + len(word)
	if end > len(sql) || !strings.EqualFold(sql[at:end], word) {
		return at, false
	}
	if end < len(sql) {
		if c := sql[end]; c == '_' || c == '$' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= 0x80 {
			return at, false
		}
	}
	return end, true
}

func spaces(sql string, i int) int {
	for i < len(sql) && (sql[i] == ' ' || sql[i] == '\t' || sql[i] == '\n' || sql[i] == '\r' || sql[i] == '\f' || sql[i] == '\v') {
		i++
	}
	return i
}

// blanks skips white space and comments. A comment that never ends is no comment.
func blanks(sql string, i int) int {
	for {
		i = spaces(sql, i)
		switch rest := sql[i:]; {
		case strings.HasPrefix(rest, "--"):
			n := strings.IndexByte(rest, '\n')
			if n < 0 {
				return len(sql)
			}
			i += n + 1
		case strings.HasPrefix(rest, "/*"):
			n := strings.Index(rest[2:], "*/")
			if n < 0 {
				return i
			}
			i += n + 4
		default:
			return i
		}
	}
}
