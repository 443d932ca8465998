package stream

import (
	"context"
	"errors"
	"math/rand/v2"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// TestBrokerTrouble runs a stream while leaders move, brokers answer with errors that pass,
// and connections break: everything lands once, and the stream never stops.
func TestBrokerTrouble(t *testing.T) {
	for seed := range seeds(t, 1) {
		tg := duckTarget(filepath.Join(t.TempDir(), "w.duckdb"))
		tg.open(t)
		c := cluster(t, 4, kfake.NumBrokers(3))
		cl := producer(t, c)
		log := produced{}
		r := rand.New(rand.NewPCG(uint64(seed), 51))
		produce(t, cl, log, r, 0, 200, 4)
		src := sourceOf(t, tg.kind, orders)
		ctx, cancel := context.WithCancel(context.Background())
		live := tg.streams(src, c.ListenAddrs())
		live.discovery = 200 * time.Millisecond // asks for the ends of logs again and again
		running := make(chan error, 1)
		go func() { _, err := live.Run(ctx); running <- err }()
		other := tg.streams(src, c.ListenAddrs())
		fault := func(key kmsg.Key, err *kerr.Error, n int) func() {
			return func() { c.Fault(kfake.Fault{Keys: []kmsg.Key{key}, Topic: "orders", Err: err, Count: n}) }
		}
		broken := func(key kmsg.Key, times int32) {
			var left atomic.Int32
			left.Store(times)
			c.ControlKey(int16(key), func(kmsg.Request) (kmsg.Response, error, bool) {
				if left.Add(-1) < 0 {
					return nil, nil, false
				}
				c.KeepControl()
				return nil, errors.New("the connection breaks"), true
			})
		}
		for n, trouble := range []func(){
			c.ShufflePartitionLeaders,
			fault(kmsg.Fetch, kerr.NotLeaderForPartition, 5),
			fault(kmsg.Fetch, kerr.UnknownLeaderEpoch, 3),
			fault(kmsg.Fetch, kerr.ReplicaNotAvailable, 3),
			fault(kmsg.ListOffsets, kerr.NotLeaderForPartition, 2),
			fault(kmsg.Metadata, kerr.LeaderNotAvailable, 2),
			func() { broken(kmsg.Fetch, 3) },
			func() { broken(kmsg.ListOffsets, 6) },
			c.ShufflePartitionLeaders,
		} {
			trouble()
			produce(t, cl, log, r, 1000*(n+1), 200+r.IntN(300), 4)
			if r.IntN(2) == 0 {
				c.ShufflePartitionLeaders()
			}
			if _, err := other.Wait(ctx, "", time.Minute); err != nil {
				t.Errorf("seed %d, trouble %d: %v", seed, n, err)
			}
		}
		cancel()
		if err := <-running; err != nil {
			t.Errorf("seed %d: the stream stopped: %v", seed, err)
		}
		tg.check(t, log)
		tg.close()
	}
}
