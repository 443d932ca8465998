package follow

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
)

// keysTable names the temporary table that holds a model's touched keys.
func keysTable(model string) string { return "_stream_keys_" + shortHash(model) }

// keptTable names the temporary table that holds the rows of touched keys as they were.
func keptTable(model string) string { return "_stream_kept_" + shortHash(model) }

func shortHash(model string) string {
	sum := sha256.Sum256([]byte(model))
	return hex.EncodeToString(sum[:6])
}

// keyColumns are the columns of that table.
func keyColumns(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("k%d", i)
	}
	return out
}

// member is the condition under which expressions are one of the keys in a table; a null is
// the same as a null. IN is what both engines hash.
func member(exprs []string, table string) string {
	keys := keyColumns(len(exprs))
	var nulls, same, parens []string
	for i, e := range exprs {
		parens = append(parens, "("+e+")")
		nulls = append(nulls, "("+e+") is null")
		same = append(same, table+"."+keys[i]+" is not distinct from ("+e+")")
	}
	left := parens[0]
	if len(exprs) > 1 {
		left = "(" + strings.Join(parens, ", ") + ")"
	}
	return "(" + left + " in (select " + strings.Join(keys, ", ") + " from " + table + ") or (" + strings.Join(nulls, " or ") + ") and exists (select 1 from " + table +
		" where " + strings.Join(same, " and ") + "))"
}
