package stream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sort"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/kafka/client"
	"github.com/millrace/millrace/adapters/kafka/landing"
	"github.com/millrace/millrace/adapters/kafka/ledger"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
)

// log is what the brokers say about one partition.
type log struct {
	topicID    string
	start, end int64 // end is the high watermark
	stable     int64 // the last stable offset: what read_committed may see
	leader     int32
	epoch      int32
}

// surveyTries is how often the brokers are asked while they say that a partition is moving
// from one to another, which takes them seconds.
const surveyTries = 40

// survey asks the brokers about all partitions of the stream's topics.
func (p *pump) survey(ctx context.Context) (map[landing.Partition]log, error) {
	for try := 1; ; try++ {
		logs, err := p.ask(ctx)
		var refused *kerr.Error
		moving := errors.As(err, &refused) && refused.Retriable && !errors.Is(err, kerr.UnknownTopicOrPartition)
		if err == nil || try == surveyTries || !moving && !partOff(err) {
			return logs, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(500 * time.Millisecond):
		}
	}
}

// partOff reports that some brokers of a cluster do not answer, while others do: the leaders of
// partitions move away from a broker that is gone.
func partOff(err error) bool {
	var shards *kadm.ShardErrors
	return errors.As(err, &shards) && unreachable(err)
}

// unreachable reports that a broker did not answer.
func unreachable(err error) bool {
	var network net.Error
	return errors.As(err, &network) || errors.Is(err, io.EOF) || kgo.IsRetryableBrokerErr(err)
}

// later takes it that brokers do not answer for a reason to ask a running stream's question
// later; the stream itself goes on when they do.
func (p *pump) later(err error) error {
	if err == nil || !p.forever || !unreachable(err) {
		return err
	}
	p.streams.events.Emit(event.Event{Name: "StreamBrokersGone", Code: "M126", Level: event.Warn,
		Msg:  "[WARNING]: stream " + p.src.Name + " goes on when its brokers answer: " + err.Error(),
		Data: map[string]any{"stream": p.src.Name}})
	return nil
}

func (p *pump) ask(ctx context.Context) (map[landing.Partition]log, error) {
	topics, err := p.admin.ListTopics(ctx, p.src.Topics...)
	if err != nil {
		return nil, p.broker(err)
	}
	names := p.src.Topics
	if p.src.Pattern != nil {
		for _, name := range topics.Names() {
			if p.src.Has(name) {
				names = append(names, name)
			}
		}
		if len(names) == 0 {
			return map[landing.Partition]log{}, nil // there may be some later
		}
	}
	out := map[landing.Partition]log{}
	for _, name := range names {
		t, ok := topics[name]
		if !ok || t.Err != nil {
			cause := t.Err
			if !ok {
				cause = errors.New("the brokers do not know it")
			}
			return nil, p.broker(fmt.Errorf("topic %s: %w", name, cause))
		}
		id := ""
		if t.ID != (kadm.TopicID{}) {
			id = t.ID.String()
		}
		for _, part := range t.Partitions {
			if part.Err != nil {
				return nil, p.broker(fmt.Errorf("topic %s partition %d: %w", name, part.Partition, part.Err))
			}
			out[landing.Partition{Topic: name, ID: part.Partition}] = log{topicID: id, leader: part.Leader, epoch: part.LeaderEpoch}
		}
	}
	for _, ask := range []struct {
		list func(context.Context, ...string) (kadm.ListedOffsets, error)
		set  func(*log, int64)
	}{
		{p.admin.ListStartOffsets, func(l *log, n int64) { l.start = n }},
		{p.admin.ListCommittedOffsets, func(l *log, n int64) { l.stable = n }},
		{p.admin.ListEndOffsets, func(l *log, n int64) { l.end = n }},
	} {
		offsets, err := ask.list(ctx, names...)
		if err = errors.Join(err, offsets.Error()); err != nil {
			return nil, p.broker(err)
		}
		for part, l := range out {
			o, ok := offsets.Lookup(part.Topic, part.ID)
			if !ok {
				return nil, p.broker(fmt.Errorf("topic %s partition %d: no offsets", part.Topic, part.ID))
			}
			ask.set(&l, o.Offset)
			out[part] = l
		}
	}
	return out, nil
}

// limit is up to where a partition can be read now.
func (p *pump) limit(l log) int64 {
	if p.src.ReadUncommitted {
		return l.end
	}
	return l.stable
}

func (p *pump) broker(err error) error {
	d := diag.New(diag.CodeBroker, diag.Runtime, p.src.Span, "stream "+p.src.Name+": "+err.Error())
	d.Cause, d.NodeID = err, p.src.ID
	return d
}

