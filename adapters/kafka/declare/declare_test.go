package declare

import (
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/yaml"
)

// document is what a file of the project holds.
func document(t *testing.T, name, text string) *yaml.Node {
	t.Helper()
	doc, problems := yaml.Parse(diag.NewSource(name, text))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return doc
}

// found reports that a problem says something, at a place with a text if one is given.
func found(list diag.List, says, at string) bool {
	for _, d := range list {
		if strings.Contains(d.Summary, says) && d.Span.Valid() && (at == "" || d.Span.Source.Text[d.Span.Start:d.Span.End] == at) {
			return true
		}
	}
	return false
}

// sourceFrom makes of a YAML file with one table what parsing makes of it, as far as
// streams look at it.
func sourceFrom(t *testing.T, text string) *manifest.Source {
	t.Helper()
	group := document(t, "models/sources.yml", text).Get("sources").Items()[0]
	table := group.Get("tables").Items()[0]
	src := &manifest.Source{UniqueID: "source.shop.raw.orders", Span: table.Span()}
	src.SourceName, _ = group.Get("name").String()
	src.Name, _ = table.Get("name").String()
	src.Meta = table.Get("config").Get("meta").Dict()
	for _, c := range table.Get("columns").Items() {
		col := &manifest.Column{Meta: c.Get("meta").Dict()}
		col.Name, _ = c.Get("name").String()
		col.DataType, _ = c.Get("data_type").String()
		for _, k := range c.Get("constraints").Items() {
			col.Constraints = append(col.Constraints, k.Dict())
		}
		src.Columns = append(src.Columns, col)
	}
	return src
}

func yml(stream string, columns ...string) string {
	if columns == nil {
		columns = []string{"{name: id, data_type: bigint}"}
	}
	text := "sources:\n  - name: raw\n    tables:\n      - name: orders\n        config:\n          meta:\n            stream:\n"
	for _, line := range strings.Split(stream, "\n") {
		text += "              " + line + "\n"
	}
	text += "        columns:\n"
	for _, c := range columns {
		text += "          - " + c + "\n"
	}
	return text
}

const minimal = "type: kafka\nconnection: main\ntopics: [a]"

func TestGoodStream(t *testing.T) {
	s, problems := Stream(sourceFrom(t, yml("type: kafka\nconnection: main\ntopics: [a, b]\nstart: {timestamp: '2026-01-01T00:00:00Z'}\nisolation: read_uncommitted\n"+
		"key: {format: bytes}\nvalue: {format: csv, delimiter: ';'}\ninclude: [key, headers]\non_bad_record: skip\nbudget: {per_batch: 10, rate: 2.5%}\non_gap: skip_recorded\nmax_latency: 250ms",
		"{name: id, data_type: bigint, constraints: [{type: not_null}]}", "{name: at, data_type: timestamptz, meta: {stream: {path: a.b, epoch: ms}}}")), "duckdb")
	if problems != nil {
		t.Fatal(problems)
	}
	if s.Name != "raw.orders" || len(s.Topics) != 2 || !s.ReadUncommitted || !s.KeyBytes || !s.KeepKey || !s.KeepHeaders || s.Format != CSV || s.Delimiter != ';' ||
		s.OnBad != Skip || s.BudgetBatch != 10 || s.BudgetRate != 0.025 || !s.SkipGaps || s.MaxLatency != 250*time.Millisecond || s.Start.Timestamp.Year() != 2026 {
		t.Errorf("%+v", s)
	}
	if !s.Fields[0].NotNull || strings.Join(s.Fields[1].Path, "/") != "a/b" {
		t.Errorf("%+v", s.Fields)
	}
	s, problems = Stream(sourceFrom(t, yml(minimal+"\nstart: {offsets: {0: 5, 1: 7}}")), "postgres")
	if problems != nil || s.Start.Offsets["a"][1] != 7 {
		t.Error(problems, s)
	}
	if s, problems := Stream(&manifest.Source{Meta: value.NewDict(0)}, "duckdb"); s != nil || problems != nil {
		t.Error("a plain table is no stream")
	}
}

