package context

import (
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/jinja/value"
)

type iteratorFunc func(th *value.Thread) (value.Value, bool, error)

func iterator(name string, next iteratorFunc) (value.Value, error) {
	return value.FromObject(value.NewIterator("itertools."+name, next)), nil
}

// tuples yields tuples made by next until it returns nil.
func tuples(name string, next func() []value.Value) (value.Value, error) {
	return iterator(name, func(th *value.Thread) (value.Value, bool, error) {
		if err := th.Step(1); err != nil {
			return value.Undef, false, err
		}
		row := next()
		if row == nil {
			return value.Undef, false, nil
		}
		return value.NewTuple(row...), true, nil
	})
}

// itertools is the part of Python's itertools that makes sense in templates. dbt deprecates
// it, which is said once.
func itertools(e *Env) value.Value {
	d := value.NewDict(14)
	for name, f := range map[string]func(*value.Thread, value.Args) (value.Value, error){
		"count": itCount, "cycle": itCycle, "repeat": itRepeat, "accumulate": itAccumulate, "chain": itChain,
		"compress": itCompress, "islice": itSlice, "starmap": itStarmap, "tee": itTee, "zip_longest": itZipLongest,
		"product": itProduct, "permutations": itPermutations, "combinations": itCombinations(false),
		"combinations_with_replacement": itCombinations(true),
	} {
		d.SetString(name, value.Func(name, func(th *value.Thread, a value.Args) (value.Value, error) {
			e.itertools.Do(func() {
				const msg = "Usage of itertools modules is deprecated. Please use the built-in functions instead."
				e.emitFrom(th, "ModulesItertoolsUsageDeprecation", "D034", event.Warn, warningTag("Deprecated functionality\n"+msg), nil)
			})
			return f(th, a)
		}))
	}
	return value.FromDict(d)
}

func itCount(_ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("count", "start=0", "step=1")
	if err != nil {
		return value.Undef, err
	}
	at, step := v[0], v[1]
	if at.IsUndefined() {
		at = value.Int(0)
	}
	if step.IsUndefined() {
		step = value.Int(1)
	}
	first := true
	return iterator("count", func(th *value.Thread) (value.Value, bool, error) {
		if err := th.Step(1); err != nil {
			return value.Undef, false, err
		}
		if !first {
			var err error
			if at, err = value.Add(th, at, step); err != nil {
				return value.Undef, false, err
			}
		}
		first = false
		return at, true, nil
	})
}

func itCycle(th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("cycle", "iterable")
	if err != nil {
		return value.Undef, err
	}
	items, err := value.ToSlice(th, v[0])
	if err != nil {
		return value.Undef, err
	}
	i := 0
	return iterator("cycle", func(th *value.Thread) (value.Value, bool, error) {
		if err := th.Step(1); err != nil || len(items) == 0 {
			return value.Undef, false, err
		}
		i++
		return items[(i-1)%len(items)], true, nil
	})
}

func itRepeat(_ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("repeat", "object", "times?")
	if err != nil {
		return value.Undef, err
	}
	left, limited := v[1].AsInt()
	return iterator("repeat", func(th *value.Thread) (value.Value, bool, error) {
		if err := th.Step(1); err != nil || limited && left <= 0 {
			return value.Undef, false, err
		}
		left--
		return v[0], true, nil
	})
}

func itAccumulate(th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("accumulate", "iterable", "func=None", "initial=None")
	if err != nil {
		return value.Undef, err
	}
	it, err := value.Iter(th, v[0])
	if err != nil {
		return value.Undef, err
	}
	total := v[2]
	started := false
	return iterator("accumulate", func(th *value.Thread) (value.Value, bool, error) {
		if !started {
			started = true
			if !total.IsNull() {
				return total, true, nil
			}
			var ok bool
			var err error
			total, ok, err = it.Next(th)
			return total, ok, err
		}
		item, ok, err := it.Next(th)
		if err != nil || !ok {
			return value.Undef, false, err
		}
		if v[1].IsNull() {
			total, err = value.Add(th, total, item)
		} else {
			total, err = value.Call(th, v[1], value.Args{Pos: []value.Value{total, item}})
		}
		return total, err == nil, err
	})
}

func itChain(_ *value.Thread, a value.Args) (value.Value, error) {
	var cur *value.Iterator
	i := 0
	return iterator("chain", func(th *value.Thread) (value.Value, bool, error) {
		for {
			if cur == nil {
				if i >= len(a.Pos) {
					return value.Undef, false, nil
				}
				var err error
				if cur, err = value.Iter(th, a.Pos[i]); err != nil {
					return value.Undef, false, err
				}
				i++
			}
			v, ok, err := cur.Next(th)
			if err != nil || ok {
				return v, ok, err
			}
			cur = nil
		}
	})
}

