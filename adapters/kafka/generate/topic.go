package generate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Records reads the last records of a topic, at most limit in all, from every partition its
// share; a negative limit reads all of them.
func Records(ctx context.Context, opts []kgo.Opt, topic string, limit int) ([]*kgo.Record, error) {
	asking, err := kgo.NewClient(opts...)
	if err != nil {
		return nil, err
	}
	defer asking.Close()
	admin := kadm.NewClient(asking)
	starts, err := admin.ListStartOffsets(ctx, topic)
	if err = errors.Join(err, starts.Error()); err != nil {
		return nil, fmt.Errorf("topic %s: %w", topic, err)
	}
	ends, err := admin.ListCommittedOffsets(ctx, topic)
	if err = errors.Join(err, ends.Error()); err != nil {
		return nil, fmt.Errorf("topic %s: %w", topic, err)
	}
	from := map[int32]kgo.Offset{}
	left := map[int32]int64{}
	share := int64(-1)
	if n := len(starts[topic]); limit >= 0 && n > 0 {
		share = max(1, int64(limit/n))
	}
	for id, s := range starts[topic] {
		end := ends[topic][id].Offset
		begin := s.Offset
		if share >= 0 {
			begin = max(begin, end-share)
		}
		if begin < end {
			from[id], left[id] = kgo.NewOffset().At(begin), end
		}
	}
	if len(from) == 0 {
		return nil, nil
	}
	cl, err := kgo.NewClient(append(append([]kgo.Opt{}, opts...), kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: from}),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.KeepControlRecords())...)
	if err != nil {
		return nil, err
	}
	defer cl.Close()
	var out []*kgo.Record
	for quiet := 0; len(left) > 0 && quiet < 10; quiet++ { // holes at the end of a log bring nothing
		poll, cancel := context.WithTimeout(ctx, time.Second)
		fetches := cl.PollFetches(poll)
		cancel()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		for _, e := range fetches.Errors() {
			if !errors.Is(e.Err, context.DeadlineExceeded) {
				return nil, fmt.Errorf("topic %s partition %d: %w", topic, e.Partition, e.Err)
			}
		}
		fetches.EachRecord(func(r *kgo.Record) {
			quiet = -1
			if !r.Attrs.IsControl() && r.Offset < left[r.Partition] {
				out = append(out, r)
			}
			if r.Offset+1 >= left[r.Partition] {
				delete(left, r.Partition)
			}
		})
	}
	return out, nil
}
