package decode

import (
	"encoding/base64"
	"errors"
	"slices"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/adapters/columnar"
)

// What a record does to the row of its key, as _stream_op says it. Debezium's own letters
// are kept.
const (
	OpUpsert    = "u" // the row is this now
	OpCreate    = "c"
	OpRead      = "r" // a row of a snapshot
	OpDelete    = "d"
	OpTruncate  = "t" // all rows are gone
	OpMessage   = "m" // a message in the database's log, about no row
	OpTombstone = "tombstone"
)

// Changer is a decoder that takes whole records, because what a record does to a row is
// not in its value alone.
type Changer interface {
	Decoder
	Change(out *columnar.Batch, r *kgo.Record) (op string, err *Error)
}

// pick is a batch of some columns of another one; it shares their buffers.
func pick(b *columnar.Batch, columns []int) *columnar.Batch {
	out := &columnar.Batch{Columns: make([]*columnar.Column, len(columns))}
	for i, c := range columns {
		out.Columns[i] = b.Columns[c]
	}
	return out
}

// view is pick for the batch that was seen last: decoders fill one batch for long.
type view struct {
	columns []int
	of, is  *columnar.Batch
}

func (v *view) see(b *columnar.Batch) *columnar.Batch {
	if v.of != b {
		v.of, v.is = b, pick(b, v.columns)
	}
	return v.is
}

// nullable are fields that need no value, except those of the key.
func nullable(fields []Field, key []int) []Field {
	out := slices.Clone(fields)
	for i := range out {
		out[i].NotNull = slices.Contains(key, i)
		out[i].Default = ""
	}
	return out
}

// subset are the fields of a key, under plain names: a key's own schema has no envelope.
func subset(fields []Field, key []int) []Field {
	out := make([]Field, len(key))
	for i, k := range key {
		out[i] = fields[k]
		out[i].NotNull = true
	}
	return out
}

// Upsert decodes records of which each says what the row of its key is now; one without a
// value says that there is none.
type Upsert struct {
	value  Decoder
	keys   Decoder // nil when the record's key is kept as it is
	key    view
	fields int
}

// NewUpsert makes a decoder of upserts. key are the places of the key's columns among the
// fields, none when the record's own key is the key; keys decodes them from a record's key.
func NewUpsert(value, keys Decoder, fields int, key []int) *Upsert {
	return &Upsert{value: value, keys: keys, key: view{columns: key}, fields: fields}
}

// Decode implements Decoder.
func (u *Upsert) Decode(out *columnar.Batch, data []byte) *Error { return u.value.Decode(out, data) }

// SchemaID implements Schemed.
func (u *Upsert) SchemaID() int { return schemaOf(u.value) }

func schemaOf(d Decoder) int {
	if s, ok := d.(Schemed); ok {
		return s.SchemaID()
	}
	return 0
}

// Change implements Changer.
func (u *Upsert) Change(out *columnar.Batch, r *kgo.Record) (string, *Error) {
	if len(u.key.columns) == 0 && r.Key == nil {
		return "", keyFailed(CodeNullKey, "the record has no key")
	}
	if r.Value != nil {
		err := u.value.Decode(out, r.Value)
		if err == nil || err.Code != CodeTombstone {
			return OpUpsert, err
		}
		for i := range u.fields { // an envelope around nothing
			out.Columns[i].Truncate(out.Rows)
		}
	}
	return OpDelete, deleted(out, u.keys, &u.key, u.fields, r)
}

// deleted makes the row of a delete: its key and nothing else.
func deleted(out *columnar.Batch, keys Decoder, key *view, fields int, r *kgo.Record) *Error {
	if len(key.columns) > 0 {
		switch {
		case r.Key == nil:
			return keyFailed(CodeNullKey, "a delete without a key")
		case keys == nil:
			return keyFailed(CodeKey, "the delete's key cannot be read: meta.stream.key names no format for it")
		}
		if err := keys.Decode(key.see(out), r.Key); err != nil {
			err.Stage = StageKey
			return err
		}
	}
	for i := range fields {
		if !slices.Contains(key.columns, i) {
			out.Columns[i].Null()
		}
	}
	return nil
}

func keyFailed(code, message string) *Error {
	return &Error{Stage: StageKey, Code: code, Message: message}
}

// Debezium decodes change events of databases. The row before and the row after are images
// of the declared columns.
type Debezium struct {
	after, before, old imager
	keys               Decoder
	key                view // the key's columns
	prior              view // where the key before a change of it goes
	fields             int
	names              []string
	unavailable        int // the column that says which values the event left out
	row                []byte
	left               map[int]bool // fields of which some event left out the value
}

