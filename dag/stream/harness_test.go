package stream

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/adaptertest"
	"github.com/millrace/millrace/adapters/duckdb"
	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/adapters/kafka/ledger"
	"github.com/millrace/millrace/adapters/postgres"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/relation"
	"github.com/millrace/millrace/compiler/yaml"
)

// soakEnv makes the tests long: the number of seeds to try.
const soakEnv = "MILLRACE_STREAM_SOAK"

func seeds(t testing.TB, short int) int {
	t.Helper()
	if n, err := strconv.Atoi(os.Getenv(soakEnv)); err == nil {
		return n
	}
	return short
}

var (
	server     *adaptertest.Server
	serverErr  error
	serverOnce sync.Once
)

func TestMain(m *testing.M) {
	if path := os.Getenv(childEnv); path != "" {
		os.Exit(child(path))
	}
	code := m.Run()
	if server != nil {
		if err := server.Stop(); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	os.Exit(code)
}

// target is a database that streams land in.
type target struct {
	kind     string
	database string
	driver   adapters.Driver
	output   *value.Dict
	engine   adapters.Engine
}

func duckTarget(path string) *target {
	out := value.NewDict(3)
	out.SetString("type", value.String("duckdb"))
	out.SetString("path", value.String(path))
	out.SetString("schema", value.String("main"))
	return &target{kind: "duckdb", driver: duckdb.Driver{}, output: out}
}

func (tg *target) open(t testing.TB) {
	t.Helper()
	if err := tg.tryOpen(); err != nil {
		t.Fatal(err)
	}
}

func (tg *target) tryOpen() error {
	creds, err := tg.driver.Credentials(tg.output)
	if err != nil {
		return err
	}
	tg.database = creds.Database()
	tg.engine, err = tg.driver.Open(context.Background(), creds)
	return err
}

func (tg *target) close() {
	if tg.engine != nil {
		_ = tg.engine.Close()
		tg.engine = nil
	}
}

// restart is what the database goes through when the process dies and comes back.
func (tg *target) restart(t testing.TB) {
	t.Helper()
	tg.close()
	tg.open(t)
}

// onEngines runs a test on an empty database of each kind.
func onEngines(t *testing.T, do func(t *testing.T, tg *target)) {
	t.Run("duckdb", func(t *testing.T) {
		tg := duckTarget(filepath.Join(t.TempDir(), "warehouse.duckdb"))
		tg.open(t)
		defer tg.close()
		do(t, tg)
	})
	t.Run("postgres", func(t *testing.T) {
		serverOnce.Do(func() { server, serverErr = adaptertest.StartPostgres() })
		if errors.Is(serverErr, adaptertest.ErrNoPostgres) {
			t.Skip(serverErr)
		}
		if serverErr != nil {
			t.Fatal(serverErr)
		}
		tg := &target{kind: "postgres", driver: postgres.Driver{}, output: server.Profile("raw")}
		tg.open(t)
		defer tg.close()
		tg.exec(t, "drop schema if exists raw cascade")
		tg.exec(t, "drop schema if exists _stream cascade")
		do(t, tg)
	})
}

func (tg *target) exec(t testing.TB, sql string) {
	t.Helper()
	c, err := tg.engine.Conn(context.Background(), "test")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if err := ledger.Within(context.Background(), c, func() error {
		_, _, err := c.Execute(context.Background(), sql, false, -1)
		return err
	}); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

func (tg *target) rows(t testing.TB, sql string) [][]string {
	t.Helper()
	c, err := tg.engine.Conn(context.Background(), "test")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_, table, err := c.Execute(context.Background(), sql, true, -1)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	out := make([][]string, len(table.Rows))
	for i, r := range table.Rows {
		for _, v := range r {
			out[i] = append(out[i], value.Str(v))
		}
	}
	return out
}

func (tg *target) one(t testing.TB, sql string) string {
	t.Helper()
	rows := tg.rows(t, sql)
	if len(rows) != 1 || len(rows[0]) != 1 {
		t.Fatalf("%s: %d rows", sql, len(rows))
	}
	return rows[0][0]
}

// orders is the source table of the tests.
const orders = `
name: orders
columns:
  - {name: id, data_type: bigint, constraints: [{type: not_null}]}
  - {name: customer, data_type: text}
  - {name: amount, data_type: "numeric(10,2)"}
  - {name: at, data_type: timestamp with time zone}
meta:
  stream:
    type: kafka
    connection: main
    topics: [orders]
    include: [key, headers]
`

func sourceOf(t testing.TB, kind, text string) *declare.Source {
	t.Helper()
	doc, problems := yaml.ParseText("models/sources.yml", text)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	d := doc.Dict()
	src := &manifest.Source{UniqueID: "source.shop.raw.orders", SourceName: "raw", Name: "orders"}
	meta, _ := d.GetString("meta")
	src.Meta, _ = meta.AsDict()
	if at, ok := d.GetString("event_time"); ok {
		values := value.NewDict(1)
		values.SetString("event_time", at)
		src.Config = &manifest.Config{Values: values}
	}
	columns, _ := d.GetString("columns")
	list, _ := columns.AsList()
	for _, item := range list.Items {
		c, _ := item.AsDict()
		col := &manifest.Column{}
		for k, v := range c.All() {
			switch value.Str(k) {
			case "name":
				col.Name = value.Str(v)
			case "data_type":
				col.DataType = value.Str(v)
			case "constraints":
				l, _ := v.AsList()
				for _, x := range l.Items {
					cd, _ := x.AsDict()
					col.Constraints = append(col.Constraints, cd)
				}
			case "meta":
				col.Meta, _ = v.AsDict()
			}
		}
		src.Columns = append(src.Columns, col)
	}
	out, problems := declare.Stream(src, kind)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// streams makes what Open makes of a project.
func (tg *target) streams(src *declare.Source, brokers []string) *Streams {
	s := &Streams{
		Sources: []*declare.Source{src}, Ledger: ledger.New(tg.kind, tg.driver.Dialect(), tg.database),
		connections: &declare.Connections{Kafka: map[string]*declare.Connection{"main": {Name: "main", Brokers: brokers}}},
		relations:   map[string]*relation.Relation{src.ID: tg.driver.Dialect().New(tg.database, "raw", "orders", relation.Table)},
		engine:      tg.engine, kind: tg.kind, events: event.Discard, now: time.Now, owner: ownerID(), writing: noLock{}, discovery: partitionsEvery,
		sql: builtin(tg.driver), buffer: newBuffer(0),
	}
	if tg.kind == "duckdb" {
		s.writing = new(sync.Mutex)
	}
	return s
}

// produced is what a committed log holds: per partition, offset → value.
type produced map[int32]map[int64]string

func cluster(t testing.TB, partitions int32, opts ...kfake.Opt) *kfake.Cluster {
	t.Helper()
	c, err := kfake.NewCluster(append([]kfake.Opt{kfake.NumBrokers(1), kfake.SeedTopics(partitions, "orders")}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func producer(t testing.TB, c *kfake.Cluster, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	cl, err := kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(c.ListenAddrs()...), kgo.DefaultProduceTopic("orders"), kgo.RecordPartitioner(kgo.ManualPartitioner())}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	return cl
}

// message makes the value of record n; about one in twenty is bad in one of several ways.
func message(r *rand.Rand, n int) (text string, good bool) {
	switch r.IntN(120) {
	case 0:
		return fmt.Sprintf(`{"id":%d,"amount":`, n), false
	case 1:
		return fmt.Sprintf(`{"id":"%d"}`, n), false
	case 2:
		return fmt.Sprintf(`{"customer":"c%d"}`, n), false
	case 3:
		return fmt.Sprintf("{\"id\":%d,\"customer\":\"\xff\"}", n), false
	case 4:
		return fmt.Sprintf(`{"id":%d,"amount":123456789012.5}`, n), false
	case 5:
		return fmt.Sprintf(`{"id":%d,"id":%d}`, n, n), false
	}
	return fmt.Sprintf(`{"id":%d,"customer":"c\u00e9-%d\n\t\\","amount":%d.%02d,"at":"2026-01-%02dT00:00:00Z","extra":[1,{"a":null}]}`, n, n%97, n%1000, n%100, 1+n%28), true
}

func produce(t testing.TB, cl *kgo.Client, log produced, r *rand.Rand, from, count int, partitions int32) {
	t.Helper()
	var records []*kgo.Record
	for n := from; n < from+count; n++ {
		text, _ := message(r, n)
		records = append(records, &kgo.Record{Partition: int32(n) % partitions, Key: []byte(fmt.Sprintf("k%d", n)), Value: []byte(text),
			Headers: []kgo.RecordHeader{{Key: "h", Value: []byte{byte(n), 0xff}}}})
	}
	if err := cl.ProduceSync(context.Background(), records...).FirstErr(); err != nil {
		t.Fatal(err)
	}
	for _, rec := range records {
		if log[rec.Partition] == nil {
			log[rec.Partition] = map[int64]string{}
		}
		log[rec.Partition][rec.Offset] = string(rec.Value)
	}
}

// check is the oracle: every committed record is in the table or in quarantine exactly
// once, and the ledger stands behind the last one.
func (tg *target) check(t testing.TB, log produced) {
	t.Helper()
	want := map[string]string{}
	for p, records := range log {
		for o, v := range records {
			want[fmt.Sprintf("%d/%d", p, o)] = v
		}
	}
	total := len(want)
	take := func(where, p, o string, fits func(v string) bool) {
		at := p + "/" + o
		v, ok := want[at]
		switch {
		case !ok:
			t.Errorf("%s: %s was landed twice or never produced", where, at)
		case !fits(v):
			t.Errorf("%s: %s is not what was produced: %q", where, at, v)
		}
		delete(want, at)
	}
	for _, r := range tg.rows(t, `select _stream_partition, _stream_offset, id, customer, amount from raw.orders`) {
		take("table", r[0], r[1], func(v string) bool {
			n, err := strconv.Atoi(r[2])
			return err == nil && strings.HasPrefix(v, fmt.Sprintf(`{"id":%d,`, n)) && r[3] == fmt.Sprintf("cé-%d\n\t\\", n%97) && r[4] == fmt.Sprintf("%d.%02d", n%1000, n%100)
		})
	}
	hex := `encode(record_value, 'hex')`
	if tg.kind == "duckdb" {
		hex = `lower(hex(record_value))`
	}
	for _, r := range tg.rows(t, `select "partition", "offset", `+hex+`, code from _stream.quarantine where status = 'quarantined'`) {
		take("quarantine", r[0], r[1], func(v string) bool { return fmt.Sprintf("%x", v) == r[2] && r[3] != "" })
	}
	if len(want) > 0 {
		t.Errorf("%d of %d records are lost", len(want), total)
	}
	next := map[int32]int64{}
	for p, records := range log {
		for o := range records {
			next[p] = max(next[p], o+1)
		}
	}
	for _, r := range tg.rows(t, `select "partition", next_offset from _stream.offsets`) {
		p, _ := strconv.Atoi(r[0])
		n, _ := strconv.ParseInt(r[1], 10, 64)
		if n < next[int32(p)] {
			t.Errorf("partition %d: the ledger is at %d, the log at %d", p, n, next[int32(p)])
		}
	}
	landed := tg.one(t, `select cast(coalesce(sum(row_count + quarantined), 0) as bigint) from _stream.batches`)
	if landed != strconv.Itoa(total) && !t.Failed() {
		t.Errorf("the batches say %s records, %d were produced", landed, total)
	}
}
