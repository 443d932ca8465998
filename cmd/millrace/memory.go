package main

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
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
)

// whileLoading sets that policy; the function it returns restores what was there.
func whileLoading() (done func()) {
	for _, name := range []string{"GOGC", "GOMEMLIMIT"} {
		if _, set := os.LookupEnv(name); set {
			return func() {}
		}
	}
	percent, limit := debug.SetGCPercent(-1), debug.SetMemoryLimit(firstCollection)
	var mu sync.Mutex
	over := false
	watched := &struct{ _ [16]byte }{}
	runtime.AddCleanup(watched, func(struct{}) { // at the first collection
		mu.Lock()
		defer mu.Unlock()
		if !over {
			debug.SetGCPercent(growthWhenLarge)
			debug.SetMemoryLimit(math.MaxInt64)
		}
	}, struct{}{})
	return func() {
		mu.Lock()
		defer mu.Unlock()
		over = true
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	}
}
