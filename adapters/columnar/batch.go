package columnar

import (
	"context"

	"github.com/millrace/millrace/compiler/relation"
)

// Batch is rows for one relation.
type Batch struct {
	Names   []string
	Columns []*Column
	Rows    int
}

// NewBatch makes an empty batch.
func NewBatch(names []string, kinds []Kind) *Batch {
	b := &Batch{Names: names, Columns: make([]*Column, len(kinds))}
	for i, k := range kinds {
		b.Columns[i] = &Column{Kind: k}
	}
	return b
}

// Reserve makes room for rows that are about to come.
func (b *Batch) Reserve(rows int) {
	for _, c := range b.Columns {
		c.reserve(rows)
	}
}

// With gives the batch and further columns, without changing the batch.
func (b *Batch) With(names []string, columns ...*Column) *Batch {
	out := &Batch{Rows: b.Rows, Names: make([]string, 0, len(b.Names)+len(names)), Columns: make([]*Column, 0, len(b.Columns)+len(columns))}
	out.Names = append(append(out.Names, b.Names...), names...)
	out.Columns = append(append(out.Columns, b.Columns...), columns...)
	return out
}

// Append adds the rows from to to of a batch with the same columns.
func (b *Batch) Append(o *Batch, from, to int) {
	for i, c := range b.Columns {
		c.Append(o.Columns[i], from, to)
	}
	b.Rows += to - from
}

// Truncate drops the rows from n on, also the values of a row that was begun.
func (b *Batch) Truncate(n int) {
	for _, c := range b.Columns {
		c.Truncate(n)
	}
	b.Rows = n
}

// Size is about how many bytes the rows take.
func (b *Batch) Size() int {
	n := 0
	for _, c := range b.Columns {
		n += c.Size()
	}
	return n
}

// Rows is how many rows batches have together.
func Rows(batches []*Batch) int {
	n := 0
	for _, b := range batches {
		n += b.Rows
	}
	return n
}

// Loader is a connection that takes column buffers: batches with the same columns, of which
// those that are constant are so in all of them with one value. The rows belong to the
// connection's open transaction.
type Loader interface {
	LoadColumns(ctx context.Context, target *relation.Relation, batches ...*Batch) (int64, error)
}
