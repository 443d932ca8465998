package columnar

import (
	"slices"
	"sync"
)

// Spares keeps batches whose rows nobody needs any more, so that their buffers serve again.
// Several goroutines may use it.
type Spares struct{ pool sync.Pool }

// Batch gives an empty batch with room for rows.
func (s *Spares) Batch(names []string, kinds []Kind, rows int) *Batch {
	b, ok := s.pool.Get().(*Batch)
	if ok && b.has(kinds) {
		b.Names = names
		b.Truncate(0)
	} else {
		b = NewBatch(names, kinds)
	}
	b.Reserve(rows)
	return b
}

// Put takes a batch, which the caller must not use afterwards.
func (s *Spares) Put(b *Batch) { s.pool.Put(b) }

func (b *Batch) has(kinds []Kind) bool {
	return slices.EqualFunc(b.Columns, kinds, func(c *Column, k Kind) bool { return c.Kind == k && !c.Const })
}
