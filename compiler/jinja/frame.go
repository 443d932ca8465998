package jinja

import (
	"sync"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/builtin"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// frame is one activation of a function: its variables and where its output goes.
type frame struct {
	th     *value.Thread
	fn     *function
	parent *frame // activation of the enclosing function, for its variables
	slots  []value.Value
	out    *sink
}

// sink collects output. At the top level of a native render it collects values instead.
type sink struct {
	b      []byte
	parts  []value.Value
	native bool
	trace  *[]Segment // where each piece came from, for RenderMapped
}

var (
	framePool = sync.Pool{New: func() any { return new(frame) }}
	sinkPool  = sync.Pool{New: func() any { return new(sink) }}
)

// maxPooled keeps one huge render from pinning its buffer for ever.
const maxPooled = 1 << 20

func newSink() *sink { return sinkPool.Get().(*sink) }

func (s *sink) free() {
	if cap(s.b) > maxPooled {
		return
	}
	s.b, s.trace = s.b[:0], nil
	sinkPool.Put(s)
}

func newFrame(fn *function, th *value.Thread, parent *frame) *frame {
	f := framePool.Get().(*frame)
	f.th, f.fn, f.parent = th, fn, parent
	if cap(f.slots) < fn.slots {
		f.slots = make([]value.Value, fn.slots, fn.slots+8)
	} else {
		f.slots = f.slots[:fn.slots]
	}
	return f
}

// free recycles the frame unless a closure may still refer to it.
func (f *frame) free() {
	if f.fn.closes {
		return
	}
	clear(f.slots)
	f.th, f.fn, f.parent, f.out = nil, nil, nil, nil
	framePool.Put(f)
}

func (f *frame) at(p pos) diag.Span { return f.fn.src.diag.At(int(p.start), int(p.end)) }

func isEmpty(v value.Value) bool { return v.IsZero() }

// up is the frame n functions further out.
func (f *frame) up(n int16) *frame {
	for ; n > 0; n-- {
		f = f.parent
	}
	return f
}

// init prepares variables for the scope that is being entered.
func (f *frame) init(inits []slotInit) {
	for i := range inits {
		if in := &inits[i]; in.from == nil {
			f.slots[in.slot] = value.Undef
		} else {
			f.slots[in.slot] = f.up(in.from.up).slots[in.from.slot]
		}
	}
}

func (f *frame) set(r ref, name string, v value.Value) {
	if isEmpty(v) {
		v = value.UndefinedNamed(name)
	}
	f.up(r.up).slots[r.slot] = v
}

// lookup finds a name in the context, then among Jinja's own globals.
func (f *frame) lookup(name string) value.Value {
	if g := f.th.Globals; g != nil {
		if v, ok := g.Lookup(f.th, name); ok {
			if isEmpty(v) {
				return value.UndefinedNamed(name)
			}
			return v
		}
	}
	if v, ok := builtin.Globals[name]; ok {
		return v
	}
	return value.UndefinedNamed(name)
}

// visibleNames lists what a misspelt name may have been meant to be.
func (f *frame) visibleNames() []string {
	var names []string
	for fn := f.fn; fn != nil; fn = fn.outer {
		names = append(names, fn.locals...)
	}
	if f.th.Globals != nil {
		names = append(names, f.th.Globals.Names()...)
	}
	return append(names, globalNames()...)
}

var globalNames = sync.OnceValue(func() []string { return sortedKeys(builtin.Globals) })

func (f *frame) run(body []stmt) error {
	for _, s := range body {
		if err := s.exec(f); err != nil {
			return err
		}
	}
	return nil
}

// write appends text to the output.
func (f *frame) write(p pos, text string) error {
	if f.out.trace != nil {
		*f.out.trace = append(*f.out.trace, f.segment(p, text))
	}
	f.out.b = append(f.out.b, text...)
	if err := f.th.Grow(len(text)); err != nil {
		return f.fail(p, err)
	}
	return nil
}

// capture runs a body with an output of its own and returns the text.
func (f *frame) capture(body []stmt) (string, error) {
	outer := f.out
	f.out = newSink()
	err := f.run(body)
	text := string(f.out.b)
	f.out.free()
	f.out = outer
	return text, err
}
