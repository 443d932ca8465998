package project

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Parallel calls work(0) … work(n-1) on at most workers goroutines; 0 means one per CPU.
func Parallel(n, workers int, work func(int)) {
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	workers = min(workers, n)
	if workers <= 1 {
		for i := range n {
			work(i)
		}
		return
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				work(i)
			}
		})
	}
	wg.Wait()
}
