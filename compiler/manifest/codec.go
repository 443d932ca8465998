package manifest

import (
	"errors"
	"math"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// codec packs and unpacks the values of one Go type, given where they lie.
type codec struct {
	put func(*packer, unsafe.Pointer)
	get func(*unpacker, unsafe.Pointer)
}

// half is a part of the fields of a struct: those of its outline, or the others.
type half bool

const (
	outline half = false
	detail  half = true
)

type codecKey struct {
	typ  reflect.Type
	half half
}

var codecs sync.Map // codecKey → *codec

// codecOf is the codec of a type; of a struct it does the fields that are no details.
func codecOf(t reflect.Type) *codec { return halfOf(t, outline) }

func halfOf(t reflect.Type, h half) *codec {
	key := codecKey{t, h}
	if c, ok := codecs.Load(key); ok {
		return c.(*codec)
	}
	var c *codec
	if h == detail {
		c = structCodec(t, detail)
	} else {
		c = makeCodec(t)
	}
	codecs.Store(key, c)
	return c
}

var (
	valueType  = reflect.TypeFor[value.Value]()
	dictType   = reflect.TypeFor[*value.Dict]()
	sourceType = reflect.TypeFor[*diag.Source]()
	configType = reflect.TypeFor[*Config]()
	errorType  = reflect.TypeFor[error]()
)

// codecFor makes a codec of functions on typed memory.
func codecFor[T any](put func(*packer, T), get func(*unpacker) T) *codec {
	return &codec{
		func(e *packer, p unsafe.Pointer) { put(e, *(*T)(p)) },
		func(d *unpacker, p unsafe.Pointer) { *(*T)(p) = get(d) },
	}
}

// integer is the codec of a kind of integer.
func integer[T int | int32 | int64 | uint8 | uint32 | uint64]() *codec {
	return codecFor(func(e *packer, n T) { e.uint(uint64(n)) }, func(d *unpacker) T { return T(d.uint()) })
}

func makeCodec(t reflect.Type) *codec {
	switch t {
	case valueType:
		return &codec{
			func(e *packer, p unsafe.Pointer) { e.value(*(*value.Value)(p)) },
			func(d *unpacker, p unsafe.Pointer) { *(*value.Value)(p) = d.value() },
		}
	case dictType:
		return codecFor((*packer).dict, (*unpacker).dict)
	case sourceType:
		return codecFor((*packer).source, (*unpacker).source)
	case configType:
		return codecFor((*packer).config, (*unpacker).config)
	case errorType: // the causes of notes are for programs that look at errors
		return &codec{func(*packer, unsafe.Pointer) {}, func(*unpacker, unsafe.Pointer) {}}
	}
	switch t.Kind() {
	case reflect.String:
		return codecFor((*packer).string, (*unpacker).string)
	case reflect.Bool:
		return codecFor((*packer).bool, (*unpacker).bool)
	case reflect.Int:
		return integer[int]()
	case reflect.Int32:
		return integer[int32]()
	case reflect.Int64:
		return integer[int64]()
	case reflect.Uint8:
		return integer[uint8]()
	case reflect.Uint32:
		return integer[uint32]()
	case reflect.Uint64:
		return integer[uint64]()
	case reflect.Float64:
		return codecFor(func(e *packer, f float64) { e.uint(math.Float64bits(f)) },
			func(d *unpacker) float64 { return math.Float64frombits(d.uint()) })
	case reflect.Slice:
		if t.Elem().Kind() == reflect.String {
			return codecFor((*packer).strings, (*unpacker).strings)
		}
		return sliceCodec(t)
	case reflect.Pointer:
		return pointerCodec(t)
	case reflect.Struct:
		return structCodec(t, outline)
	}
	return noCodec(errors.New("values of type " + t.String() + " cannot be kept"))
}

func noCodec(bad error) *codec {
	return &codec{
		func(e *packer, _ unsafe.Pointer) { e.err = bad },
		func(*unpacker, unsafe.Pointer) { panic(bad) },
	}
}

// sliceCodec keeps nil apart from empty: 0 is nil, n+1 a list of n.
func sliceCodec(t reflect.Type) *codec {
	elem := sync.OnceValue(func() *codec { return codecOf(t.Elem()) })
	size := t.Elem().Size()
	return &codec{
		func(e *packer, p unsafe.Pointer) {
			list := reflect.NewAt(t, p).Elem()
			if list.IsNil() {
				e.uint(0)
				return
			}
			n, c, at := list.Len(), elem(), list.UnsafePointer()
			e.uint(uint64(n + 1))
			for i := range n {
				c.put(e, unsafe.Add(at, uintptr(i)*size))
				e.flushFull()
			}
		},
		func(d *unpacker, p unsafe.Pointer) {
			n := d.count()
			if n == 0 {
				return
			}
			list, c := reflect.MakeSlice(t, n-1, n-1), elem()
			reflect.NewAt(t, p).Elem().Set(list)
			at := list.UnsafePointer()
			for i := range n - 1 {
				c.get(d, unsafe.Add(at, uintptr(i)*size))
			}
		},
	}
}

// slab is how many structs of a type are allocated at once.
const slab = 128

// pointerCodec is for pointers that own what they point to.
func pointerCodec(t reflect.Type) *codec {
	elem := sync.OnceValue(func() *codec { return codecOf(t.Elem()) })
	size := t.Elem().Size()
	type slabs struct {
		free unsafe.Pointer
		used int
	}
	var kept atomic.Pointer[slabs]
	return &codec{
		func(e *packer, p unsafe.Pointer) {
			target := *(*unsafe.Pointer)(p)
			e.bool(target != nil)
			if target != nil {
				elem().put(e, target)
			}
		},
		func(d *unpacker, p unsafe.Pointer) {
			if !d.bool() {
				return
			}
			s := kept.Swap(nil)
			if s == nil || s.used == slab {
				s = &slabs{free: reflect.MakeSlice(reflect.SliceOf(t.Elem()), slab, slab).UnsafePointer()}
			}
			target := unsafe.Add(s.free, uintptr(s.used)*size)
			s.used++
			kept.Store(s)
			*(*unsafe.Pointer)(p) = target
			elem().get(d, target)
		},
	}
}

// structCodec writes which fields of a half are not zero, and those.
func structCodec(t reflect.Type, h half) *codec {
	type field struct {
		at, size uintptr
		codec    func() *codec
	}
	var fields []field
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() && f.Name != "_" {
			return noCodec(errors.New("the field " + f.Name + " of " + t.String() + " cannot be kept"))
		}
		if listed, limited := outlineFields[t]; h == half(!limited || slices.Contains(listed, f.Name)) {
			continue
		}
		ft := f.Type
		fields = append(fields, field{at: f.Offset, size: ft.Size(), codec: sync.OnceValue(func() *codec { return codecOf(ft) })})
	}
	words := (len(fields) + 31) / 32
	return &codec{
		func(e *packer, p unsafe.Pointer) {
			var marks [8]uint64
			for i := range fields {
				if f := &fields[i]; !isZero(unsafe.Add(p, f.at), f.size) {
					marks[i/32] |= 1 << (i % 32)
				}
			}
			for _, m := range marks[:words] {
				e.uint(m)
			}
			for i := range fields {
				if marks[i/32]&(1<<(i%32)) != 0 {
					fields[i].codec().put(e, unsafe.Add(p, fields[i].at))
				}
			}
		},
		func(d *unpacker, p unsafe.Pointer) {
			var marks [8]uint64
			for i := range words {
				marks[i] = d.uint()
			}
			for i := range fields {
				if marks[i/32]&(1<<(i%32)) != 0 {
					fields[i].codec().get(d, unsafe.Add(p, fields[i].at))
				}
			}
		},
	}
}

// isZero reports memory of zeros only.
func isZero(p unsafe.Pointer, size uintptr) bool {
	if size%8 == 0 { // the fields of structs that size are aligned
		for _, w := range unsafe.Slice((*[8]byte)(p), size/8) {
			if w != [8]byte{} {
				return false
			}
		}
		return true
	}
	for _, b := range unsafe.Slice((*byte)(p), size) {
		if b != 0 {
			return false
		}
	}
	return true
}
