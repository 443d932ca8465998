package declare

import (
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// Sink publishes the rows of a model, or what a data test finds, to a topic. It is immutable.
type Sink struct {
	ID                string // unique_id of the model or test
	Name              string // of the model or test
	Test              bool
	Connection        string
	Topic             string
	Key               []string // columns that tell rows of a model apart
	Format            string   // JSON or Avro
	Registry, Subject string   // of Avro
	Span              diag.Span
}

// sinkKey is where a node's meta says so. It is not part of meta.stream, which says how a
// model follows its inputs.
const sinkKey = "stream_sink"

func sinkSettings(n *manifest.Node) (value.Value, bool) {
	if n == nil || n.ResourceType != manifest.Model && n.ResourceType != manifest.Test {
		return value.Undef, false
	}
	meta := n.Config.Dict("meta")
	if meta == nil {
		return value.Undef, false
	}
	v, ok := meta.GetString(sinkKey)
	return v, ok && !v.IsNull()
}

// OfSink reads the meta.stream_sink of a model or data test; nil for one without.
func OfSink(n *manifest.Node) (*Sink, diag.List) {
	v, ok := sinkSettings(n)
	if !ok {
		return nil, nil
	}
	s := &Sink{ID: n.UniqueID, Name: n.Name, Test: n.ResourceType == manifest.Test}
	w := place{fallback: n.Span}
	if !s.Test {
		w = locateModel(n, sinkKey)
	}
	s.Span = w.spanOf(nil)
	r := &reader{where: w, list: new(diag.List), source: n.Name, what: string(n.ResourceType), id: n.UniqueID}
	d, ok := v.AsDict()
	if !ok {
		r.bad(nil, "meta."+sinkKey+" must be a mapping with connection, topic and key")
		return nil, *r.list
	}
	r.dict = d
	r.known("connection", "topic", "key", "format", "registry", "subject")
	s.Connection, s.Topic, s.Key = r.text("connection"), r.text("topic"), r.texts("key")
	for _, need := range []struct{ key, got string }{{"connection", s.Connection}, {"topic", s.Topic}} {
		if need.got == "" && !r.failed(need.key) {
			r.bad(nil, "meta."+sinkKey+" needs a '"+need.key+"'")
		}
	}
	switch {
	case s.Test && r.has("key"):
		r.bad([]any{"key"}, "a test is published under its unique_id and has no 'key'")
	case !s.Test && len(s.Key) == 0 && !r.failed("key"):
		r.bad(nil, "meta."+sinkKey+" needs a 'key', the columns that tell rows apart")
	}
	s.format(r)
	if n.Config.Materialized() == "ephemeral" {
		r.bad(nil, "an ephemeral model has no rows to publish")
	}
	if r.list.Err() != nil {
		return nil, *r.list
	}
	return s, *r.list
}

func (s *Sink) format(r *reader) {
	s.Format, s.Registry, s.Subject = r.choice("format", JSON, JSON, Avro), r.text("registry"), r.text("subject")
	for _, of := range []struct{ key, got string }{{"registry", s.Registry}, {"subject", s.Subject}} {
		if of.got != "" && s.Format != Avro {
			r.bad([]any{of.key}, "'"+of.key+"' is for the format avro, and the format is '"+s.Format+"'")
		}
	}
	if s.Format != Avro {
		return
	}
	if s.Registry == "" && !r.failed("registry") {
		r.bad([]any{"format"}, "the format avro needs a 'registry', which keeps the schema")
	}
	if s.Subject == "" {
		s.Subject = s.Topic + "-value"
	}
}

// CheckSink says what of a sink's connection and registry is not in streams.yml.
func (c *Connections) CheckSink(s *Sink) diag.List {
	switch k := c.Kafka[s.Connection]; {
	case k == nil:
		return diag.List{unlisted(s.Span, "the sink of "+s.Name, "connection", s.Connection, sortedKeys(c.Kafka))}
	case k.Embedded != nil:
		return diag.List{diag.New(diag.CodeConnections, diag.Parsing, s.Span, "the sink of "+s.Name+": an embedded broker ends with the process, so nothing can be published there")}
	case s.Registry != "" && c.Registries[s.Registry] == nil:
		return diag.List{unlisted(s.Span, "the sink of "+s.Name, "registry", s.Registry, sortedKeys(c.Registries))}
	}
	return nil
}
