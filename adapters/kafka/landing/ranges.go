package landing

import "context"

// rangeRows is about how many rows a range of the index on batches has.
const rangeRows = 8192

// coverRanges lets the index on batches, and the planner, know what has landed since the last
// time. Until they do, every slice reads all of the table; autovacuum would tell them within
// a minute, which is a million rows. The planner needs to hear of it each time the rows have
// doubled. Nothing is waited for: a table that is being vacuumed is told by that.
func (w *Writer) coverRanges(ctx context.Context, rows int64) {
	if w.Table.engine != "postgres" {
		return
	}
	w.landed, w.uncovered = w.landed+rows, w.uncovered+rows
	if w.uncovered < rangeRows || w.conn == nil {
		return
	}
	w.uncovered = 0
	rel := w.Table.Relation.Render()
	if w.partition != "" {
		rel = w.partition
	}
	sql := "set local lock_timeout = '5ms'; select brin_summarize_new_values(i.indexrelid) from pg_catalog.pg_index i join pg_catalog.pg_class c on c.oid = i.indexrelid " +
		"join pg_catalog.pg_am a on a.oid = c.relam and a.amname = 'brin' where i.indrelid = " + literal(rel) + "::regclass"
	analyze := w.landed >= 2*w.analyzed
	if analyze {
		sql += "; analyze " + rel + " (" + quote(columnBatch) + ")"
	}
	_, _, err := w.conn.Execute(ctx, sql, false, -1)
	if err == nil {
		err = w.conn.Commit(ctx)
	}
	switch {
	case err == nil && analyze:
		w.analyzed = w.landed
	case err != nil && w.conn.Rollback(ctx) != nil:
		w.drop()
	}
}
