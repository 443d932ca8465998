package builtin

import (
	"math"
	"strconv"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// Range is Python's range: numbers computed as they are asked for.
type Range struct{ start, stop, step, count int64 }

func newRange(th *value.Thread, a value.Args) (value.Value, error) {
	if len(a.Kwargs) > 0 {
		return value.Undef, value.Errorf("TypeError", "range() takes no keyword arguments")
	}
	if n := len(a.Pos); n == 0 {
		return value.Undef, value.Errorf("TypeError", "range expected at least 1 argument, got 0")
	} else if n > 3 {
		return value.Undef, value.Errorf("TypeError", "range expected at most 3 arguments, got %d", n)
	}
	args := [3]int64{0, 0, 1}
	for i, v := range a.Pos {
		if v.IsUndefined() { // absent for integer(), wrong here
			return value.Undef, value.Errorf("TypeError", "'Undefined' object cannot be interpreted as an integer")
		}
		if v.Kind() == value.KindBig {
			return value.Undef, value.Errorf("OverflowError", "Range too big")
		}
		n, err := integer(v, 0)
		if err != nil {
			return value.Undef, err
		}
		args[i] = n
	}
	r := &Range{start: args[0], stop: args[1], step: args[2]}
	if len(a.Pos) == 1 {
		r.start, r.stop = 0, args[0]
	}
	if r.step == 0 {
		return value.Undef, value.Errorf("ValueError", "range() arg 3 must not be zero")
	}
	r.count = r.size()
	return value.FromObject(r), th.CheckList(r.count)
}

func (r *Range) size() int64 {
	switch {
	case r.step > 0 && r.start < r.stop:
		return int64((uint64(r.stop-r.start)-1)/uint64(r.step) + 1)
	case r.step < 0 && r.start > r.stop:
		return int64((uint64(r.start-r.stop)-1)/-uint64(r.step) + 1)
	}
	return 0
}

// TypeName is "range".
func (r *Range) TypeName() string { return "range" }

// Len is the number of elements.
func (r *Range) Len() int { return int(r.count) }

// At is element i, which must exist.
func (r *Range) At(i int) value.Value { return value.Int(r.start + int64(i)*r.step) }

// Repr is range(0, 3).
func (r *Range) Repr() string {
	out := "range(" + strconv.FormatInt(r.start, 10) + ", " + strconv.FormatInt(r.stop, 10)
	if r.step != 1 {
		out += ", " + strconv.FormatInt(r.step, 10)
	}
	return out + ")"
}

// Iterate yields the numbers.
func (r *Range) Iterate(th *value.Thread, yield func(value.Value) bool) error {
	for i := range int(r.count) {
		if err := th.Step(1); err != nil {
			return err
		}
		if !yield(r.At(i)) {
			return nil
		}
	}
	return nil
}

// Index is range[i].
func (r *Range) Index(_ *value.Thread, key value.Value) (value.Value, bool, error) {
	if key.Kind() != value.KindInt && key.Kind() != value.KindBool {
		return value.Undef, false, nil
	}
	i, err := integer(key, 0)
	if i < 0 {
		i += r.count
	}
	if err != nil || i < 0 || i >= r.count {
		return value.Undef, false, err
	}
	return r.At(int(i)), true, nil
}

// Slice is range[a:b:c], a range again.
func (r *Range) Slice(start, stop, step value.Value) (value.Value, error) {
	from, to, by, n, err := value.SliceBounds(int(r.count), start, stop, step)
	if err != nil {
		return value.Undef, err
	}
	return value.FromObject(&Range{
		start: r.start + int64(from)*r.step, stop: r.start + int64(to)*r.step, step: r.step * int64(by), count: int64(n),
	}), nil
}

// Contains computes instead of searching.
func (r *Range) Contains(item value.Value) (bool, error) {
	if item.Kind() == value.KindFloat {
		f, _ := item.AsFloat()
		if f != math.Trunc(f) || math.Abs(f) >= 1<<62 {
			return false, nil
		}
		item = value.Int(int64(f))
	}
	if item.Kind() != value.KindInt && item.Kind() != value.KindBool {
		return false, nil
	}
	n, err := integer(item, 0)
	if err != nil || r.count == 0 {
		return false, err
	}
	low, high := r.start, r.start+(r.count-1)*r.step
	if r.step < 0 {
		low, high = high, low
	}
	return n >= low && n <= high && (n-r.start)%r.step == 0, nil
}

// Equal compares the sequences.
func (r *Range) Equal(other value.Value) (equal, ok bool) {
	o, ok := other.AsObject()
	if !ok {
		return false, false
	}
	x, ok := o.(*Range)
	if !ok {
		return false, false
	}
	return r.count == x.count && (r.count == 0 || r.start == x.start && (r.count == 1 || r.step == x.step)), true
}

// Compare is not defined for ranges.
func (r *Range) Compare(value.Value) (int, bool) { return 0, false }

// HashKey makes equal ranges the same key.
func (r *Range) HashKey() string {
	switch r.count {
	case 0:
		return "range:"
	case 1:
		return "range:" + strconv.FormatInt(r.start, 10)
	}
	return "range:" + strconv.FormatInt(r.start, 10) + ":" + strconv.FormatInt(r.step, 10) + ":" + strconv.FormatInt(r.count, 10)
}

// Attr has start, stop and step.
func (r *Range) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	switch name {
	case "start":
		return value.Int(r.start), true, nil
	case "stop":
		return value.Int(r.stop), true, nil
	case "step":
		return value.Int(r.step), true, nil
	case "count", "index":
		return value.Func(name, func(th *value.Thread, a value.Args) (value.Value, error) {
			items, err := value.ToSlice(th, value.FromObject(r))
			if err != nil {
				return value.Undef, err
			}
			return value.CallMethod(th, value.NewTuple(items...), name, a)
		}), true, nil
	}
	return value.Undef, false, nil
}
