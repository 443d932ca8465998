package value

import (
	"context"
	"reflect"
)

// Object is a host value. TypeName is Python's type name ("Relation"); the optional
// interfaces below add behaviour. Absent behaviour answers as Python would: an
// unknown attribute is undefined, calling it is an error that names the type.
type Object interface{ TypeName() string }

// Moduled objects know the Python module of their class: messages about missing attributes
// name "dbt.context.macros.MacroNamespace object".
type Moduled interface{ Module() string }

// Attrer answers obj.name (and obj['name'] when Indexer does not). ok=false means undefined.
type Attrer interface {
	Attr(th *Thread, name string) (v Value, ok bool, err error)
}

// AttrSetter takes {% set obj.name = v %} (namespace objects).
type AttrSetter interface {
	SetAttr(name string, v Value) error
}

// Indexer answers obj[key]; ok=false means undefined.
type Indexer interface {
	Index(th *Thread, key Value) (v Value, ok bool, err error)
}

// ItemSetter takes obj[key] = v where a method does it (dict-like objects).
type ItemSetter interface{ SetIndex(key, v Value) error }

// Iterable is iterated by for, list(), join …
type Iterable interface {
	Iterate(th *Thread, yield func(Value) bool) error
}

// Lener answers len() and truth (0 is false).
type Lener interface{ Len() int }

// Truther overrides truth.
type Truther interface{ Truth() bool }

// Stringer gives str(obj); Reprer gives repr(obj). Without Reprer, str is used; without
// either "<TypeName object>".
type Stringer interface{ Str() string }
type Reprer interface{ Repr() string }

// Callable is obj(...): macros, functions, bound methods.
type Callable interface {
	Object
	Call(th *Thread, args Args) (Value, error)
}

// Comparer defines == and ordering; ok=false means "not comparable with that".
type Comparer interface {
	Equal(other Value) (equal, ok bool)
	Compare(other Value) (order int, ok bool)
}

// Hasher makes the object usable as a dict key; equal objects hash equal.
type Hasher interface{ HashKey() string }

// Arith answers binary operators ("+", "-", "*", "/", "//", "%", "**"); reflected is true
// when the object stands on the right. ok=false means unsupported.
type Arith interface {
	Binary(op string, other Value, reflected bool) (v Value, ok bool, err error)
}

// ToJSON lets tojson and artifacts encode the object; ok=false raises as Python's json does.
type ToJSON interface{ JSONValue() (Value, bool) }

// Args are the arguments of one call. Kwargs keep their order.
type Args struct {
	Pos    []Value
	Kwargs []Kwarg
}

// Kwarg is one keyword argument. A call block passes its body as the keyword "caller".
type Kwarg struct {
	Name  string
	Value Value
}

// Scope is what a template can see by name. Implementations must be safe for one
// goroutine; immutable layers are shared by stacking scopes.
type Scope interface {
	Lookup(th *Thread, name string) (Value, bool)
	// Names lists what Lookup knows, for did-you-mean and the `context` object.
	Names() []string
}

// UndefinedPolicy says what using an undefined value does.
type UndefinedPolicy uint8

const (
	UndefinedDefault UndefinedPolicy = iota // Jinja's: prints "", attribute or call raises
	UndefinedLenient                        // dbt's parse time: attribute, item and call give undefined again
	UndefinedStrict                         // any use raises
)

// Limits bound one render so that a hostile template ends in an error. Zero means the default.
type Limits struct {
	Depth  int   // nested macro calls, default 500
	Steps  int64 // loop iterations in total, default 50 million
	Output int   // bytes of output and of any one string, default 256 MiB
	Range  int64 // elements of range() and of any one list, default 10 million
	Memory int64 // bytes that the process may hold while templates allocate, default GOMEMLIMIT or 2 GiB
}

// Thread is one render in progress (the name is Starlark's). It belongs to one
// goroutine; templates and macros themselves are immutable and shared.
type Thread struct {
	Context   context.Context // cancels long renders; nil means never
	Globals   Scope
	Undefined UndefinedPolicy
	Native    bool // as_bool, as_number … mark values (YAML rendering) instead of passing them through
	Limits    Limits
	Host      any               // the embedder's own state for this render
	Translate func(error) error // the embedder's words for an error that leaves a template; nil for none

	Frames []Frame // macro call stack, outermost first; kept for errors and context_macro_stack

	steps  int64
	depth  int
	output int
	weight int64 // bytes allocated, roughly, since the memory was last looked at
}

// Frame is one macro call in progress.
type Frame struct {
	Macro    string // unique_id, e.g. "macro.dbt_utils.star"
	Position string // "path:line:col" of the call, for tracebacks
}

// Error is a Python-like exception raised while rendering ("TypeError: …").
// The evaluator adds the position and turns it into a diagnostic.
type Error struct {
	Type    string // "TypeError", "UndefinedError", "ZeroDivisionError" …
	Message string
	Name    string // the undefined name or attribute, for did-you-mean
	Cause   error
}

func (e *Error) Error() string { return e.Message }
func (e *Error) Unwrap() error { return e.Cause }

// Container answers `item in obj`; without it an Iterable is searched.
type Container interface {
	Contains(item Value) (bool, error)
}

// MethodCaller answers obj.name(args) directly; ok=false means that it has no such method
// and the attribute is looked up and called instead. It saves making a bound method.
type MethodCaller interface {
	CallMethod(th *Thread, name string, args Args) (v Value, ok bool, err error)
}

// Slicer answers obj[start:stop:step]; absent bounds are None.
type Slicer interface {
	Slice(start, stop, step Value) (Value, error)
}

// Mapping marks objects that are mappings for the `mapping` test and dict(obj).
type Mapping interface {
	Iterable
	Indexer
	IsMapping()
}

// UnaryArith answers -obj and +obj; ok=false means unsupported.
type UnaryArith interface {
	Unary(op string) (v Value, ok bool, err error)
}

func sameObject(a, b Object) bool {
	ta := reflect.TypeOf(a)
	return ta == reflect.TypeOf(b) && ta.Comparable() && a == b
}

// Formatter answers format(obj, spec) and "{:spec}".format(obj).
type Formatter interface {
	Format(th *Thread, spec string) (string, error)
}
