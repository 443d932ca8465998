// Package declare reads what a project says about its streams: meta.stream of source
// tables, and the connections in streams.yml. Everything is checked before anything runs.
package declare

import (
	"regexp"
	"strings"
	"time"

	"github.com/millrace/millrace/adapters/kafka/decode"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// Action is what happens to a record that cannot land.
type Action string

// The actions of on_bad_record.
const (
	Quarantine Action = "quarantine"
	Fail       Action = "fail"
	Skip       Action = "skip"
)

// Formats of values.
const (
	JSON     = "json"
	Avro     = "avro"
	Protobuf = "protobuf"
	CSV      = "csv"
	Raw      = "raw"
)

// Start is where a stream without a ledger begins.
type Start struct {
	Latest    bool
	Timestamp time.Time                  // zero for none
	Offsets   map[string]map[int32]int64 // topic → partition → offset; nil for none
}

// Source is one declared stream. It is immutable.
type Source struct {
	ID         string // unique_id of the source table, which is the pipeline's name in the ledger
	Name       string // "shop.orders"
	Connection string
	Topics     []string
	// Pattern stands for the topics whose whole names it matches; Topics is then empty.
	Pattern *regexp.Regexp
	Start   Start
	// ReadUncommitted also takes records of transactions that are open or were aborted.
	ReadUncommitted bool

	KeyBytes    bool
	KeepKey     bool
	KeepHeaders bool

	Encoding
	// KeyEncoding is how record keys are read where a delete must say which row it means.
	KeyEncoding Encoding
	Delimiter   byte
	// Connect says that JSON values are in Kafka Connect's envelope of schema and payload.
	Connect bool
	// OnSchemaChange is what happens to fields that are not declared, and Compatibility the
	// registry's rule that new schemas are held to; "" for none.
	OnSchemaChange OnSchemaChange
	Compatibility  string

	Fields []decode.Field

	// Landing is how rows land. Key are the places of the unique key's columns among the
	// fields: none where the record's own key is the key.
	Landing    Landing
	Key        []int
	OnTruncate string

	OnBad Action
	// BudgetBatch and BudgetRate stop the stream after a batch in which more records were
	// bad than that many, or than that share; zero is no limit.
	BudgetBatch int
	BudgetRate  float64
	// SkipGaps goes on behind lost records after writing down what was lost.
	SkipGaps   bool
	MaxLatency time.Duration
	Watermark  *Watermark // nil for none
	// Heartbeat, where it is given, says that a process runs the stream all the time and
	// gives a sign at least that often; without one the source is stale.
	Heartbeat time.Duration
	Retention time.Duration // how long landed rows are kept; 0 for ever
	// QuarantineFailing sets rows aside that the source's Checks find.
	QuarantineFailing bool
	Checks            []Check

	Span diag.Span // where the stream is declared
}

// DefaultLatency is max_latency where none is given.
const DefaultLatency = time.Second

// Streams reads the streams of all source tables that have one, in the manifest's order.
// engine is the adapter type of the target.
func Streams(m *manifest.Manifest, engine string) ([]*Source, diag.List) {
	var (
		out  []*Source
		list diag.List
	)
	for _, id := range m.Order.Sources {
		s, problems := Stream(m.Sources[id], engine)
		list = append(list, problems...)
		if s != nil {
			out = append(out, s)
		}
	}
	return out, list
}

// Has reports that a source table is declared as a stream.
func Has(src *manifest.Source) bool { return settings(src) != nil }

// mapping is what a source table says of its stream; nil when it is none, or no mapping.
func mapping(src *manifest.Source) *value.Dict {
	v := settings(src)
	if v == nil {
		return nil
	}
	d, _ := v.AsDict()
	return d
}

// Appends reports that a stream's table is the log of its records, to which rows are only added.
func Appends(src *manifest.Source) bool {
	d := mapping(src)
	if d == nil {
		return false
	}
	landing, _ := d.GetString("landing")
	how, given := landing.AsString()
	return !given || how == "append"
}

func settings(src *manifest.Source) *value.Value {
	for _, meta := range []*value.Dict{metaOfConfig(src), src.Meta} {
		if meta == nil {
			continue
		}
		if v, ok := meta.GetString("stream"); ok {
			return &v
		}
	}
	return nil
}

func metaOfConfig(src *manifest.Source) *value.Dict {
	if src.Config == nil || src.Config.Values == nil {
		return nil
	}
	if v, ok := src.Config.Values.GetString("meta"); ok {
		d, _ := v.AsDict()
		return d
	}
	return nil
}

// Stream reads the stream of a source table; nil when it has none or it is wrong.
func Stream(src *manifest.Source, engine string) (*Source, diag.List) {
	v := settings(src)
	if v == nil {
		return nil, nil
	}
	w := locate(src)
	r := &reader{where: w, list: new(diag.List), source: src.SourceName + "." + src.Name, id: src.UniqueID}
	d, ok := v.AsDict()
	if !ok {
		r.bad(nil, "meta.stream must be a mapping")
		return nil, *r.list
	}
	r.dict = d
	s := &Source{ID: src.UniqueID, Name: src.SourceName + "." + src.Name, Span: w.spanOf(nil), MaxLatency: DefaultLatency, OnBad: Quarantine}
	r.known("type", "connection", "topics", "topic", "start", "isolation", "key", "value", "landing", "unique_key", "include",
		"on_bad_record", "budget", "on_schema_change", "on_truncate", "on_test_failure", "on_gap", "watermark", "max_latency", "retention", "heartbeat")
	s.general(r)
	s.format(r)
	s.trouble(r)
	s.fields(r, src, engine)
	s.landing(r)
	s.readWatermark(r, src)
	s.retention(r)
	s.QuarantineFailing = r.choice("on_test_failure", ReportRows, ReportRows, QuarantineRows) == QuarantineRows
	if r.list.Err() != nil {
		return nil, *r.list
	}
	return s, *r.list
}

func (s *Source) general(r *reader) {
	r.choice("type", "kafka", "kafka")
	if !r.has("type") {
		r.bad(nil, "meta.stream needs a 'type'; it is 'kafka'")
	}
	s.Connection = r.text("connection")
	if s.Connection == "" && !r.failed("connection") {
		r.bad(nil, "meta.stream needs a 'connection', which names one in streams.yml")
	}
	s.topics(r)
	if t := r.text("topic"); t != "" {
		if r.has("topics") {
			r.bad([]any{"topic"}, "give 'topic' or 'topics', not both")
		}
		s.Topics = append(s.Topics, t)
	}
	if len(s.Topics) == 0 && s.Pattern == nil && !r.failed("topics") {
		r.bad(nil, "meta.stream needs 'topics'")
	}
	seen := map[string]bool{}
	for i, t := range s.Topics {
		if seen[t] {
			r.bad([]any{"topics", i}, "the topic '"+t+"' is given twice")
		}
		seen[t] = true
	}
	s.ReadUncommitted = r.choice("isolation", "read_committed", "read_committed", "read_uncommitted") == "read_uncommitted"
	s.MaxLatency = r.duration("max_latency", DefaultLatency)
	if s.MaxLatency <= 0 {
		r.bad([]any{"max_latency"}, "max_latency must be more than nothing")
	}
	s.Heartbeat = r.duration("heartbeat", 0)
	if s.Heartbeat < 0 {
		r.bad([]any{"heartbeat"}, "heartbeat must be more than nothing")
	}
	for i, v := range r.texts("include") {
		switch v {
		case "key":
			s.KeepKey = true
		case "headers":
			s.KeepHeaders = true
		case "timestamp", "partition", "offset":
		default:
			r.suggest([]any{"include", i}, "'"+v+"' is nothing that can be included", v, "key", "headers", "timestamp", "partition", "offset")
		}
	}
	s.start(r)
}

func (s *Source) start(r *reader) {
	v, ok := r.dict.GetString("start")
	if !ok {
		return
	}
	if text, isText := v.AsString(); isText {
		switch text {
		case "earliest":
		case "latest":
			s.Start.Latest = true
		default:
			r.suggest([]any{"start"}, "start must be earliest, latest, {timestamp: …} or {offsets: …}, not '"+text+"'", text, "earliest", "latest")
		}
		return
	}
	d, isDict := v.AsDict()
	if !isDict {
		r.bad([]any{"start"}, "start must be earliest, latest, {timestamp: …} or {offsets: …}")
		return
	}
	in := r.inside("start", d)
	in.known("timestamp", "offsets")
	if in.has("timestamp") && in.has("offsets") {
		in.bad(nil, "start takes a timestamp or offsets, not both")
	}
	if t, ok := d.GetString("timestamp"); ok {
		s.Start.Timestamp = in.moment("timestamp", t)
	}
	if o, ok := d.GetString("offsets"); ok {
		s.startOffsets(in, o)
	}
}

func (s *Source) startOffsets(r *reader, v value.Value) {
	d, ok := v.AsDict()
	if !ok {
		r.bad([]any{"offsets"}, "offsets must map partitions to offsets, for several topics below the topic's name")
		return
	}
	s.Start.Offsets = map[string]map[int32]int64{}
	read := func(topic string, d *value.Dict, path []any) {
		s.Start.Offsets[topic] = map[int32]int64{}
		for k, o := range d.All() {
			p, ok1 := number(k)
			n, ok2 := number(o)
			if !ok1 || !ok2 || p < 0 || n < 0 || p > 1<<30 {
				r.bad(append(path, value.Str(k)), "offsets must map a partition's number to an offset")
				continue
			}
			s.Start.Offsets[topic][int32(p)] = n
		}
	}
	nested := false
	for k, o := range d.All() {
		if inner, ok := o.AsDict(); ok {
			nested = true
			topic := value.Str(k)
			if !s.Has(topic) {
				r.suggest([]any{"offsets", topic}, "'"+topic+"' is no topic of this stream", topic, s.Topics...)
				continue
			}
			read(topic, inner, []any{"offsets", topic})
		}
	}
	if nested {
		return
	}
	if len(s.Topics) != 1 {
		r.bad([]any{"offsets"}, "a stream of several topics needs the offsets below each topic's name")
		return
	}
	read(s.Topics[0], d, []any{"offsets"})
}

func (s *Source) trouble(r *reader) {
	s.OnBad = Action(r.choice("on_bad_record", string(Quarantine), string(Quarantine), string(Fail), string(Skip)))
	s.SkipGaps = r.choice("on_gap", "fail", "fail", "skip_recorded") == "skip_recorded"
	v, ok := r.dict.GetString("budget")
	if !ok {
		return
	}
	d, isDict := v.AsDict()
	if !isDict {
		r.bad([]any{"budget"}, "budget must be a mapping with 'per_batch' and 'rate'")
		return
	}
	in := r.inside("budget", d)
	in.known("per_batch", "rate")
	if n, ok := in.integer("per_batch"); ok {
		if n < 1 {
			in.bad([]any{"per_batch"}, "per_batch must be at least 1")
		}
		s.BudgetBatch = int(n)
	}
	if in.has("rate") {
		s.BudgetRate = in.share("rate")
	}
	if s.OnBad == Fail {
		in.bad(nil, "a budget has no meaning with on_bad_record: fail, which stops at the first bad record")
	}
}

func (s *Source) fields(r *reader, src *manifest.Source, engine string) {
	dialect := decode.DialectOf(engine)
	if len(src.Columns) == 0 {
		r.bad(nil, "a stream needs its columns declared with name and data_type: they are what is taken from a record")
		return
	}
	seen := map[string]bool{}
	for _, c := range src.Columns {
		where := r.column(c)
		key := strings.ToLower(c.Name)
		switch {
		case strings.HasPrefix(key, "_stream_"):
			where.bad(nil, "the column '"+c.Name+"' is added by itself and cannot be declared")
			continue
		case seen[key]:
			where.bad(nil, "the column '"+c.Name+"' is declared twice")
			continue
		case c.DataType == "":
			where.bad(nil, "the column '"+c.Name+"' needs a data_type")
			continue
		}
		seen[key] = true
		f := decode.Field{Name: c.Name}
		var ok bool
		if f.Type, ok = decode.ParseType(c.DataType, dialect); !ok {
			near := strings.ToLower(c.DataType)
			if strings.ContainsAny(near, "[(<") {
				near = "" // a nested type is no misspelt one
			}
			where.suggest([]any{"data_type"}, "a stream cannot fill a column of type '"+c.DataType+"' on "+engine+"; nested values fit json", near, commonTypes...)
			continue
		}
		for _, k := range c.Constraints {
			if t, ok := k.GetString("type"); ok && value.Str(t) == "not_null" {
				f.NotNull = true
			}
		}
		where.extras(c, &f)
		if why := f.CheckDefault(dialect); why != "" {
			where.streamMeta().bad([]any{"default"}, "the default of the column '"+c.Name+"' does not fit it: "+why)
		}
		s.Fields = append(s.Fields, f)
	}
	if s.Format == Raw && len(s.Fields) != 1 && r.list.Err() == nil {
		r.bad([]any{"value", "format"}, "the format raw needs exactly one column, for the value")
	}
}

var commonTypes = []string{"text", "varchar", "integer", "bigint", "smallint", "double", "double precision", "real", "numeric", "decimal", "boolean",
	"date", "time", "timestamp", "timestamptz", "uuid", "json", "jsonb", "bytea", "blob"}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

func number(v value.Value) (int64, bool) {
	if n, ok := v.AsInt(); ok {
		return n, true
	}
	return 0, false
}