// connect makes the clients for questions; consuming has a client of its own.
func (p *pump) connect(ctx context.Context) error {
	c, err := p.streams.connection(ctx, p.src)
	if err != nil {
		return err
	}
	opts, err := client.Options(c, p.streams.root)
	if err != nil {
		return p.broker(err)
	}
	p.options = opts
	cl, err := kgo.NewClient(opts...)
	if err != nil {
		return p.broker(err)
	}
	p.asking = cl
	p.admin = kadm.NewClient(cl)
	return nil
}

// begin claims the stream and finds out from where each partition goes on.
func (p *pump) begin(ctx context.Context) (map[landing.Partition]log, error) {
	s := p.streams
	c, err := s.engine.Conn(ctx, "stream "+p.src.Name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close() }()
	s.writing.Lock()
	defer s.writing.Unlock()
	if err := p.table.Ensure(ctx, c); err != nil {
		return nil, err
	}
	if p.writer.Owner, err = s.Ledger.Claim(ctx, c, p.src.ID, s.owner, s.now()); err != nil {
		return nil, err
	}
	logs, err := p.survey(ctx)
	if err != nil {
		return nil, err
	}
	if p.src.Watermark != nil {
		if p.writer.Clock, err = s.Ledger.Clock(ctx, c, p.src.ID); err != nil {
			return nil, err
		}
	}
	known, err := s.Ledger.Positions(ctx, c, p.src.ID)
	if err != nil {
		return nil, err
	}
	p.next = map[landing.Partition]int64{}
	p.epochs = map[landing.Partition]int32{}
	gone := map[string]bool{}
	if p.src.Pattern != nil {
		there := topicsOf(logs)
		for _, pos := range known {
			gone[pos.Topic] = gone[pos.Topic] || !contains(there, pos.Topic) // deleted: another one may come under the name
		}
	}
	for _, pos := range known {
		part := landing.Partition{Topic: pos.Topic, ID: pos.Partition}
		l, ok := logs[part]
		if !ok {
			if p.src.Has(pos.Topic) && !gone[pos.Topic] {
				return nil, p.broker(fmt.Errorf("topic %s no longer has partition %d, which the ledger knows", pos.Topic, pos.Partition))
			}
			gone[pos.Topic] = true // a topic that is no longer declared keeps its place in the ledger
			continue
		}
		if pos, err = p.bridge(ctx, c, pos, l); err != nil {
			return nil, err
		}
		p.next[part], p.epochs[part] = pos.Next, pos.LeaderEpoch
	}
	return logs, p.adopt(ctx, logs, len(known) > 0)
}

// bridge compares a position with the log. A gap is written down; then it stops the stream,
// or the position is behind it.
func (p *pump) bridge(ctx context.Context, c adapters.Conn, pos ledger.Position, l log) (ledger.Position, error) {
	s := p.streams
	gap, err := p.gap(ctx, pos, l)
	if err != nil || gap == nil {
		return pos, err
	}
	if err := s.Ledger.RecordGap(ctx, c, p.writer.Owner, *gap, p.src.SkipGaps, s.now()); err != nil {
		return pos, err
	}
	p.report.Gaps++
	problem := p.lost(*gap)
	if !p.src.SkipGaps {
		return pos, problem
	}
	problem.Severity = diag.Warning
	s.events.Emit(event.Event{Name: "StreamGap", Code: "M102", Level: event.Warn, Msg: "[WARNING]: " + problem.Message(), Diag: problem,
		Data: map[string]any{"stream": p.src.Name, "topic": gap.Topic, "partition": gap.Partition, "from": gap.From, "to": gap.To, "reason": gap.Reason}})
	pos.Next, pos.LeaderEpoch = gap.To, gap.LeaderEpoch
	return pos, nil
}

// adopt begins partitions that the ledger does not know. Those that were added to a topic
// later, and topics that came to match the pattern later, begin at their first record, whatever start says: nobody could have read them before.
func (p *pump) adopt(ctx context.Context, logs map[landing.Partition]log, later bool) error {
	s := p.streams
	var fresh []ledger.Position
	for part, l := range logs {
		if _, ok := p.next[part]; ok {
			continue
		}
		pos, err := p.starting(ctx, part, l, later && (p.src.Pattern != nil || p.topicKnown(part.Topic)))
		if err != nil {
			return err
		}
		fresh = append(fresh, pos)
	}
	if len(fresh) == 0 {
		return nil
	}
	sort.Slice(fresh, func(i, j int) bool {
		return fresh[i].Topic < fresh[j].Topic || fresh[i].Topic == fresh[j].Topic && fresh[i].Partition < fresh[j].Partition
	})
	c, err := s.engine.Conn(ctx, "stream "+p.src.Name)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	if err := s.Ledger.Add(ctx, c, p.writer.Owner, fresh, s.now()); err != nil {
		return err
	}
	for _, pos := range fresh {
		part := landing.Partition{Topic: pos.Topic, ID: pos.Partition}
		p.next[part], p.epochs[part] = pos.Next, pos.LeaderEpoch
	}
	return nil
}

