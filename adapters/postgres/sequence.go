package postgres

import (
	"context"
	"strings"

	"github.com/millrace/millrace/adapters"
)

// ExecuteAll implements adapters.Sequencer. A BEGIN that the first statement implies goes with
// them.
func (c *conn) ExecuteAll(ctx context.Context, statements ...string) ([]adapters.Response, error) {
	sql := strings.Join(statements, ";\n")
	begins := c.begins()
	if begins {
		sql = "BEGIN;\n" + sql
	}
	c.begun = true
	var out []adapters.Response
	multi := c.pg.Exec(ctx, sql)
	for multi.NextResult() {
		tag, err := multi.ResultReader().Close()
		switch {
		case err != nil: // Close of multi gives it too
		case begins:
			begins = false
		default:
			out = append(out, response(tag))
		}
	}
	if err := multi.Close(); err != nil {
		return out, c.wrap(ctx, err, sql, nil)
	}
	return out, nil
}
