package stream

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/adapters/kafka/ledger"
	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/relation"
)

// trialSchema is where records of a trial land; nothing of it stays.
const trialSchema = "_stream_trial"

// Trial sends records through a broker inside the process and lands them as the stream is
// declared, in a table of its own: the bytes take the way that those of a real topic take. It
// gives the rows in the order of the log, and what went into quarantine.
func (s *Streams) Trial(ctx context.Context, src *declare.Source, records []*kgo.Record) (landed, quarantined *agate.Table, err error) {
	opts := []kfake.Opt{kfake.NumBrokers(1)}
	partitions := map[string]int32{}
	for _, topic := range src.Topics {
		partitions[topic] = 1
	}
	for _, r := range records {
		if r.Topic == "" {
			if len(src.Topics) == 0 {
				return nil, nil, fmt.Errorf("the topics of %s are a pattern: each record of a test must name its own", src.Name)
			}
			r.Topic = src.Topics[0]
		}
		partitions[r.Topic] = max(partitions[r.Topic], r.Partition+1)
	}
	for topic, n := range partitions {
		opts = append(opts, kfake.SeedTopics(n, topic))
	}
	cluster, err := kfake.NewCluster(opts...)
	if err != nil {
		return nil, nil, err
	}
	defer cluster.Close()
	producer, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...), kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		return nil, nil, err
	}
	defer producer.Close()
	if err := producer.ProduceSync(ctx, records...).FirstErr(); err != nil {
		return nil, nil, err
	}
	trial := *src
	trial.ID, trial.Connection, trial.Start, trial.Retention = src.ID+".trial", "trial", declare.Start{}, 0
	table := s.relations[src.ID].WithSchema(trialSchema)
	inner := &Streams{
		Sources: []*declare.Source{&trial}, Ledger: s.Ledger, relations: map[string]*relation.Relation{trial.ID: table},
		connections: &declare.Connections{Kafka: map[string]*declare.Connection{"trial": {Name: "trial", Brokers: cluster.ListenAddrs()}}, Registries: s.connections.Registries},
		engine:      s.engine, kind: s.kind, root: s.root, events: s.events, now: s.now, owner: s.owner, writing: s.writing, sql: s.sql, buffer: newBuffer(s.connections.Buffer),
	}
	defer func() { err = errors.Join(err, inner.forget(ctx, trial.ID, table)) }()
	if err := inner.forget(ctx, trial.ID, table); err != nil { // what a trial that was killed has left
		return nil, nil, err
	}
	if _, err := inner.CatchUp(ctx); err != nil {
		return nil, nil, err
	}
	err = inner.with(ctx, func(c adapters.Conn) error {
		var err error
		if landed, err = s.Ledger.Query(ctx, c, "select * from "+table.Render()+" order by _stream_topic, _stream_partition, _stream_offset"); err != nil {
			return err
		}
		quarantined, err = s.Ledger.Query(ctx, c, `select topic, "partition", "offset", code, field from {quarantine} where pipeline = '`+strings.ReplaceAll(trial.ID, "'", "''")+
			`' order by topic, "partition", "offset"`)
		return err
	})
	return landed, quarantined, err
}

// forget removes every trace of a trial.
func (s *Streams) forget(ctx context.Context, id string, table *relation.Relation) error {
	if err := s.Prepare(ctx); err != nil {
		return err
	}
	schema := table.WithInclude(relation.Policy{Database: s.kind == "duckdb", Schema: true}).Render()
	return s.with(context.WithoutCancel(ctx), func(c adapters.Conn) error {
		return ledger.Within(ctx, c, func() error {
			if _, _, err := c.Execute(ctx, "drop schema if exists "+schema+" cascade", false, -1); err != nil {
				return err
			}
			return s.Ledger.Forget(ctx, c, id)
		})
	})
}