func TestBadStreams(t *testing.T) {
	for name, c := range map[string]struct {
		text       string
		says, hint string
		at         string // the text the span covers
	}{
		"option":     {yml(minimal + "\ntopicz: [a]"), "'topicz' is no key of meta.stream", "did you mean 'topics'?", "topicz"},
		"inner key":  {yml(minimal + "\nvalue: {formt: json}"), "'formt' is no key of meta.stream.value", "did you mean 'format'?", "formt"},
		"type":       {yml("type: kafak\nconnection: main\ntopics: [a]"), "'type' must be one of kafka", "did you mean 'kafka'?", "kafak"},
		"connection": {yml("type: kafka\ntopics: [a]"), "needs a 'connection'", "", "stream"},
		"wrong type": {yml("type: kafka\nconnection: 5\ntopics: [a]"), "'connection' must be text, not int", "", "5"},
		"topics":     {yml("type: kafka\nconnection: main\ntopics: [a, 5]"), "'topics' must be a list of texts", "", "5"},
		"twice":      {yml("type: kafka\nconnection: main\ntopics: [a, a]"), "given twice", "", "a"},
		"landing":    {yml(minimal + "\nlanding: appendd"), "must be one of append", "did you mean 'append'?", "appendd"},
		"key":        {yml(minimal + "\nlanding: upsert\nunique_key: idd"), "is no declared column", "did you mean 'id'?", "idd"},
		"key twice":  {yml(minimal + "\nlanding: upsert\nunique_key: [id, id]"), "given twice", "", "id"},
		"no key":     {yml(minimal + "\nlanding: debezium"), "needs the 'unique_key'", "", "debezium"},
		"plain key":  {yml(minimal + "\nunique_key: id"), "append keeps every record", "", "id"},
		"json key":   {yml(minimal+"\nlanding: upsert\nunique_key: id", "{name: id, data_type: json}"), "cannot be a key", "", "id"},
		"two keys":   {yml(minimal+"\nlanding: upsert\nunique_key: [id, x]", "{name: id, data_type: bigint}", "{name: x, data_type: text}"), "holds one column", "", ""},
		"csv events": {yml(minimal + "\nlanding: debezium\nunique_key: id\nvalue: {format: csv}"), "cannot be made from values of the format 'csv'", "", "debezium"},
		"truncate":   {yml(minimal + "\non_truncate: apply"), "only change events", "", "apply"},
		"kept":       {yml(minimal+"\nlanding: upsert\nunique_key: id\nretention: 30d", "{name: id, data_type: bigint}"), "is for landing: append", "", "30d"},
		"kept 2":     {yml(minimal + "\nretention: 0d"), "must be more than nothing", "", "0d"},
		"kept 3":     {yml(minimal + "\nretention: month"), "must be a duration", "", "month"},
		"envelope":   {yml(minimal + "\nvalue: {format: csv, envelope: connect}"), "envelope is one of json", "", "connect"},
		"rule":       {yml(minimal + "\nvalue: {format: avro, schema_file: a.avsc, compatibility: FULL}"), "no 'registry' is given", "", "FULL"},
		"rule 2":     {yml(minimal + "\nvalue: {format: avro, registry: main, compatibility: BACKWARDS}"), "must be one of NONE", "did you mean 'BACKWARD'?", "BACKWARDS"},
		"rule 3":     {yml(minimal + "\nvalue: {registry: main, compatibility: FULL}"), "checked for avro and protobuf", "", "FULL"},
		"change":     {yml(minimal+"\nvalue: {format: csv}\non_schema_change: fail", "{name: id, data_type: bigint}"), "name no fields", "", "fail"},
		"change 2":   {yml(minimal + "\nvalue: {format: avro, schema_file: a.avsc}\non_schema_change: append_new_columns"), "does not change by itself", "", "append_new_columns"},
		"message":    {yml(minimal + "\nvalue: {format: protobuf, registry: main, message: a}"), "values of a registry say theirs", "", "a"},
		"subject":    {yml(minimal + "\nvalue: {subject: a}"), "a subject is of a 'registry'", "", "a"},
		"pattern":    {yml("type: kafka\nconnection: main\ntopics: {pattern: 'a('}"), "no regular expression", "", "'a('"},
		"pattern 2":  {yml("type: kafka\nconnection: main\ntopics: {patern: a}"), "'patern' is no key of meta.stream.topics", "did you mean 'pattern'?", "patern"},
		"default":    {yml(minimal, "{name: id, data_type: bigint, meta: {stream: {default: many}}}"), "the default of the column 'id'", "", "many"},
		"key format": {yml(minimal + "\nkey: {format: avro}"), "avro needs a 'registry'", "", "avro"},
		"latency":    {yml(minimal + "\nmax_latency: fast"), "must be a duration", "", "fast"},
		"rate":       {yml(minimal + "\nbudget: {rate: 200%}"), "must be a share", "", "200%"},
		"budget":     {yml(minimal + "\nbudget: {rate: 1%}\non_bad_record: fail"), "no meaning", "", "budget"},
		"avro":       {yml(minimal + "\nvalue: {format: avro}"), "avro needs a 'registry'", "", "avro"},
		"registry":   {yml(minimal + "\nvalue: {format: csv, registry: x}"), "a registry is for avro", "", "x"},
		"protobuf":   {yml(minimal + "\nvalue: {format: protobuf}"), "protobuf needs a 'registry'", "", "protobuf"},
		"watermark":  {yml(minimal + "\nwatermark: {lateness: 30s}"), "needs config.event_time", "", "watermark"},
		"start":      {yml(minimal + "\nstart: earlist"), "start must be", "did you mean 'earliest'?", "earlist"},
		"offsets":    {yml(minimal + "\nstart: {offsets: {x: 1}}"), "must map a partition's number", "", "1"},
		"data_type":  {yml(minimal, "{name: id}"), "needs a data_type", "", "{name: id}"},
		"odd type":   {yml(minimal, "{name: id, data_type: bigintt}"), "cannot fill a column of type 'bigintt'", "did you mean 'bigint'?", "bigintt"},
		"nested":     {yml(minimal, "{name: id, data_type: 'integer[]'}"), "nested values fit json", "", "'integer[]'"},
		"reserved":   {yml(minimal, "{name: _stream_x, data_type: text}"), "cannot be declared", "", ""},
		"epoch":      {yml(minimal, "{name: at, data_type: timestamp, meta: {stream: {epoch: m}}}"), "must be one of", "", "m"},
		"raw":        {yml(minimal+"\nvalue: {format: raw}", "{name: a, data_type: text}", "{name: b, data_type: text}"), "exactly one column", "", "raw"},
	} {
		t.Run(name, func(t *testing.T) {
			s, problems := Stream(sourceFrom(t, c.text), "duckdb")
			if s != nil || len(problems) == 0 {
				t.Fatal("nothing is wrong with it")
			}
			d := problems[0]
			if !strings.Contains(d.Summary, c.says) || d.Hint != c.hint || d.Code != diag.CodeStream {
				t.Errorf("said %q, hint %q", d.Summary, d.Hint)
			}
			if got := d.Span.Source.Text[d.Span.Start:d.Span.End]; c.at != "" && got != c.at {
				t.Errorf("points at %q, want %q", got, c.at)
			}
		})
	}
}

