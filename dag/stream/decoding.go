package stream

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/twmb/franz-go/pkg/kgo"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/kafka/client"
	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/adapters/kafka/decode"
	"github.com/millrace/millrace/adapters/kafka/ledger"
	"github.com/millrace/millrace/adapters/kafka/schemas"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
)

// schemaText is where the schemas of values or keys come from: a registry, or a file.
type schemaText struct {
	registry *client.Registry
	avro     string
	proto    protoreflect.MessageDescriptor
}

// schemaTexts are those of a stream.
type schemaTexts struct{ value, key schemaText }

// govern reads the stream's schemas and what was decided about them before. The table is
// there, and the stream is owned.
func (p *pump) govern(ctx context.Context) error {
	var err error
	if p.texts.value, err = p.text(ctx, &p.src.Encoding); err != nil {
		return err
	}
	if p.texts.key, err = p.text(ctx, &p.src.KeyEncoding); err != nil {
		return err
	}
	var known []ledger.Verdict
	err = p.streams.with(ctx, func(c adapters.Conn) (err error) {
		known, err = p.streams.Ledger.Verdicts(ctx, c, p.src.ID)
		return err
	})
	if err != nil {
		return p.explain(err)
	}
	var registry schemas.Registry
	if p.texts.value.registry != nil {
		registry = p.texts.value.registry
	}
	p.governor = schemas.New(p.src, decode.DialectOf(p.streams.kind), registry, p.table.Relations(), known, p.table.Grown)
	p.governor.Told = p.judged
	p.writer.Governor = p.governor
	return nil
}

// judged tells watchers of a verdict; people hear of those that keep records out or change
// the table.
func (p *pump) judged(v ledger.Verdict) {
	level, prefix := event.Debug, ""
	switch v.Verdict {
	case schemas.Incompatible, schemas.Refused:
		level, prefix = event.Warn, "[WARNING]: "
	case schemas.Appended, schemas.Widened:
		level = event.Info
	}
	msg := "stream " + p.src.Name + ": the schema of " + v.Subject
	if v.ID != 0 {
		msg += fmt.Sprintf(" (id %d, version %d)", v.ID, v.Version)
	}
	msg += " is judged " + v.Verdict
	if v.Detail != "" {
		msg += ": " + v.Detail
	}
	p.streams.events.Emit(event.Event{Name: "StreamSchema", Code: "M117", Level: level, Msg: prefix + msg,
		Data: map[string]any{"stream": p.src.Name, "subject": v.Subject, "id": v.ID, "version": v.Version, "verdict": v.Verdict, "detail": v.Detail}})
}

func (p *pump) text(ctx context.Context, e *declare.Encoding) (schemaText, error) {
	fail := func(err error) (schemaText, error) {
		return schemaText{}, diag.New(diag.CodeStream, diag.Runtime, p.src.Span, "stream "+p.src.Name+": schema_file: "+err.Error())
	}
	switch {
	case e.Registry != "":
		r, err := client.NewRegistry(p.streams.connections.Registries[e.Registry], p.streams.root)
		if err != nil {
			return schemaText{}, p.broker(err)
		}
		return schemaText{registry: r}, nil
	case e.SchemaFile != "" && e.Format == declare.Protobuf:
		file, err := decode.ReadProto(ctx, p.streams.root, p.streams.under(e.SchemaFile))
		if err != nil {
			return fail(err)
		}
		message, err := decode.MessageOf(file, e.Message)
		if err != nil {
			return fail(err)
		}
		return schemaText{proto: message}, nil
	case e.SchemaFile != "":
		text, err := os.ReadFile(p.streams.under(e.SchemaFile))
		if err != nil {
			return fail(err)
		}
		return schemaText{avro: string(text)}, nil
	}
	return schemaText{}, nil
}

// decoding is the decoder of one goroutine. It is made anew when the stream's columns have
// become more.
type decoding struct {
	p          *pump
	keepBad    bool // also where bad records are to be skipped
	generation int
	layout     *decode.Layout
	decoder    decode.Decoder
}

func (d *decoding) renew(ctx context.Context) error {
	fields, generation := d.p.governor.Fields()
	dec, err := d.p.decoder(ctx, fields)
	if err != nil {
		return diag.New(diag.CodeStream, diag.Runtime, d.p.src.Span, "stream "+d.p.src.Name+": "+err.Error())
	}
	d.decoder, d.generation, d.layout = dec, generation, d.p.table.Layout()
	d.layout.Fields, d.layout.Spares = fields, &d.p.spares
	d.layout.SkipUnwanted = d.layout.SkipUnwanted && !d.keepBad
	return nil
}

