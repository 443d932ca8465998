package jinja

import (
	"strconv"

	"github.com/millrace/millrace/compiler/jinja/value"
)

func (s *forStmt) exec(f *frame) error {
	iter, err := s.iter.eval(f)
	if err != nil {
		return err
	}
	if !s.recursive {
		return s.loop(f, iter, 0, nil)
	}
	text, err := s.recurse(f, iter, 0)
	if err != nil {
		return err
	}
	return f.emit(s.pos, value.String(text))
}

// recurse runs a recursive loop at some depth with variables of its own; outer is the frame
// of the function that contains the loop.
func (s *forStmt) recurse(outer *frame, iter value.Value, depth int64) (string, error) {
	if err := outer.th.Enter(); err != nil {
		return "", outer.fail(s.pos, err)
	}
	defer outer.th.Leave()
	f := newFrame(s.fn, outer.th, outer)
	f.out = newSink()
	err := s.loop(f, iter, depth, outer)
	text := string(f.out.b)
	f.out.free()
	f.free()
	return text, err
}

// loop runs the body for each element. outer is only set for recursive loops.
func (s *forStmt) loop(f *frame, iter value.Value, depth int64, outer *frame) error {
	var plain iteration
	it := &plain
	var lc *loopContext
	if s.loopSlot >= 0 {
		lc = &loopContext{depth: depth, outer: outer, index: -1}
		it = &lc.iteration
	}
	if err := it.start(f, s, iter); err != nil {
		return err
	}
	completed := false
	for {
		v, ok, err := it.next()
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		if err := f.th.Step(1); err != nil {
			return f.fail(s.iter.where(), err)
		}
		f.init(s.inits)
		if err := f.assign(s.target, v); err != nil {
			return err
		}
		if lc != nil {
			lc.prev, lc.cur = lc.cur, v
			lc.index++
			f.slots[s.loopSlot] = value.FromObject(lc)
		}
		if err := f.run(s.body); err != nil {
			if err == error(errContinue) {
				continue
			}
			if err == error(errBreak) {
				break
			}
			return err
		}
		// Like Jinja: the else part runs unless some iteration reached the end of the body.
		completed = true
	}
	if completed || len(s.otherwise) == 0 {
		return nil
	}
	f.init(s.elseInits)
	return f.run(s.otherwise)
}

// iteration walks a value, applying the loop's filter, with an element of look-ahead.
type iteration struct {
	f      *frame
	s      *forStmt
	list   *value.List // iterated live: the body may append
	items  []value.Value
	it     *value.Iterator
	dict   *value.Dict
	size   int // of dict at the start
	i      int
	ahead  value.Value
	peeked bool
}

func (l *iteration) start(f *frame, s *forStmt, v value.Value) error {
	l.f, l.s = f, s
	switch v.Kind() {
	case value.KindList:
		l.list, _ = v.AsList()
		return nil
	case value.KindTuple:
		l.items = v.Items()
		return nil
	case value.KindDict:
		l.dict, _ = v.AsDict()
		l.size = l.dict.Len()
	case value.KindObject:
		if o, _ := v.AsObject(); o != nil {
			if it, ok := o.(*value.Iterator); ok {
				l.it = it
				return nil
			}
		}
	}
	items, err := value.ToSlice(f.th, v)
	if err != nil {
		return f.fail(s.iter.where(), err)
	}
	l.items = items
	return nil
}

func (l *iteration) next() (value.Value, bool, error) {
	if l.peeked {
		l.peeked = false
		return l.ahead, true, nil
	}
	return l.pull()
}

// pull takes the next element that passes the loop's filter.
func (l *iteration) pull() (value.Value, bool, error) {
	for {
		v, ok, err := l.raw()
		if err != nil || !ok || l.s.test == nil {
			return v, ok, err
		}
		if err := l.f.th.Step(1); err != nil {
			return value.Undef, false, l.f.fail(l.s.test.where(), err)
		}
		keep, err := l.passes(v)
		if err != nil || keep {
			return v, keep, err
		}
	}
}

// passes evaluates the filter without disturbing the current iteration's variables.
func (l *iteration) passes(v value.Value) (bool, error) {
	var few [4]value.Value
	saved := few[:0]
	for _, slot := range l.s.slots {
		saved = append(saved, l.f.slots[slot])
	}
	defer func() {
		for i, slot := range l.s.slots {
			l.f.slots[slot] = saved[i]
		}
	}()
	if err := l.f.assign(l.s.target, v); err != nil {
		return false, err
	}
	return l.f.truth(l.s.test)
}

func (l *iteration) raw() (value.Value, bool, error) {
	switch {
	case l.list != nil:
		if l.i >= len(l.list.Items) {
			return value.Undef, false, nil
		}
		l.i++
		return l.list.Items[l.i-1], true, nil
	case l.it != nil:
		v, ok, err := l.it.Next(l.f.th)
		if err != nil {
			err = l.f.fail(l.s.iter.where(), err)
		}
		return v, ok, err
	}
	if l.dict != nil && l.dict.Len() != l.size {
		return value.Undef, false, l.f.fail(l.s.iter.where(), value.Errorf("RuntimeError", "dictionary changed size during iteration"))
	}
	if l.i >= len(l.items) {
		return value.Undef, false, nil
	}
	l.i++
	return l.items[l.i-1], true, nil
}