type plain struct{}

func (plain) Native(text string, _ diag.Span) (value.Value, error) {
	return value.String(strings.ReplaceAll(text, "{{ env_var('PASS') }}", "geheim")), nil
}
func (plain) Text(text string, _ diag.Span) (string, error) { return text, nil }

func TestConnections(t *testing.T) {
	read := func(text string) (*Connections, diag.List) {
		c := &Connections{Kafka: map[string]*Connection{}, Registries: map[string]*Registry{}}
		return c, c.read(diag.NewSource(File, text), plain{})
	}
	c, problems := read(`connections:
  main:
    brokers: "a:9092, b:9092"
    tls: {ca_file: ca.pem}
    sasl: {mechanism: SCRAM-SHA-512, username: u, password: "{{ env_var('PASS') }}"}
registries:
  main: {url: "http://r:8081/", username: u, password: 5}
buffer: 64MiB
`)
	if problems != nil {
		t.Fatal(problems)
	}
	m := c.Kafka["main"]
	if len(m.Brokers) != 2 || m.Brokers[1] != "b:9092" || !m.TLS.On || m.SASL.Password != "geheim" || c.Registries["main"].URL != "http://r:8081" || c.Registries["main"].Password != "5" || c.Buffer != 64<<20 {
		t.Errorf("%+v %+v", m, c.Registries["main"])
	}
	for text, says := range map[string]string{
		"connections: {main: {borkers: [a]}}":                                                                     "'borkers' is no key",
		"connections: {main: {brokers: [a], sasl: {mechanism: PLAIN}}}":                                           "needs a 'username'",
		"connections: {main: {brokers: [a], sasl: {mechanism: OAUTHBEARER, username: u}}}":                        "one of 'token', 'token_file' and 'oidc'",
		"connections: {main: {brokers: [a], sasl: {mechanism: OAUTHBEARER, token: t, token_file: f}}}":            "one of 'token', 'token_file' and 'oidc'",
		"connections: {main: {brokers: [a], sasl: {mechanism: OAUTHBEARER, oidc: {token_url: x, client_id: i}}}}": "'token_url' that begins with https://",
		"connections: {main: {brokers: [a], sasl: {mechanism: PLAIN, username: u, token: t}}}":                    "'token' is for OAUTHBEARER",
		"webhooks: [{url: here}]":                                  "a 'url' that begins with http://",
		"webhooks: [{url: 'http://a', events: [gapp]}]":            "'gapp' is nothing",
		"webhooks: {url: 'http://a'}":                              "webhooks must be a list",
		"connections: {main: {brokers: [a], tls: {cert_file: a}}}": "go together",
		"buffer: much":            "a number of bytes",
		"buffer: 10kB":            "at least 1MiB",
		"connections: {main: {}}": "needs 'brokers'",
		"registries: {main: {}}":  "needs a 'url'",
		"connections: [a]":        "must map names",
		"connections: {demo: {type: embed, brokers: [a]}}":                          "must be one of kafka, embedded",
		"connections: {demo: {type: embedded, topics: [a]}}":                        "needs a 'feed'",
		"connections: {demo: {type: embedded, feed: a}}":                            "needs 'topics'",
		"connections: {demo: {type: embedded, feed: a, topics: {a: 0}}}":            "number of partitions",
		"connections: {demo: {type: embedded, feed: a, topics: [a], rate: 0}}":      "at least 1",
		"connections: {demo: {type: embedded, feed: a, topics: [a], brokers: [b]}}": "'brokers' is no key",
	} {
		_, problems := read(text)
		found := false
		for _, d := range problems {
			found = found || strings.Contains(d.Summary, says) && d.Code == diag.CodeConnections && d.Span.Valid()
		}
		if !found {
			t.Errorf("%s: %v", text, problems)
		}
	}
	demo, problems := read("connections: {demo: {type: embedded, feed: a.jsonl, rate: 20, topics: {orders: 3}}}")
	if e := demo.Kafka["demo"].Embedded; problems != nil || e.Topics["orders"] != 3 || e.Rate != 20 || e.Feed != "a.jsonl" {
		t.Errorf("%+v %v", e, problems)
	}
	if list := demo.Check([]*Source{{Name: "raw.x", Connection: "demo", Topics: []string{"orders", "payments"}}}); len(list) != 1 || !strings.Contains(list[0].Summary, "has no topic 'payments'") {
		t.Error(list)
	}
	list := c.Check([]*Source{{Name: "raw.x", Connection: "mian"}, {Name: "raw.y", Connection: "main", Encoding: Encoding{Registry: "none"}}})
	if len(list) != 2 || list[0].Hint != "did you mean 'main'?" {
		t.Error(list)
	}
}
