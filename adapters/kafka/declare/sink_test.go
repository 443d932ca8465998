package declare

import (
	"strings"
	"testing"

	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

func publishedModel(t *testing.T, sink string) *manifest.Node {
	t.Helper()
	entry := document(t, "models/schema.yml", "models:\n  - name: totals\n    config:\n      meta:\n        stream_sink: "+sink+"\n").Get("models").Items()[0]
	values := value.NewDict(2)
	values.SetString("meta", value.FromDict(entry.Get("config").Get("meta").Dict()))
	values.SetString("materialized", value.String("table"))
	return &manifest.Node{UniqueID: "model.shop.totals", Name: "totals", ResourceType: manifest.Model, Config: &manifest.Config{Values: values}, PatchSpan: entry.Span()}
}

func TestSinks(t *testing.T) {
	s, problems := OfSink(publishedModel(t, "{connection: main, topic: shop.totals, key: [customer, day]}"))
	if problems != nil || s.Topic != "shop.totals" || len(s.Key) != 2 {
		t.Fatal(s, problems)
	}
	for sink, c := range map[string][2]string{
		"{connection: main, topic: a, key: id, formt: json}":  {"'formt' is no key", "formt"},
		"{connection: main, topic: a}":                        {"needs a 'key'", ""},
		"{topic: a, key: id}":                                 {"needs a 'connection'", ""},
		"{connection: main, topic: a, key: id, format: avro}": {"needs a 'registry'", "avro"},
		"{connection: main, topic: a, key: id, registry: r}":  {"'registry' is for the format avro", "r"},
		"orders": {"must be a mapping", ""},
	} {
		_, problems := OfSink(publishedModel(t, sink))
		if !found(problems, c[0], c[1]) {
			t.Errorf("%s: %v", sink, problems)
		}
	}
	if s, problems := OfSink(publishedModel(t, "{connection: main, topic: a, key: id, format: avro, registry: r}")); problems != nil || s.Subject != "a-value" {
		t.Error(s, problems)
	}
	test := publishedModel(t, "{connection: main, topic: a}")
	test.ResourceType = manifest.Test
	if s, problems := OfSink(test); problems != nil || !s.Test {
		t.Error(s, problems)
	}
	test = publishedModel(t, "{connection: main, topic: a, key: id}")
	test.ResourceType = manifest.Test
	if _, problems := OfSink(test); problems.Err() == nil || !strings.Contains(problems.Err().Error(), "under its unique_id") {
		t.Error(problems)
	}
	c := &Connections{Kafka: map[string]*Connection{"main": {}, "demo": {Embedded: &Embedded{}}}}
	if list := c.CheckSink(&Sink{Name: "totals", Connection: "mian"}); len(list) != 1 || list[0].Hint != "did you mean 'main'?" {
		t.Error(list)
	}
	c.Registries = map[string]*Registry{"schemas": {}}
	if list := c.CheckSink(&Sink{Name: "totals", Connection: "main", Registry: "schema"}); len(list) != 1 || list[0].Hint != "did you mean 'schemas'?" {
		t.Error(list)
	}
	if list := c.CheckSink(&Sink{Name: "totals", Connection: "demo"}); len(list) != 1 || !strings.Contains(list[0].Summary, "ends with the process") {
		t.Error(list)
	}
}
