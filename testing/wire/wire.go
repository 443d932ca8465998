// Package wire runs tests of streams: records as bytes, and the rows that land and the
// records that go into quarantine. They stand in config.meta.stream_tests of a source table,
// where dbt lets them be.
package wire

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/shopspring/decimal"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/dag/stream"
)

// Test is one test of a stream.
type Test struct {
	Source  *manifest.Source
	Name    string
	records []*kgo.Record
	landed  []*value.Dict
	bad     []*value.Dict
}

// Tests reads the tests of a source table.
func Tests(src *manifest.Source) ([]Test, error) {
	meta := src.Config.Dict("meta")
	if meta == nil {
		meta = src.Meta
	}
	if meta == nil {
		return nil, nil
	}
	v, ok := meta.GetString("stream_tests")
	if !ok {
		return nil, nil
	}
	var out []Test
	for i, item := range v.Items() {
		t := Test{Source: src, Name: fmt.Sprintf("%d", i+1)}
		d, err := mapping(src, item, "a stream test", "name", "records", "expect")
		if err != nil {
			return nil, err
		}
		if name, ok := d.GetString("name"); ok {
			t.Name = value.Str(name)
		}
		records, _ := d.GetString("records")
		for _, r := range records.Items() {
			record, err := recordOf(src, r)
			if err != nil {
				return nil, err
			}
			t.records = append(t.records, record)
		}
		if len(t.records) == 0 {
			return nil, wrong(src, "the stream test '"+t.Name+"' has no records")
		}
		expect, _ := d.GetString("expect")
		e, err := mapping(src, expect, "expect", "landed", "quarantined")
		if err != nil {
			return nil, err
		}
		for key, list := range map[string]*[]*value.Dict{"landed": &t.landed, "quarantined": &t.bad} {
			rows, _ := e.GetString(key)
			for _, row := range rows.Items() {
				d, ok := row.AsDict()
				if !ok {
					return nil, wrong(src, key+" must be a list of mappings")
				}
				*list = append(*list, d)
			}
		}
		out = append(out, t)
	}
	return out, nil
}

func wrong(src *manifest.Source, text string) error {
	d := diag.New(diag.CodeStream, diag.Parsing, src.Span, "stream "+src.SourceName+"."+src.Name+": "+text)
	d.NodeID = src.UniqueID
	return d
}

func mapping(src *manifest.Source, v value.Value, what string, keys ...string) (*value.Dict, error) {
	d, ok := v.AsDict()
	if !ok {
		return nil, wrong(src, what+" must be a mapping with "+strings.Join(keys, ", "))
	}
	for k := range d.All() {
		known := false
		for _, key := range keys {
			known = known || key == value.Str(k)
		}
		if !known {
			bad := wrong(src, "'"+value.Str(k)+"' is no key of "+what)
			bad.(*diag.Diagnostic).Hint = diag.DidYouMean(value.Str(k), keys)
			return nil, bad
		}
	}
	return d, nil
}

func recordOf(src *manifest.Source, v value.Value) (*kgo.Record, error) {
	d, err := mapping(src, v, "a record", "topic", "partition", "key", "value", "json", "hex")
	if err != nil {
		return nil, err
	}
	r := &kgo.Record{}
	forms := 0
	for k, x := range d.All() {
		switch value.Str(k) {
		case "topic":
			r.Topic = value.Str(x)
		case "partition":
			n, ok := x.AsInt()
			if !ok || n < 0 || n > 999 {
				return nil, wrong(src, "partition must be a number")
			}
			r.Partition = int32(n)
		case "key":
			if !x.IsNull() {
				r.Key = []byte(value.Str(x))
			}
		case "value":
			forms++
			if !x.IsNull() {
				r.Value = []byte(value.Str(x))
			}
		case "json":
			forms++
			text, err := value.AppendJSON(nil, x, value.JSONOptions{})
			if err != nil {
				return nil, wrong(src, "json: "+err.Error())
			}
			r.Value = text
		case "hex":
			forms++
			if r.Value, err = hex.DecodeString(strings.ReplaceAll(value.Str(x), " ", "")); err != nil {
				return nil, wrong(src, "hex: "+err.Error())
			}
		}
	}
	if forms != 1 {
		return nil, wrong(src, "a record has a 'value' (text, or null), 'json' or 'hex'")
	}
	return r, nil
}

// Run runs a test. The differences are what came otherwise than expected; none is success.
func (t *Test) Run(ctx context.Context, s *stream.Streams, src *declare.Source) (differences []string, err error) {
	landed, bad, err := s.Trial(ctx, src, t.records)
	if err != nil {
		return nil, err
	}
	differences = compare("landed", t.landed, landed)
	return append(differences, compare("quarantined", t.bad, bad)...), nil
}

// compare looks at the columns that the expected rows name, row by row in the log's order.
func compare(what string, want []*value.Dict, got *agate.Table) []string {
	var out []string
	if len(want) != len(got.Rows) {
		out = append(out, fmt.Sprintf("%s: %d rows were expected, %d came:\n%s", what, len(want), len(got.Rows), got.PrintTable(20, 3, 40)))
	}
	column := map[string]int{}
	for i, name := range got.Names {
		column[strings.ToLower(name)] = i
	}
	for i := 0; i < min(len(want), len(got.Rows)); i++ {
		for k, v := range want[i].All() {
			at, ok := column[strings.ToLower(value.Str(k))]
			if !ok {
				out = append(out, fmt.Sprintf("%s, row %d: there is no column '%s'", what, i+1, value.Str(k)))
				continue
			}
			if came := got.Rows[i][at]; !equal(v, came) {
				out = append(out, fmt.Sprintf("%s, row %d: %s is %s, expected was %s", what, i+1, value.Str(k), shown(came), shown(v)))
			}
		}
	}
	return out
}

func shown(v value.Value) string {
	if v.IsNull() {
		return "null"
	}
	return "'" + value.Str(v) + "'"
}

// equal compares what YAML says with what the database gives: numbers by their value.
func equal(want, got value.Value) bool {
	if want.IsNull() || got.IsNull() {
		return want.IsNull() && got.IsNull()
	}
	a, b := value.Str(want), value.Str(got)
	if a == b {
		return true
	}
	x, err1 := decimal.NewFromString(a)
	y, err2 := decimal.NewFromString(b)
	return err1 == nil && err2 == nil && x.Equal(y)
}
