package stream

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/kafka/landing"
	"github.com/millrace/millrace/adapters/kafka/ledger"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
)

// membership is a pump's part in a group of pumps that share a stream. Kafka's group says
// who reads which partition; from where, and who may commit, the ledger alone says. Until
// the reader has taken notice, what the group did lies in changes.
type membership struct {
	p *pump
	w *writing

	logs groupLogs // the writer's

	mu      sync.Mutex
	changes []change
	err     error // of claiming
}

// change is partitions that came, or one that went.
type change struct {
	came map[landing.Partition]ledger.Position
	went []landing.Partition
}

// sessionTimeout is how long the group waits for a member that says nothing, a variable
// for tests.
var sessionTimeout = 10 * time.Second

// Land lands records as they come until ctx ends, and shares the streams with other
// processes that do the same: each has some partitions, and when one comes or goes they are
// dealt again. It builds nothing. On DuckDB, where one process writes, it shares nothing.
func (s *Streams) Land(ctx context.Context) (*Report, error) {
	s.shared = s.kind != "duckdb"
	return s.Run(ctx)
}

// runShared is run for a pump in a group. A member that finds out that others have its
// partitions drops what it has not committed and joins anew.
func (p *pump) runShared(ctx context.Context) error {
	start := p.streams.now()
	defer func() { p.report.Took = p.streams.now().Sub(start) }()
	if err := p.connect(ctx); err != nil {
		return err
	}
	for wait := 100 * time.Millisecond; ; wait = min(2*wait, 5*time.Second) {
		err := p.member(ctx)
		var d *diag.Diagnostic
		if !errors.As(err, &d) || d.Code != diag.CodeFenced || !p.stillShared(ctx) {
			return p.explain(err)
		}
		p.streams.events.Emit(event.Event{Name: "StreamFenced", Code: "M109", Level: event.Warn,
			Msg:  "[WARNING]: stream " + p.src.Name + ": another process has taken partitions over; this one drops what it had not committed and joins again",
			Data: map[string]any{"stream": p.src.Name}})
		if !sleepFor(ctx, wait) {
			return nil
		}
	}
}

func sleepFor(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

func (p *pump) stillShared(ctx context.Context) bool {
	still := false
	err := p.streams.with(ctx, func(c adapters.Conn) (err error) {
		still, err = p.streams.Ledger.StillShared(ctx, c, p.writer.Owner)
		return err
	})
	return err == nil && still
}

// member takes part in the group until ctx ends or something goes wrong.
func (p *pump) member(ctx context.Context) error {
	s := p.streams
	if err := s.with(ctx, func(c adapters.Conn) (err error) {
		if err = p.table.Ensure(ctx, c); err != nil {
			return err
		}
		p.writer.Owner, err = s.Ledger.Join(ctx, c, p.src.ID, s.now())
		return err
	}); err != nil {
		return err
	}
	p.next, p.epochs, p.high = map[landing.Partition]int64{}, map[landing.Partition]int32{}, map[landing.Partition]int64{}
	p.rests, p.held = false, nil
	pool, err := p.decoders(ctx)
	if err != nil {
		return err
	}
	defer pool.stop()
	w := newWriting(ctx, p)
	m := &membership{p: p, w: w}
	p.group = m
	opts := p.reads()
	if p.src.Pattern != nil {
		opts = append(opts, kgo.ConsumeRegex())
	}
	dealt, err := p.dealing(ctx)
	if err != nil {
		_ = w.finish(ctx, err)
		return err
	}
	cl, err := kgo.NewClient(append(append(opts, dealt...),
		kgo.ConsumerGroup(Group(p.src)),
		kgo.ConsumeTopics(p.topicNames()...),
		kgo.SessionTimeout(sessionTimeout),
		kgo.HeartbeatInterval(sessionTimeout/10),
		kgo.DisableAutoCommit(),
		kgo.BlockRebalanceOnPoll(),
		kgo.MetadataMaxAge(partitionsEvery),
		kgo.AdjustFetchOffsetsFn(m.came),
		kgo.OnPartitionsRevoked(func(ctx context.Context, cl *kgo.Client, parts map[string][]int32) { m.went(ctx, cl, parts, true) }),
		kgo.OnPartitionsLost(func(ctx context.Context, cl *kgo.Client, parts map[string][]int32) { m.went(ctx, cl, parts, false) }),
	)...)
	if err != nil {
		_ = w.finish(ctx, err)
		return p.broker(err)
	}
	p.consumer = cl
	err = p.poll(ctx, pool, w, map[landing.Partition]int64{})
	if e := w.finish(ctx, err); e != nil {
		err = e
	}
	if err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		err = nil
	}
	// The partitions go to others now: everything is committed, or has failed.
	cl.CloseAllowingRebalance()
	p.consumer = nil
	return err
}

// dealing says who deals the partitions to the members of the group: the members themselves,
// or the brokers where the connection says so and they know how.
func (p *pump) dealing(ctx context.Context) ([]kgo.Opt, error) {
	if !p.streams.connections.Kafka[p.src.Connection].ServerGroups {
		return []kgo.Opt{kgo.Balancers(kgo.CooperativeStickyBalancer())}, nil
	}
	brokers, err := p.admin.ApiVersions(ctx)
	if err != nil {
		return nil, p.broker(err)
	}
	for _, b := range brokers {
		if newest, _ := b.KeyMaxVersion(kmsg.ConsumerGroupHeartbeat.Int16()); b.Err == nil && newest < 1 { // the first that is not a preview
			d := diag.New(diag.CodeBroker, diag.Runtime, p.src.Span, "stream "+p.src.Name+": the brokers cannot deal partitions, as group_protocol: consumer of the connection "+p.src.Connection+" asks them to")
			d.NodeID, d.Hint = p.src.ID, "Kafka 4.0 and later can; group_protocol: classic leaves it to the members"
			return nil, d
		}
	}
	return []kgo.Opt{kgo.ServerSideBalancer(), kgo.Balancers(kgo.StickyBalancer())}, nil
}

