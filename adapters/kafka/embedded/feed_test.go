package embedded

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/adapters/kafka/landing"
)

func TestRecord(t *testing.T) {
	topics := map[string]int32{"orders": 3}
	for _, c := range []struct{ line, want string }{
		{`{"topic":"orders","ts":1767252960000,"key":"2","value":{"id": 2}}`, `{"id": 2}`},
		{`{"topic":"orders","partition":2,"offset":71,"tstype":"create","ts":1,"broker":0,"headers":["h","v"],"key":null,"payload":"{\"id\":"}`, `{"id":`},
		{`{"topic":"orders","key":"2","payload":null}`, ``},
		{`{"topic":"orders","payload":"a","value":1}`, "not both"},
		{`{"topic":"order"}`, "declares no topic 'order'"},
		{`{"topic":"orders","partition":3}`, "has 3 partitions and no 3"},
		{`{"topic":"orders","headers":["h"]}`, "in turn"},
		{`{"topic":"orders","kee":"2"}`, `unknown field "kee"`},
		{`{"topic":"orders"} {}`, "more than one record"},
	} {
		r, err := record([]byte(c.line), 1, topics)
		got := ""
		if err != nil {
			got = err.Error()
		} else {
			got = string(r.Value)
		}
		if got != c.want && (c.want == "" || !strings.Contains(got, c.want)) {
			t.Errorf("%s: %q, want %q", c.line, got, c.want)
		}
	}
}

// TestSameLog starts a broker twice: the second one holds the same records at the same offsets,
// and at least as many as have been read before.
func TestSameLog(t *testing.T) {
	feed := filepath.Join(t.TempDir(), "feed.jsonl")
	var text strings.Builder
	for range 700 {
		text.WriteString(`{"topic":"orders","key":"a","value":1}` + "\n" + `{"topic":"orders","key":"b","value":2}` + "\n\n" + `{"topic":"orders","value":3}` + "\n")
	}
	if err := os.WriteFile(feed, []byte(text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	e := &declare.Embedded{Topics: map[string]int32{"orders": 3}, Feed: feed}
	read := func(fill func(b *Broker) error, count int) map[landing.Partition][]string {
		b, err := Start(e, feed)
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		if err := fill(b); err != nil {
			t.Fatal(err)
		}
		cl, err := kgo.NewClient(kgo.SeedBrokers(b.Brokers()...), kgo.ConsumeTopics("orders"), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
		if err != nil {
			t.Fatal(err)
		}
		defer cl.Close()
		out := map[landing.Partition][]string{}
		for n := 0; n < count; {
			for _, r := range cl.PollFetches(context.Background()).Records() {
				part := landing.Partition{Topic: r.Topic, ID: r.Partition}
				out[part] = append(out[part], string(r.Value))
				n++
			}
		}
		return out
	}
	whole := read(func(b *Broker) error { return b.Fill(context.Background()) }, 2100)
	reach := map[landing.Partition]int64{}
	for part := range whole {
		reach[part] = 150
	}
	some := read(func(b *Broker) error { return b.Reach(context.Background(), reach) }, 150)
	for part, values := range some {
		if strings.Join(values, "") != strings.Join(whole[part][:len(values)], "") {
			t.Errorf("%v holds other records after a start", part)
		}
	}
	b, err := Start(e, feed)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	if err := b.Reach(context.Background(), map[landing.Partition]int64{{Topic: "orders", ID: 0}: 5000}); err == nil {
		t.Error("a feed that became shorter is no error")
	}
}

func FuzzRecord(f *testing.F) {
	f.Add([]byte(`{"topic":"orders","ts":1767252960000,"key":"2","headers":["a","b"],"value":{"id":2}}`))
	f.Fuzz(func(t *testing.T, line []byte) {
		r, err := record(line, 1, map[string]int32{"orders": 3})
		if err == nil && (r.Topic != "orders" || r.Partition < 0 || r.Partition > 2) {
			t.Errorf("%q went to %s/%d", line, r.Topic, r.Partition)
		}
	})
}
