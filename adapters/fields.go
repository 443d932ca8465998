package adapters

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// Fields reads the keys of a rendered profile output and keeps the first mistake, so
// that a driver's Credentials reads as a list of keys.
type Fields struct {
	dict *value.Dict
	err  error
}

// NewFields reads output.
func NewFields(output *value.Dict) *Fields { return &Fields{dict: output} }

// Err is the first mistake found.
func (f *Fields) Err() error { return f.err }

// Fail records a mistake in the profile.
func (f *Fields) Fail(format string, args ...any) {
	if f.err == nil {
		f.err = diag.New(diag.CodeProfile, diag.Runtime, diag.Span{}, fmt.Sprintf(format, args...))
	}
}

// Get is the value under the first of names that is there and not null.
func (f *Fields) Get(names ...string) (value.Value, bool) {
	for _, name := range names {
		if v, ok := f.dict.GetString(name); ok && !v.IsNull() {
			return v, true
		}
	}
	return value.None, false
}

// Require is Get for a key that must be there; the first name is the one to ask for.
func (f *Fields) Require(names ...string) value.Value {
	v, ok := f.Get(names...)
	if !ok {
		f.Fail("'%s' is a required property", names[0])
	}
	return v
}

// String is a text; numbers and booleans, which YAML makes of unquoted text, are accepted.
func (f *Fields) String(def string, names ...string) string {
	v, ok := f.Get(names...)
	if !ok {
		return def
	}
	return f.text(names[0], v)
}

// RequireString is String for a key that must be there.
func (f *Fields) RequireString(names ...string) string {
	v := f.Require(names...)
	if v.IsNull() {
		return ""
	}
	return f.text(names[0], v)
}

func (f *Fields) text(name string, v value.Value) string {
	switch v.Kind() {
	case value.KindString, value.KindInt, value.KindFloat, value.KindBool:
		return value.Str(v)
	}
	f.Fail("%s: %s is not of type 'string'", name, value.Repr(v))
	return ""
}

// Int is a whole number, also when it was written as text (as env_var gives it).
func (f *Fields) Int(def int, names ...string) int {
	v, ok := f.Get(names...)
	if !ok {
		return def
	}
	if n, ok := v.AsInt(); ok && n >= math.MinInt32 && n <= math.MaxInt32 {
		return int(n)
	}
	if s, ok := v.AsString(); ok {
		if n, err := strconv.Atoi(strings.TrimSpace(s)); err == nil {
			return n
		}
	}
	f.Fail("%s: %s is not of type 'integer'", names[0], value.Repr(v))
	return def
}

// Bool is a boolean, also when it was written as text.
func (f *Fields) Bool(def bool, names ...string) bool {
	v, ok := f.Get(names...)
	if !ok {
		return def
	}
	if b, ok := v.AsBool(); ok {
		return b
	}
	if s, ok := v.AsString(); ok {
		switch strings.ToLower(strings.TrimSpace(s)) {
		case "true", "yes", "on", "1":
			return true
		case "false", "no", "off", "0", "":
			return false
		}
	}
	f.Fail("%s: %s is not of type 'boolean'", names[0], value.Repr(v))
	return def
}

// Dict is a mapping, nil when absent.
func (f *Fields) Dict(name string) *value.Dict {
	v, ok := f.Get(name)
	if !ok {
		return nil
	}
	d, ok := v.AsDict()
	if !ok {
		f.Fail("%s: %s is not of type 'object'", name, value.Repr(v))
	}
	return d
}

// List is a sequence, nil when absent.
func (f *Fields) List(name string) []value.Value {
	v, ok := f.Get(name)
	if !ok {
		return nil
	}
	if v.Kind() != value.KindList && v.Kind() != value.KindTuple {
		f.Fail("%s: %s is not of type 'array'", name, value.Repr(v))
		return nil
	}
	return v.Items()
}
