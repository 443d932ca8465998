package decode

import (
	"encoding/base64"
	"encoding/binary"
	"math"
	"strconv"
	"time"
	"unicode/utf8"
)

// avroReader reads the binary encoding.
type avroReader struct {
	data []byte
	pos  int
}

func (r *avroReader) short(what string) *Error {
	return failed(CodeTruncated, "the Avro value ends inside %s at byte %d", what, r.pos)
}

func (r *avroReader) long() (int64, *Error) {
	u, n := binary.Uvarint(r.data[r.pos:])
	switch {
	case n == 0:
		return 0, r.short("a number")
	case n < 0:
		return 0, failed(CodeSyntax, "a number of more than 64 bits at byte %d", r.pos)
	}
	r.pos += n
	return int64(u>>1) ^ -int64(u&1), nil
}

func (r *avroReader) take(n int64, what string) ([]byte, *Error) {
	if n < 0 {
		return nil, failed(CodeSyntax, "a negative length of %s at byte %d", what, r.pos)
	}
	if n > int64(len(r.data)-r.pos) {
		return nil, r.short(what)
	}
	b := r.data[r.pos : r.pos+int(n)]
	r.pos += int(n)
	return b, nil
}

func (r *avroReader) block(what string) ([]byte, *Error) {
	n, err := r.long()
	if err != nil {
		return nil, err
	}
	return r.take(n, what)
}

func (r *avroReader) str() ([]byte, *Error) {
	b, err := r.block("a string")
	if err == nil && !utf8.Valid(b) {
		return nil, failed(CodeUTF8, "a string is not UTF-8")
	}
	return b, err
}

func (r *avroReader) boolean() (bool, *Error) {
	b, err := r.take(1, "a boolean")
	if err != nil {
		return false, err
	}
	if b[0] > 1 {
		return false, failed(CodeSyntax, "a boolean of value %d", b[0])
	}
	return b[0] == 1, nil
}

func (r *avroReader) branch(st *avroStep) (*avroStep, *Error) {
	n, err := r.long()
	if err != nil {
		return nil, err
	}
	if n < 0 || n >= int64(len(st.parts)) {
		return nil, failed(CodeSyntax, "branch %d of a union of %d", n, len(st.parts))
	}
	return st.parts[n], nil
}

func (r *avroReader) symbol(st *avroStep) (string, *Error) {
	n, err := r.long()
	if err != nil {
		return "", err
	}
	if n < 0 || n >= int64(len(st.names)) {
		return "", failed(CodeSyntax, "symbol %d of an enum of %d", n, len(st.names))
	}
	return st.names[n], nil
}

// count reads the head of a block of an array or a map. The size in bytes that may follow is not needed.
func (r *avroReader) count() (int64, *Error) {
	n, err := r.long()
	if err != nil || n >= 0 {
		return n, err
	}
	if n == math.MinInt64 {
		return 0, failed(CodeSyntax, "a block without end")
	}
	_, err = r.long()
	return -n, err
}

func (r *avroReader) decimal(dst []byte, st *avroStep) ([]byte, *Error) {
	var raw []byte
	var err *Error
	if st.isFixed {
		raw, err = r.take(int64(st.size), "a decimal")
	} else {
		raw, err = r.block("a decimal")
	}
	if err != nil {
		return dst, err
	}
	return appendUnscaled(dst, raw, st.scale), nil
}

// skip passes over a value, checking it. Blocks of values without bytes are bounded by what
// a value may hold at all.
func (r *avroReader) skip(st *avroStep, depth int) *Error {
	switch st.op {
	case avNull:
		return nil
	case avBoolean:
		_, err := r.boolean()
		return err
	case avInt:
		_, err := r.long()
		return err
	case avString:
		_, err := r.str()
		return err
	case avFloat:
		_, err := r.take(4, "a float")
		return err
	case avDouble:
		_, err := r.take(8, "a double")
		return err
	case avBytes:
		_, err := r.block("bytes")
		return err
	case avFixed:
		_, err := r.take(int64(st.size), "a fixed value")
		return err
	}
	if depth > maxDepth {
		return failed(CodeDepth, "more than %d levels of nesting", maxDepth)
	}
	switch st.op {
	case avEnum:
		_, err := r.symbol(st)
		return err
	case avDecimal:
		var err *Error
		if st.isFixed {
			_, err = r.take(int64(st.size), "a decimal")
		} else {
			_, err = r.block("a decimal")
		}
		return err
	case avUnion:
		b, err := r.branch(st)
		if err != nil {
			return err
		}
		return r.skip(b, depth+1)
	case avRecord:
		for _, part := range st.parts {
			if err := r.skip(part, depth+1); err != nil {
				return err
			}
		}
		return nil
	}
	return r.skipItems(st, depth)
}

func (r *avroReader) skipItems(st *avroStep, depth int) *Error {
	for empty := 0; ; {
		n, err := r.count()
		if err != nil || n == 0 {
			return err
		}
		for ; n > 0; n-- {
			before := r.pos
			if st.op == avMap {
				if _, err := r.str(); err != nil {
					return err
				}
			}
			if err := r.skip(st.parts[0], depth+1); err != nil {
				return err
			}
			if r.pos == before {
				if empty++; empty > maxEmpty {
					return failed(CodeRange, "an array of more than %d empty items", maxEmpty)
				}
			}
		}
	}
}

