package value

// MarkerKind says how the native environment converts a marked string.
type MarkerKind uint8

const (
	MarkText   MarkerKind = iota // as_text: stays a string whatever it looks like
	MarkNative                   // as_native: becomes the literal it spells, or stays a string
	MarkBool                     // as_bool: must spell a bool
	MarkNumber                   // as_number: must spell an int or float
	MarkSafe                     // escaped or marked safe (Markup): not escaped again
)

// Text is the string that v is, plain or marked.
func Text(v Value) (string, bool) {
	if m, ok := markerOf(v); ok {
		return m.Text, true
	}
	return v.AsString()
}

// Plain is v, or the plain string when v is a marked one.
func Plain(v Value) Value { return markerText(v) }

// IsSafe reports whether v is text that was escaped or marked safe.
func IsSafe(v Value) bool {
	m, ok := markerOf(v)
	return ok && m.Kind == MarkSafe
}

// Marker is a string that a filter (as_text, as_bool …) marked for the native
// environment, which asks Native for the value when the marked string is the whole result.
// In every other respect it is the string.
type Marker struct {
	Kind MarkerKind
	Text string
}

// Mark marks str(v).
func Mark(kind MarkerKind, v Value) Value {
	return FromObject(&Marker{Kind: kind, Text: Str(v)})
}

// Native is the value that the marker asks for.
func (m *Marker) Native() (Value, error) {
	if m.Kind == MarkText || m.Kind == MarkSafe {
		return String(m.Text), nil
	}
	v, err := LiteralEval(m.Text)
	if err != nil {
		v = String(m.Text)
	}
	switch k := v.Kind(); {
	case m.Kind == MarkBool && k != KindBool:
		return Undef, Errorf("JinjaRenderingError", "Could not convert value '%s' into type 'bool'", m.Text)
	case m.Kind == MarkNumber && k != KindInt && k != KindBig && k != KindFloat:
		return Undef, Errorf("JinjaRenderingError", "Could not convert value '%s' into type 'number'", m.Text)
	}
	return v, nil
}

// TypeName is the name of the string subclass.
func (m *Marker) TypeName() string {
	return [...]string{"TextMarker", "NativeMarker", "BoolMarker", "NumberMarker", "Markup"}[m.Kind]
}

// Str is the string itself.
func (m *Marker) Str() string { return m.Text }

// Repr is that of the string; safe text says what it is, as Markup does.
func (m *Marker) Repr() string {
	text := Repr(String(m.Text))
	if m.Kind == MarkSafe {
		return "Markup(" + text + ")"
	}
	return text
}
