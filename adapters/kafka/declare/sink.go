package declare

import (
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// Sink publishes the rows of a model to a topic. It is immutable.
type Sink struct {
	ID         string // unique_id of the model
	Name       string // of the model
	Connection string
	Topic      string
	Key        []string // columns that tell rows apart
	Span       diag.Span
}

// sinkKey is where a model's meta says so. It is not part of meta.stream, which says how a
// model follows its inputs.
const sinkKey = "stream_sink"

func sinkSettings(n *manifest.Node) (value.Value, bool) {
	if n == nil || n.ResourceType != manifest.Model {
		return value.Undef, false
	}
	meta := n.Config.Dict("meta")
	if meta == nil {
		return value.Undef, false
	}
	v, ok := meta.GetString(sinkKey)
	return v, ok && !v.IsNull()
}

// OfSink reads a model's meta.stream_sink; nil for a model without one.
func OfSink(n *manifest.Node) (*Sink, diag.List) {
	v, ok := sinkSettings(n)
	if !ok {
		return nil, nil
	}
	w := locateModel(n, sinkKey)
	r := &reader{where: w, list: new(diag.List), source: n.Name, what: "model", id: n.UniqueID}
	d, ok := v.AsDict()
	if !ok {
		r.bad(nil, "meta."+sinkKey+" must be a mapping with connection, topic and key")
		return nil, *r.list
	}
	r.dict = d
	r.known("connection", "topic", "key", "format")
	s := &Sink{ID: n.UniqueID, Name: n.Name, Connection: r.text("connection"), Topic: r.text("topic"), Key: r.texts("key"), Span: w.spanOf(nil)}
	for _, need := range []struct{ key, got string }{{"connection", s.Connection}, {"topic", s.Topic}} {
		if need.got == "" && !r.failed(need.key) {
			r.bad(nil, "meta."+sinkKey+" needs a '"+need.key+"'")
		}
	}
	if len(s.Key) == 0 && !r.failed("key") {
		r.bad(nil, "meta."+sinkKey+" needs a 'key', the columns that tell rows apart")
	}
	if r.choice("format", JSON, JSON, Avro) == Avro {
		r.bad([]any{"format"}, "the format 'avro' is not there yet for sinks; json is")
	}
	if n.Config.Materialized() == "ephemeral" {
		r.bad(nil, "an ephemeral model has no rows to publish")
	}
	if r.list.Err() != nil {
		return nil, *r.list
	}
	return s, *r.list
}

// CheckSink says what of a sink's connection is not in streams.yml.
func (c *Connections) CheckSink(s *Sink) diag.List {
	switch k := c.Kafka[s.Connection]; {
	case k == nil:
		d := diag.New(diag.CodeConnections, diag.Parsing, s.Span, "the sink of "+s.Name+": "+File+" has no connection '"+s.Connection+"'")
		if hint := diag.Suggest(s.Connection, sortedKeys(c.Kafka)); hint != "" {
			d.Hint = "did you mean '" + hint + "'?"
		}
		return diag.List{d}
	case k.Embedded != nil:
		return diag.List{diag.New(diag.CodeConnections, diag.Parsing, s.Span, "the sink of "+s.Name+": an embedded broker ends with the process, so nothing can be published there")}
	}
	return nil
}
