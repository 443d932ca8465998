package value

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
)

// TestDictModel runs random operations on a dict and on a slice that does the same slowly.
func TestDictModel(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	d := NewDict(0)
	type pair struct{ key, value Value }
	var model []pair
	find := func(key Value) int {
		return slices.IndexFunc(model, func(p pair) bool { return Equal(p.key, key) })
	}
	keys := []Value{None, True, Int(0), Float(2.5), Float(3), NewTuple(Int(1), String("a")), NewTuple(Float(1), String("a"))}
	for i := range 40 {
		keys = append(keys, String(fmt.Sprintf("k%d", i)), Int(int64(i)))
	}
	for step := range 20_000 {
		key := keys[rng.IntN(len(keys))]
		i := find(key)
		switch rng.IntN(3) {
		case 0:
			if err := d.Set(key, Int(int64(step))); err != nil {
				t.Fatal(err)
			}
			if i >= 0 {
				model[i].value = Int(int64(step))
			} else {
				model = append(model, pair{key, Int(int64(step))})
			}
		case 1:
			if d.Delete(key) != (i >= 0) {
				t.Fatalf("delete %s", Repr(key))
			}
			if i >= 0 {
				model = slices.Delete(model, i, i+1)
			}
		default:
			v, ok := d.Get(key)
			if ok != (i >= 0) || ok && !Equal(v, model[i].value) {
				t.Fatalf("get %s", Repr(key))
			}
		}
		if d.Len() != len(model) {
			t.Fatalf("%d keys, want %d", d.Len(), len(model))
		}
	}
	i := 0
	for k, v := range d.All() {
		if !Equal(k, model[i].key) || !Equal(v, model[i].value) {
			t.Fatalf("entry %d is %s: %s", i, Repr(k), Repr(v))
		}
		i++
	}
}

func TestDictChangedWhileIterating(t *testing.T) {
	d := NewDict(0)
	d.SetString("a", Int(1))
	err := Iterate(nil, FromDict(d), func(Value) bool {
		d.SetString("b", Int(2))
		return true
	})
	if !IsError(err, "RuntimeError") || err.Error() != "dictionary changed size during iteration" {
		t.Error(err)
	}
}

// TestSharedReading reads one dict from several goroutines; it matters under -race.
func TestSharedReading(t *testing.T) {
	d := NewDict(0)
	for i := range 100 {
		d.SetString(fmt.Sprint(i), NewList(Int(int64(i))))
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range 100 {
				if v, ok := d.GetString(fmt.Sprint(i)); !ok || Repr(v) != fmt.Sprintf("[%d]", i) {
					t.Error(i)
				}
			}
			_ = Repr(FromDict(d))
		})
	}
	wg.Wait()
}

func TestNoAllocations(t *testing.T) {
	d := NewDict(0)
	for i := range 20 {
		d.SetString(fmt.Sprint("key", i), Int(1))
	}
	buf := make([]byte, 0, 64)
	s := fmt.Sprint("a string made at run time", len(buf))
	if n := testing.AllocsPerRun(100, func() {
		if _, ok := d.GetString("key7"); !ok {
			t.Fatal("lost")
		}
		v := String(s)
		buf = AppendStr(AppendStr(buf[:0], v), Int(42))
		if Str(v) != s {
			t.Fatal("changed")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
