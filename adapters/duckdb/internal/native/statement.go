package native

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// Result is what the last statement of a text gave.
type Result struct {
	Names   []string
	Rows    [][]value.Value
	Changed int64 // rows inserted, updated or deleted; -1 when the statement changes none
}

// Run runs every statement of sql in order. Only the last one's rows are kept, and only
// with fetch; limit < 0 means all rows.
func (c *Conn) Run(ctx context.Context, sql string, fetch bool, limit int) (*Result, error) {
	var out *Result
	err := c.interruptible(ctx, func() error {
		var stmts extracted
		count := libExtract(c.conn, sql, &stmts)
		defer libDestroyExtract(&stmts)
		if count == 0 {
			if message := libExtractError(stmts); message != "" {
				return newError(message, sql)
			}
			out = &Result{Changed: -1} // nothing but comments and blanks
			return nil
		}
		for i := idx(0); i < count; i++ {
			if ctx.Err() != nil {
				return canceled(ctx)
			}
			last := i == count-1
			r, err := c.one(stmts, i, sql, fetch && last, limit)
			if err != nil {
				var e *Error
				if errors.As(err, &e) {
					e.Statement = int(i)
				}
				return err
			}
			out = r
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (c *Conn) one(stmts extracted, i idx, sql string, fetch bool, limit int) (*Result, error) {
	var stmt prepared
	defer libDestroyPrepare(&stmt)
	if libPrepare(c.conn, stmts, i, &stmt) == stateError {
		return nil, newError(libPrepareError(stmt), sql)
	}
	return c.execute(stmt, sql, fetch, limit)
}

func (c *Conn) execute(stmt prepared, sql string, fetch bool, limit int) (*Result, error) {
	var pending pendingResult
	defer libDestroyPending(&pending)
	if libPending(stmt, &pending) == stateError {
		return nil, newError(libPendingError(pending), sql)
	}
	if carryOut(pending) == pendingFailed { // reading a result would only say that there is none
		return nil, newError(libPendingError(pending), sql)
	}
	var res result
	defer libDestroyResult(&res)
	if libExecutePending(pending, &res) == stateError {
		return nil, newError(libResultError(&res), sql)
	}
	out := &Result{Changed: -1}
	if libReturnType(res) == returnsChanged {
		out.Changed = int64(libRowsChanged(&res))
	}
	if fetch && libReturnType(res) != returnsNothing {
		return out, c.read(&res, out, limit)
	}
	return out, nil
}

// carryOut has the tasks of a statement carried out, by this thread or by the engine's own.
// While none is left for this one it sleeps: the engine's loop would keep asking, which took
// the processor from whoever it waits for.
func carryOut(pending pendingResult) pendingState {
	const patient, longest = 8, 500 * time.Microsecond
	wait, asked := 10*time.Microsecond, 0
	for {
		switch state := libPendingTask(pending); state {
		case pendingNoTask:
			if asked++; asked > patient {
				time.Sleep(wait)
				wait = min(2*wait, longest)
			}
		case pendingMore:
			wait, asked = 10*time.Microsecond, 0
		default:
			return state
		}
	}
}

// Exec binds parameters to a single statement and runs it without reading rows.
func (c *Conn) Exec(ctx context.Context, sql string, params []value.Value) (*Result, error) {
	var out *Result
	err := c.interruptible(ctx, func() error {
		return c.prepare(sql, func(stmt prepared) error {
			if want := int(libParamCount(stmt)); want != len(params) {
				return newError(fmt.Sprintf("Invalid Input Error: the statement has %d placeholders, %d values were given", want, len(params)), sql)
			}
			for i, p := range params {
				if err := bind(stmt, idx(i+1), p); err != nil {
					return err
				}
			}
			var err error
			out, err = c.execute(stmt, sql, false, 0)
			return err
		})
	})
	return out, err
}

// Column is one column of a described query.
type Column struct{ Name, Type string }

// Describe binds a query and gives its columns without running it.
func (c *Conn) Describe(ctx context.Context, sql string) ([]Column, error) {
	var out []Column
	err := c.interruptible(ctx, func() error {
		return c.prepare(sql, func(stmt prepared) error {
			switch libStatementType(stmt) {
			case statementSelect, statementExplain, statementPragma, statementCall, statementExecute, statementRelation:
			default:
				return newError("Binder Error: only a query can be described, this statement returns no columns", sql)
			}
			n := libPreparedCols(stmt)
			for i := idx(0); i < n; i++ {
				lt := libPreparedType(stmt, i)
				out = append(out, Column{libPreparedName(stmt, i), typeName(lt)})
				libDestroyType(&lt)
			}
			return nil
		})
	})
	return out, err
}

// prepare gives fn the only statement of sql.
func (c *Conn) prepare(sql string, fn func(prepared) error) error {
	var stmts extracted
	count := libExtract(c.conn, sql, &stmts)
	defer libDestroyExtract(&stmts)
	switch {
	case count == 0 && libExtractError(stmts) != "":
		return newError(libExtractError(stmts), sql)
	case count != 1:
		return newError(fmt.Sprintf("Binder Error: one statement is expected here, the text has %d", count), sql)
	}
	var stmt prepared
	defer libDestroyPrepare(&stmt)
	if libPrepare(c.conn, stmts, 0, &stmt) == stateError {
		return newError(libPrepareError(stmt), sql)
	}
	return fn(stmt)
}
