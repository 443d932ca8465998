package value

import (
	"math"
	"testing"
	"unsafe"
)

// The layouts that were measured for Value. Each stores the same mix of ints, strings,
// lists and objects in a slice on the heap, reads it back by kind and passes the numbers to
// a function by value. Wrapping a string must not allocate. Medians of three runs on two
// shared cores with Go 1.26, so only the ratios mean something:
//
//	layout                        1,000 values   bytes   allocations
//	wide, 48 bytes                     52.3 µs  49,152       1
//	any, 32 bytes (chosen)             30.3 µs  32,768       1
//	pointer, 24 bytes                  30.7 µs  26,576     126 (one for each object)
//	interface, 16 bytes                67.6 µs  25,872     687 (ints and strings are boxed)

type wideValue struct { // 48 bytes: a field for everything
	kind Kind
	num  uint64
	str  string
	ref  any
}

type anyValue struct { // 32 bytes: strings as a typed pointer inside the interface
	kind Kind
	num  uint64
	ref  any
}

type stringPointer *byte

type pointerValue struct { // 24 bytes: one pointer, boxed objects
	ptr  unsafe.Pointer
	num  uint64
	kind Kind
}

type benchObject struct{ n int }

func (*benchObject) TypeName() string { return "bench" }

const benchCount = 1000

var (
	benchStrings = [...]string{"select", "customer_id", "from", "{{ ref('orders') }}"}
	benchList    = &List{}
	benchHost    = &benchObject{1}
	benchSink    int
)

func BenchmarkLayoutWide(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		values := make([]wideValue, benchCount)
		benchWide = values
		for i := range values {
			switch i & 3 {
			case 0:
				values[i] = wideValue{kind: KindInt, num: uint64(i)}
			case 1, 2:
				values[i] = wideValue{kind: KindString, str: benchStrings[i>>2&3]}
			default:
				if i&4 == 0 {
					values[i] = wideValue{kind: KindList, ref: benchList}
				} else {
					values[i] = wideValue{kind: KindObject, ref: Object(benchHost)}
				}
			}
		}
		for _, v := range values {
			switch v.kind {
			case KindInt:
				sum, err := addWide(v, v)
				if err != nil {
					b.Fatal(err)
				}
				benchSink += int(sum.num)
			case KindString:
				benchSink += len(v.str)
			case KindList:
				benchSink += len(v.ref.(*List).Items)
			case KindObject:
				benchSink += len(v.ref.(Object).TypeName())
			}
		}
	}
}

func BenchmarkLayoutAny(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		values := make([]anyValue, benchCount)
		benchAny = values
		for i := range values {
			switch i & 3 {
			case 0:
				values[i] = anyValue{kind: KindInt, num: uint64(i)}
			case 1, 2:
				s := benchStrings[i>>2&3]
				values[i] = anyValue{kind: KindString, num: uint64(len(s)), ref: stringPointer(unsafe.StringData(s))}
			default:
				if i&4 == 0 {
					values[i] = anyValue{kind: KindList, ref: benchList}
				} else {
					values[i] = anyValue{kind: KindObject, ref: Object(benchHost)}
				}
			}
		}
		for _, v := range values {
			switch v.kind {
			case KindInt:
				sum, err := addAny(v, v)
				if err != nil {
					b.Fatal(err)
				}
				benchSink += int(sum.num)
			case KindString:
				benchSink += len(unsafe.String(v.ref.(stringPointer), int(v.num)))
			case KindList:
				benchSink += len(v.ref.(*List).Items)
			case KindObject:
				benchSink += len(v.ref.(Object).TypeName())
			}
		}
	}
}

func BenchmarkLayoutPointer(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		values := make([]pointerValue, benchCount)
		benchPointer = values
		for i := range values {
			switch i & 3 {
			case 0:
				values[i] = pointerValue{kind: KindInt, num: uint64(i)}
			case 1, 2:
				s := benchStrings[i>>2&3]
				values[i] = pointerValue{kind: KindString, num: uint64(len(s)), ptr: unsafe.Pointer(unsafe.StringData(s))}
			default:
				if i&4 == 0 {
					values[i] = pointerValue{kind: KindList, ptr: unsafe.Pointer(benchList)}
				} else {
					o := Object(benchHost)
					values[i] = pointerValue{kind: KindObject, ptr: unsafe.Pointer(&o)}
				}
			}
		}
		for _, v := range values {
			switch v.kind {
			case KindInt:
				sum, err := addPointer(v, v)
				if err != nil {
					b.Fatal(err)
				}
				benchSink += int(sum.num)
			case KindString:
				benchSink += len(unsafe.String((*byte)(v.ptr), int(v.num)))
			case KindList:
				benchSink += len((*List)(v.ptr).Items)
			case KindObject:
				benchSink += len((*(*Object)(v.ptr)).TypeName())
			}
		}
	}
}

func BenchmarkLayoutInterface(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		values := make([]any, benchCount)
		benchInterface = values
		for i := range values {
			switch i & 3 {
			case 0:
				values[i] = int64(i)
			case 1, 2:
				values[i] = benchStrings[i>>2&3]
			default:
				if i&4 == 0 {
					values[i] = benchList
				} else {
					values[i] = benchHost
				}
			}
		}
		for _, v := range values {
			switch v := v.(type) {
			case int64:
				benchSink += int(v)
			case string:
				benchSink += len(v)
			case *List:
				benchSink += len(v.Items)
			case Object:
				benchSink += len(v.TypeName())
			}
		}
	}
}

func BenchmarkStrFloat(b *testing.B) {
	b.ReportAllocs()
	var dst []byte
	for b.Loop() {
		dst = AppendStr(dst[:0], Float(math.Pi))
	}
}

func BenchmarkDictGetString(b *testing.B) {
	b.ReportAllocs()
	d := NewDict(0)
	for _, s := range benchStrings {
		d.SetString(s, Int(1))
	}
	for b.Loop() {
		if _, ok := d.GetString("from"); !ok {
			b.Fatal("lost")
		}
	}
}

func BenchmarkCallMethodAppend(b *testing.B) {
	b.ReportAllocs()
	l := NewList()
	args := Args{Pos: []Value{Int(1)}}
	for b.Loop() {
		if _, err := CallMethod(nil, l, "append", args); err != nil {
			b.Fatal(err)
		}
		if items, _ := l.AsList(); len(items.Items) > 1000 {
			items.Items = items.Items[:0]
		}
	}
}

func BenchmarkPercent(b *testing.B) {
	b.ReportAllocs()
	args := NewTuple(Int(7), String("x"))
	for b.Loop() {
		if _, err := Percent(nil, "%05d and %s", args); err != nil {
			b.Fatal(err)
		}
	}
}

var benchWide []wideValue

//go:noinline
func addWide(a, c wideValue) (wideValue, error) {
	if a.kind != KindInt || c.kind != KindInt {
		return wideValue{}, typeError("no")
	}
	return wideValue{kind: KindInt, num: a.num + c.num}, nil
}

var benchAny []anyValue

//go:noinline
func addAny(a, c anyValue) (anyValue, error) {
	if a.kind != KindInt || c.kind != KindInt {
		return anyValue{}, typeError("no")
	}
	return anyValue{kind: KindInt, num: a.num + c.num}, nil
}

var benchPointer []pointerValue

//go:noinline
func addPointer(a, c pointerValue) (pointerValue, error) {
	if a.kind != KindInt || c.kind != KindInt {
		return pointerValue{}, typeError("no")
	}
	return pointerValue{kind: KindInt, num: a.num + c.num}, nil
}

var benchInterface []any