// NewDebezium makes a decoder of change events. after decodes events and the row after
// them; build makes a decoder of the same format for some fields; key are the places of the key's columns among the fields, and keys decodes
// them from a record's key.
func NewDebezium(fields []Field, key []int, after, keys Decoder, build func([]Field) (Decoder, error)) (*Debezium, error) {
	d := &Debezium{keys: keys, key: view{columns: key}, fields: len(fields), names: Names(fields), unavailable: len(fields) + len(key), left: map[int]bool{}}
	for i := range key {
		d.prior.columns = append(d.prior.columns, len(fields)+i)
	}
	old := subset(fields, key)
	for i := range old {
		old[i].NotNull = false
	}
	decoders := []Decoder{after}
	for _, f := range [][]Field{nullable(fields, key), old} {
		dec, err := build(f)
		if err != nil {
			return nil, err
		}
		decoders = append(decoders, dec)
	}
	for i, image := range []*imager{&d.after, &d.before, &d.old} {
		var ok bool
		if *image, ok = decoders[i].(imager); !ok {
			return nil, errors.New("values of this format are no change events")
		}
		(*image).mayLack()
	}
	return d, nil
}

// Decode implements Decoder.
func (d *Debezium) Decode(*columnar.Batch, []byte) *Error {
	return failed(CodeSyntax, "a change event needs its record")
}

// SchemaID implements Schemed.
func (d *Debezium) SchemaID() int { return schemaOf(d.after) }

// Change implements Changer.
func (d *Debezium) Change(out *columnar.Batch, r *kgo.Record) (string, *Error) {
	if r.Value == nil {
		d.blank(out)
		return OpTombstone, nil
	}
	ev, err := d.after.split(r.Value)
	if err != nil {
		return "", err
	}
	switch ev.op {
	case OpCreate, OpRead, OpUpsert:
		return ev.op, d.changed(out, ev)
	case OpDelete:
		if ev.before.null() {
			err = deleted(out, d.keys, &d.key, d.fields, r)
		} else {
			err = d.before.image(out, ev.before)
		}
		d.noPrior(out)
		out.Columns[d.unavailable].Null()
		return ev.op, err
	case OpTruncate, OpMessage:
		d.blank(out)
		return ev.op, nil
	case "":
		return "", failed(CodeSyntax, "the value is no change event: it has no 'op'")
	}
	return "", failed(CodeSyntax, "the operation '%s' of the change event is not known", ev.op)
}

// changed decodes what a row is now, and what its key was if that is another one.
func (d *Debezium) changed(out *columnar.Batch, ev event) *Error {
	if ev.after.null() {
		return failed(CodeNull, "the change event has no 'after'")
	}
	if err := d.after.image(out, ev.after); err != nil {
		return err
	}
	lost := d.after.unavailable()
	moved := false
	if !ev.before.null() {
		prior := d.prior.see(out)
		if err := d.old.image(prior, ev.before); err != nil {
			return err
		}
		if moved = differs(prior, d.key.see(out)); !moved {
			prior.Truncate(out.Rows)
		}
	}
	if !moved {
		d.noPrior(out)
	}
	if len(lost) == 0 {
		out.Columns[d.unavailable].Null()
		return nil
	}
	d.row = append(d.row[:0], '[')
	for i, n := range lost {
		if i > 0 {
			d.row = append(d.row, ',')
		}
		d.row = appendText(d.row, d.names[n])
		d.left[n] = true
	}
	d.row = append(d.row, ']')
	out.Columns[d.unavailable].Data(d.row)
	return nil
}

// LeftOut are the columns of which events have left out values since it was asked last.
func (d *Debezium) LeftOut() []string {
	var out []string
	for n := range d.left {
		out = append(out, d.names[n])
	}
	clear(d.left)
	return out
}

// differs reports that the last row of a key is known and another one than now.
func differs(prior, now *columnar.Batch) bool {
	same := true
	for i, c := range prior.Columns {
		if c.IsNull(c.Len() - 1) {
			return false // the event does not say
		}
		same = same && c.EqualLast(now.Columns[i])
	}
	return !same
}

func (d *Debezium) noPrior(out *columnar.Batch) {
	for _, i := range d.prior.columns {
		out.Columns[i].Null()
	}
}

func (d *Debezium) blank(out *columnar.Batch) {
	for i := range d.fields {
		out.Columns[i].Null()
	}
	d.noPrior(out)
	out.Columns[d.unavailable].Null()
}

// event is a change event whose images have not been decoded yet.
type event struct {
	op            string
	before, after part
}

// part is where an image stands and, for binary formats, with what schema.
type part struct {
	data    []byte
	avro    *avroStep
	connect *connectSchema
	message *protoMessage
}

func (p part) null() bool { return p.data == nil }

// imager decodes change events of one format.
type imager interface {
	Decoder
	split(data []byte) (event, *Error)
	image(out *columnar.Batch, p part) *Error
	// mayLack makes placeholders for values that an event left out known.
	mayLack()
	// unavailable are the fields of the last image whose values the event left out.
	unavailable() []int
}

// Placeholder is what Debezium writes for a value that the database's log does not hold.
const Placeholder = "__debezium_unavailable_value"

// leftOut reports that a value is the placeholder for one that the event left out. Bytes
// stand in JSON as base64.
func (s *setter) leftOut(c *columnar.Column, v []byte) bool {
	if !s.mayLack || string(v) != Placeholder && string(v) != placeholder64 {
		return false
	}
	s.lost = true
	c.Null()
	return true
}

var placeholder64 = base64.StdEncoding.EncodeToString([]byte(Placeholder))
