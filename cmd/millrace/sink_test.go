package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
)

// published reads a topic from its start: per key what the records say in their order.
type published struct {
	t      *testing.T
	cl     *kgo.Client
	latest map[string]string // "" is a tombstone
	ids    map[string]string // change → key
	count  int
}

func (p *published) read(want int) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for p.count < want {
		f := p.cl.PollFetches(ctx)
		if ctx.Err() != nil {
			p.t.Fatalf("%d of %d records were published", p.count, want)
		}
		for _, r := range f.Records() {
			p.count++
			p.latest[string(r.Key)] = string(r.Value)
			for _, h := range r.Headers {
				if h.Key == "millrace-change" {
					p.ids[string(h.Value)] = string(r.Key)
				}
			}
		}
	}
	if p.count != want {
		p.t.Fatalf("%d records were published, want %d", p.count, want)
	}
}

// TestSink publishes a model: only what changed, tombstones for what is gone, the same change under the
// same name when it is sent again, nothing when a test failed; by builds and by a running stream.
func TestSink(t *testing.T) {
	project := map[string]string{
		"dbt_project.yml": windowProject["dbt_project.yml"] +
			"on-run-start: \"{{ \\\"delete from _stream.published where row_key = 'a'\\\" if var('forget', false) }}\"\n",
		"profiles.yml":       windowProject["profiles.yml"],
		"streams.yml":        windowProject["streams.yml"],
		"models/sources.yml": "sources:\n  - name: raw\n    schema: sink_raw\n    tables:\n      - name: orders\n        config: {meta: {stream: {type: kafka, connection: main, topics: [orders], max_latency: 100ms}}}\n        columns: [{name: id, data_type: bigint}, {name: customer, data_type: text}, {name: amount, data_type: \"decimal(10,2)\"}]\n",
		"models/totals.sql":  "select customer, count(*) as orders, sum(amount) as total from {{ source('raw', 'orders') }} group by customer having sum(amount) > 0\n",
		"models/schema.yml": "models:\n  - name: totals\n    config: {meta: {stream_sink: {connection: main, topic: totals, key: [customer]}}}\n" +
			"    columns: [{name: orders, data_tests: [{accepted_values: {arguments: {values: [13], quote: false}, config: {enabled: \"{{ var('strict', false) }}\"}}}]}]\n",
	}
	check := func(t *testing.T, target string) {
		c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, "orders", "totals"))
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		t.Setenv("SHOP_BROKERS", strings.Join(c.ListenAddrs(), ","))
		cl, err := kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...), kgo.DefaultProduceTopic("orders"), kgo.ConsumeTopics("totals"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
		if err != nil {
			t.Fatal(err)
		}
		defer cl.Close()
		send := func(from, to int, customer string, amount string) {
			t.Helper()
			for i := from; i < to; i++ {
				cl.Produce(context.Background(), &kgo.Record{Value: fmt.Appendf(nil, `{"id":%d,"customer":%q,"amount":%s}`, i, customer, amount)}, nil)
			}
			if err := cl.Flush(context.Background()); err != nil {
				t.Fatal(err)
			}
		}
		p := &published{t: t, cl: cl, latest: map[string]string{}, ids: map[string]string{}}
		says := func(customer string, orders int, total float64) {
			t.Helper()
			var row struct {
				Customer string
				Orders   int
				Total    float64
			}
			if err := json.Unmarshal([]byte(p.latest[customer]), &row); err != nil || row.Customer != customer || row.Orders != orders || row.Total != total {
				t.Errorf("%s: %v %s", customer, err, p.latest[customer])
			}
		}
		send(0, 10, "a", "1.50")
		send(10, 15, "b", "2.00")
		millrace(t, "build", "--target", target)
		p.read(2)
		says("a", 10, 15)
		says("b", 5, 10)
		millrace(t, "build", "--target", target) // nothing has changed
		send(15, 16, "a", "1.50")
		send(16, 17, "b", "-10.00")
		out := millrace(t, "build", "--target", target)
		if !strings.Contains(out, "sink totals: 2 changes published to totals, 1 of them deletions") {
			t.Errorf("the build says nothing of its sink:\n%s", out)
		}
		p.read(4)
		says("a", 11, 16.5)
		if v, ok := p.latest["b"]; !ok || v != "" {
			t.Errorf("a row that is gone is %q", v)
		}
		if len(p.ids) != 4 {
			t.Errorf("%d changes have names, want 4", len(p.ids))
		}
		status := millrace(t, "stream", "status", "--target", target)
		if !strings.Contains(status, "model.shop.totals") || !strings.Contains(status, "| totals |") {
			t.Errorf("status shows no sink:\n%s", status)
		}
		send(17, 18, "a", "1.50")
		var failed syncBuffer
		if code := newApp(&failed, &failed).run(context.Background(), []string{"build", "--target", target, "--vars", "strict: true"}); code != exitFailed {
			t.Errorf("exit %d of a build whose test fails:\n%s", code, failed.String())
		}
		p.read(4) // a failed test publishes nothing
		// A crash after sending: the ledger does not know, the same change goes out under its old name.
		millrace(t, "build", "--target", target, "--vars", "forget: true")
		p.read(5)
		millrace(t, "build", "--target", target, "--vars", "forget: true")
		p.read(6)
		if len(p.ids) != 5 {
			t.Errorf("%d changes have names, want 5: one was sent twice", len(p.ids))
		}
		ctx, cancel := context.WithCancel(context.Background())
		var live syncBuffer
		done := make(chan int, 1)
		go func() { done <- newApp(&live, &live).run(ctx, []string{"stream", "run", "--target", target}) }()
		waitIn(t, &live, "tick 1:")
		send(18, 21, "c", "3.00")
		for n := 7; p.latest["c"] == "" || !strings.Contains(p.latest["c"], `:3,`); n++ {
			p.read(n)
		}
		cancel()
		<-done
		says("c", 3, 9)
	}
	onBothTargets(t, project, check)
}
