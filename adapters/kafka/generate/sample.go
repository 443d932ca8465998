package generate

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/millrace/millrace/adapters/kafka/decode"
)

// Sampled are the columns that fit all the records of a sample.
type Sampled struct {
	Columns  []Column
	Records  int
	Envelope string // "connect" when records are in Kafka Connect's envelope
	Changes  bool   // records are change events of Debezium
}

// guess is what is known of a field.
type guess struct {
	name string
	kind string // a data_type; "" as long as only nulls were seen
}

// Sample reads JSON records. Whether a field may be missing no sample can tell, so no
// column is declared not null.
func Sample(values [][]byte) (*Sampled, error) {
	out := &Sampled{}
	var order []*guess
	known := map[string]*guess{}
	for _, v := range values {
		if len(v) == 0 {
			continue
		}
		if v[0] == 0 && len(v) >= 5 {
			return nil, errors.New("the values carry a registry's header: generate from the registry, with --registry and --subject")
		}
		top, _, err := object(v)
		if err != nil {
			return nil, fmt.Errorf("a value is no JSON object: %w", err)
		}
		out.Records++
		if payload, ok := top["payload"]; ok && top["schema"] != nil {
			out.Envelope = "connect"
			if bytes.Equal(payload, []byte("null")) {
				continue
			}
			v = payload
			if top, _, err = object(v); err != nil {
				return nil, fmt.Errorf("a payload is no JSON object: %w", err)
			}
		}
		if _, ok := top["op"]; ok && (top["after"] != nil || top["before"] != nil) {
			out.Changes = true
			image := top["after"]
			if image == nil || bytes.Equal(image, []byte("null")) {
				image = top["before"]
			}
			if image == nil || bytes.Equal(image, []byte("null")) {
				continue
			}
			v = image
		}
		fields, names, err := object(v)
		if err != nil {
			return nil, fmt.Errorf("a row is no JSON object: %w", err)
		}
		for _, name := range names {
			g := known[name]
			if g == nil {
				g = &guess{name: name}
				known[name] = g
				order = append(order, g)
			}
			g.see(fields[name])
		}
	}
	if out.Records == 0 {
		return nil, errors.New("there are no records to look at")
	}
	for _, g := range order {
		kind := g.kind
		if kind == "" {
			kind = "text"
		}
		out.Columns = append(out.Columns, Column{Name: g.name, DataType: kind})
	}
	if out.Envelope != "" && out.Changes {
		out.Envelope = "" // taken off change events by itself
	}
	return out, nil
}

// object reads an object with the order of its keys.
func object(v []byte) (map[string]json.RawMessage, []string, error) {
	var members map[string]json.RawMessage
	if err := json.Unmarshal(v, &members); err != nil {
		return nil, nil, err
	}
	dec := json.NewDecoder(bytes.NewReader(v))
	if _, err := dec.Token(); err != nil {
		return nil, nil, err
	}
	var names []string
	seen := map[string]bool{}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return nil, nil, err
		}
		name, ok := key.(string)
		if !ok {
			return nil, nil, errors.New("it is not an object")
		}
		var skip json.RawMessage
		if err := dec.Decode(&skip); err != nil {
			return nil, nil, err
		}
		if !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return members, names, nil
}

func (g *guess) see(v json.RawMessage) {
	kind := kindOf(v)
	switch {
	case kind == "" || kind == g.kind:
	case g.kind == "":
		g.kind = kind
	case number(kind) && number(g.kind):
		g.kind = widerNumber(g.kind, kind)
	case kind == "json" || g.kind == "json":
		g.kind = "json"
	case kind == "boolean" || g.kind == "boolean" || number(kind) || number(g.kind):
		g.kind = "json" // now this, now that
	default:
		g.kind = "text"
	}
}

func number(kind string) bool {
	return kind == "bigint" || kind == "double precision" || strings.HasPrefix(kind, "numeric")
}

func widerNumber(a, b string) string {
	if a == "double precision" || b == "double precision" {
		return "double precision"
	}
	return "numeric(38,0)"
}

// kindOf is the narrowest data_type that holds one value.
func kindOf(v json.RawMessage) string {
	switch {
	case len(v) == 0 || v[0] == 'n':
		return ""
	case v[0] == 't' || v[0] == 'f':
		return "boolean"
	case v[0] == '{' || v[0] == '[':
		return "json"
	case v[0] == '"':
		var s string
		if err := json.Unmarshal(v, &s); err != nil {
			return "text"
		}
		return decode.TextType(s)
	}
	if _, err := strconv.ParseInt(string(v), 10, 64); err == nil {
		return "bigint"
	}
	if bytes.ContainsAny(v, ".eE") {
		return "double precision"
	}
	return "numeric(38,0)"
}
