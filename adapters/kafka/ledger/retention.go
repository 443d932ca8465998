package ledger

import (
	"context"

	"github.com/millrace/millrace/adapters"
)

// retired is the token of batches that stand for rows which went because they were old.
const retired = "retention"

// Retire writes down that rows went because they were old. What models have made of them stays.
func (l *Ledger) Retire(ctx context.Context, c adapters.Conn, pipeline string, number, epoch, rows int64, runID string) error {
	return l.note(ctx, c, pipeline, number, epoch, retired, "[]", -rows, 0, runID, "current_timestamp")
}

// Retired is how many of a stream's rows went because they were old.
func (l *Ledger) Retired(ctx context.Context, c adapters.Conn, pipeline string) (int64, error) {
	rows, err := query(ctx, c, l.expand("select cast(coalesce(-sum(row_count), 0) as bigint) from {batches} where pipeline = "+text(pipeline)+" and token = "+text(retired)))
	if err != nil {
		return 0, err
	}
	return Int(rows[0][0]), nil
}

// Whole is the last batch up to which a frontier lacks none.
func (f Frontier) Whole() int64 {
	whole := f.Batch
	for _, n := range f.Missing {
		whole = min(whole, n-1)
	}
	return whole
}
