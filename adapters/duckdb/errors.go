package duckdb

import (
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/duckdb/internal/native"
	"github.com/millrace/millrace/compiler/sql/scan"
)

// wrap classes an error of the engine. sql is the text that was run.
func wrap(err error, sql string) *adapters.DatabaseError {
	out := &adapters.DatabaseError{Message: err.Error(), SQL: sql, Position: -1, Cause: err}
	var n *native.Error
	if !errors.As(err, &n) {
		return out
	}
	out.Code = n.Class
	// Python's client, whose messages dbt tells, has no class for this and leaves the word out.
	out.Message = strings.TrimPrefix(out.Message, "Extension Autoloading Error: ")
	switch {
	case n.Canceled:
		out.Fault = adapters.FaultCanceled
	case strings.Contains(n.Message, "Could not set lock on file"):
		out.Fault = adapters.FaultLocked
		out.Hint = lockHint(n.Message)
	case n.Lost, conflict(n):
		out.Fault = adapters.FaultTransient
	case strings.Contains(n.Message, "database has been invalidated"):
		out.Hint = "the engine stopped after an internal error; start the command again"
	}
	out.Column, out.Candidates = missingColumn(n.Message)
	if sql == "" {
		return out
	}
	out.Position = position(n.Message, sql)
	if n.Statement > 0 && out.Position >= 0 {
		// The engine counts from the statement twice: once to it, once from it.
		statements := scan.Statements(sql)
		if n.Statement >= len(statements) {
			return out
		}
		if at := out.Position - statements[n.Statement].Start; at >= 0 && at <= len(sql) {
			out.Position = at
			out.Message = n.Message[:strings.LastIndex(n.Message, "\nLINE ")+1] + excerpt(sql, at)
		}
	}
	return out
}

var (
	missing    = regexp.MustCompile(`(?:Referenced column|Column|does not have a column named) "([^"]+)"(?: not found| referenced that| does not exist|\s|$)`)
	candidates = regexp.MustCompile(`Candidate bindings: ?:? ?(.+)`)
	quoted     = regexp.MustCompile(`"([^"]+)"`)
)

// missingColumn reads which column a binder error misses and which ones the engine offers.
func missingColumn(message string) (column string, offered []string) {
	m := missing.FindStringSubmatch(message)
	if m == nil {
		return "", nil
	}
	if c := candidates.FindStringSubmatch(message); c != nil {
		for _, q := range quoted.FindAllStringSubmatch(c[1], -1) {
			offered = append(offered, q[1][strings.LastIndexByte(q[1], '.')+1:])
		}
	}
	return m[1], offered
}

// conflicts are what the engine says when two transactions touch the same thing. It
// never waits, so a fresh transaction may well succeed.
var conflicts = [...]string{
	"conflict on update", "conflict on tuple deletion", "write-write conflict",
	"has been altered by a different transaction", "has been altered by another transaction",
	"catalog write-write", "another transaction has",
}

func conflict(e *native.Error) bool {
	text := strings.ToLower(e.Message)
	for _, c := range conflicts {
		if strings.Contains(text, c) {
			return true
		}
	}
	return e.Class == "TransactionContext" && strings.Contains(text, "conflict")
}

var alteredTable = regexp.MustCompile(`Attempting to modify table (.+?) but another transaction has altered this table`)

// alteredItself reports that what the engine takes for another transaction's change is one of
// the transaction's own statements, so that a fresh one would end the same way.
func alteredItself(message string, own []string) bool {
	m := alteredTable.FindStringSubmatch(message)
	return m != nil && slices.ContainsFunc(own, func(sql string) bool { return strings.Contains(sql, m[1]) })
}

// alters reports that a text may alter a table. It looks at loads of megabytes, too: an odd spelling
// is missed rather than searched for.
func alters(sql string) bool {
	return strings.Contains(sql, "alter table") || strings.Contains(sql, "ALTER TABLE")
}

var lockHolder = regexp.MustCompile(`Conflicting lock is held in (.+?) \(PID (\d+)\)(?: by user (\S+?))?[.\s]`)

// lockHint names who holds the file and what can be done about it.
func lockHint(message string) string {
	m := lockHolder.FindStringSubmatch(message + " ")
	if m == nil {
		return "close the program that has the database file open, or set retries.connect_attempts in the profile to wait for it"
	}
	who := m[1] + " (process " + m[2]
	if m[3] != "" {
		who += " of " + m[3]
	}
	return "close the database in " + who + ") or stop that process; retries.connect_attempts in the profile makes runs wait for it"
}

// position finds the byte in sql that the caret of a message points at. The engine shows
// the line cut to fit, so the shown part is looked up in the line it names.
func position(message, sql string) int {
	i := strings.LastIndex(message, "\nLINE ")
	if i < 0 {
		return -1
	}
	lines := strings.SplitN(message[i+1:], "\n", 3)
	if len(lines) < 2 {
		return -1
	}
	head, shown, ok := strings.Cut(lines[0], ": ")
	if !ok {
		return -1
	}
	number, err := strconv.Atoi(strings.TrimPrefix(head, "LINE "))
	caret := strings.IndexByte(lines[1], '^')
	if err != nil || caret < 0 {
		return -1
	}
	column := caret - len(head) - len(": ")
	start := lineStart(sql, number)
	if start < 0 || column < 0 {
		return -1
	}
	line := sql[start:]
	if end := strings.IndexByte(line, '\n'); end >= 0 {
		line = line[:end]
	}
	left := strings.HasPrefix(shown, "...")
	if left {
		shown, column = shown[3:], column-3
	}
	shown = strings.TrimSuffix(shown, "...")
	at := strings.Index(line, shown)
	if !left && at > 0 {
		at = 0 // the text was changed (tabs, control characters) and found elsewhere by chance
	}
	if at < 0 {
		if left {
			return -1
		}
		at = 0
	}
	return start + at + widthOffset(line[at:], column)
}

func lineStart(sql string, number int) int {
	start := 0
	for ; number > 1; number-- {
		i := strings.IndexByte(sql[start:], '\n')
		if i < 0 {
			return -1
		}
		start += i + 1
	}
	return start
}

// widthOffset is the byte offset of a display column; East Asian wide characters and
// emoji take two columns, combining ones none.
func widthOffset(s string, column int) int {
	pos := 0
	for column > 0 && pos < len(s) {
		r, n := utf8.DecodeRuneInString(s[pos:])
		column -= adapters.RuneWidth(r)
		pos += n
	}
	return pos
}

// excerpt is the line of a position with a caret under it, in the engine's form.
func excerpt(sql string, pos int) string {
	start := strings.LastIndexByte(sql[:pos], '\n') + 1
	line := sql[start:]
	if end := strings.IndexByte(line, '\n'); end >= 0 {
		line = line[:end]
	}
	head := "LINE " + strconv.Itoa(1+strings.Count(sql[:start], "\n")) + ": "
	width := len(head)
	for _, r := range sql[start:pos] {
		width += adapters.RuneWidth(r)
	}
	return head + line + "\n" + strings.Repeat(" ", width) + "^"
}
