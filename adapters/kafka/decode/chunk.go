package decode

import (
	"encoding/base64"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/adapters/columnar"
)

// Names of the columns that say where a row comes from.
const (
	ColumnPartition = "_stream_partition"
	ColumnOffset    = "_stream_offset"
	ColumnTimestamp = "_stream_ts"
	ColumnKey       = "_stream_key"
	ColumnHeaders   = "_stream_headers"
	ColumnSchema    = "_stream_schema_id"
	ColumnOp        = "_stream_op"
	// ColumnUnavailable names, as a JSON list, the columns whose values a change event left out.
	ColumnUnavailable = "_stream_unavailable"
	// PriorPrefix begins the names of columns that hold what a row's key was before a change of it.
	PriorPrefix = "_stream_prior_"
)

// Layout says what of a record besides its value becomes columns.
type Layout struct {
	Fields       []Field
	Dialect      Dialect
	KeyBytes     bool // the key is kept as bytes, not as text
	KeepKey      bool
	KeepHeaders  bool
	SkipUnwanted bool // bad records are counted and not kept
	// Changes says that each record has an operation of its own, and Prior are the places of
	// the key's columns among the fields where an event may change a row's key.
	Changes bool
	Prior   []int
	// Spares, if set, has buffers that have served before.
	Spares *columnar.Spares
}

// Columns are the names and kinds of the columns that a chunk fills.
func (l *Layout) Columns() ([]string, []columnar.Kind) {
	names, kinds := Names(l.Fields), Kinds(l.Fields)
	for _, i := range l.Prior {
		names, kinds = append(names, PriorPrefix+l.Fields[i].Name), append(kinds, l.Fields[i].Type.Kind)
	}
	if l.Prior != nil {
		names, kinds = append(names, ColumnUnavailable), append(kinds, columnar.Text)
	}
	names = append(names, ColumnPartition, ColumnOffset, ColumnTimestamp, ColumnKey, ColumnHeaders, ColumnSchema)
	key := columnar.Text
	if l.KeyBytes {
		key = columnar.Bytes
	}
	kinds = append(kinds, columnar.Integer, columnar.Integer, columnar.TimestampTZ, key, columnar.Text, columnar.Integer)
	if l.Changes {
		names, kinds = append(names, ColumnOp), append(kinds, columnar.Text)
	}
	return names, kinds
}

// extra is where the columns behind the declared ones and those of change events begin.
func (l *Layout) extra() int {
	if l.Prior == nil {
		return len(l.Fields)
	}
	return len(l.Fields) + len(l.Prior) + 1
}

// Bad is a record that cannot land.
type Bad struct {
	Record   *kgo.Record
	SchemaID int // 0 when unknown
	Err      *Error
}

// Chunk is what became of consecutive records of one partition.
type Chunk struct {
	Topic     string
	Partition int32
	First     int64 // the first offset
	Next      int64 // the offset after the last record
	Epoch     int32 // leader epoch of the last record
	Batch     *columnar.Batch
	Records   []*kgo.Record // those that became rows, in the order of the rows
	Bad       []Bad
	Skipped   int
	Truncates []int    // rows that stand for the truncation of a table
	LeftOut   []string // columns of which some change event left out the value
	Bytes     int64
	Oldest    time.Time // of the good and bad records; zero for none
	Newest    time.Time
	Took      time.Duration
}

