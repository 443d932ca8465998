package value

import "bytes"

// Bytes is Python's bytes, as str.encode returns them.
type Bytes struct{ B []byte }

// NewBytes wraps b, which must not change afterwards.
func NewBytes(b []byte) Value { return FromObject(&Bytes{B: b}) }

// TypeName is "bytes".
func (b *Bytes) TypeName() string { return "bytes" }

// Len is the number of bytes.
func (b *Bytes) Len() int { return len(b.B) }

// Repr is b'…'.
func (b *Bytes) Repr() string {
	quote := byte('\'')
	if bytes.IndexByte(b.B, '\'') >= 0 && bytes.IndexByte(b.B, '"') < 0 {
		quote = '"'
	}
	out := []byte{'b', quote}
	for _, c := range b.B {
		switch {
		case c == quote || c == '\\':
			out = append(out, '\\', c)
		case c == '\n':
			out = append(out, `\n`...)
		case c == '\r':
			out = append(out, `\r`...)
		case c == '\t':
			out = append(out, `\t`...)
		case c < ' ' || c >= 0x7f:
			out = append(out, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
		default:
			out = append(out, c)
		}
	}
	return string(append(out, quote))
}

// Equal compares the bytes.
func (b *Bytes) Equal(other Value) (equal, ok bool) {
	o, ok := bytesOf(other)
	return ok && bytes.Equal(b.B, o.B), ok
}

// Compare orders by bytes.
func (b *Bytes) Compare(other Value) (int, bool) {
	o, ok := bytesOf(other)
	if !ok {
		return 0, false
	}
	return bytes.Compare(b.B, o.B), true
}

func bytesOf(v Value) (*Bytes, bool) {
	o, ok := v.AsObject()
	if !ok {
		return nil, false
	}
	b, ok := o.(*Bytes)
	return b, ok
}

// HashKey makes equal bytes the same dict key.
func (b *Bytes) HashKey() string { return "bytes:" + string(b.B) }

// Index returns one byte as an int.
func (b *Bytes) Index(_ *Thread, key Value) (Value, bool, error) {
	i, ok := indexOf(key)
	if !ok {
		return Undef, false, nil
	}
	if i < 0 {
		i += int64(len(b.B))
	}
	if i < 0 || i >= int64(len(b.B)) {
		return Undef, false, nil
	}
	return Int(int64(b.B[i])), true, nil
}

// Iterate yields the bytes as ints.
func (b *Bytes) Iterate(_ *Thread, yield func(Value) bool) error {
	for _, c := range b.B {
		if !yield(Int(int64(c))) {
			return nil
		}
	}
	return nil
}

// Attr has decode and hex.
func (b *Bytes) Attr(_ *Thread, name string) (Value, bool, error) {
	switch name {
	case "decode":
		return Func("decode", func(_ *Thread, a Args) (Value, error) {
			args, err := a.Bind("decode", "encoding?", "errors?")
			if err != nil {
				return Undef, err
			}
			return decodeBytes(b.B, args[0], args[1])
		}), true, nil
	case "hex":
		return Func("hex", func(_ *Thread, a Args) (Value, error) {
			if err := a.between("bytes.hex", 0, 0); err != nil {
				return Undef, err
			}
			out := make([]byte, 0, 2*len(b.B))
			for _, c := range b.B {
				out = append(out, hexDigits[c>>4], hexDigits[c&15])
			}
			return String(string(out)), nil
		}), true, nil
	}
	return Undef, false, nil
}
