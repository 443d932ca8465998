package value

import (
	"errors"
	"fmt"
)

// Errorf makes a Python-like exception: Errorf("TypeError", "…").
func Errorf(typ, format string, args ...any) *Error {
	return &Error{Type: typ, Message: fmt.Sprintf(format, args...)}
}

// IsError reports whether err is (or wraps) a Python-like exception of one of the given types.
func IsError(err error, types ...string) bool {
	var e *Error
	if !errors.As(err, &e) {
		return false
	}
	for _, t := range types {
		if e.Type == t {
			return true
		}
	}
	return len(types) == 0
}

func typeError(format string, args ...any) *Error  { return Errorf("TypeError", format, args...) }
func valueError(format string, args ...any) *Error { return Errorf("ValueError", format, args...) }

// unsupported is Python's answer to an operator that no operand implements.
func unsupported(op string, a, b Value) *Error {
	if op == "**" {
		op = "** or pow()"
	}
	return typeError("unsupported operand type(s) for %s: '%s' and '%s'", op, TypeName(a), TypeName(b))
}
