package landing

import "context"

// rangeRows is about how many rows a range of the index on batches has.
const rangeRows = 8192

// ranges lets the index on batches, and the planner, know what has landed. Until they do,
// every slice reads all of the table; autovacuum would tell them within a minute, which is a
// million rows. That reads every row once more, so it is done beside the writer, by a
// connection of its own.
type ranges struct {
	landed    int64 // rows
	analyzed  int64 // of those, when the planner was told of them
	uncovered int64 // rows that the index may not know yet

	stop func()
	done chan struct{} // closed when what was begun last has ended; nil before
}

// cover takes note of rows that have landed, and begins to tell of those that were not told
// of, unless it is at it.
func (w *Writer) cover(ctx context.Context, rows int64) {
	r := &w.ranges
	r.landed, r.uncovered = r.landed+rows, r.uncovered+rows
	if w.Table.engine != "postgres" || r.uncovered < rangeRows || r.busy() {
		return
	}
	rel := w.Table.Relation.Render()
	if w.partition != "" {
		rel = w.partition
	}
	// Nothing is waited for: a table that is being vacuumed is told by that.
	sql := "set local lock_timeout = '5ms'; select brin_summarize_new_values(i.indexrelid) from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid " +
		"join pg_catalog.pg_am a on a.oid = c.relam and a.amname = 'brin' where i.indrelid = " + literal(rel) + "::regclass"
	if r.landed >= 2*r.analyzed { // the planner needs to hear of it each time the rows have doubled
		sql += "; analyze " + rel + " (" + quote(columnBatch) + ")"
		r.analyzed = r.landed
	}
	r.uncovered = 0
	ctx, r.stop = context.WithCancel(context.WithoutCancel(ctx))
	r.done = make(chan struct{})
	go func(done chan<- struct{}) {
		defer close(done)
		w.tell(ctx, sql)
	}(r.done)
}

// tell carries out sql. Where it fails, the next rows or autovacuum make up for it.
func (w *Writer) tell(ctx context.Context, sql string) {
	c, err := w.Engine.Conn(ctx, "ranges of "+w.Table.Source.Name)
	if err != nil {
		return
	}
	defer func() { _ = c.Close() }() // rolls back what is not committed
	if _, _, err := c.Execute(ctx, sql, false, -1); err == nil {
		_ = c.Commit(ctx)
	}
}

func (r *ranges) busy() bool {
	select {
	case <-r.done:
		return false
	default:
		return r.done != nil
	}
}

// Settle returns when all rows that have landed are told of.
func (w *Writer) Settle(ctx context.Context) {
	for range 2 { // what is going on, and what came meanwhile
		if w.ranges.done != nil {
			<-w.ranges.done
		}
		w.cover(ctx, 0)
	}
}

// abandon ends what is going on.
func (r *ranges) abandon() {
	if r.done != nil {
		r.stop()
		<-r.done
	}
}