func (d *decoding) decode(ctx context.Context, records []*kgo.Record) (*decode.Chunk, error) {
	for {
		if _, now := d.p.governor.Fields(); d.decoder == nil || now != d.generation {
			if err := d.renew(ctx); err != nil {
				return nil, err
			}
		}
		c, err := d.layout.Decode(d.decoder, records)
		var why *decode.Error
		if errors.As(err, &why) && why.Grown {
			if _, now := d.p.governor.Fields(); now != d.generation {
				continue
			}
		}
		return c, err
	}
}

// undecided explains why a record could not be judged.
func (p *pump) undecided(err error) error {
	var why *decode.Error
	switch {
	case !errors.As(err, &why):
		return err
	case why.Fatal != nil:
		return why.Fatal
	case why.Outage != nil:
		return p.broker(why.Outage)
	}
	return err
}

// decoder makes a decoder for one goroutine.
func (p *pump) decoder(ctx context.Context, fields []decode.Field) (decode.Decoder, error) {
	value, err := p.format(ctx, &p.src.Encoding, p.texts.value, fields, p.governor)
	if err != nil || !p.src.Stateful() {
		return value, err
	}
	keys, err := p.keys(ctx, fields)
	if err != nil {
		return nil, err
	}
	if p.src.Landing == declare.LandDebezium {
		return decode.NewDebezium(fields, p.src.Key, value, keys, func(fields []decode.Field) (decode.Decoder, error) {
			return p.format(ctx, &p.src.Encoding, p.texts.value, fields, nil)
		})
	}
	return decode.NewUpsert(value, keys, len(fields), p.src.Key), nil
}

// keys makes the decoder of record keys; nil when they are kept as they are.
func (p *pump) keys(ctx context.Context, fields []decode.Field) (decode.Decoder, error) {
	if len(p.src.Key) == 0 {
		return nil, nil
	}
	key := make([]decode.Field, len(p.src.Key))
	for i, n := range p.src.Key {
		key[i] = fields[n]
		key[i].NotNull, key[i].Default = true, ""
	}
	dialect := decode.DialectOf(p.streams.kind)
	switch p.src.KeyEncoding.Format {
	case declare.KeyString, declare.KeyBytes, declare.KeyInteger:
		switch {
		case len(key) > 1:
			return nil, nil // deletes without a row's image are refused one by one
		case p.src.KeyEncoding.Format == declare.KeyInteger:
			return decode.NewIntegerKey(key[0], dialect), nil
		}
		return decode.NewTextKey(key[0], dialect), nil
	case declare.JSON:
		return decode.NewJSONKey(key, dialect), nil
	}
	return p.format(ctx, &p.src.KeyEncoding, p.texts.key, key, nil)
}

// format makes a decoder of one format. governor is nil for what it does not watch: keys,
// and the rows before a change.
func (p *pump) format(ctx context.Context, e *declare.Encoding, s schemaText, fields []decode.Field, governor *schemas.Governor) (decode.Decoder, error) {
	dialect := decode.DialectOf(p.streams.kind)
	var judge decode.Judge
	if governor != nil {
		judge = governor
	}
	switch e.Format {
	case declare.Avro:
		if s.registry == nil {
			return decode.NewLocalAvro(fields, dialect, s.avro)
		}
		return decode.NewAvro(ctx, fields, dialect, s.registry, judge), nil
	case declare.Protobuf:
		if s.registry == nil {
			return decode.NewLocalProtobuf(fields, dialect, s.proto), nil
		}
		return decode.NewProtobuf(ctx, fields, dialect, s.registry, judge), nil
	case declare.CSV:
		return decode.NewCSV(fields, dialect, p.src.Delimiter), nil
	case declare.Raw:
		return decode.NewRaw(fields[0], dialect), nil
	}
	strict := governor != nil && (p.src.OnSchemaChange == declare.QuarantineFields || p.src.OnSchemaChange == declare.FailOnFields)
	var j *decode.JSON
	if p.src.Connect {
		j = decode.NewConnectJSON(fields, dialect, strict)
	} else {
		j = decode.NewJSON(fields, dialect, strict)
	}
	if governor != nil {
		j.Watch(governor)
	}
	if s.registry != nil {
		j.Framed(ctx, s.registry, judge)
	}
	return j, nil
}
