package main

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"math/big"
	"strings"
	"testing"

	"github.com/hamba/avro/v2"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/sr"
	"github.com/twmb/franz-go/pkg/sr/srfake"
)

// sinkCluster is a cluster with topics, and a client that reads one of them from its start.
func sinkCluster(t *testing.T, topic string, seed ...string) *published {
	t.Helper()
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(1, append(seed, topic)...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	t.Setenv("SHOP_BROKERS", strings.Join(c.ListenAddrs(), ","))
	cl, err := kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	return &published{t: t, cl: cl, latest: map[string]string{}, ids: map[string]string{}}
}

// TestSinkAvro publishes a model as Avro: the schema follows the model's columns, and every
// record is read with the schema that it names.
func TestSinkAvro(t *testing.T) {
	project := map[string]string{
		"dbt_project.yml": windowProject["dbt_project.yml"],
		"profiles.yml":    windowProject["profiles.yml"],
		"streams.yml":     windowProject["streams.yml"] + "registries:\n  schemas: {url: \"{{ env_var('SHOP_REGISTRY') }}\"}\n",
		"models/totals.sql": "select 1 as id, cast('12.50' as decimal(10,2)) as total, cast('2026-02-03 04:05:06' as timestamp) as at, cast(null as text) as note\n" +
			"{% if var('more', false) %}, cast(7 as bigint) as orders{% endif %}\n",
		"models/schema.yml": "models:\n  - name: totals\n    config: {meta: {stream_sink: {connection: main, topic: totals, key: [id], format: avro, registry: schemas}}}\n",
	}
	check := func(t *testing.T, target string) {
		registry := srfake.New()
		t.Cleanup(registry.Close)
		t.Setenv("SHOP_REGISTRY", registry.URL())
		asked, err := sr.NewClient(sr.URLs(registry.URL()))
		if err != nil {
			t.Fatal(err)
		}
		p := sinkCluster(t, "totals")
		read := func() map[string]any {
			t.Helper()
			b := []byte(p.latest["1"])
			if len(b) < 5 || b[0] != 0 {
				t.Fatalf("the record has no header: % x", b)
			}
			s, err := asked.SchemaByID(context.Background(), int(binary.BigEndian.Uint32(b[1:])))
			if err != nil {
				t.Fatal(err)
			}
			out := map[string]any{}
			if err := avro.Unmarshal(avro.MustParse(s.Schema), b[5:], &out); err != nil {
				t.Fatal(err)
			}
			return out
		}
		millrace(t, "build", "--target", target)
		p.read(1)
		row := read()
		total, exact := row["total"].(*big.Rat)
		if row["id"] != 1 || row["note"] != nil || !exact || total.FloatString(2) != "12.50" {
			t.Errorf("the row is %v", row)
		}
		millrace(t, "build", "--target", target, "--vars", "more: true")
		p.read(2)
		if row := read(); row["orders"] != int64(7) {
			t.Errorf("the row is %v", row)
		}
		if versions, err := asked.SubjectVersions(context.Background(), "totals-value"); err != nil || len(versions) != 2 {
			t.Errorf("the registry has the versions %v, want 2: %v", versions, err)
		}
	}
	onBothTargets(t, project, check)
}

// TestSinkTests publishes what data tests find: once while it stays the same, also when the
// build fails by it, and a tombstone for a test that is gone.
func TestSinkTests(t *testing.T) {
	schema := "models:\n  - name: totals\n    columns:\n      - name: id\n        data_tests:\n          - unique\n"
	limit := "          - accepted_values: {arguments: {values: [1, 2], quote: false}, config: {severity: \"{{ var('severity', 'error') }}\"}}\n"
	project := map[string]string{
		"dbt_project.yml":   windowProject["dbt_project.yml"] + "data_tests: {shop: {+meta: {stream_sink: {connection: main, topic: findings}}}}\n",
		"profiles.yml":      windowProject["profiles.yml"],
		"streams.yml":       windowProject["streams.yml"],
		"models/totals.sql": "select 1 as id union all select {{ var('second', 2) }}\n",
		"models/schema.yml": schema + limit,
	}
	check := func(t *testing.T, target string) {
		p := sinkCluster(t, "findings")
		const unique, accepted = "test.shop.unique_totals_id.", "test.shop.accepted_values_totals_id__False__1__2."
		says := func(test, status string) {
			t.Helper()
			for id, text := range p.latest {
				if !strings.HasPrefix(id, test) {
					continue
				}
				var f struct {
					Status, Message string
					Failures        int
					DependsOn       []string `json:"depends_on"`
				}
				if status == "" {
					if text != "" {
						t.Errorf("%s is %s, want a tombstone", id, text)
					}
					return
				}
				if err := json.Unmarshal([]byte(text), &f); err != nil || f.Status != status || f.DependsOn[0] != "model.shop.totals" {
					t.Errorf("%s: %v %s, want %s", id, err, text, status)
				}
				return
			}
			t.Errorf("%s was not published", test)
		}
		out := millrace(t, "build", "--target", target)
		if !strings.Contains(out, "sink of tests: 2 changes published to findings") {
			t.Errorf("the build says nothing of its tests:\n%s", out)
		}
		p.read(2)
		says(unique, "pass")
		says(accepted, "pass")
		millrace(t, "test", "--target", target) // the same findings
		var failed syncBuffer
		if code := newApp(&failed, &failed).run(context.Background(), []string{"build", "--target", target, "--vars", "second: 3"}); code != exitFailed {
			t.Errorf("exit %d of a build whose test fails:\n%s", code, failed.String())
		}
		p.read(3)
		says(accepted, "fail")
		millrace(t, "build", "--target", target, "--vars", "{second: 3, severity: warn}")
		p.read(4)
		says(accepted, "warn")
		writeFiles(t, ".", map[string]string{"models/schema.yml": schema})
		millrace(t, "build", "--target", target)
		p.read(5)
		says(accepted, "")
		says(unique, "pass")
		writeFiles(t, ".", map[string]string{"models/schema.yml": schema + limit})
	}
	onBothTargets(t, project, check)
}