// peek looks at the next element.
func (l *iteration) peek() (value.Value, bool, error) {
	if !l.peeked {
		v, ok, err := l.pull()
		if err != nil || !ok {
			return v, false, err
		}
		l.ahead, l.peeked = v, true
	}
	return l.ahead, true, nil
}

// remaining counts what is still to come, reading ahead where that is the only way.
func (l *iteration) remaining() (int, error) {
	n := 0
	if l.peeked {
		n = 1
	}
	switch {
	case l.s.test == nil && l.list != nil:
		return n + max(0, len(l.list.Items)-l.i), nil
	case l.s.test == nil && l.it == nil:
		return n + len(l.items) - l.i, nil
	}
	var rest []value.Value
	for {
		v, ok, err := l.pull()
		if err != nil {
			return 0, err
		}
		if !ok {
			break
		}
		rest = append(rest, v)
	}
	// From here on the filtered elements are the input.
	s := *l.s
	s.test = nil
	l.s, l.list, l.it, l.dict, l.items, l.i = &s, nil, nil, nil, rest, 0
	return n + len(rest), nil
}

// loopContext is the loop variable.
type loopContext struct {
	iteration
	index     int64 // of the current element, from 0
	depth     int64
	length    int64
	measured  bool
	cur, prev value.Value
	changed   *value.Value // argument of the last loop.changed()
	outer     *frame       // for recursive loops
}

// TypeName is Jinja's.
func (l *loopContext) TypeName() string { return "LoopContext" }

// Str is what printing loop shows.
func (l *loopContext) Str() string {
	n, err := l.len()
	if err != nil {
		return "<LoopContext>"
	}
	return "<LoopContext " + strconv.FormatInt(l.index+1, 10) + "/" + strconv.FormatInt(n, 10) + ">"
}

// Len is the number of elements.
func (l *loopContext) Len() int {
	n, err := l.len()
	if err != nil {
		return 0
	}
	return int(n)
}

func (l *loopContext) len() (int64, error) {
	if !l.measured {
		rest, err := l.remaining()
		if err != nil {
			return 0, err
		}
		l.length, l.measured = l.index+1+int64(rest), true
	}
	return l.length, nil
}

// Attr gives loop.index and its kin.
func (l *loopContext) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	switch name {
	case "index":
		return value.Int(l.index + 1), true, nil
	case "index0":
		return value.Int(l.index), true, nil
	case "first":
		return value.Bool(l.index == 0), true, nil
	case "last":
		_, more, err := l.peek()
		return value.Bool(!more), true, err
	case "depth":
		return value.Int(l.depth + 1), true, nil
	case "depth0":
		return value.Int(l.depth), true, nil
	case "length", "revindex", "revindex0":
		n, err := l.len()
		switch name {
		case "revindex":
			n -= l.index
		case "revindex0":
			n -= l.index + 1
		}
		return value.Int(n), true, err
	case "previtem":
		if l.index == 0 {
			return noPrevItem, true, nil
		}
		return l.prev, true, nil
	case "nextitem":
		v, more, err := l.peek()
		if !more {
			v = noNextItem
		}
		return v, true, err
	case "cycle":
		return value.Func("cycle", l.cycle), true, nil
	case "changed":
		return value.Func("changed", l.hasChanged), true, nil
	}
	return value.Undef, false, nil
}

// CallMethod saves making a bound method for each use of loop.cycle and loop.changed.
func (l *loopContext) CallMethod(th *value.Thread, name string, a value.Args) (value.Value, bool, error) {
	switch name {
	case "cycle":
		v, err := l.cycle(th, a)
		return v, true, err
	case "changed":
		v, err := l.hasChanged(th, a)
		return v, true, err
	}
	return value.Undef, false, nil
}

var (
	noPrevItem = value.UndefinedHint("there is no previous item")
	noNextItem = value.UndefinedHint("there is no next item")
)

func (l *loopContext) cycle(_ *value.Thread, a value.Args) (value.Value, error) {
	if len(a.Pos) == 0 {
		return value.Undef, value.Errorf("TypeError", "no items for cycling given")
	}
	return a.Pos[l.index%int64(len(a.Pos))], nil
}

func (l *loopContext) hasChanged(_ *value.Thread, a value.Args) (value.Value, error) {
	now := value.NewTuple(a.Pos...)
	if l.changed != nil && value.Equal(*l.changed, now) {
		return value.False, nil
	}
	l.changed = &now
	return value.True, nil
}

// Call is loop(children) in a recursive loop.
func (l *loopContext) Call(_ *value.Thread, a value.Args) (value.Value, error) {
	if l.outer == nil {
		return value.Undef, value.Errorf("TypeError", "The loop must have the 'recursive' marker to be called recursively.")
	}
	v, err := a.Bind("loop", "iterable")
	if err != nil {
		return value.Undef, err
	}
	text, err := l.s.recurse(l.outer, v[0], l.depth+1)
	return value.String(text), err
}
