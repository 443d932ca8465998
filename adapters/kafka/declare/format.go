package declare

import (
	"regexp"
	"strings"
)

// Encoding is how bytes are read: values, or keys.
type Encoding struct {
	Format     string // of values also "" for nothing; keys may be "string", "bytes" or "int"
	Registry   string
	Subject    string // of the registry; "" for what the record's topic says
	SchemaFile string // a local schema, below the project
	Message    string // of a local Protobuf schema with several
}

// Schemed says that values carry the id of their schema.
func (e *Encoding) Schemed() bool { return e.Registry != "" }

// Formats of keys beside those of values.
const (
	KeyString  = "string"
	KeyBytes   = "bytes"
	KeyInteger = "int"
)

// topics reads the topics: names, or a pattern.
func (s *Source) topics(r *reader) {
	v, ok := r.dict.GetString("topics")
	if !ok {
		return
	}
	d, isDict := v.AsDict()
	if !isDict {
		s.Topics = r.texts("topics")
		return
	}
	in := r.inside("topics", d)
	in.known("pattern")
	text := in.text("pattern")
	if text == "" {
		r.bad([]any{"topics"}, "topics must be names, or a mapping with 'pattern'")
		return
	}
	if _, err := regexp.Compile(text); err != nil {
		in.bad([]any{"pattern"}, "the pattern is no regular expression: "+strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		r.mark([]any{"topics"})
		return
	}
	s.Pattern = regexp.MustCompile("^(?:" + text + ")$")
}

// Has reports that a topic belongs to the stream.
func (s *Source) Has(topic string) bool {
	if s.Pattern != nil {
		return s.Pattern.MatchString(topic)
	}
	return contains(s.Topics, topic)
}

// TopicNames says in words which topics the stream has.
func (s *Source) TopicNames() string {
	if s.Pattern != nil {
		return "matching " + strings.TrimSuffix(strings.TrimPrefix(s.Pattern.String(), "^(?:"), ")$")
	}
	return strings.Join(s.Topics, ", ")
}

func (s *Source) format(r *reader) {
	s.KeyEncoding.Format = KeyString
	if v, ok := r.dict.GetString("key"); ok {
		if d, isDict := v.AsDict(); isDict {
			in := r.inside("key", d)
			in.known("format", "registry", "subject", "schema_file", "message")
			s.KeyEncoding.read(in, KeyString, KeyString, KeyBytes, KeyInteger, JSON, Avro, Protobuf)
			s.KeyBytes = !contains([]string{KeyString, JSON}, s.KeyEncoding.Format)
		} else {
			r.bad([]any{"key"}, "key must be a mapping with 'format'")
		}
	}
	v, ok := r.dict.GetString("value")
	if !ok {
		s.Format = JSON
		return
	}
	d, isDict := v.AsDict()
	if !isDict {
		r.bad([]any{"value"}, "value must be a mapping with 'format'")
		return
	}
	in := r.inside("value", d)
	in.known("format", "registry", "subject", "schema_file", "message", "delimiter", "compatibility", "envelope")
	s.read(in, JSON, JSON, Avro, Protobuf, CSV, Raw)
	s.compatibility(in)
	if in.choice("envelope", "none", "none", "connect") == "connect" {
		s.Connect = true
		if s.Format != JSON {
			in.bad([]any{"envelope"}, "Kafka Connect's envelope is one of json, and the format is '"+s.Format+"'")
		}
	}
	s.Delimiter = ','
	if in.has("delimiter") {
		t := in.text("delimiter")
		if s.Format != CSV {
			in.bad([]any{"delimiter"}, "a delimiter is for csv, and the format is '"+s.Format+"'")
		}
		if t == `\t` {
			t = "\t"
		}
		if len(t) != 1 || t == `"` || t == "\n" {
			in.bad([]any{"delimiter"}, "the delimiter must be one ASCII character")
		} else {
			s.Delimiter = t[0]
		}
	}
}

// read reads a format and where its schema comes from.
func (e *Encoding) read(in *reader, fallback string, formats ...string) {
	e.Format = in.choice("format", fallback, formats...)
	e.Registry, e.Subject, e.SchemaFile, e.Message = in.text("registry"), in.text("subject"), in.text("schema_file"), in.text("message")
	binary := e.Format == Avro || e.Format == Protobuf
	switch {
	case in.failed("format"):
	case binary && e.Registry == "" && e.SchemaFile == "":
		in.bad([]any{"format"}, e.Format+" needs a 'registry' (named in streams.yml) or a 'schema_file'")
	case binary && e.Registry != "" && e.SchemaFile != "":
		in.bad([]any{"schema_file"}, "give a 'registry' or a 'schema_file', not both")
	case !binary && e.Format != JSON && e.Registry != "":
		in.bad([]any{"registry"}, "a registry is for avro, protobuf and json, and the format is '"+e.Format+"'")
	case !binary && e.SchemaFile != "":
		in.bad([]any{"schema_file"}, "a schema file is for avro and protobuf, and the format is '"+e.Format+"'")
	}
	if e.Message != "" && (e.Format != Protobuf || e.SchemaFile == "") {
		in.bad([]any{"message"}, "'message' names a message of a protobuf schema_file; values of a registry say theirs themselves")
	}
	if e.Subject != "" && e.Registry == "" {
		in.bad([]any{"subject"}, "a subject is of a 'registry', and none is given")
	}
}

// Rules of compatibility, by the registry's own names.
var rules = []string{"NONE", "BACKWARD", "BACKWARD_TRANSITIVE", "FORWARD", "FORWARD_TRANSITIVE", "FULL", "FULL_TRANSITIVE"}

func (s *Source) compatibility(in *reader) {
	s.Compatibility = in.choice("compatibility", "", rules...)
	if s.Compatibility == "NONE" {
		s.Compatibility = ""
	}
	switch {
	case s.Compatibility == "":
	case s.Registry == "":
		in.bad([]any{"compatibility"}, "compatibility is checked against a registry's earlier versions, and no 'registry' is given")
	case s.Format == JSON:
		in.bad([]any{"compatibility"}, "compatibility is checked for avro and protobuf; what json records hold is checked against the declared columns")
	}
}
