package stream

import (
	"context"
	"crypto/md5" //nolint:gosec // names a change, protects nothing
	"encoding/hex"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/adapters/kafka/client"
	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/adapters/kafka/encode"
	"github.com/millrace/millrace/adapters/kafka/ledger"
	"github.com/millrace/millrace/compiler/relation"
)

// outgoing is a change of something published.
type outgoing struct {
	of *declare.Sink
	ledger.Change
}

// id is the same for the same change of the same row.
func (ch *outgoing) id() string {
	sum := md5.Sum([]byte(ch.of.ID + "\x00" + ch.Key + "\x00" + ch.Hash)) //nolint:gosec // as above
	return hex.EncodeToString(sum[:])
}

// form is how the values of a sink are written: JSON as it comes, or Avro.
type form struct {
	avro *encode.Avro
	id   int // of the schema
}

type schemaKey struct{ registry, subject, schema string }

// form finds how a sink's values are written. The schema of what has these columns is
// registered before anything is sent.
func (s *Sinks) form(ctx context.Context, sink *declare.Sink, columns func() ([]*relation.Column, error)) (form, error) {
	if sink.Format != declare.Avro {
		return form{}, nil
	}
	list, err := columns()
	if err != nil {
		return form{}, err
	}
	name := sink.Name
	if sink.Test {
		name = "test_result"
	}
	a, err := encode.NewAvro(s.session.Project.Name, name, list)
	if err != nil {
		return form{}, err
	}
	key := schemaKey{sink.Registry, sink.Subject, a.Schema()}
	if id, known := s.schemaIDs[key]; known {
		return form{a, id}, nil
	}
	r := s.registries[sink.Registry]
	if r == nil {
		if r, err = client.NewRegistry(s.connections.Registries[sink.Registry], s.session.Project.Root); err != nil {
			return form{}, err
		}
		s.registries[sink.Registry] = r
	}
	id, err := r.Register(ctx, sink.Subject, a.Schema())
	if err == nil {
		s.schemaIDs[key] = id
	}
	return form{a, id}, err
}

func (f form) value(row string) ([]byte, error) {
	if f.avro == nil {
		return []byte(row), nil
	}
	return f.avro.Append(client.Framed(nil, f.id), row)
}

// send waits until the brokers have all of the changes.
func (s *Sinks) send(ctx context.Context, sink *declare.Sink, f form, changes []outgoing) error {
	producer, err := s.producer(sink)
	if err != nil {
		return err
	}
	records := make([]*kgo.Record, len(changes))
	for i := range changes {
		ch := &changes[i]
		records[i] = &kgo.Record{Topic: sink.Topic, Key: []byte(ch.Key), Headers: []kgo.RecordHeader{
			{Key: HeaderModel, Value: []byte(ch.of.ID)}, {Key: HeaderChange, Value: []byte(ch.id())},
		}}
		if ch.Deleted {
			continue // a tombstone
		}
		if records[i].Value, err = f.value(ch.Value); err != nil {
			return err
		}
	}
	return producer.ProduceSync(ctx, records...).FirstErr()
}
