package postgres

import (
	"context"
	"errors"
	"io"
	"net"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/millrace/millrace/adapters"
)

// wrap classes an error of a statement. offset, if any, maps a byte position of what was
// sent to one of sql.
func (c *conn) wrap(ctx context.Context, err error, sql string, offset func(int) int) error {
	out := &adapters.DatabaseError{SQL: sql, Position: -1, Cause: err}
	var pg *pgconn.PgError
	if errors.As(err, &pg) {
		out.Code = pg.Code
		out.Hint = pg.Hint
		if pg.Code == "42703" { // undefined_column
			out.Column = missingColumn(pg.Message)
		}
		if pg.Position > 0 {
			sent := sql
			if offset != nil {
				sent, _ = numbered(sql)
			}
			out.Position = byteOffset(sent, int(pg.Position)-1)
			if offset != nil {
				out.Position = offset(out.Position)
			}
		}
		out.Message = serverMessage(pg, sql, out.Position)
		switch {
		case pg.Code == "57014" && ctx.Err() != nil: // query_canceled
			out.Fault = adapters.FaultCanceled
		case transient(pg.Code):
			out.Fault = adapters.FaultTransient
		}
		return out
	}
	out.Message = rootCause(err)
	var op *net.OpError
	switch {
	case ctx.Err() != nil:
		out.Fault = adapters.FaultCanceled
	case c.pg.IsClosed(), errors.As(err, &op), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		out.Fault = adapters.FaultTransient
		out.Code = "08006"
		out.Message = "the connection to the " + c.engine.creds.address() + " was lost: " + out.Message
	}
	return out
}

// missingColumn is the column that `column x.y does not exist` names, without its table.
func missingColumn(message string) string {
	rest, ok := strings.CutPrefix(message, "column ")
	name, _, found := strings.Cut(rest, " does not exist")
	if !ok || !found {
		return ""
	}
	name = name[strings.LastIndexByte(name, '.')+1:]
	return strings.Trim(name, `"`)
}

// transient: serialization failure, deadlock, shutdown or recovery of the server, lost connection.
func transient(code string) bool {
	switch code {
	case "25P03", "40001", "40P01", "57P01", "57P02", "57P03", "57P05": // 25P03 and 57P05: the session was idle for too long
		return true
	}
	return strings.HasPrefix(code, "08")
}

// byteOffset turns an offset in characters into one in bytes.
func byteOffset(s string, chars int) int {
	pos := 0
	for ; chars > 0 && pos < len(s); chars-- {
		_, n := utf8.DecodeRuneInString(s[pos:])
		pos += n
	}
	return pos
}

// serverMessage is the text that clients of PostgreSQL show: the message, the line with a
// caret under the place, then detail, hint and context.
func serverMessage(e *pgconn.PgError, sql string, pos int) string {
	var b strings.Builder
	b.WriteString(e.Message)
	if pos >= 0 && pos <= len(sql) {
		b.WriteByte('\n')
		b.WriteString(excerpt(sql, pos))
	}
	for _, part := range [][2]string{{"DETAIL:  ", e.Detail}, {"HINT:  ", e.Hint}, {"CONTEXT:  ", e.Where}} {
		if part[1] != "" {
			b.WriteString("\n" + part[0] + part[1])
		}
	}
	return b.String()
}

// The excerpt shows at most excerptWidth columns of a line, and keeps excerptRight of them
// right of the caret when there are any.
const (
	excerptWidth = 60
	excerptRight = 10
)

// excerpt is the line of a byte position with a caret under it, as libpq draws it.
func excerpt(sql string, pos int) string {
	line, number, caret := lineOf(sql, pos)
	// columns[i] is where character i begins.
	columns := make([]int, len(line)+1)
	for i, r := range line {
		columns[i+1] = columns[i] + max(1, adapters.RuneWidth(r))
	}
	from, to := 0, len(line)
	left, right := "", ""
	if columns[to] > excerptWidth {
		if excerptWidth < columns[caret]+excerptRight {
			for columns[caret]+excerptRight < columns[to] {
				to, right = to-1, "..."
			}
			for columns[to]-columns[from] > excerptWidth {
				from, left = from+1, "..."
			}
		} else {
			for columns[to] > excerptWidth {
				to, right = to-1, "..."
			}
		}
	}
	prefix := "LINE " + strconv.Itoa(number) + ": " + left
	return prefix + string(line[from:to]) + right + "\n" + strings.Repeat(" ", len(prefix)+columns[caret]-columns[from]) + "^"
}

// lineOf is the line around a position, its number, and the character of the position in it.
func lineOf(sql string, pos int) (line []rune, number, caret int) {
	start, number := 0, 1
	for i := 0; i < pos; i++ {
		if sql[i] == '\r' || sql[i] == '\n' {
			if sql[i] == '\r' || i == 0 || sql[i-1] != '\r' {
				number++
			}
			start = i + 1
		}
	}
	end := len(sql)
	if i := strings.IndexAny(sql[pos:], "\r\n"); i >= 0 {
		end = pos + i
	}
	return []rune(strings.ReplaceAll(sql[start:end], "\t", " ")), number, utf8.RuneCountInString(sql[start:pos])
}