// starting is where a partition begins that the ledger does not know; added says that its
// topic had others before.
func (p *pump) starting(ctx context.Context, part landing.Partition, l log, added bool) (ledger.Position, error) {
	pos := ledger.Position{Topic: part.Topic, TopicID: l.topicID, Partition: part.ID, LeaderEpoch: -1, Next: l.start}
	switch st := p.src.Start; {
	case added:
	case st.Latest:
		pos.Next = l.end
	case st.Offsets != nil:
		n, ok := st.Offsets[part.Topic][part.ID]
		if !ok {
			break
		}
		if n < l.start || n > l.end {
			return pos, p.broker(fmt.Errorf("start: offset %d of %s/%d is not in the log, which holds %d to %d", n, part.Topic, part.ID, l.start, l.end))
		}
		pos.Next = n
	case !st.Timestamp.IsZero():
		listed, err := p.admin.ListOffsetsAfterMilli(ctx, st.Timestamp.UnixMilli(), part.Topic)
		if err = errors.Join(err, listed.Error()); err != nil {
			return pos, p.broker(err)
		}
		if o, ok := listed.Lookup(part.Topic, part.ID); ok && o.Offset >= 0 {
			pos.Next = o.Offset
		} else {
			pos.Next = l.end
		}
	}
	return pos, nil
}

// topicNames are the topics as a group's members ask for them; with a pattern that is one.
func (p *pump) topicNames() []string {
	if p.src.Pattern != nil {
		return []string{p.src.Pattern.String()}
	}
	return p.src.Topics
}

// partitions counts the partitions of a topic.
func (p *pump) partitions(ctx context.Context, topic string) (int, error) {
	topics, err := p.admin.ListTopics(ctx, topic)
	if err != nil {
		return 0, p.broker(err)
	}
	return len(topics[topic].Partitions), nil
}

// topicsOf are the topics that a survey found, in order.
func topicsOf(logs map[landing.Partition]log) []string {
	seen := map[string]bool{}
	var out []string
	for part := range logs {
		if !seen[part.Topic] {
			seen[part.Topic] = true
			out = append(out, part.Topic)
		}
	}
	sort.Strings(out)
	return out
}

func (p *pump) topicKnown(topic string) bool {
	for part := range p.next {
		if part.Topic == topic {
			return true
		}
	}
	return false
}

// gap compares the ledger with the log.
func (p *pump) gap(ctx context.Context, pos ledger.Position, l log) (*ledger.Gap, error) {
	g := ledger.Gap{Topic: pos.Topic, Partition: pos.Partition, From: pos.Next, OldID: pos.TopicID, NewID: l.topicID, LeaderEpoch: -1}
	switch {
	case pos.TopicID != "" && l.topicID != "" && pos.TopicID != l.topicID:
		g.Reason, g.To = ledger.GapRecreated, l.start
		g.Detail = "the topic was deleted and made again; what the old one held from here on is gone"
		return &g, nil
	case pos.Next < l.start:
		g.Reason, g.To = ledger.GapRetention, l.start
		g.Detail = fmt.Sprintf("the log begins at %d now", l.start)
		return &g, nil
	case pos.Next > l.end:
		g.Reason, g.To = ledger.GapTruncated, l.end
		g.Detail = fmt.Sprintf("the log ends at %d, before what has landed", l.end)
		return &g, nil
	}
	if pos.LeaderEpoch < 0 || pos.Next == l.start {
		return nil, nil
	}
	// Where did the epoch of the last landed record end? Before what has landed: those
	// records were replaced by others.
	var req kadm.OffsetForLeaderEpochRequest
	req.Add(pos.Topic, pos.Partition, pos.LeaderEpoch)
	ends, err := p.admin.OffsetForLeaderEpoch(ctx, req)
	if err != nil {
		return nil, p.broker(err)
	}
	end := ends[pos.Topic][pos.Partition]
	if end.Err != nil || end.EndOffset < 0 || end.EndOffset >= pos.Next {
		return nil, nil //nolint:nilerr // a broker that cannot tell proves no gap
	}
	g.Reason, g.To = ledger.GapTruncated, end.EndOffset
	g.Detail = fmt.Sprintf("the records of leader epoch %d end at %d, before what has landed", pos.LeaderEpoch, end.EndOffset)
	return &g, nil
}

func (p *pump) lost(g ledger.Gap) *diag.Diagnostic {
	d := diag.New(diag.CodeGap, diag.Runtime, p.src.Span,
		fmt.Sprintf("stream %s: gap in %s/%d from %d to %d (%s): %s", p.src.Name, g.Topic, g.Partition, g.From, g.To, strings.ReplaceAll(g.Reason, "_", " "), g.Detail))
	d.NodeID = p.src.ID
	if !p.src.SkipGaps {
		d.Hint = "on_gap: skip_recorded goes on behind the gap, which _stream.gaps remembers"
	}
	return d
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
