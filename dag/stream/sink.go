package stream

import (
	"context"
	"crypto/md5" //nolint:gosec // names a change, protects nothing
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/kafka/client"
	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/adapters/kafka/ledger"
	rendering "github.com/millrace/millrace/compiler/context"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/dag/run"
)

// Headers of published records.
const (
	HeaderModel  = "millrace-model"
	HeaderChange = "millrace-change" // the same for the same change of the same row, also when it is sent again
)

// sinkChunk is how many changes are sent before the ledger is told.
const sinkChunk = 5000

// deliveryTimeout is how long brokers may refuse a record before the build or tick says so.
const deliveryTimeout = 30 * time.Second

// Sinks publish models to topics: after a model was built, the rows that differ from what
// was published before are sent, and a row that is gone as a tombstone. What has been sent
// is written down in the target database afterwards. A crash in between sends the same
// changes again, under the same keys, with the same HeaderChange: whoever keeps the latest
// record of a key, as a compacted topic does, sees each row once.
type Sinks struct {
	session     *run.Session
	ledger      *ledger.Ledger
	connections *declare.Connections
	sinks       []*declare.Sink
	producers   map[string]*kgo.Client
	now         func() time.Time
	ready       bool // the ledger is there
}

// OpenSinks reads the sinks of a project's models; nil when there are none.
func OpenSinks(s *run.Session) (*Sinks, error) {
	out := &Sinks{session: s, producers: map[string]*kgo.Client{}, now: s.Clock}
	if out.now == nil {
		out.now = time.Now
	}
	var list diag.List
	for _, id := range s.Manifest.Order.Nodes {
		sink, problems := declare.OfSink(s.Manifest.Nodes[id])
		list = append(list, problems...)
		if sink != nil {
			out.sinks = append(out.sinks, sink)
		}
	}
	if err := list.Err(); err != nil || len(out.sinks) == 0 {
		return nil, err
	}
	renderer := rendering.NewRenderers(s.Project.Env, s.Flags, out.now(), s.Flags.InvocationID).Secret(s.Project.CLIVars)
	connections, problems := declare.ReadConnections(s.Project.Root, renderer)
	list = append(list, problems...)
	for _, sink := range out.sinks {
		list = append(list, connections.CheckSink(sink)...)
	}
	if err := list.Err(); err != nil {
		return nil, err
	}
	out.connections = connections
	out.ledger = ledger.New(s.Driver.Name(), s.Driver.Dialect(), s.Project.Profile.Checked.Database())
	return out, nil
}

// Close ends the connections.
func (s *Sinks) Close() {
	for _, p := range s.producers {
		p.Close()
	}
}

// Published says what was sent of a model.
type Published struct {
	Sink          *declare.Sink
	Sent, Deleted int
}

// Publish sends what has changed in the models that were built, unless something of theirs
// failed. Every sink is tried; the errors are joined.
func (s *Sinks) Publish(ctx context.Context, results *run.Results) ([]Published, error) {
	built, failed := map[string]bool{}, map[string]bool{}
	for _, r := range results.Results {
		switch r.Status {
		case run.Success, run.Reused: // what a reused model holds may not have been sent
			built[r.UniqueID] = true
		case run.Fail, run.Error, run.RuntimeError:
			if r.Node != nil {
				for _, on := range r.Node.DependsOn.Nodes {
					failed[on] = true
				}
			}
		}
	}
	c, err := s.session.Engine.Conn(ctx, "stream sinks")
	if err != nil {
		return nil, err
	}
	defer func() { _ = c.Close() }()
	if !s.ready {
		if err := s.ledger.Create(ctx, c); err != nil {
			return nil, err
		}
		s.ready = true
	}
	var out []Published
	var list error
	for _, sink := range s.sinks {
		if !built[sink.ID] || failed[sink.ID] {
			continue
		}
		p, err := s.publish(ctx, c, sink)
		if err != nil {
			d := diag.New(diag.CodeBroker, diag.Runtime, sink.Span, "the sink of "+sink.Name+": "+err.Error())
			d.NodeID, d.Cause = sink.ID, err
			d.Hint = "the model is built; the next build or tick publishes what is missing"
			list = errors.Join(list, d)
		}
		out = append(out, p)
	}
	return out, list
}

func (s *Sinks) publish(ctx context.Context, c adapters.Conn, sink *declare.Sink) (Published, error) {
	p := Published{Sink: sink}
	rel, ok := s.session.Env.RelationOf(s.session.Manifest, sink.ID)
	if !ok {
		return p, errors.New("the model has no relation")
	}
	key := make([]value.Value, len(sink.Key))
	for i, k := range sink.Key {
		key[i] = value.String(k)
	}
	rows, err := run.RenderMacro(ctx, s.session, "stream_sink_rows", value.String(rel.Render()), value.NewList(key...))
	if err != nil {
		return p, err
	}
	if err := s.unique(ctx, c, sink, rows); err != nil {
		return p, err
	}
	producer, err := s.producer(sink)
	if err != nil {
		return p, err
	}
	for {
		changes, err := s.ledger.Changes(ctx, c, sink.ID, sink.Topic, rows, sinkChunk)
		if err != nil || len(changes) == 0 {
			return p, err
		}
		records := make([]*kgo.Record, len(changes))
		for i, ch := range changes {
			records[i] = &kgo.Record{Topic: sink.Topic, Key: []byte(ch.Key), Headers: []kgo.RecordHeader{
				{Key: HeaderModel, Value: []byte(sink.ID)}, {Key: HeaderChange, Value: []byte(changeID(sink, ch))},
			}}
			if ch.Deleted {
				p.Deleted++
			} else {
				records[i].Value = []byte(ch.Value)
			}
		}
		if err := producer.ProduceSync(ctx, records...).FirstErr(); err != nil {
			return p, err
		}
		if err := s.ledger.Published(ctx, c, sink.ID, sink.Topic, changes, s.now()); err != nil {
			return p, err
		}
		p.Sent += len(changes)
	}
}

// unique refuses keys that do not tell rows apart, before anything is sent.
func (s *Sinks) unique(ctx context.Context, c adapters.Conn, sink *declare.Sink, rows string) error {
	t, err := s.ledger.Query(ctx, c, "select row_key, count(*) from ("+rows+") as r group by row_key having count(*) > 1 or row_key is null order by 1 limit 1")
	if err != nil || len(t.Rows) == 0 {
		return err
	}
	if t.Rows[0][0].IsNull() {
		return errors.New("a row has no key")
	}
	return fmt.Errorf("the key '%s' stands for %s rows", value.Str(t.Rows[0][0]), value.Str(t.Rows[0][1]))
}

func changeID(sink *declare.Sink, ch ledger.Change) string {
	sum := md5.Sum([]byte(sink.ID + "\x00" + ch.Key + "\x00" + ch.Hash)) //nolint:gosec // as above
	return hex.EncodeToString(sum[:])
}

// producer is idempotent: the brokers drop what is sent twice by a reconnect.
func (s *Sinks) producer(sink *declare.Sink) (*kgo.Client, error) {
	if p := s.producers[sink.Connection]; p != nil {
		return p, nil
	}
	opts, err := client.Options(s.connections.Kafka[sink.Connection], s.session.Project.Root)
	if err != nil {
		return nil, err
	}
	p, err := kgo.NewClient(append(opts, kgo.RequiredAcks(kgo.AllISRAcks()), kgo.RecordDeliveryTimeout(deliveryTimeout), kgo.UnknownTopicRetries(3))...)
	if err == nil {
		s.producers[sink.Connection] = p
	}
	return p, err
}
