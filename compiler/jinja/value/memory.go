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
