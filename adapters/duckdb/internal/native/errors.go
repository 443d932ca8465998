package native

import "strings"

// Error is an error of the engine. Class is its own word before " Error:" ("Catalog",
// "TransactionContext"); Message is its whole text.
type Error struct {
	Class   string
	Message string
	SQL     string // the text that was run
	// Statement is the number of the failed statement in SQL, from 0.
	Statement int
	Canceled  bool // stopped because the caller's context ended
	Lost      bool // the session is gone, with the process that held it
	Cause     error
}

func (e *Error) Error() string { return e.Message }
func (e *Error) Unwrap() error { return e.Cause }

func newError(message, sql string) *Error {
	return &Error{Class: classOf(message), Message: message, SQL: sql}
}

// classOf reads the class from the start of a message: one to three words before " Error: ".
func classOf(message string) string {
	head, _, ok := strings.Cut(message, " Error: ")
	if !ok || len(head) > 40 || strings.ContainsAny(head, "\n:") {
		return ""
	}
	return head
}
