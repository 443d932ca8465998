package declare

import (
	"slices"
	"strings"

	"github.com/millrace/millrace/adapters/kafka/decode"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// Landing is how a stream's records become rows.
type Landing string

// The ways of landing. All keep every record as a row; LandUpsert and LandDebezium also keep what
// the rows of a table are now.
const (
	LandAppend   Landing = "append"
	LandUpsert   Landing = "upsert"
	LandDebezium Landing = "debezium"
)

// LogSuffix is what the name of the table with all records ends with where the source's own
// name is that of the table of current rows.
const LogSuffix = "__log"

// OnSchemaChange is what happens when records hold fields that are not declared.
type OnSchemaChange string

// The answers to new fields: dbt's words, and setting aside.
const (
	IgnoreFields     OnSchemaChange = "ignore"
	AppendColumns    OnSchemaChange = "append_new_columns"
	SyncColumns      OnSchemaChange = "sync_all_columns"
	FailOnFields     OnSchemaChange = "fail"
	QuarantineFields OnSchemaChange = "quarantine"
)

// Grows says that the table gets columns for new fields.
func (o OnSchemaChange) Grows() bool { return o == AppendColumns || o == SyncColumns }

// Answers to Debezium's truncate events.
const (
	TruncateQuarantine = "quarantine"
	TruncateIgnore     = "ignore"
	TruncateApply      = "apply"
)

// Stateful says that a table of current rows is kept beside the log.
func (s *Source) Stateful() bool { return s.Landing == LandUpsert || s.Landing == LandDebezium }

// landing reads how records become rows; the fields are known.
func (s *Source) landing(r *reader) {
	s.Landing = Landing(r.choice("landing", string(LandAppend), string(LandAppend), string(LandUpsert), string(LandDebezium)))
	s.changes(r)
	s.OnTruncate = r.choice("on_truncate", TruncateQuarantine, TruncateQuarantine, TruncateIgnore, TruncateApply)
	if r.has("on_truncate") && s.Landing != LandDebezium {
		r.bad([]any{"on_truncate"}, "only change events of databases truncate: landing is '"+string(s.Landing)+"', not 'debezium'")
	}
	keys := r.texts("unique_key")
	switch {
	case s.Landing == LandAppend && r.has("unique_key"):
		r.bad([]any{"unique_key"}, "landing: append keeps every record; unique_key is for upsert and debezium")
		return
	case s.Landing == LandAppend || r.list.Err() != nil:
		return
	case s.Landing == LandDebezium && len(keys) == 0 && !r.failed("unique_key"):
		r.bad([]any{"landing"}, "landing: debezium needs the 'unique_key' of the table: the columns that tell its rows apart")
		return
	}
	if s.Format == Raw || s.Format == CSV && s.Landing == LandDebezium {
		r.bad([]any{"landing"}, "landing: "+string(s.Landing)+" cannot be made from values of the format '"+s.Format+"'")
	}
	s.key(r, keys)
	if s.Landing == LandUpsert && len(keys) == 0 {
		s.KeepKey = true
	}
}

func (s *Source) key(r *reader, keys []string) {
	names := decode.Names(s.Fields)
	for i, k := range keys {
		path := []any{"unique_key", i}
		if v, _ := r.dict.GetString("unique_key"); v.Kind() == value.KindString {
			path = path[:1]
		}
		at := slices.IndexFunc(names, func(n string) bool { return strings.EqualFold(n, k) })
		switch {
		case at < 0:
			r.suggest(path, "the unique_key '"+k+"' is no declared column", k, names...)
			continue
		case slices.Contains(s.Key, at):
			r.bad(path, "the unique_key '"+k+"' is given twice")
			continue
		case !s.Fields[at].Type.Comparable():
			r.bad(path, "a column of type "+s.Fields[at].Type.Name+" cannot be a key")
			continue
		}
		s.Fields[at].NotNull = true
		s.Key = append(s.Key, at)
	}
	bare := slices.Contains([]string{KeyString, KeyBytes, KeyInteger}, s.KeyEncoding.Format)
	if s.Landing == LandUpsert && len(s.Key) > 1 && bare {
		r.bad([]any{"unique_key"}, "a delete says its key in the record's key, and one of the format '"+s.KeyEncoding.Format+"' holds one column; give key: {format: json}, avro or protobuf")
	}
}

// changes reads what happens to fields that are not declared.
func (s *Source) changes(r *reader) {
	s.OnSchemaChange = OnSchemaChange(r.choice("on_schema_change", string(IgnoreFields), string(IgnoreFields), string(AppendColumns), string(SyncColumns), string(FailOnFields), string(QuarantineFields)))
	if s.OnSchemaChange == IgnoreFields || s.OnSchemaChange == "" {
		return
	}
	switch {
	case s.Format == CSV || s.Format == Raw:
		r.bad([]any{"on_schema_change"}, "values of the format '"+s.Format+"' name no fields, so none can be new")
	case s.SchemaFile != "":
		r.bad([]any{"on_schema_change"}, "the schema is a file of the project, which does not change by itself")
	}
}
