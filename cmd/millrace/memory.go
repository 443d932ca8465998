package main

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
)

// Reading a project makes much that lives until the end and little garbage: collecting at
// every doubling from 4 MiB on costs a third of the whole time and frees next to nothing.
// So nothing is collected below firstCollection, and from there on whenever the heap has
// grown by half, which keeps the peak low. GOGC and GOMEMLIMIT, where the user sets
// them, stand.
const (
	firstCollection = 410 << 20
	growthWhenLarge = 50
	// documentation makes much garbage beside a manifest that stays: what it may grow to before
	// anything is collected is what it would take anyway at its end.
	documenting = 800 << 20
)

// whileLoading sets that policy; the function it returns restores what was there.
func whileLoading() (done func()) {
	return collecting(firstCollection, func() {
		debug.SetGCPercent(growthWhenLarge)
		debug.SetMemoryLimit(math.MaxInt64)
	})
}

// collectAbove collects nothing below a size, and above it whenever the heap has doubled.
func collectAbove(size int64) (done func()) {
	return collecting(size, func() {
		live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
		metrics.Read(live)
		debug.SetMemoryLimit(max(size, 2*int64(live[0].Value.Uint64())))
	})
}

// collecting collects nothing below a size. after is called at each collection from there on
// and says what the next one waits for, until the function that comes back has restored what was there.
func collecting(size int64, after func()) (done func()) {
	if memoryIsSet() {
		return func() {}
	}
	percent, limit := debug.SetGCPercent(-1), debug.SetMemoryLimit(size)
	var mu sync.Mutex
	over := false
	var watch func()
	watch = func() {
		watched := &struct{ _ [16]byte }{}
		runtime.AddCleanup(watched, func(struct{}) { // at the next collection
			mu.Lock()
			defer mu.Unlock()
			if over {
				return
			}
			after()
			watch()
		}, struct{}{})
	}
	watch()
	return func() {
		mu.Lock()
		defer mu.Unlock()
		over = true
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	}
}

func memoryIsSet() bool {
	for _, name := range []string{"GOGC", "GOMEMLIMIT"} {
		if _, set := os.LookupEnv(name); set {
			return true
		}
	}
	return false
}
