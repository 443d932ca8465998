// Package value holds the values that templates compute with. They behave as
// Python's do, because dbt projects are written against Python: mutable ordered
// dicts and lists, tuples, unbounded integers, repr, `%` and str.format.
//
// An evaluator should call a method (x.append(1)) with CallMethod, which finds it without
// creating the bound method that GetAttr would have to make; Add, Sub, Mul and Concat are
// the operators without the dispatch of Binary; CheckedStr is the text of a value for
// output. Text is the string that a value is, also when a filter marked it (Marker): host
// functions that take strings use it rather than AsString.
//
// Functions take the Thread of the render for its limits and its policy on undefined
// values; a nil Thread means none.
package value

import (
	"math"
	"math/big"
	"unsafe"
)

// Kind is the Python type of a Value.
type Kind uint8

const (
	KindUndefined Kind = iota // the zero Value: an undefined name without a hint
	KindNone
	KindBool
	KindInt // fits in int64
	KindBig // a Python int beyond int64
	KindFloat
	KindString
	KindList
	KindTuple
	KindDict
	KindSet
	KindObject // a host object: Relation, Decimal, datetime, macro, function …
)

// Value is one Python value. It is small, copied freely and immutable itself; lists,
// dicts and sets are shared by reference as in Python. The zero Value is undefined.
//
// The layout is private to this file and was chosen by measurement (value_bench_test.go):
// 32 bytes, where a string is its data pointer in ref and its length in num, cost two
// thirds of the time of 48 bytes with a string field of its own, as much as 24 bytes with
// an unsafe pointer, which must box every object, and never allocates.
//
// Values are compared with Equal or Identical, not with ==.
type Value struct {
	_    [0]func() // == on values would compare string addresses: make it not compile
	kind Kind
	num  uint64 // bool, int64, float64 bits or the length of a string
	ref  any    // stringData, *big.Int, *List, *Tuple, *Dict, *Set, Object, *UndefinedInfo
}

// stringData points to the first byte of a string; a pointer in an interface needs no allocation.
type stringData *byte

// None, True and False are Python's singletons; Undef is an undefined without a name.
var (
	None  = Value{kind: KindNone}
	True  = Value{kind: KindBool, num: 1}
	False = Value{kind: KindBool}
	Undef = Value{}
)

// Bool is True or False.
func Bool(b bool) Value {
	if b {
		return True
	}
	return False
}

// Int wraps a Python int.
func Int(i int64) Value { return Value{kind: KindInt, num: uint64(i)} }

// String wraps a Python str.
func String(s string) Value {
	return Value{kind: KindString, num: uint64(len(s)), ref: stringData(unsafe.StringData(s))}
}

// FromList and its siblings share what they are given, as Python's references do.
func FromList(l *List) Value    { return Value{kind: KindList, ref: l} }
func FromTuple(t *Tuple) Value  { return Value{kind: KindTuple, ref: t} }
func FromDict(d *Dict) Value    { return Value{kind: KindDict, ref: d} }
func FromSet(s *Set) Value      { return Value{kind: KindSet, ref: s} }
func FromObject(o Object) Value { return Value{kind: KindObject, ref: o} }

// NewList and NewTuple take ownership of items.
func NewList(items ...Value) Value  { return FromList(&List{Items: items}) }
func NewTuple(items ...Value) Value { return FromTuple(&Tuple{Items: items}) }

// Strings makes a list of strings.
func Strings(items ...string) Value {
	l := &List{Items: make([]Value, len(items))}
	for i, s := range items {
		l.Items[i] = String(s)
	}
	return FromList(l)
}

// OptString is None for "".
func OptString(s string) Value {
	if s == "" {
		return None
	}
	return String(s)
}

// Kind is the Python type of v.
func (v Value) Kind() Kind        { return v.kind }
func (v Value) IsUndefined() bool { return v.kind == KindUndefined }
func (v Value) IsNone() bool      { return v.kind == KindNone }

// IsZero reports the zero Value, an undefined that remembers nothing.
func (v Value) IsZero() bool { return v.kind == KindUndefined && v.ref == nil }

// IsNull reports None or undefined.
func (v Value) IsNull() bool { return v.kind <= KindNone }

// Float wraps a Python float.
func Float(f float64) Value { return Value{kind: KindFloat, num: math.Float64bits(f)} }

// Big wraps a Python int of any size; one that fits in 64 bits becomes KindInt.
func Big(b *big.Int) Value {
	if b.IsInt64() {
		return Int(b.Int64())
	}
	return Value{kind: KindBig, ref: b}
}

func undefinedWith(u *UndefinedInfo) Value { return Value{kind: KindUndefined, ref: u} }

// AsString returns the Go value and whether v is of exactly that kind (no coercion), as do
// its siblings below.
func (v Value) AsString() (string, bool) {
	if v.kind != KindString {
		return "", false
	}
	return v.rawString(), true
}

func (v Value) AsBool() (bool, bool)     { return v.num == 1, v.kind == KindBool }
func (v Value) AsInt() (int64, bool)     { return int64(v.num), v.kind == KindInt }
func (v Value) AsFloat() (float64, bool) { return math.Float64frombits(v.num), v.kind == KindFloat }
func (v Value) AsList() (*List, bool)    { l, ok := v.ref.(*List); return l, ok && v.kind == KindList }
func (v Value) AsTuple() (*Tuple, bool)  { t, ok := v.ref.(*Tuple); return t, ok && v.kind == KindTuple }
func (v Value) AsDict() (*Dict, bool)    { d, ok := v.ref.(*Dict); return d, ok && v.kind == KindDict }
func (v Value) AsSet() (*Set, bool)      { s, ok := v.ref.(*Set); return s, ok && v.kind == KindSet }
func (v Value) AsBig() (*big.Int, bool)  { b, ok := v.ref.(*big.Int); return b, ok && v.kind == KindBig }
func (v Value) AsObject() (Object, bool) {
	if v.kind != KindObject {
		return nil, false
	}
	o, ok := v.ref.(Object)
	return o, ok
}

// The unchecked accessors below are for code that has already switched on Kind.
func (v Value) rawString() string {
	return unsafe.String(v.ref.(stringData), int(v.num))
}

// isString reports whether v is this string.
func (v *Value) isString(s string) bool {
	return v.kind == KindString && int(v.num) == len(s) && v.rawString() == s
}

func (v Value) rawInt() int64     { return int64(v.num) }
func (v Value) rawFloat() float64 { return math.Float64frombits(v.num) }
func (v Value) rawBig() *big.Int  { return v.ref.(*big.Int) }
func (v Value) rawList() *List    { return v.ref.(*List) }
func (v Value) rawTuple() *Tuple  { return v.ref.(*Tuple) }
func (v Value) rawDict() *Dict    { return v.ref.(*Dict) }
func (v Value) rawSet() *Set      { return v.ref.(*Set) }
func (v Value) rawObject() Object { return v.ref.(Object) }
func (v Value) undefinedInfo() *UndefinedInfo {
	u, _ := v.ref.(*UndefinedInfo)
	return u
}

// Items returns the elements of a list or tuple without copying; nil otherwise.
func (v Value) Items() []Value {
	switch v.kind {
	case KindList:
		return v.rawList().Items
	case KindTuple:
		return v.rawTuple().Items
	}
	return nil
}
