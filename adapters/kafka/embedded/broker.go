// Package embedded is a Kafka broker inside the process, filled from a file. The log is a
// function of the file: a broker that starts again holds the same records at the same
// offsets, so that a ledger goes on where it was.
package embedded

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kversion"

	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/adapters/kafka/landing"
)

// Broker is a running broker. One goroutine at a time may fill it.
type Broker struct {
	cluster *kfake.Cluster
	client  *kgo.Client
	rest    []*kgo.Record // not sent yet
	sent    map[landing.Partition]int64
	rate    int
}

// Start starts a broker with empty topics; feed is the path of its file.
func Start(e *declare.Embedded, feed string) (*Broker, error) {
	records, err := ReadFeed(feed, e.Topics)
	if err != nil {
		return nil, err
	}
	// Topics would have other ids after every start. Brokers before 2.8 had none.
	opts := []kfake.Opt{kfake.NumBrokers(1), kfake.MaxVersions(kversion.V2_7_0())}
	for topic, partitions := range e.Topics {
		opts = append(opts, kfake.SeedTopics(partitions, topic))
	}
	cluster, err := kfake.NewCluster(opts...)
	if err != nil {
		return nil, err
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.RecordPartitioner(kgo.ManualPartitioner()), kgo.ProducerLinger(0))
	if err != nil {
		cluster.Close()
		return nil, err
	}
	return &Broker{cluster: cluster, client: client, rest: records, sent: map[landing.Partition]int64{}, rate: e.Rate}, nil
}

// Brokers are the addresses to connect to.
func (b *Broker) Brokers() []string { return b.cluster.ListenAddrs() }

// Close stops the broker.
func (b *Broker) Close() {
	b.client.Close()
	b.cluster.Close()
}

// most is how many records are sent at once.
const most = 1000

// Fill sends everything that is left.
func (b *Broker) Fill(ctx context.Context) error {
	for len(b.rest) > 0 {
		if err := b.send(ctx, min(most, len(b.rest))); err != nil {
			return err
		}
	}
	return nil
}

// Reach sends records until every partition holds as many as has been read of it before.
func (b *Broker) Reach(ctx context.Context, read map[landing.Partition]int64) error {
	for {
		behind := false
		for part, n := range read {
			behind = behind || b.sent[part] < n
		}
		if !behind {
			return nil
		}
		if len(b.rest) == 0 {
			return fmt.Errorf("the feed holds less than has been read of it: %v", read)
		}
		if err := b.send(ctx, min(most/10, len(b.rest))); err != nil {
			return err
		}
	}
}

// Feed sends what is left at the declared rate, until ctx ends.
func (b *Broker) Feed(ctx context.Context) error {
	if b.rate == 0 {
		return b.Fill(ctx)
	}
	begun, sent := time.Now(), 0
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for len(b.rest) > 0 {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
		due := min(int(time.Since(begun).Seconds()*float64(b.rate))-sent, most, len(b.rest))
		if due <= 0 {
			continue
		}
		if err := b.send(ctx, due); err != nil {
			return err
		}
		sent += due
	}
	return nil
}

func (b *Broker) send(ctx context.Context, n int) error {
	now := b.rest[:n]
	if err := b.client.ProduceSync(ctx, now...).FirstErr(); err != nil {
		return err
	}
	for _, r := range now {
		b.sent[landing.Partition{Topic: r.Topic, ID: r.Partition}]++
	}
	b.rest = b.rest[n:]
	return nil
}
