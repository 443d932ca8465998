package manifest

import (
	"bytes"
	"io"
	"runtime"
	"time"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// artifactJSON is how dbt writes artifacts: json.dumps, with dates and decimals as text
// or numbers.
var artifactJSON = value.JSONOptions{Default: jsonDefault}

func jsonDefault(v value.Value) (value.Value, error) {
	if value.TypeName(v) == "Decimal" {
		text := value.Str(v)
		if parsed, err := value.ParseJSON(text); err == nil {
			return parsed, nil
		}
		return value.String(text), nil
	}
	if value.TypeName(v) == "set" {
		items, err := value.ToSlice(nil, v)
		return value.NewList(items...), err
	}
	if iso, err := value.GetAttr(nil, v, "isoformat"); err == nil && !iso.IsUndefined() {
		return value.Call(nil, iso, value.Args{})
	}
	return value.String(value.Str(v)), nil
}

// encoder appends JSON and keeps the first error.
type encoder struct {
	buf []byte
	err error
	n   int // members written in the open object or array

	shared map[*value.Dict][]byte // what dicts that many resources share look like
}

// sharedDict writes a dict that is likely to come again.
func (e *encoder) sharedDict(d *value.Dict) {
	text, known := e.shared[d]
	if !known {
		start := len(e.buf)
		e.value(value.FromDict(d))
		if e.shared == nil {
			e.shared = map[*value.Dict][]byte{}
		}
		e.shared[d] = bytes.Clone(e.buf[start:])
		return
	}
	e.buf = append(e.buf, text...)
}

func (e *encoder) value(v value.Value) {
	switch v.Kind() {
	case value.KindNone:
		e.raw("null")
		return
	case value.KindString:
		text, _ := v.AsString()
		e.str(text)
		return
	}
	out, err := value.AppendJSON(e.buf, v, artifactJSON)
	e.buf = out
	if err != nil && e.err == nil {
		e.err = err
	}
}

func (e *encoder) str(s string) { e.buf = value.AppendJSONString(e.buf, s) }

func (e *encoder) strs(list []string) {
	e.raw("[")
	for i, s := range list {
		if i > 0 {
			e.raw(", ")
		}
		e.str(s)
	}
	e.raw("]")
}

func (e *encoder) raw(s string) { e.buf = append(e.buf, s...) }

// key starts a member of an object.
func (e *encoder) key(name string) {
	if e.n > 0 {
		e.raw(", ")
	}
	e.n++
	e.str(name)
	e.raw(": ")
}

func (e *encoder) member(name string, v value.Value) {
	e.key(name)
	e.value(v)
}

// resource writes what fields puts as a JSON object.
func (e *encoder) resource(fields func(sink)) {
	saved := e.n
	e.n = 0
	e.raw("{")
	fields(sink{e: e})
	e.raw("}")
	e.n = saved
}

// object writes what fields emits as a JSON object.
func (e *encoder) object(fields func(emit)) {
	saved := e.n
	e.n = 0
	e.raw("{")
	fields(e.member)
	e.raw("}")
	e.n = saved
}

func (e *encoder) flush(w io.Writer) {
	if e.err == nil && len(e.buf) > 0 {
		_, e.err = w.Write(e.buf)
	}
	e.buf = e.buf[:0]
}

// Batches are of encodeBatch members, which with the nodes of most projects fit in a buffer
// of encodeBuffer bytes.
const (
	encodeBatch  = 64
	encodeBuffer = 256 << 10
)

// objects writes an object of so many members, each of which encode writes, in order.
// Batches are encoded side by side and written as soon as their turn comes.
func (e *encoder) objects(w io.Writer, members int, encode func(e *encoder, i int)) {
	e.raw("{")
	if members <= encodeBatch {
		e.batch(0, members, encode)
		e.raw("}")
		return
	}
	e.flush(w)
	batches := (members + encodeBatch - 1) / encodeBatch
	done := make([]chan *encoder, batches)
	for i := range done {
		done[i] = make(chan *encoder, 1)
	}
	// The buffers go round: as many as are filled at a time, and one that waits for its turn.
	free := make(chan *encoder, runtime.GOMAXPROCS(0)+1)
	for range cap(free) {
		free <- &encoder{}
	}
	go func() {
		for i := range batches {
			part := <-free
			go func() {
				if part.buf == nil {
					part.buf = make([]byte, 0, encodeBuffer)
				}
				from := i * encodeBatch
				part.batch(from, min(from+encodeBatch, members), encode)
				done[i] <- part
			}()
		}
	}()
	for i := range done {
		part := <-done[i]
		if e.err == nil {
			e.err = part.err
		}
		if e.err == nil {
			_, e.err = w.Write(part.buf)
		}
		*part = encoder{buf: part.buf[:0], shared: part.shared}
		free <- part
	}
	e.raw("}")
}

func (e *encoder) batch(from, to int, encode func(e *encoder, i int)) {
	saved := e.n
	e.n = from
	for i := from; i < to; i++ {
		encode(e, i)
	}
	e.n = saved
}

// Metadata is what every artifact says about its making.
type Metadata struct {
	DBTVersion          string
	GeneratedAt         time.Time
	InvocationID        string
	InvocationStartedAt time.Time
	Env                 *value.Dict // DBT_ENV_CUSTOM_ENV_* without the prefix; nil for none

	// The manifest has these as well.
	RunStartedAt       time.Time
	UserID             string
	SendAnonymousUsage bool
}

const timeLayout = "2006-01-02T15:04:05.000000Z"

func utc(t time.Time) value.Value {
	if t.IsZero() {
		return value.None
	}
	return value.String(t.UTC().Format(timeLayout))
}

func (m Metadata) fields(schema string, emit emit) {
	emit("dbt_schema_version", value.String("https://schemas.getdbt.com/dbt/"+schema+".json"))
	emit("dbt_version", value.String(m.DBTVersion))
	emit("generated_at", utc(m.GeneratedAt))
	emit("invocation_id", value.OptString(m.InvocationID))
	emit("invocation_started_at", utc(m.InvocationStartedAt))
	emit("env", orEmpty(m.Env))
}