// maxEmpty bounds the items of an array whose items take no bytes.
const maxEmpty = 1 << 16

// json appends a value as JSON text.
func (r *avroReader) json(dst []byte, st *avroStep, depth int) ([]byte, *Error) {
	if depth > maxDepth {
		return dst, failed(CodeDepth, "more than %d levels of nesting", maxDepth)
	}
	switch st.op {
	case avNull:
		return append(dst, "null"...), nil
	case avBoolean:
		v, err := r.boolean()
		return strconv.AppendBool(dst, v), err
	case avInt:
		v, err := r.long()
		if st.meaning != plain {
			return appendText(dst, momentText(st.meaning, v)), err
		}
		return strconv.AppendInt(dst, v, 10), err
	case avFloat, avDouble:
		v, err := r.float(st.op)
		if err == nil && (math.IsNaN(v) || math.IsInf(v, 0)) {
			return appendText(dst, strconv.FormatFloat(v, 'g', -1, 64)), nil
		}
		return strconv.AppendFloat(dst, v, 'g', -1, 64), err
	case avBytes:
		b, err := r.block("bytes")
		return appendText(dst, base64.StdEncoding.EncodeToString(b)), err
	case avFixed:
		b, err := r.take(int64(st.size), "a fixed value")
		return appendText(dst, base64.StdEncoding.EncodeToString(b)), err
	case avString:
		b, err := r.str()
		return appendText(dst, string(b)), err
	case avEnum:
		v, err := r.symbol(st)
		return appendText(dst, v), err
	case avDecimal:
		return r.decimal(dst, st)
	case avUnion:
		b, err := r.branch(st)
		if err != nil {
			return dst, err
		}
		return r.json(dst, b, depth+1)
	case avRecord:
		dst = append(dst, '{')
		for i, part := range st.parts {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(appendText(dst, st.names[i]), ':')
			var err *Error
			if dst, err = r.json(dst, part, depth+1); err != nil {
				return dst, err
			}
		}
		return append(dst, '}'), nil
	}
	return r.items(dst, st, depth)
}

func (r *avroReader) items(dst []byte, st *avroStep, depth int) ([]byte, *Error) {
	open, closing := byte('['), byte(']')
	if st.op == avMap {
		open, closing = '{', '}'
	}
	dst = append(dst, open)
	first, empty := true, 0
	for {
		n, err := r.count()
		if err != nil {
			return dst, err
		}
		if n == 0 {
			return append(dst, closing), nil
		}
		for ; n > 0; n-- {
			if !first {
				dst = append(dst, ',')
			}
			first = false
			before := r.pos
			if st.op == avMap {
				key, err := r.str()
				if err != nil {
					return dst, err
				}
				dst = append(appendText(dst, string(key)), ':')
			}
			if dst, err = r.json(dst, st.parts[0], depth+1); err != nil {
				return dst, err
			}
			if r.pos == before {
				if empty++; empty > maxEmpty {
					return dst, failed(CodeRange, "an array of more than %d empty items", maxEmpty)
				}
			}
		}
	}
}

func (r *avroReader) float(op avroOp) (float64, *Error) {
	if op == avFloat {
		b, err := r.take(4, "a float")
		if err != nil {
			return 0, err
		}
		return float64(math.Float32frombits(binary.LittleEndian.Uint32(b))), nil
	}
	b, err := r.take(8, "a double")
	if err != nil {
		return 0, err
	}
	return math.Float64frombits(binary.LittleEndian.Uint64(b)), nil
}

func momentText(m meaning, v int64) string {
	switch m {
	case asDays:
		return time.Unix(0, 0).UTC().AddDate(0, 0, int(int32(v))).Format("2006-01-02")
	case asClockMillis:
		return string(appendClockMicros(nil, v*1000))
	case asClockMicros:
		return string(appendClockMicros(nil, v))
	case asClockNanos:
		return string(appendClockMicros(nil, v/1000))
	case asMillis:
		return time.UnixMilli(v).UTC().Format("2006-01-02T15:04:05.999Z")
	case asNanos:
		v = floorDiv(v, 1000)
	}
	return time.UnixMicro(v).UTC().Format("2006-01-02T15:04:05.999999Z")
}

func appendClockMicros(dst []byte, v int64) []byte {
	return time.UnixMicro(v).UTC().AppendFormat(dst, "15:04:05.999999")
}

// appendText writes a JSON string.
func appendText(dst []byte, s string) []byte {
	const digits = "0123456789abcdef"
	dst = append(dst, '"')
	for i := 0; i < len(s); i++ {
		switch ch := s[i]; {
		case ch == '"' || ch == '\\':
			dst = append(dst, '\\', ch)
		case ch < ' ':
			dst = append(dst, '\\', 'u', '0', '0', digits[ch>>4], digits[ch&15])
		default:
			dst = append(dst, ch)
		}
	}
	return append(dst, '"')
}
