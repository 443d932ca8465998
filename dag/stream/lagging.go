package stream

import (
	"context"
	"sync"

	"github.com/millrace/millrace/dag"
	"github.com/millrace/millrace/dag/follow"
)

// lagging advances isolated models and what hangs below them beside the ticks of the others.
type lagging struct {
	mu     sync.Mutex
	nodes  dag.Set
	some   chan struct{}
	failed chan error
	done   chan struct{}
	stop   func()
}

func (l *loop) follow(ctx context.Context) *lagging {
	ctx, cancel := context.WithCancel(ctx)
	b := &lagging{some: make(chan struct{}, 1), failed: make(chan error, 1), done: make(chan struct{})}
	b.stop = func() {
		cancel()
		<-b.done
	}
	session := *l.session
	if f, ok := session.Follow.(*follow.Follower); ok {
		session.Follow = f.Clone() // what one transaction changes is nothing to the other
	}
	go func() {
		defer close(b.done)
		for {
			select {
			case <-ctx.Done():
				return
			case <-b.some:
			}
			b.mu.Lock()
			nodes := b.nodes
			b.nodes = nil
			b.mu.Unlock()
			if nodes.Empty() {
				continue
			}
			published, err := l.tick(ctx, &session, nil, nodes)
			if err != nil {
				b.failed <- err
				return
			}
			if !published {
				b.mu.Lock()
				nodes.Union(b.nodes)
				b.nodes = nodes
				b.mu.Unlock()
			}
		}
	}()
	return b
}

// add hands over nodes that are to be advanced; those that wait already advance once.
func (b *lagging) add(nodes dag.Set) {
	if nodes.Empty() {
		return
	}
	b.mu.Lock()
	if b.nodes == nil {
		b.nodes = nodes
	} else {
		b.nodes.Union(nodes)
	}
	b.mu.Unlock()
	select {
	case b.some <- struct{}{}:
	default:
	}
}
