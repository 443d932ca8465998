package decode

import "fmt"

// Codes of decode errors. They are stored in quarantine rows, so they never change.
const (
	CodeSyntax       = "syntax"         // the bytes are not of the declared format
	CodeUTF8         = "invalid_utf8"   // text that is not UTF-8
	CodeDepth        = "too_deep"       // nesting beyond the limit
	CodeDuplicate    = "duplicate_key"  // a declared field given twice
	CodeType         = "type_mismatch"  // a value of another type than declared
	CodeRange        = "out_of_range"   // a value that its column cannot hold
	CodeNull         = "null_value"     // null or nothing for a column that must have a value
	CodeUnknownField = "unknown_field"  // a field nobody declared, where that is forbidden
	CodeMagic        = "magic_byte"     // no schema registry header
	CodeSchema       = "unknown_schema" // a schema the registry does not know
	CodeIncompatible = "incompatible"   // a schema that does not fit the declared columns
	CodeTruncated    = "truncated"      // the bytes end in the middle of a value
	CodeTrailing     = "trailing_bytes" // bytes after the value
	CodeFields       = "field_count"    // a line with too few or too many fields
	CodeTombstone    = "no_value"       // a record without a value
	CodeKey          = "bad_key"        // a key that is not of the declared format
	CodeNullKey      = "null_key"       // no key, where the key says which row is meant
	CodeTruncate     = "truncate"       // the table was truncated, where nobody said what that means
	CodeChanged      = "schema_change"  // a schema that on_schema_change does not let in
	CodeLoad         = "refused"        // the database refused the row
	CodeTest         = "test_failure"   // a data test of the source finds the row
)

// Stage says which part of a record failed.
type Stage string

// The stages of a record on its way into the table.
const (
	StageKey   Stage = "key"
	StageValue Stage = "value"
	StageLoad  Stage = "load"
	StageTest  Stage = "test"
)

// Error is why a record cannot land.
type Error struct {
	Stage   Stage
	Code    string
	Field   string // the declared column, if one is at fault
	Message string
	// Outage is set when the record may be good but could not be judged: its schema cannot
	// be had now. Such a record waits; it is never quarantined.
	Outage error
	// Grown is set when the stream's columns have become more: the record is decoded again
	// with all of them.
	Grown bool
	// Fatal is set when the stream must stop before this record.
	Fatal error
}

func (e *Error) Error() string {
	if e.Field != "" {
		return e.Code + ": " + e.Field + ": " + e.Message
	}
	return e.Code + ": " + e.Message
}

func failed(code, format string, args ...any) *Error {
	return &Error{Stage: StageValue, Code: code, Message: fmt.Sprintf(format, args...)}
}

// shown cuts data to what a message can carry.
func shown(data []byte) string {
	const limit = 60
	if len(data) > limit {
		return fmt.Sprintf("%q…", data[:limit])
	}
	return fmt.Sprintf("%q", data)
}
