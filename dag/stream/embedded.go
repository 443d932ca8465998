package stream

import (
	"context"
	"errors"
	"maps"
	"sync"

	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/adapters/kafka/embedded"
	"github.com/millrace/millrace/adapters/kafka/landing"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
)

// embeddedBrokers are the brokers inside this process, by the name of their connection.
// They start when a stream first connects.
type embeddedBrokers struct {
	mu      sync.Mutex
	running map[string]*embedded.Broker
	stop    context.CancelFunc // ends the feeds
	feeds   sync.WaitGroup
}

// connection is how to reach the brokers of a stream.
func (s *Streams) connection(ctx context.Context, src *declare.Source) (*declare.Connection, error) {
	c := s.connections.Kafka[src.Connection]
	if c.Embedded == nil {
		return c, nil
	}
	s.inside.mu.Lock()
	defer s.inside.mu.Unlock()
	b := s.inside.running[c.Name]
	if b == nil {
		var err error
		if b, err = s.startBroker(ctx, c); err != nil {
			d := diag.New(diag.CodeConnections, diag.Runtime, src.Span, "the embedded connection '"+c.Name+"': "+err.Error())
			d.Cause = err
			return nil, d
		}
	}
	at := *c
	at.Brokers = b.Brokers()
	return &at, nil
}

// startBroker starts a broker with everything that its feed holds. While models are kept
// live it begins with what the ledger has seen already, and the rest comes by and by.
func (s *Streams) startBroker(ctx context.Context, c *declare.Connection) (*embedded.Broker, error) {
	b, err := embedded.Start(c.Embedded, s.under(c.Embedded.Feed))
	if err != nil {
		return nil, err
	}
	if s.live {
		err = s.reach(ctx, c, b)
	} else {
		err = b.Fill(ctx)
	}
	if err != nil {
		b.Close()
		return nil, err
	}
	if s.inside.running == nil {
		s.inside.running = map[string]*embedded.Broker{}
	}
	s.inside.running[c.Name] = b
	if s.live {
		s.feed(c.Name, b)
	}
	return b, nil
}

func (s *Streams) reach(ctx context.Context, c *declare.Connection, b *embedded.Broker) error {
	read := map[landing.Partition]int64{}
	for _, src := range s.Sources {
		if src.Connection != c.Name {
			continue
		}
		positions, err := s.positions(ctx, src)
		if err != nil {
			return err
		}
		for _, p := range positions {
			part := landing.Partition{Topic: p.Topic, ID: p.Partition}
			read[part] = max(read[part], p.Next)
		}
	}
	return b.Reach(ctx, read)
}

func (s *Streams) feed(name string, b *embedded.Broker) {
	ctx, cancel := context.WithCancel(context.Background())
	if before := s.inside.stop; before != nil {
		s.inside.stop = func() { before(); cancel() }
	} else {
		s.inside.stop = cancel
	}
	s.inside.feeds.Go(func() {
		if err := b.Feed(ctx); err != nil && !errors.Is(err, context.Canceled) {
			s.events.Emit(event.Event{Name: "StreamFeed", Code: "M107", Level: event.Warn, Msg: "[WARNING]: the feed of the embedded connection '" + name + "' stopped: " + err.Error()})
		}
	})
}

// Close stops the brokers that were started inside this process.
func (s *Streams) Close() {
	s.inside.mu.Lock()
	defer s.inside.mu.Unlock()
	if s.inside.stop != nil {
		s.inside.stop()
	}
	s.inside.feeds.Wait()
	for b := range maps.Values(s.inside.running) {
		b.Close()
	}
	s.inside.running = nil
}
