package ledger

import (
	"context"
	"fmt"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// Version is the same only while a stream's tables hold the same rows: every change of them
// is a batch, also one that takes rows back.
func (l *Ledger) Version(ctx context.Context, c adapters.Conn, pipeline string) (string, error) {
	rows, err := query(ctx, c, l.expand("select count(*), max(batch), sum(row_count), max(committed_at) from {batches} where pipeline = "+text(pipeline)))
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s batches up to %s, %s rows, %s", value.Str(rows[0][0]), value.Str(rows[0][1]), value.Str(rows[0][2]), value.Str(rows[0][3])), nil
}
