package stream

import (
	"context"
	"crypto/md5" //nolint:gosec // compares results, protects nothing
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/adapters/kafka/ledger"
	"github.com/millrace/millrace/compiler/relation"
	"github.com/millrace/millrace/dag/run"
)

// finding is what a data test has found, as it is published: nothing that changes while the
// finding is the same. When it was found is the record's timestamp.
type finding struct {
	UniqueID string   `json:"unique_id"`
	Test     string   `json:"test"`
	Status   string   `json:"status"`
	Failures *int64   `json:"failures"`
	Message  *string  `json:"message"`
	Severity string   `json:"severity"`
	Column   *string  `json:"column_name"`
	Nodes    []string `json:"depends_on"`
}

// findingColumns are the columns of a finding in Avro, where the list is JSON text.
var findingColumns = []*relation.Column{
	{Name: "unique_id", DType: "text"}, {Name: "test", DType: "text"}, {Name: "status", DType: "text"}, {Name: "failures", DType: "bigint"},
	{Name: "message", DType: "text"}, {Name: "severity", DType: "text"}, {Name: "column_name", DType: "text"}, {Name: "depends_on", DType: "json"},
}

// testTopics are the sinks of tests, by where and how they are published.
func (s *Sinks) testTopics() [][]*declare.Sink {
	var groups [][]*declare.Sink
	for _, sink := range s.sinks {
		if !sink.Test {
			continue
		}
		i := slices.IndexFunc(groups, func(g []*declare.Sink) bool {
			a := g[0]
			return a.Connection == sink.Connection && a.Topic == sink.Topic && a.Format == sink.Format && a.Registry == sink.Registry && a.Subject == sink.Subject
		})
		if i < 0 {
			groups, i = append(groups, nil), len(groups)
		}
		groups[i] = append(groups[i], sink)
	}
	return groups
}

// publishTests sends what the tests of a topic have found, where it differs from what was
// published before, and a tombstone for a test that the project does not have any more.
func (s *Sinks) publishTests(ctx context.Context, c adapters.Conn, sinks []*declare.Sink, results *run.Results) (Published, error) {
	p := Published{Sinks: sinks}
	first := sinks[0]
	known, err := s.ledger.PublishedTests(ctx, c, first.Topic, s.session.Project.Name)
	if err != nil {
		return p, err
	}
	byID := make(map[string]*declare.Sink, len(sinks))
	for _, sink := range sinks {
		byID[sink.ID] = sink
	}
	var changes []outgoing
	for _, r := range results.Results {
		sink := byID[r.UniqueID]
		if sink == nil || !concludes(r.Status) {
			continue
		}
		ch, err := found(sink, r)
		if err != nil {
			return p, err
		}
		if known[sink.ID] != ch.Hash {
			changes = append(changes, ch)
		}
	}
	for id := range known {
		if s.session.Manifest.Nodes[id] == nil {
			gone := &declare.Sink{ID: id, Name: id, Test: true, Connection: first.Connection, Topic: first.Topic}
			changes = append(changes, outgoing{of: gone, Change: ledger.Change{Key: id, Deleted: true}})
			p.Deleted++
		}
	}
	if len(changes) == 0 {
		return p, nil
	}
	slices.SortFunc(changes, func(a, b outgoing) int { return strings.Compare(a.Key, b.Key) })
	form, err := s.form(ctx, first, func() ([]*relation.Column, error) { return findingColumns, nil })
	if err != nil {
		return p, err
	}
	if err := s.send(ctx, first, form, changes); err != nil {
		return p, err
	}
	for i := range changes {
		if err := s.ledger.Published(ctx, c, changes[i].of.ID, first.Topic, []ledger.Change{changes[i].Change}, s.now()); err != nil {
			return p, err
		}
	}
	p.Sent = len(changes)
	return p, nil
}

// concludes reports a status that says something of the data: a test that was left out found nothing.
func concludes(s run.Status) bool {
	switch s {
	case run.Pass, run.Warn, run.Fail, run.Error, run.RuntimeError:
		return true
	}
	return false
}

func found(sink *declare.Sink, r *run.Result) (outgoing, error) {
	f := finding{UniqueID: r.UniqueID, Test: r.Node.Name, Status: string(r.Status), Failures: r.Failures, Severity: strings.ToLower(r.Node.Config.String("severity")), Nodes: r.Node.DependsOn.Nodes}
	if r.Message != "" {
		f.Message = &r.Message
	}
	if r.Node.ColumnName != "" {
		f.Column = &r.Node.ColumnName
	}
	text, err := json.Marshal(f)
	if err != nil {
		return outgoing{}, err
	}
	sum := md5.Sum(text) //nolint:gosec // as above
	return outgoing{of: sink, Change: ledger.Change{Key: sink.ID, Value: string(text), Hash: hex.EncodeToString(sum[:])}}, nil
}
