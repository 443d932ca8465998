package value

import (
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	defaultMemory = 2 << 30

	// bytesPerStep is what one loop iteration is taken to allocate.
	bytesPerStep = 256

	// weighEvery is after how many bytes the memory in use is looked at.
	weighEvery = 64 << 20
)

// weigh accounts for bytes allocated and now and then looks at how much the process holds:
// what a template keeps in lists cannot be told from what it has thrown away, but the
// collector knows.
func (th *Thread) weigh(bytes int64) error {
	if th == nil {
		return nil
	}
	if th.weight += bytes; th.weight < weighEvery {
		return nil
	}
	th.weight = 0
	limit := th.Limits.maxMemory()
	if heapInUse() <= limit {
		return nil
	}
	runtime.GC()
	if heapInUse() <= limit {
		return nil
	}
	return Errorf("LimitError", "templates hold more than %d MiB of memory", limit>>20)
}

func (l Limits) maxMemory() int64 {
	if l.Memory != 0 {
		return l.Memory
	}
	if set := debug.SetMemoryLimit(-1); set != math.MaxInt64 {
		return set
	}
	return defaultMemory
}

// heapInUse is what objects take, dead ones that are not yet collected among them.
func heapInUse() int64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return int64(min(sample[0].Value.Uint64(), math.MaxInt64))
}

// maxTree is how many values a container may expand to when it is written out as a tree.
const maxTree = 2_000_000

// CheckTree is asked before all of v is copied or written: a list that holds another one
// twice, and so on sixty times, is small in memory and endless on paper.
func (th *Thread) CheckTree(v Value) error {
	if left := treeBudget(v, maxTree, 0); left <= 0 {
		return Errorf("LimitError", "a value expands to more than %d values", maxTree)
	}
	return nil
}

// treeBudget is what remains of a budget after v. What is nested too deeply is not followed:
// the writers have an answer of their own to that.
func treeBudget(v Value, left, depth int) int {
	left--
	if depth > maxNesting {
		return left
	}
	switch v.Kind() {
	case KindList, KindTuple, KindSet:
		for _, item := range v.Items() {
			if left = treeBudget(item, left, depth+1); left <= 0 {
				return 0
			}
		}
	case KindDict:
		for k, item := range v.rawDict().All() {
			if left = treeBudget(k, left, depth+1); left <= 0 {
				return 0
			}
			if left = treeBudget(item, left, depth+1); left <= 0 {
				return 0
			}
		}
	}
	return left
}
