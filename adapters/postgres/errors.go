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

// transient: serialization failure, deadlock, shutdown or recovery of the server, lost connection.
func transient(code string) bool {
	switch code {
	case "40001", "40P01", "57P01", "57P02", "57P03":
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

// The excerpt shows at most excerptWidth characters of a line, and keeps excerptRight of
// them right of the caret when there are any.
const (
	excerptWidth = 60
	excerptRight = 10
)

func excerpt(sql string, pos int) string {
	start := strings.LastIndexAny(sql[:pos], "\r\n") + 1
	end := len(sql)
	if i := strings.IndexAny(sql[pos:], "\r\n"); i >= 0 {
		end = pos + i
	}
	number := 1 + strings.Count(sql[:start], "\n")
	line := []rune(strings.ReplaceAll(sql[start:end], "\t", " "))
	caret := utf8.RuneCountInString(sql[start:pos])

	left, right := "", ""
	if len(line) > excerptWidth {
		from := 0
		if caret+excerptRight > excerptWidth {
			from = min(caret+excerptRight, len(line)) - excerptWidth
			if from > 0 {
				left = "..."
			}
		}
		to := min(from+excerptWidth, len(line))
		if to < len(line) {
			right = "..."
		}
		line, caret = line[from:to], caret-from
	}
	prefix := "LINE " + strconv.Itoa(number) + ": " + left
	return prefix + string(line) + right + "\n" + strings.Repeat(" ", len(prefix)+caret) + "^"
}
