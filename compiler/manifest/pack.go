package manifest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"math/big"
	"reflect"
	"unsafe"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// Pack is a struct of plain data in the form of snapshots.
func Pack[T any](v *T) ([]byte, error) {
	e := newPacker(nil)
	packed(e, v)
	return e.buf, e.err
}

// Unpack reads what Pack wrote; the strings of v are parts of data.
func Unpack[T any](data []byte, v *T) error {
	u := &unpacker{buf: data}
	return u.guard(func() { unpacked(u, v) })
}

func packed[T any](e *packer, v *T) { codecOf(reflect.TypeFor[T]()).put(e, unsafe.Pointer(v)) }

func unpacked[T any](u *unpacker, v *T) { codecOf(reflect.TypeFor[T]()).get(u, unsafe.Pointer(v)) }

// packer writes, to memory when it has no writer.
type packer struct {
	w       io.Writer
	buf     []byte
	dicts   map[*value.Dict]uint64
	sources map[*diag.Source]uint64
	current Section // what has been written of the section

	last       *diag.Source
	lastNumber uint64
	err        error
}

// chunk is how much is collected before it is written.
const chunk = 256 << 10

func newPacker(w io.Writer) *packer {
	e := &packer{w: w, dicts: map[*value.Dict]uint64{}, sources: map[*diag.Source]uint64{}}
	if w != nil {
		e.buf = make([]byte, 0, chunk+chunk/4)
	}
	return e
}

// flushFull writes what has been collected when it is enough.
func (e *packer) flushFull() {
	if e.w != nil && len(e.buf) > chunk {
		e.flush()
	}
}

func (e *packer) flush() {
	e.current.Size += int64(len(e.buf))
	e.current.Sum = crc32.Update(e.current.Sum, castagnoli, e.buf)
	if e.err == nil {
		_, e.err = e.w.Write(e.buf)
	}
	e.buf = e.buf[:0]
}

// section ends a section.
func (e *packer) section() Section {
	e.flush()
	s := e.current
	e.current = Section{}
	return s
}

func (e *packer) uint(n uint64) { e.buf = binary.AppendUvarint(e.buf, n) }

func (e *packer) string(s string) {
	e.uint(uint64(len(s)))
	e.buf = append(e.buf, s...)
	e.flushFull()
}

func (e *packer) source(s *diag.Source) {
	if s == nil {
		e.uint(0)
		return
	}
	if s == e.last { // spans of one file stand together
		e.uint(e.lastNumber)
		return
	}
	if n, ok := e.sources[s]; ok {
		e.last, e.lastNumber = s, n
		e.uint(n)
		return
	}
	n := uint64(len(e.sources) + 1)
	e.sources[s] = n
	e.last, e.lastNumber = s, n
	e.uint(n)
	e.string(s.Path)
	e.string(s.Text)
}

func (e *packer) strings(list []string) {
	if list == nil {
		e.uint(0)
		return
	}
	e.uint(uint64(len(list) + 1))
	for _, s := range list {
		e.string(s)
	}
}

func (e *packer) config(c *Config) {
	e.bool(c != nil)
	if c != nil {
		e.bool(c.shared)
		e.dict(c.Values)
	}
}

// dict writes a number, 0 for nil; the content follows where the number is new.
func (e *packer) dict(d *value.Dict) {
	if d == nil {
		e.uint(0)
		return
	}
	if n, ok := e.dicts[d]; ok {
		e.uint(n)
		return
	}
	n := uint64(len(e.dicts) + 1)
	e.dicts[d] = n
	e.uint(n)
	e.uint(uint64(d.Len()))
	for k, v := range d.All() {
		e.value(k)
		e.value(v)
	}
}

func (e *packer) value(v value.Value) {
	e.buf = append(e.buf, byte(v.Kind()))
	switch v.Kind() {
	case value.KindNone:
	case value.KindUndefined:
		if !v.IsZero() {
			e.fail(v)
		}
	case value.KindBool:
		b, _ := v.AsBool()
		e.bool(b)
	case value.KindInt:
		i, _ := v.AsInt()
		e.buf = binary.AppendVarint(e.buf, i)
	case value.KindBig:
		b, _ := v.AsBig()
		e.string(b.String())
	case value.KindFloat:
		f, _ := v.AsFloat()
		e.uint(math.Float64bits(f))
	case value.KindString:
		s, _ := v.AsString()
		e.string(s)
	case value.KindList, value.KindTuple:
		items := v.Items()
		e.uint(uint64(len(items)))
		for _, item := range items {
			e.value(item)
		}
	case value.KindDict:
		d, _ := v.AsDict()
		e.dict(d)
	default:
		e.fail(v)
	}
}

