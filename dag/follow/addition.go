package follow

import (
	"context"
	"errors"
	"strings"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/relation"
	"github.com/millrace/millrace/compiler/sql/query"
	"github.com/millrace/millrace/compiler/sql/slicing"
	"github.com/millrace/millrace/dag/run"
)

// addition is how the rows of a keyed model take new rows of its inputs in: what the query
// gives for the new rows alone is folded with what the keys' rows were. It costs what is new,
// and not what the keys have had so far.
type addition struct {
	list  []*relation.Column // of the query
	folds []slicing.Fold     // one for each
	// strategy is how the rows get into the table where the model does not say: on PostgreSQL
	// an update leaves dead rows that pages shed by themselves, a delete those that wait for VACUUM.
	strategy string
}

// addition proves that a keyed model's rows can be added to; otherwise it says why not. Types
// are asked for once: sums of floating point numbers depend on the order of their rows, so
// that only exact ones add up to what a full build gives.
func (f *Follower) addition(ctx context.Context, w run.Work, p *plan) (a *addition, why string, err error) {
	folds, err := slicing.Adds(p.full.Code, p.inputs, uniqueKey(w.Node))
	var no *query.Error
	if errors.As(err, &no) {
		return nil, no.What, nil
	}
	if err == nil && hooked(w.Node) {
		return nil, "a hook may change its rows", nil
	}
	if err == nil && (f.ownStrategies || !run.ReplacesByKey(w.Node)) {
		return nil, "its strategy may do more, or less, than to replace the rows of new keys", nil
	}
	if err != nil || !w.There && f.retaining(p) == nil {
		return nil, "", err
	}
	f.mu.Lock()
	list, known := f.types[p.fingerprint]
	f.mu.Unlock()
	if !known {
		if list, err = w.Conn.Describe(ctx, p.full.Code); err != nil {
			if !w.There { // what it reads may not be there either
				return nil, "", nil //nolint:nilerr // the build says what is wrong
			}
			return nil, "", err
		}
		f.mu.Lock()
		f.types[p.fingerprint] = list
		f.mu.Unlock()
	}
	if len(list) != len(folds) {
		return nil, "its columns are not those of the select", nil
	}
	for i, c := range list {
		if folds[i] == slicing.Sum && !exact(c.DataType()) {
			return nil, "the column '" + c.Name + "' is a sum of type " + c.DataType() + ", which depends on the order of rows", nil
		}
	}
	a = &addition{list: list, folds: folds}
	// Where nulls are to equal nulls, MERGE compares by an expression that no join is made for.
	if f.kind == "postgres" && !f.session.Flags.Behavior["enable_truthy_nulls_equals_macro"] {
		if a.strategy, err = f.inPlace(ctx, w.Conn); err != nil {
			return nil, "", err
		}
	}
	return a, "", nil
}

// mergeSince is the first version of PostgreSQL that has MERGE.
const mergeSince = 15_00_00

// inPlace is the strategy that updates rows, "" for a server without it.
func (f *Follower) inPlace(ctx context.Context, c adapters.Conn) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.version == 0 {
		_, rows, err := c.Execute(ctx, "select current_setting('server_version_num')::integer", true, -1)
		if err != nil {
			return "", err
		}
		f.version, _ = rows.Rows[0][0].AsInt()
	}
	if f.version < mergeSince {
		return "", nil
	}
	return "merge", nil
}

// exactTypes are those in which sums are the same in every order.
var exactTypes = relation.TypeSet("tinyint", "smallint", "integer", "bigint", "hugeint", "utinyint", "usmallint", "uinteger", "ubigint", "uhugeint", "numeric", "decimal")

func exact(dtype string) bool {
	base, _, _ := strings.Cut(strings.ToLower(dtype), "(")
	return exactTypes[base]
}

func hooked(n *manifest.Node) bool {
	return len(n.Config.Get("pre-hook").Items())+len(n.Config.Get("post-hook").Items()) > 0
}

func (a *addition) columns() string {
	out := make([]string, len(a.list))
	for i, c := range a.list {
		out[i] = c.Quoted()
	}
	return strings.Join(out, ", ")
}

// around is what stands before and behind the query over new rows to fold its rows with those
// that the model has for their keys, and with those in a table. Grouping finds keys that are
// null, and aggregates pass over values that are.
func (a *addition) around(table, model string, key []string) (head, tail string) {
	var items, keys []string
	for i, c := range a.list {
		name := c.Quoted()
		if a.folds[i] == "" {
			items, keys = append(items, name), append(keys, name)
			continue
		}
		items = append(items, "cast("+string(a.folds[i])+"("+name+") as "+c.DataType()+") as "+name)
	}
	return "with _stream_new as (\n",
		"\n)\nselect " + strings.Join(items, ", ") + " from (\nselect " + a.columns() + " from _stream_new\nunion all\nselect " + a.columns() + " from " + model +
			" where " + in(key, key, "_stream_new") + "\nunion all\nselect " + a.columns() + " from " + table + "\n) as _stream_model\ngroup by " + strings.Join(keys, ", ")
}
