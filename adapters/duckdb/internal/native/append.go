package native

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"
	"unsafe"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// Kind is how a column of rows to be appended is handed over. The engine casts it to
// the type of the target column with its own rules.
type Kind uint8

const (
	Text Kind = iota
	Integer
	Float
	Boolean
	Date
	Timestamp
	TimestampTZ
	Bytes
)

var kindTypes = [...]typeID{tVarchar, tBigInt, tDouble, tBoolean, tDate, tTimestamp, tTimestampTZ, tBlob}

// Cell is one value in the form its column's Kind asks for: Text or Bytes in S; Integer,
// days, microseconds and booleans (0 or 1) in I; Float in F.
type Cell struct {
	Null bool
	I    int64
	F    float64
	S    string
}

// appendedRows is the name under which the statement sees the rows.
const appendedRows = "appended_data"

// Rows are rows to be appended; Cell gives their values.
type Rows struct {
	Count int
	Cell  func(row, col int) (Cell, error)
}

// Append runs insert, a statement that selects from appended_data, over all rows, chunk by
// chunk.
func (c *Conn) Append(ctx context.Context, insert string, kinds []Kind, names []string, rows ...Rows) error {
	return c.interruptible(ctx, func() error {
		types := make([]logicalType, len(kinds))
		for i, k := range kinds {
			types[i] = libNewType(kindTypes[k])
		}
		defer func() {
			for i := range types {
				libDestroyType(&types[i])
			}
		}()
		var app appender
		if libAppenderQuery(c.conn, insert, types, appendedRows, names, &app) == stateError {
			err := newError(libAppenderError(app), insert)
			libAppenderDestroy(&app)
			return err
		}
		err := c.fill(ctx, &app, types, kinds, rows)
		if err == nil && libAppenderFlush(app) == stateError {
			err = newError(libAppenderError(app), insert)
		}
		if err != nil {
			// What is buffered must not be inserted by the destructor.
			libAppenderClear(app)
		}
		if libAppenderDestroy(&app) == stateError && err == nil {
			err = newError("IO Error: could not close the appender", insert)
		}
		return err
	})
}

func (c *Conn) fill(ctx context.Context, app *appender, types []logicalType, kinds []Kind, rows []Rows) error {
	chunk := libNewChunk(types)
	defer libDestroyChunk(&chunk)
	capacity := int(libVectorSize())
	for _, part := range rows {
		for start := 0; start < part.Count; start += capacity {
			if ctx.Err() != nil {
				return canceled(ctx)
			}
			n := min(capacity, part.Count-start)
			libResetChunk(chunk)
			for col, kind := range kinds {
				if err := fillVector(libChunkVector(chunk, idx(col)), kind, part, col, start, n); err != nil {
					return err
				}
			}
			libSetChunkSize(chunk, idx(n))
			if libAppendChunk(*app, chunk) == stateError {
				return newError(libAppenderError(*app), "")
			}
		}
	}
	return nil
}

// fillVector writes n values of one column.
func fillVector(v vector, kind Kind, rows Rows, col, start, n int) error {
	libEnsureValidity(v)
	data, mask := libVectorData(v), libVectorValidity(v)
	for r := range n {
		x, err := rows.Cell(start+r, col)
		if err != nil {
			return err
		}
		if x.Null {
			*at[uint64](mask, idx(r/64)) &^= 1 << (r % 64)
			continue
		}
		store(v, data, kind, idx(r), x)
	}
	return nil
}

func store(v vector, data unsafe.Pointer, kind Kind, r idx, x Cell) {
	switch kind {
	case Integer, Timestamp, TimestampTZ:
		*at[int64](data, r) = x.I
	case Float:
		*at[float64](data, r) = x.F
	case Boolean:
		*at[bool](data, r) = x.I != 0
	case Date:
		*at[int32](data, r) = int32(x.I)
	default:
		if len(x.S) <= inlined && (kind == Bytes || ascii(x.S)) {
			short := shortString{length: uint32(len(x.S))}
			copy(short.bytes[:], x.S)
			*at[shortString](data, r) = short
			return
		}
		libAssignString(v, r, x.S)
	}
}

// inlined is how many bytes a string may have that the engine keeps in the value itself. Such
// a value is written without a call of the engine, which costs more than all else about it.
const inlined = 12

// shortString is a duckdb_string_t whose bytes are inlined; zeros stand behind them.
type shortString struct {
	length uint32
	bytes  [inlined]byte
}

// ascii reports text that is UTF-8 for sure; the engine judges the rest.
func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// Days and Micros give a moment in the units of DATE and TIMESTAMP.
func Days(t time.Time) int64   { return floorDiv(t.Unix(), 86400) }
func Micros(t time.Time) int64 { return t.UnixMicro() }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// bind sets one parameter of a prepared statement. What has no form of its own goes as
// text, which is cast to the type of the place it is used in.
func bind(stmt prepared, i idx, v value.Value) error {
	var state resultState
	switch v.Kind() {
	case value.KindUndefined, value.KindNone:
		state = libBindNull(stmt, i)
	case value.KindBool:
		b, _ := v.AsBool()
		state = libBindBool(stmt, i, b)
	case value.KindInt:
		n, _ := v.AsInt()
		state = libBindInt64(stmt, i, n)
	case value.KindFloat:
		f, _ := v.AsFloat()
		state = libBindDouble(stmt, i, f)
	default:
		if o, ok := v.AsObject(); ok {
			if b, ok := o.(*value.Bytes); ok {
				state = libBindBlob(stmt, i, b.B)
				break
			}
		}
		s := value.Str(v)
		state = libBindVarchar(stmt, i, s, idx(len(s)))
	}
	if state == stateError {
		return newError(fmt.Sprintf("Invalid Input Error: value %d cannot be bound: %s", i, libPrepareError(stmt)), "")
	}
	return nil
}
