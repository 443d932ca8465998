package ledger

import (
	"context"

	"github.com/millrace/millrace/adapters"
)

// change is a statement that must change a number of rows; otherwise is the error where it
// changes others.
type change struct {
	sql       string
	rows      int64
	otherwise error
}

// carryOut makes changes in their order. After an error some of them may have been made: it
// is for the caller to roll back.
func carryOut(ctx context.Context, c adapters.Conn, changes ...change) error {
	together, ok := c.(adapters.Sequencer)
	if !ok {
		for _, ch := range changes {
			n, err := affected(ctx, c, ch.sql)
			if err != nil {
				return err
			}
			if n != ch.rows {
				return ch.otherwise
			}
		}
		return nil
	}
	statements := make([]string, len(changes))
	for i, ch := range changes {
		statements[i] = ch.sql
	}
	done, err := together.ExecuteAll(ctx, statements...)
	for i, d := range done { // a change in vain is the reason for what comes after it
		if d.RowsAffected != changes[i].rows {
			return changes[i].otherwise
		}
	}
	return err
}