func itCompress(th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("compress", "data", "selectors")
	if err != nil {
		return value.Undef, err
	}
	data, err := value.Iter(th, v[0])
	if err != nil {
		return value.Undef, err
	}
	selectors, err := value.Iter(th, v[1])
	if err != nil {
		return value.Undef, err
	}
	return iterator("compress", func(th *value.Thread) (value.Value, bool, error) {
		for {
			item, ok, err := data.Next(th)
			if err != nil || !ok {
				return value.Undef, false, err
			}
			keep, ok, err := selectors.Next(th)
			if err != nil || !ok {
				return value.Undef, false, err
			}
			if value.Truth(keep) {
				return item, true, nil
			}
		}
	})
}

func itSlice(th *value.Thread, a value.Args) (value.Value, error) {
	if len(a.Kwargs) > 0 || len(a.Pos) < 2 || len(a.Pos) > 4 {
		return value.Undef, value.Errorf("TypeError", "islice expected at least 2 arguments, got %d", len(a.Pos))
	}
	it, err := value.Iter(th, a.Pos[0])
	if err != nil {
		return value.Undef, err
	}
	bounds := [3]int64{0, -1, 1} // start, stop (-1 is none), step
	set := func(i int, v value.Value) error {
		if v.IsNone() {
			return nil
		}
		n, ok := v.AsInt()
		if !ok || n < 0 || i == 2 && n == 0 {
			return value.Errorf("ValueError", "Indices for islice() must be None or an integer: 0 <= x <= sys.maxsize.")
		}
		bounds[i] = n
		return nil
	}
	args := a.Pos[1:]
	if len(args) == 1 {
		args = []value.Value{value.None, args[0]}
	}
	for i, arg := range args {
		if err := set(i, arg); err != nil {
			return value.Undef, err
		}
	}
	next, at := bounds[0], int64(0)
	return iterator("islice", func(th *value.Thread) (value.Value, bool, error) {
		for {
			if bounds[1] >= 0 && next >= bounds[1] {
				return value.Undef, false, nil
			}
			v, ok, err := it.Next(th)
			if err != nil || !ok {
				return value.Undef, false, err
			}
			at++
			if at-1 == next {
				next += bounds[2]
				return v, true, nil
			}
		}
	})
}

func itStarmap(th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("starmap", "function", "iterable")
	if err != nil {
		return value.Undef, err
	}
	it, err := value.Iter(th, v[1])
	if err != nil {
		return value.Undef, err
	}
	return iterator("starmap", func(th *value.Thread) (value.Value, bool, error) {
		item, ok, err := it.Next(th)
		if err != nil || !ok {
			return value.Undef, false, err
		}
		args, err := value.ToSlice(th, item)
		if err != nil {
			return value.Undef, false, err
		}
		out, err := value.Call(th, v[0], value.Args{Pos: args})
		return out, err == nil, err
	})
}

func itTee(th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("tee", "iterable", "n=2")
	if err != nil {
		return value.Undef, err
	}
	items, err := value.ToSlice(th, v[0])
	if err != nil {
		return value.Undef, err
	}
	n := int64(2)
	if !v[1].IsUndefined() {
		n, _ = v[1].AsInt()
	}
	if err := th.CheckList(n); err != nil || n < 0 {
		return value.Undef, err
	}
	out := make([]value.Value, n)
	for i := range out {
		k := 0
		out[i], _ = iterator("_tee", func(*value.Thread) (value.Value, bool, error) {
			if k >= len(items) {
				return value.Undef, false, nil
			}
			k++
			return items[k-1], true, nil
		})
	}
	return value.NewTuple(out...), nil
}

func itZipLongest(th *value.Thread, a value.Args) (value.Value, error) {
	fill := value.None
	for _, kw := range a.Kwargs {
		if kw.Name != "fillvalue" {
			return value.Undef, value.Errorf("TypeError", "zip_longest() got an unexpected keyword argument")
		}
		fill = kw.Value
	}
	rows := make([][]value.Value, len(a.Pos))
	longest := 0
	for i, arg := range a.Pos {
		var err error
		if rows[i], err = value.ToSlice(th, arg); err != nil {
			return value.Undef, err
		}
		longest = max(longest, len(rows[i]))
	}
	at := 0
	return tuples("zip_longest", func() []value.Value {
		if at >= longest {
			return nil
		}
		row := make([]value.Value, len(rows))
		for i, r := range rows {
			row[i] = fill
			if at < len(r) {
				row[i] = r[at]
			}
		}
		at++
		return row
	})
}