func (e *packer) bool(b bool) {
	n := byte(0)
	if b {
		n = 1
	}
	e.buf = append(e.buf, n)
}

func (e *packer) fail(v value.Value) {
	if e.err == nil {
		e.err = errors.New("a value of type " + value.TypeName(v) + " cannot be kept")
	}
}

// unpacker reads; damaged data ends in a panic, which guard turns into an error.
type unpacker struct {
	buf     []byte
	at      int
	dicts   []*value.Dict
	sources []*diag.Source
}

// guard reads a section to its end.
func (d *unpacker) guard(read func()) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: %v", errSnapshot, r)
		}
	}()
	read()
	if d.at != len(d.buf) {
		return errSnapshot
	}
	return nil
}

func (d *unpacker) uint() uint64 {
	n, size := binary.Uvarint(d.buf[d.at:])
	if size <= 0 {
		panic(errSnapshot)
	}
	d.at += size
	return n
}

// count is the length of a list, each element of which takes a byte at least.
func (d *unpacker) count() int {
	n := d.uint()
	if n > uint64(len(d.buf)-d.at) {
		panic(errSnapshot)
	}
	return int(n)
}

func (d *unpacker) byte() byte {
	b := d.buf[d.at]
	d.at++
	return b
}

func (d *unpacker) string() string {
	n := d.count()
	if n == 0 {
		return ""
	}
	s := unsafe.String(&d.buf[d.at], n)
	d.at += n
	return s
}

func (d *unpacker) bool() bool { return d.byte() == 1 }

func (d *unpacker) strings() []string {
	n := d.count()
	if n == 0 {
		return nil
	}
	list := make([]string, n-1)
	for i := range list {
		list[i] = d.string()
	}
	return list
}

func (d *unpacker) config() *Config {
	if !d.bool() {
		return nil
	}
	shared := d.bool()
	return &Config{Values: d.dict(), shared: shared}
}

func (d *unpacker) source() *diag.Source {
	n := int(d.uint())
	switch {
	case n == 0:
		return nil
	case n <= len(d.sources):
		return d.sources[n-1]
	}
	path := d.string()
	s := diag.NewSource(path, d.string())
	d.sources = append(d.sources, s)
	return s
}

func (d *unpacker) dict() *value.Dict {
	n := int(d.uint())
	switch {
	case n == 0:
		return nil
	case n <= len(d.dicts):
		return d.dicts[n-1]
	}
	size := d.count()
	out := value.NewDict(size)
	d.dicts = append(d.dicts, out)
	for range size {
		k := d.value()
		if err := out.Set(k, d.value()); err != nil {
			panic(err)
		}
	}
	return out
}

func (d *unpacker) value() value.Value {
	switch kind := value.Kind(d.byte()); kind {
	case value.KindUndefined:
		return value.Undef
	case value.KindNone:
		return value.None
	case value.KindBool:
		return value.Bool(d.bool())
	case value.KindInt:
		n, size := binary.Varint(d.buf[d.at:])
		d.at += size
		return value.Int(n)
	case value.KindBig:
		b, ok := new(big.Int).SetString(d.string(), 10)
		if !ok {
			panic(errSnapshot)
		}
		return value.Big(b)
	case value.KindFloat:
		return value.Float(math.Float64frombits(d.uint()))
	case value.KindString:
		return value.String(d.string())
	case value.KindList, value.KindTuple:
		items := make([]value.Value, d.count())
		for i := range items {
			items[i] = d.value()
		}
		if kind == value.KindTuple {
			return value.NewTuple(items...)
		}
		return value.NewList(items...)
	case value.KindDict:
		return value.FromDict(d.dict())
	}
	panic(errSnapshot)
}
