package follow

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// keysTable names the temporary table that holds a model's touched keys.
func keysTable(model string) string { return "_stream_keys_" + shortHash(model) }

// keptTable names the temporary table that holds the rows of touched keys with a null in them.
func keptTable(model string) string { return "_stream_kept_" + shortHash(model) }

func shortHash(model string) string {
	sum := sha256.Sum256([]byte(model))
	return hex.EncodeToString(sum[:6])
}

// keyColumns are the columns of that table.
func keyColumns(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("_stream_k%d", i)
	}
	return out
}

// member is the condition under which expressions are one of the keys in a table, or of a
// query in parentheses; a null is the same as a null. IN is what both engines hash.
func member(exprs []string, table string) string {
	table += " as _stream_keys"
	return "(" + in(exprs, keyColumns(len(exprs)), table) + " or " + null(exprs) + " and exists (select 1 from " + table + " where " + same(exprs) + "))"
}

// in is the condition under which expressions, none of them null, are one of the rows that
// columns of a table have. An index can serve it.
func in(exprs, columns []string, table string) string {
	parens := make([]string, len(exprs))
	for i, e := range exprs {
		parens[i] = "(" + e + ")"
	}
	left := strings.Join(parens, ", ")
	if len(exprs) > 1 {
		left = "(" + left + ")"
	}
	return left + " in (select " + strings.Join(columns, ", ") + " from " + table + ")"
}

// null is the condition under which one of the expressions is null.
func null(exprs []string) string {
	out := make([]string, len(exprs))
	for i, e := range exprs {
		out[i] = "(" + e + ") is null"
	}
	return "(" + strings.Join(out, " or ") + ")"
}

// same compares expressions with the columns of _stream_keys.
func same(exprs []string) string {
	out := make([]string, len(exprs))
	for i, e := range exprs {
		out[i] = "_stream_keys." + keyColumns(len(exprs))[i] + " is not distinct from (" + e + ")"
	}
	return strings.Join(out, " and ")
}

// nullMember is member for keys of which each has a null: where there are none, as almost
// always, nothing is read.
func nullMember(exprs []string, table string) string {
	return "exists (select 1 from " + table + ") and " + null(exprs) + " and exists (select 1 from " + table + " as _stream_keys where " + same(exprs) + ")"
}