func itProduct(th *value.Thread, a value.Args) (value.Value, error) {
	repeat := int64(1)
	for _, kw := range a.Kwargs {
		if kw.Name != "repeat" {
			return value.Undef, value.Errorf("TypeError", "'%s' is an invalid keyword argument for product()", kw.Name)
		}
		repeat, _ = kw.Value.AsInt()
	}
	var pools [][]value.Value
	for _, arg := range a.Pos {
		items, err := value.ToSlice(th, arg)
		if err != nil {
			return value.Undef, err
		}
		pools = append(pools, items)
	}
	if err := th.CheckList(repeat * int64(len(pools))); err != nil {
		return value.Undef, err
	}
	one := pools
	pools = nil
	for range repeat {
		pools = append(pools, one...)
	}
	idx := make([]int, len(pools))
	done := false
	for _, p := range pools {
		done = done || len(p) == 0
	}
	return tuples("product", func() []value.Value {
		if done {
			return nil
		}
		row := make([]value.Value, len(pools))
		for i, p := range pools {
			row[i] = p[idx[i]]
		}
		done = true
		for i := len(idx) - 1; i >= 0; i-- {
			if idx[i]++; idx[i] < len(pools[i]) {
				done = false
				break
			}
			idx[i] = 0
		}
		return row
	})
}

func itPermutations(th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("permutations", "iterable", "r=None")
	if err != nil {
		return value.Undef, err
	}
	pool, err := value.ToSlice(th, v[0])
	if err != nil {
		return value.Undef, err
	}
	n := len(pool)
	r := n
	if k, ok := v[1].AsInt(); ok {
		if k < 0 {
			return value.Undef, value.Errorf("ValueError", "r must be non-negative")
		}
		r = int(min(k, int64(n)+1))
	}
	indices := make([]int, n)
	for i := range indices {
		indices[i] = i
	}
	cycles := make([]int, r)
	for i := range cycles {
		cycles[i] = n - i
	}
	first, done := true, r > n
	pick := func() []value.Value {
		row := make([]value.Value, r)
		for i := range row {
			row[i] = pool[indices[i]]
		}
		return row
	}
	return tuples("permutations", func() []value.Value {
		switch {
		case done:
			return nil
		case first:
			first = false
			return pick()
		}
		for i := r - 1; i >= 0; i-- {
			cycles[i]--
			if cycles[i] == 0 {
				moved := indices[i]
				copy(indices[i:], indices[i+1:])
				indices[n-1] = moved
				cycles[i] = n - i
				continue
			}
			j := n - cycles[i]
			indices[i], indices[j] = indices[j], indices[i]
			return pick()
		}
		done = true
		return nil
	})
}

func itCombinations(replace bool) func(*value.Thread, value.Args) (value.Value, error) {
	name := "combinations"
	if replace {
		name = "combinations_with_replacement"
	}
	return func(th *value.Thread, a value.Args) (value.Value, error) {
		v, err := a.Bind(name, "iterable", "r")
		if err != nil {
			return value.Undef, err
		}
		pool, err := value.ToSlice(th, v[0])
		if err != nil {
			return value.Undef, err
		}
		k, ok := v[1].AsInt()
		if !ok || k < 0 {
			return value.Undef, value.Errorf("ValueError", "r must be non-negative")
		}
		n := len(pool)
		if err := th.CheckList(k); err != nil {
			return value.Undef, err
		}
		r := int(k)
		idx := make([]int, r)
		for i := range idx {
			if !replace {
				idx[i] = i
			}
		}
		first, done := true, !replace && r > n || replace && n == 0 && r > 0
		pick := func() []value.Value {
			row := make([]value.Value, r)
			for i, k := range idx {
				row[i] = pool[k]
			}
			return row
		}
		return tuples(name, func() []value.Value {
			switch {
			case done:
				return nil
			case first:
				first = false
				return pick()
			}
			for i := r - 1; i >= 0; i-- {
				last := n - 1
				if !replace {
					last = i + n - r
				}
				if idx[i] == last {
					continue
				}
				idx[i]++
				for j := i + 1; j < r; j++ {
					idx[j] = idx[i]
					if !replace {
						idx[j] = idx[j-1] + 1
					}
				}
				return pick()
			}
			done = true
			return nil
		})
	}
}
