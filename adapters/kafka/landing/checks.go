package landing

import (
	"context"
	"fmt"
	"slices"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/kafka/decode"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// failing are rows that tests of the source have found in a transaction, which is rolled back:
// the next try lands the others, and these as bad records.
type failing struct{ tests map[string]*decode.Error } // by Key

func (f *failing) Error() string {
	return fmt.Sprintf("tests of the source find %d rows", len(f.tests))
}

// check lets the tests of the source look at the rows of a batch.
func (w *Writer) check(ctx context.Context, c adapters.Conn, number int64) error {
	src := w.Table.Source
	if !src.QuarantineFailing || len(src.Checks) == 0 {
		return nil
	}
	list := make([]value.Value, len(src.Checks))
	for i, ch := range src.Checks {
		list[i] = ch.Value()
	}
	sql, err := w.SQL(ctx, "stream_failing_rows", arg("log", w.Table.Relation.Value()), arg("batch", value.Int(number)), arg("checks", value.NewList(list...)))
	if err != nil {
		return err
	}
	_, rows, err := c.Execute(ctx, sql, true, -1)
	if err != nil || len(rows.Rows) == 0 {
		return err
	}
	f := &failing{tests: map[string]*decode.Error{}}
	for _, r := range rows.Rows {
		partition, _ := r[1].AsInt()
		offset, _ := r[2].AsInt()
		n, _ := r[3].AsInt()
		found := src.Checks[n]
		f.tests[Key(value.Str(r[0]), int32(partition), offset)] = &decode.Error{Stage: decode.StageTest, Code: decode.CodeTest, Field: found.Column,
			Message: "the test " + found.Test + " finds the row"}
	}
	return f
}

// setAside makes bad records of the rows that tests have found.
func (w *Writer) setAside(chunks []*decode.Chunk, f *failing) error {
	left := len(f.tests)
	for _, ch := range chunks {
		reasons := map[int]*decode.Error{}
		var rows []int
		for i, r := range ch.Records {
			if why := f.tests[Key(r.Topic, r.Partition, r.Offset)]; why != nil {
				rows, reasons[i] = append(rows, i), why
			}
		}
		if len(rows) > 0 {
			slices.Sort(rows)
			w.take(ch, rows, reasons)
			left -= len(rows)
		}
	}
	if left != 0 {
		return fmt.Errorf("tests of the source find %d rows that are not of the batch", left)
	}
	return nil
}
