package manifest

import (
	"errors"
	"math"
	"reflect"
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// codec packs and unpacks the values of one Go type.
type codec struct {
	put func(*packer, reflect.Value)
	get func(*unpacker, reflect.Value)
}

var codecs sync.Map // reflect.Type → *codec

func codecOf(t reflect.Type) *codec {
	if c, ok := codecs.Load(t); ok {
		return c.(*codec)
	}
	c := makeCodec(t)
	codecs.Store(t, c)
	return c
}

var (
	valueType  = reflect.TypeFor[value.Value]()
	dictType   = reflect.TypeFor[*value.Dict]()
	sourceType = reflect.TypeFor[*diag.Source]()
	configType = reflect.TypeFor[*Config]()
	errorType  = reflect.TypeFor[error]()
)

func makeCodec(t reflect.Type) *codec {
	switch t {
	case valueType:
		return &codec{
			func(e *packer, v reflect.Value) { e.value(*(*value.Value)(v.Addr().UnsafePointer())) },
			func(d *unpacker, v reflect.Value) { *(*value.Value)(v.Addr().UnsafePointer()) = d.value() },
		}
	case dictType:
		return &codec{
			func(e *packer, v reflect.Value) { e.dict((*value.Dict)(v.UnsafePointer())) },
			func(d *unpacker, v reflect.Value) { *(**value.Dict)(v.Addr().UnsafePointer()) = d.dict() },
		}
	case sourceType:
		return &codec{
			func(e *packer, v reflect.Value) { e.source((*diag.Source)(v.UnsafePointer())) },
			func(d *unpacker, v reflect.Value) { *(**diag.Source)(v.Addr().UnsafePointer()) = d.source() },
		}
	case configType:
		return &codec{
			func(e *packer, v reflect.Value) {
				c := (*Config)(v.UnsafePointer())
				e.bool(c.shared)
				e.dict(c.Values)
			},
			func(d *unpacker, v reflect.Value) {
				shared := d.byte() == 1
				*(**Config)(v.Addr().UnsafePointer()) = &Config{Values: d.dict(), shared: shared}
			},
		}
	case errorType: // the causes of notes are for programs that look at errors
		return &codec{func(*packer, reflect.Value) {}, func(*unpacker, reflect.Value) {}}
	}
	switch t.Kind() {
	case reflect.String:
		return &codec{
			func(e *packer, v reflect.Value) { e.string(v.String()) },
			func(d *unpacker, v reflect.Value) { v.SetString(d.string()) },
		}
	case reflect.Bool:
		return &codec{
			func(e *packer, v reflect.Value) { e.bool(v.Bool()) },
			func(d *unpacker, v reflect.Value) { v.SetBool(d.byte() == 1) },
		}
	case reflect.Int, reflect.Int32, reflect.Int64:
		return &codec{
			func(e *packer, v reflect.Value) { e.uint(uint64(v.Int())) },
			func(d *unpacker, v reflect.Value) { v.SetInt(int64(d.uint())) },
		}
	case reflect.Uint8, reflect.Uint32, reflect.Uint64:
		return &codec{
			func(e *packer, v reflect.Value) { e.uint(v.Uint()) },
			func(d *unpacker, v reflect.Value) { v.SetUint(d.uint()) },
		}
	case reflect.Float64:
		return &codec{
			func(e *packer, v reflect.Value) { e.uint(math.Float64bits(v.Float())) },
			func(d *unpacker, v reflect.Value) { v.SetFloat(math.Float64frombits(d.uint())) },
		}
	case reflect.Slice:
		return sliceCodec(t)
	case reflect.Pointer:
		return pointerCodec(t)
	case reflect.Struct:
		return structCodec(t)
	}
	bad := errors.New("values of type " + t.String() + " cannot be kept")
	return &codec{
		func(e *packer, _ reflect.Value) { e.err = bad },
		func(*unpacker, reflect.Value) { panic(bad) },
	}
}

// sliceCodec keeps nil apart from empty: 0 is nil, n+1 a list of n.
func sliceCodec(t reflect.Type) *codec {
	if t.Elem().Kind() == reflect.String {
		return stringsCodec()
	}
	elem := sync.OnceValue(func() *codec { return codecOf(t.Elem()) })
	return &codec{
		func(e *packer, v reflect.Value) {
			if v.IsNil() {
				e.uint(0)
				return
			}
			n, c := v.Len(), elem()
			e.uint(uint64(n + 1))
			for i := range n {
				c.put(e, v.Index(i))
			}
		},
		func(d *unpacker, v reflect.Value) {
			n := d.count()
			if n == 0 {
				return
			}
			list, c := reflect.MakeSlice(t, n-1, n-1), elem()
			v.Set(list)
			for i := range n - 1 {
				c.get(d, list.Index(i))
			}
		},
	}
}

func stringsCodec() *codec {
	return &codec{
		func(e *packer, v reflect.Value) {
			list := *(*[]string)(v.Addr().UnsafePointer())
			if list == nil {
				e.uint(0)
				return
			}
			e.uint(uint64(len(list) + 1))
			for _, s := range list {
				e.string(s)
			}
		},
		func(d *unpacker, v reflect.Value) {
			n := d.count()
			if n == 0 {
				return
			}
			list := make([]string, n-1)
			for i := range list {
				list[i] = d.string()
			}
			*(*[]string)(v.Addr().UnsafePointer()) = list
		},
	}
}

// slab is how many structs of a type are allocated at once.
const slab = 128

// pointerCodec is for pointers that own what they point to.
func pointerCodec(t reflect.Type) *codec {
	elem := sync.OnceValue(func() *codec { return codecOf(t.Elem()) })
	type slabs struct {
		free reflect.Value
		used int
	}
	var kept atomic.Pointer[slabs]
	return &codec{
		func(e *packer, v reflect.Value) {
			e.bool(!v.IsNil())
			if !v.IsNil() {
				elem().put(e, v.Elem())
			}
		},
		func(d *unpacker, v reflect.Value) {
			if d.byte() == 0 {
				return
			}
			s := kept.Swap(nil)
			if s == nil || s.used == s.free.Len() {
				s = &slabs{free: reflect.MakeSlice(reflect.SliceOf(t.Elem()), slab, slab)}
			}
			target := s.free.Index(s.used)
			s.used++
			kept.Store(s)
			v.Set(target.Addr())
			elem().get(d, target)
		},
	}
}

// structCodec writes which fields are not zero, and those.
func structCodec(t reflect.Type) *codec {
	type field struct {
		index int
		size  uintptr
		at    uintptr
		codec func() *codec
	}
	var fields []field
	for i := range t.NumField() {
		f := t.Field(i)
		if !f.IsExported() && f.Name != "_" {
			bad := errors.New("the field " + f.Name + " of " + t.String() + " cannot be kept")
			return &codec{
				func(e *packer, _ reflect.Value) { e.err = bad },
				func(*unpacker, reflect.Value) { panic(bad) },
			}
		}
		ft := f.Type
		fields = append(fields, field{index: i, size: ft.Size(), at: f.Offset, codec: sync.OnceValue(func() *codec { return codecOf(ft) })})
	}
	words := (len(fields) + 31) / 32
	return &codec{
		func(e *packer, v reflect.Value) {
			base := v.Addr().UnsafePointer()
			var marks [8]uint64
			for i, f := range fields {
				if !isZero(unsafe.Add(base, f.at), f.size) {
					marks[i/32] |= 1 << (i % 32)
				}
			}
			for _, m := range marks[:words] {
				e.uint(m)
			}
			for i, f := range fields {
				if marks[i/32]&(1<<(i%32)) != 0 {
					f.codec().put(e, v.Field(f.index))
				}
			}
		},
		func(d *unpacker, v reflect.Value) {
			var marks [8]uint64
			for i := range words {
				marks[i] = d.uint()
			}
			for i, f := range fields {
				if marks[i/32]&(1<<(i%32)) != 0 {
					f.codec().get(d, v.Field(f.index))
				}
			}
		},
	}
}

// isZero reports memory of zeros only.
func isZero(p unsafe.Pointer, size uintptr) bool {
	for _, b := range unsafe.Slice((*byte)(p), size) {
		if b != 0 {
			return false
		}
	}
	return true
}
