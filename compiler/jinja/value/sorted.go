package value

import "slices"

// Sorted is Python's sorted(items, key=…, reverse=…): stable, by key (nil means the item
// itself). items is not changed.
func Sorted(th *Thread, items []Value, key func(Value) (Value, error), reverse bool) ([]Value, error) {
	if err := th.Step(int64(len(items))); err != nil {
		return nil, err
	}
	type keyed struct{ key, item Value }
	pairs := make([]keyed, len(items))
	for i, v := range items {
		pairs[i] = keyed{v, v}
		if key != nil {
			k, err := key(v)
			if err != nil {
				return nil, err
			}
			pairs[i].key = k
		}
	}
	// Python sorts the reversed list and reverses the result, which keeps it stable.
	if reverse {
		slices.Reverse(pairs)
	}
	var failed error
	slices.SortStableFunc(pairs, func(a, b keyed) int {
		if failed != nil {
			return 0
		}
		// The sort hands over the later element first, and Python asks whether it is less.
		less, err := lessThan(a.key, b.key)
		if err != nil {
			failed = err
		}
		if less {
			return -1
		}
		return 0
	})
	if failed != nil {
		return nil, failed
	}
	out := make([]Value, len(pairs))
	for i := range pairs {
		out[i] = pairs[i].item
	}
	if reverse {
		slices.Reverse(out)
	}
	return out, nil
}

func lessThan(a, b Value) (bool, error) {
	if a.Kind() == KindString && b.Kind() == KindString {
		return a.rawString() < b.rawString(), nil
	}
	return CompareOp("<", a, b)
}