// came claims partitions that the group gave this member, and says from where they go on.
// What the group knows of offsets is of no interest.
func (m *membership) came(ctx context.Context, given map[string]map[int32]kgo.Offset) (map[string]map[int32]kgo.Offset, error) {
	positions, err := m.claim(ctx, given)
	if err != nil {
		var db *adapters.DatabaseError
		if passes := ctx.Err() != nil || errors.As(err, &db) && db.Fault == adapters.FaultTransient; !passes {
			m.mu.Lock()
			m.err = err
			m.mu.Unlock()
		}
		return nil, err // the client joins again
	}
	m.mu.Lock()
	m.changes = append(m.changes, change{came: positions})
	m.mu.Unlock()
	out := map[string]map[int32]kgo.Offset{}
	for part, pos := range positions {
		if out[part.Topic] == nil {
			out[part.Topic] = map[int32]kgo.Offset{}
		}
		out[part.Topic][part.ID] = kgo.NoResetOffset().At(pos.Next).WithEpoch(pos.LeaderEpoch)
	}
	return out, nil
}

func (m *membership) claim(ctx context.Context, given map[string]map[int32]kgo.Offset) (map[landing.Partition]ledger.Position, error) {
	p, out := m.p, map[landing.Partition]ledger.Position{}
	logs, err := p.survey(ctx)
	if err != nil {
		return nil, err
	}
	var wanted []ledger.Position
	for topic, parts := range given {
		for id := range parts {
			wanted = append(wanted, ledger.Position{Topic: topic, Partition: id})
		}
	}
	if len(wanted) == 0 {
		return out, nil
	}
	return out, p.streams.with(ctx, func(c adapters.Conn) error {
		known, err := p.streams.Ledger.Positions(ctx, c, p.src.ID)
		if err != nil {
			return err
		}
		if err := p.begins(ctx, c, wanted, known, logs); err != nil {
			return err
		}
		taken, err := p.streams.Ledger.Take(ctx, c, p.writer.Owner, wanted, p.streams.now())
		if err != nil {
			return err
		}
		for _, pos := range taken {
			part := landing.Partition{Topic: pos.Topic, ID: pos.Partition}
			l, ok := logs[part]
			if !ok {
				return p.broker(errors.New("the group gave a partition that the brokers do not know: " + pos.Topic))
			}
			next, err := p.bridge(ctx, c, pos, l)
			if err != nil {
				return err
			}
			out[part] = next
		}
		return nil
	})
}

// begins writes down where partitions start that the ledger does not know yet.
func (p *pump) begins(ctx context.Context, c adapters.Conn, wanted, known []ledger.Position, logs map[landing.Partition]log) error {
	there, topics := map[landing.Partition]bool{}, map[string]bool{}
	for _, pos := range known {
		there[landing.Partition{Topic: pos.Topic, ID: pos.Partition}] = true
		topics[pos.Topic] = true
	}
	var fresh []ledger.Position
	for _, w := range wanted {
		part := landing.Partition{Topic: w.Topic, ID: w.Partition}
		if there[part] {
			continue
		}
		pos, err := p.starting(ctx, part, logs[part], topics[w.Topic])
		if err != nil {
			return err
		}
		fresh = append(fresh, pos)
	}
	return p.streams.Ledger.Add(ctx, c, p.writer.Owner, fresh, p.streams.now())
}

// went lets go of partitions. Those that the group takes back are committed first; those
// that are lost are somebody else's already, whose claim keeps us from committing them.
func (m *membership) went(_ context.Context, _ *kgo.Client, parts map[string][]int32, commit bool) {
	if commit {
		m.w.drain()
	}
	var gone []landing.Partition
	for topic, ids := range parts {
		for _, id := range ids {
			gone = append(gone, landing.Partition{Topic: topic, ID: id})
			m.p.writer.Owner.Shares.Drop(topic, id)
		}
	}
	m.mu.Lock()
	m.changes = append(m.changes, change{went: gone})
	m.mu.Unlock()
}

// unsettled judges an error of the group. Most pass, and the client joins again; those that
// never will end the pump.
func (m *membership) unsettled(err error) error {
	m.mu.Lock()
	ours := m.err
	m.mu.Unlock()
	if ours != nil {
		return ours
	}
	var k *kerr.Error
	if errors.As(err, &k) && !k.Retriable && k != kerr.UnknownMemberID && k != kerr.IllegalGeneration && k != kerr.FencedMemberEpoch {
		return m.p.broker(err)
	}
	m.p.streams.events.Emit(event.Event{Name: "StreamGroup", Code: "M110", Level: event.Debug, Msg: "stream " + m.p.src.Name + ": joining its group again: " + err.Error(),
		Data: map[string]any{"stream": m.p.src.Name}})
	return nil
}

// notice brings the reader up to date with the group.
func (m *membership) notice() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	p := m.p
	for _, c := range m.changes {
		for part, pos := range c.came {
			p.next[part], p.epochs[part] = pos.Next, pos.LeaderEpoch
			if _, ok := p.high[part]; !ok {
				p.high[part] = pos.Next
			}
		}
		for _, part := range c.went {
			delete(p.next, part)
			delete(p.epochs, part)
			delete(p.high, part)
		}
	}
	m.changes = nil
	return m.err
}
