package stream

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/adapters/kafka/client"
	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/adapters/kafka/ledger"
	rendering "github.com/millrace/millrace/compiler/context"
	"github.com/millrace/millrace/compiler/diag"
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

// Sinks publish models and data tests to topics: after a model was built, the rows that differ
// from what was published before are sent, and a row that is gone as a tombstone; after a test
// has run, what it found when that is not what it found before. What has been sent
// is written down in the target database afterwards. A crash in between sends the same
// changes again, under the same keys, with the same HeaderChange: whoever keeps the latest
// record of a key, as a compacted topic does, sees each row once.
type Sinks struct {
	session     *run.Session
	ledger      *ledger.Ledger
	connections *declare.Connections
	sinks       []*declare.Sink
	producers   map[string]*kgo.Client
	registries  map[string]*client.Registry
	schemaIDs   map[schemaKey]int
	now         func() time.Time
	ready       bool // the ledger is there
}

// OpenSinks reads the sinks of a project's models and tests, or of its tests alone; nil when
// there are none.
func OpenSinks(s *run.Session, testsOnly bool) (*Sinks, error) {
	out := &Sinks{session: s, producers: map[string]*kgo.Client{}, registries: map[string]*client.Registry{}, schemaIDs: map[schemaKey]int{}, now: s.Clock}
	if out.now == nil {
		out.now = time.Now
	}
	var list diag.List
	for _, id := range s.Manifest.Order.Nodes {
		sink, problems := declare.OfSink(s.Manifest.Nodes[id])
		list = append(list, problems...)
		if sink != nil && (sink.Test || !testsOnly) {
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

// Published says what was sent of a model or of tests.
type Published struct {
	Sinks         []*declare.Sink // one model, or the tests of one topic
	Sent, Deleted int
}

// Publish sends what has changed in the models that were built, unless something of theirs
// failed, and what tests have found. Without committed the models hold something else than
// the results say, and only tests are published. Every sink is tried; the errors are joined.
func (s *Sinks) Publish(ctx context.Context, results *run.Results, committed bool) ([]Published, error) {
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
	note := func(p Published, err error) {
		if err != nil {
			sink := p.Sinks[0]
			d := diag.New(diag.CodeBroker, diag.Runtime, sink.Span, "the sink of "+sink.Name+": "+err.Error())
			d.NodeID, d.Cause = sink.ID, err
			d.Hint = "the next build or tick publishes what is missing"
			list = errors.Join(list, d)
		}
		out = append(out, p)
	}
	if committed {
		for _, sink := range s.toPublish(results) {
			note(s.publishRows(ctx, c, sink))
		}
	}
	for _, topic := range s.testTopics() {
		note(s.publishTests(ctx, c, topic, results))
	}
	return out, list
}

// toPublish are the sinks of models that were built and of which nothing failed.
func (s *Sinks) toPublish(results *run.Results) []*declare.Sink {
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
	return slices.DeleteFunc(slices.Clone(s.sinks), func(sink *declare.Sink) bool {
		return sink.Test || !built[sink.ID] || failed[sink.ID]
	})
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
