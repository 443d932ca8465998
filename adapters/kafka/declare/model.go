package declare

import (
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/yaml"
)

// Advance is how a model follows its streamed inputs.
type Advance string

// The ways to advance.
const (
	// Append adds what the query gives for the new rows of the input.
	Append Advance = "append"
	// Keyed computes the keys anew that the new rows touch.
	Keyed Advance = "keyed"
	// Plain builds the model as dbt does.
	Plain Advance = "plain"
)

// OnFailure is what a failed data test of severity error does to a tick.
type OnFailure string

// The answers to a failed test.
const (
	// Stop publishes nothing of the tick and ends the loop.
	Stop OnFailure = "stop"
	// Hold publishes nothing of the tick; the next one tries again with what has come since.
	Hold OnFailure = "hold"
	// Publish publishes the tick and reports the failure.
	Publish OnFailure = "publish"
)

// Model is what a model's meta.stream asks for. It is immutable.
type Model struct {
	Advance Advance // "" leaves it to the model's unique_key
	// Isolate gives the model a transaction of its own, which may lag behind the others'.
	Isolate   bool
	OnFailure OnFailure
	Span      diag.Span // where it is asked for
}

// HasModel reports whether a model opts in to slices.
func HasModel(n *manifest.Node) bool {
	if n == nil || n.ResourceType != manifest.Model {
		return false
	}
	_, ok := modelSettings(n)
	return ok
}

func modelSettings(n *manifest.Node) (value.Value, bool) {
	meta := n.Config.Dict("meta")
	if meta == nil {
		return value.Undef, false
	}
	v, ok := meta.GetString("stream")
	if off, isBool := v.AsBool(); ok && isBool && !off {
		return value.Undef, false
	}
	return v, ok && !v.IsNull()
}

// OfModel reads a model's meta.stream: a mapping, or true for the defaults. It is nil for a
// model without one.
func OfModel(n *manifest.Node) (*Model, diag.List) {
	v, ok := modelSettings(n)
	if !ok {
		return nil, nil
	}
	w := locateModel(n, "stream")
	r := &reader{where: w, list: new(diag.List), source: n.Name, what: "model", id: n.UniqueID}
	m := &Model{OnFailure: Stop, Span: w.spanOf(nil)}
	if on, isBool := v.AsBool(); isBool && on {
		return m, nil
	}
	d, ok := v.AsDict()
	if !ok {
		r.bad(nil, "meta.stream must be a mapping, or true")
		return nil, *r.list
	}
	r.dict = d
	r.known("advance", "isolate", "on_test_failure")
	m.Advance = Advance(r.choice("advance", "", string(Append), string(Keyed), string(Plain)))
	m.OnFailure = OnFailure(r.choice("on_test_failure", string(Stop), string(Stop), string(Hold), string(Publish)))
	if v, ok := d.GetString("isolate"); ok {
		on, isBool := v.AsBool()
		if !isBool {
			r.bad([]any{"isolate"}, "'isolate' must be true or false")
		}
		m.Isolate = on
	}
	if r.list.Err() != nil {
		return nil, *r.list
	}
	return m, nil
}

// locateModel finds meta.stream in the model's YAML; config() in its SQL is the model's own place.
func locateModel(n *manifest.Node, key string) place {
	p := place{fallback: n.Span}
	if !p.fallback.Valid() {
		p.fallback = n.BodySpan
	}
	if n.PatchSpan.Source == nil {
		return p
	}
	doc, problems := yaml.Parse(n.PatchSpan.Source)
	if problems.Err() != nil {
		return p
	}
	for _, entry := range doc.Get("models").Items() {
		if name, _ := entry.Get("name").String(); name != n.Name {
			continue
		}
		switch {
		case entry.Get("config").Get("meta").Has(key):
			p.node, p.prefix = entry, []any{"config", "meta", key}
		case entry.Get("meta").Has(key):
			p.node, p.prefix = entry, []any{"meta", key}
		}
	}
	return p
}
