package datatest

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/dag/run"
)

// counts is the one row that a test's materialization returns.
type counts struct {
	failures                int64
	shouldWarn, shouldError bool
}

func internal(n *manifest.Node, format string, args ...any) error {
	return diag.New(diag.CodeTemplateRuntime, diag.Internal, n.BodySpan, "dbt internally failed to execute "+n.UniqueID+": "+fmt.Sprintf(format, args...))
}

func read(n *manifest.Node, table *agate.Table) (counts, error) {
	var c counts
	if table == nil || len(table.Rows) != 1 {
		rows := 0
		if table != nil {
			rows = len(table.Rows)
		}
		return c, internal(n, "Returned %d rows, but expected 1 row", rows)
	}
	if len(table.Names) != 3 {
		return c, internal(n, "Returned %d columns, but expected 3 columns", len(table.Names))
	}
	seen := 0
	for i, name := range table.Names {
		v := table.Rows[0][i]
		var err error
		switch strings.ToLower(name) {
		case "failures":
			c.failures, err = number(n, v)
		case "should_warn":
			c.shouldWarn, err = boolean(n, v)
		case "should_error":
			c.shouldError, err = boolean(n, v)
		default:
			seen--
		}
		seen++
		if err != nil {
			return c, err
		}
	}
	if seen != 3 {
		return c, internal(n, "expected the columns failures, should_warn and should_error, got %s", strings.Join(table.Names, ", "))
	}
	return c, nil
}

func number(n *manifest.Node, v value.Value) (int64, error) {
	if i, ok := v.AsInt(); ok {
		return i, nil
	}
	if f, ok := v.AsFloat(); ok && !math.IsNaN(f) {
		return int64(f), nil
	}
	if f, err := strconv.ParseFloat(value.Str(v), 64); err == nil && v.Kind() == value.KindObject && !math.IsNaN(f) {
		return int64(f), nil // a decimal
	}
	d := diag.New(diag.CodeDatabase, diag.Runtime, n.BodySpan, "the test counted its failures as "+value.Repr(v)+", which is no number")
	d.Hint = "fail_calc must give a number also when no row fails: wrap it in coalesce(…, 0)"
	return 0, d
}

// boolean accepts what engines return for a condition: a bool, a number or a word.
func boolean(n *manifest.Node, v value.Value) (bool, error) {
	text, ok := v.AsString()
	if !ok {
		return value.Truth(v), nil
	}
	switch strings.ToLower(text) {
	case "y", "yes", "t", "true", "on", "1":
		return true, nil
	case "n", "no", "f", "false", "off", "0":
		return false, nil
	}
	return false, diag.New(diag.CodeTemplateRuntime, diag.Compilation, n.BodySpan,
		"Macro 'get_test_sql' returns '"+text+"'.  It is not type 'bool' and cannot not be converted reliably to a bool.")
}

// judge applies the severity. A warning fails with warnError.
func (c counts) judge(config *manifest.Config, warnError bool) (run.Status, string) {
	got := fmt.Sprintf("Got %d results", c.failures)
	if c.failures == 1 {
		got = "Got 1 result"
	}
	switch {
	case strings.EqualFold(config.String("severity"), "error") && c.shouldError:
		return run.Fail, got + ", configured to fail if " + config.String("error_if")
	case c.shouldWarn && warnError:
		return run.Fail, got + ", configured to fail if " + config.String("warn_if")
	case c.shouldWarn:
		return run.Warn, got + ", configured to warn if " + config.String("warn_if")
	}
	return run.Pass, ""
}