// Decode decodes consecutive records of one partition. Control records only move the end.
// An error means that some record could not be judged now, and is an *Error.
func (l *Layout) Decode(d Decoder, records []*kgo.Record) (*Chunk, error) {
	start := time.Now()
	names, kinds := l.Columns()
	spares := l.Spares
	if spares == nil {
		spares = &columnar.Spares{}
	}
	c := &Chunk{Batch: spares.Batch(names, kinds, len(records)), Records: records[:0]}
	whole := true // all records so far became rows: they are not copied
	leave := func(i int) {
		if whole {
			whole, c.Records = false, slices.Clone(records[:i])
		}
	}
	schemed, _ := d.(Schemed)
	for i, r := range records {
		if i == 0 {
			c.Topic, c.Partition, c.First = r.Topic, r.Partition, r.Offset
		}
		c.Next, c.Epoch = r.Offset+1, r.LeaderEpoch
		if r.Attrs.IsControl() {
			leave(i)
			continue
		}
		c.Bytes += int64(len(r.Key) + len(r.Value))
		if c.Oldest.IsZero() || r.Timestamp.Before(c.Oldest) {
			c.Oldest = r.Timestamp
		}
		if r.Timestamp.After(c.Newest) {
			c.Newest = r.Timestamp
		}
		op, err := l.row(c.Batch, d, r, schemed)
		if err == nil {
			if op == OpTruncate {
				c.Truncates = append(c.Truncates, c.Batch.Rows)
			}
			c.Batch.Rows++
			if whole {
				c.Records = records[:i+1]
			} else {
				c.Records = append(c.Records, r)
			}
			continue
		}
		if err.Outage != nil || err.Grown || err.Fatal != nil {
			return nil, err
		}
		c.Batch.Truncate(c.Batch.Rows)
		leave(i)
		if l.SkipUnwanted {
			c.Skipped++
			continue
		}
		bad := Bad{Record: r, Err: err}
		if schemed != nil && err.Stage == StageValue {
			bad.SchemaID = schemed.SchemaID()
		}
		c.Bad = append(c.Bad, bad)
	}
	if events, ok := d.(*Debezium); ok {
		c.LeftOut = events.LeftOut()
	}
	c.Took = time.Since(start)
	return c, nil
}

func (l *Layout) row(b *columnar.Batch, d Decoder, r *kgo.Record, schemed Schemed) (op string, err *Error) {
	switch d := d.(type) {
	case Changer:
		if op, err = d.Change(b, r); err != nil {
			return op, err
		}
	default:
		if r.Value == nil {
			return op, failed(CodeTombstone, "the record has no value")
		}
		if err := d.Decode(b, r.Value); err != nil {
			return op, err
		}
	}
	extra := b.Columns[l.extra():]
	extra[0].Int(int64(r.Partition))
	extra[1].Int(r.Offset)
	extra[2].Int(r.Timestamp.UnixMicro())
	if err := l.key(extra[3], r.Key); err != nil {
		return op, err
	}
	if l.KeepHeaders && len(r.Headers) > 0 {
		_ = extra[4].Build(func(dst []byte) ([]byte, error) { return AppendHeaders(dst, r.Headers), nil })
	} else {
		extra[4].Null()
	}
	if schemed != nil && schemed.SchemaID() != 0 {
		extra[5].Int(int64(schemed.SchemaID()))
	} else {
		extra[5].Null()
	}
	if l.Changes {
		extra[6].String(op)
	}
	return op, nil
}

func (l *Layout) key(c *columnar.Column, key []byte) *Error {
	if !l.KeepKey || key == nil {
		c.Null()
		return nil
	}
	if !l.KeyBytes {
		if !utf8.Valid(key) {
			return &Error{Stage: StageKey, Code: CodeKey, Message: "the key is not UTF-8: " + shown(key)}
		}
		if l.Dialect.NoNUL {
			for _, ch := range key {
				if ch == 0 {
					return &Error{Stage: StageKey, Code: CodeKey, Message: "the key holds the character U+0000: " + shown(key)}
				}
			}
		}
	}
	c.Data(key)
	return nil
}

// AppendHeaders writes headers as a JSON array of objects with "key" and "value", in
// order; a value that is not text is under "base64" instead.
func AppendHeaders(dst []byte, headers []kgo.RecordHeader) []byte {
	dst = append(dst, '[')
	for i, h := range headers {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"key":`...)
		dst = appendText(dst, string(validText([]byte(h.Key))))
		if text := validText(h.Value); text != nil || len(h.Value) == 0 {
			dst = appendText(append(dst, `,"value":`...), string(text))
		} else {
			dst = appendText(append(dst, `,"base64":`...), base64.StdEncoding.EncodeToString(h.Value))
		}
		dst = append(dst, '}')
	}
	return append(dst, ']')
}

// validText is b when every engine can hold it as text, else nil.
func validText(b []byte) []byte {
	if !utf8.Valid(b) {
		return nil
	}
	for _, ch := range b {
		if ch == 0 {
			return nil
		}
	}
	return b
}
