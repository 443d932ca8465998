package landing

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/adapters/kafka/decode"
	"github.com/millrace/millrace/adapters/kafka/ledger"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/relation"
)

// Statements renders the macro of a name with the given arguments: SQL that users may
// change does not stand in Go.
type Statements func(ctx context.Context, macro string, args ...value.Kwarg) (string, error)

// key are the quoted columns that tell rows apart.
func (t *Table) key() []string {
	if len(t.Source.Key) == 0 {
		return []string{quote(decode.ColumnKey)}
	}
	var out []string
	for _, i := range t.Source.Key {
		out = append(out, quote(t.Source.Fields[i].Name))
	}
	return out
}

// prior are the quoted columns of the key before a change of it.
func (t *Table) prior() []string {
	if t.Source.Landing != declare.LandDebezium {
		return nil
	}
	var out []string
	for _, i := range t.Source.Key {
		out = append(out, quote(decode.PriorPrefix+t.Source.Fields[i].Name))
	}
	return out
}

func texts(list []string) value.Value {
	out := make([]value.Value, len(list))
	for i, s := range list {
		out[i] = value.String(s)
	}
	return value.NewList(out...)
}

func arg(name string, v value.Value) value.Kwarg { return value.Kwarg{Name: name, Value: v} }

// current are the arguments that the macros of current rows have in common.
func (w *Writer) current(more ...value.Kwarg) []value.Kwarg {
	t := w.Table
	return append([]value.Kwarg{arg("log", t.Relation.Value()), arg("state", t.Current.Value()), arg("key", texts(t.key())), arg("prior", texts(t.prior()))}, more...)
}

// do runs the statement of a macro.
func (w *Writer) do(ctx context.Context, c adapters.Conn, macro string, args []value.Kwarg) error {
	sql, err := w.SQL(ctx, macro, args...)
	if err != nil {
		return err
	}
	_, _, err = c.Execute(ctx, sql, false, -1)
	return err
}

// keep takes the batch's rows of the log into the current rows. late says that the rows are
// not newer than what has landed before.
func (w *Writer) keep(ctx context.Context, c adapters.Conn, number int64, chunks []*decode.Chunk, late bool) error {
	src := w.Table.Source
	if !src.Stateful() {
		return nil
	}
	batch, all := arg("batch", value.Int(number)), arg("all", value.Bool(late))
	if err := w.ordered(ctx, c, number); err != nil {
		return err
	}
	for _, name := range leftOut(chunks) {
		mark, err := value.AppendJSON(nil, value.String(name), value.JSONOptions{})
		if err != nil {
			return err
		}
		if err := w.do(ctx, c, "stream_fill_unavailable", w.current(arg("column", value.String(quote(name))), arg("name", value.String(strings.ReplaceAll(string(mark), "'", "''"))), batch)); err != nil {
			return err
		}
	}
	truncate := arg("truncate", value.Bool(src.OnTruncate == declare.TruncateApply))
	if src.OnTruncate == declare.TruncateApply && !late {
		if err := w.do(ctx, c, "stream_truncate_current", []value.Kwarg{arg("log", w.Table.Relation.Value()), arg("state", w.Table.Current.Value()), batch}); err != nil {
			return err
		}
	}
	if err := w.do(ctx, c, "stream_delete_current", w.current(batch, all, truncate)); err != nil {
		return err
	}
	return w.do(ctx, c, "stream_insert_current", w.current(arg("columns", texts(w.Table.currentColumns())), batch, all, truncate))
}

// ordered makes sure that the records of each key come from one partition, because only
// within one have they an order.
func (w *Writer) ordered(ctx context.Context, c adapters.Conn, number int64) error {
	sql, err := w.SQL(ctx, "stream_key_conflicts", w.current(arg("batch", value.Int(number)))...)
	if err != nil {
		return err
	}
	_, t, err := c.Execute(ctx, sql, true, -1)
	if err != nil || len(t.Rows) == 0 {
		return err
	}
	r := t.Rows[0]
	d := diag.New(diag.CodeKeyOrder, diag.Runtime, w.Table.Source.Span, fmt.Sprintf("stream %s: the key (%s) was read from %s and from %s: records of different partitions have no order, so which row is the current one is unknown",
		w.Table.Source.Name, value.Str(r[0]), value.Str(r[1]), value.Str(r[2])))
	d.NodeID = w.Table.Source.ID
	d.Hint = "produce all records of a key to one partition; after adding partitions, produce the table again into a new topic"
	return d
}

// leftOut are the columns of which change events left out values.
func leftOut(chunks []*decode.Chunk) []string {
	seen := map[string]bool{}
	for _, c := range chunks {
		for _, name := range c.LeftOut {
			seen[name] = true
		}
	}
	out := make([]string, 0, len(seen))
	for name := range seen {
		out = append(out, name)
	}
	sort.Strings(out)
	return out
}

// currentColumns are the quoted columns of the table of current rows.
func (t *Table) currentColumns() []string {
	var out []string
	for _, c := range t.columns(false) {
		out = append(out, quote(c.name))
	}
	return out
}

// forget takes away the current rows of keys that were touched from some offsets on.
func (w *Writer) forget(ctx context.Context, c adapters.Conn, p ledger.Position) error {
	return w.do(ctx, c, "stream_forget_current", w.current(arg("topic", value.String("'"+strings.ReplaceAll(p.Topic, "'", "''")+"'")),
		arg("partition", value.Int(int64(p.Partition))), arg("offset", value.Int(p.Next))))
}

// remember adds the rows of keys that have none, as the log has them.
func (w *Writer) remember(ctx context.Context, c adapters.Conn) error {
	return w.do(ctx, c, "stream_insert_current", w.current(arg("columns", texts(w.Table.currentColumns())), arg("all", value.Bool(true)),
		arg("truncate", value.Bool(w.Table.Source.OnTruncate == declare.TruncateApply))))
}

// Log is the relation that has all records of a stream whose source has the relation rel.
func Log(src *declare.Source, rel *relation.Relation) *relation.Relation {
	if !src.Stateful() {
		return rel
	}
	return rel.WithIdentifier(rel.Identifier + declare.LogSuffix)
}

// refuseTruncate turns truncates that the stream does not let in into bad records.
func (w *Writer) refuseTruncate(ctx context.Context, chunks []*decode.Chunk) error {
	src := w.Table.Source
	if src.Landing != declare.LandDebezium {
		return nil
	}
	for _, ch := range chunks {
		if len(ch.Truncates) == 0 {
			continue
		}
		switch src.OnTruncate {
		case declare.TruncateIgnore:
			continue
		case declare.TruncateApply:
			n, err := w.Partitions(ctx, ch.Topic)
			if err != nil {
				return err
			}
			if n != 1 {
				d := diag.New(diag.CodeKeyOrder, diag.Runtime, src.Span, fmt.Sprintf("stream %s: %s was truncated at offset %d of partition %d, but the topic has %d partitions: which rows of the others came before is unknown",
					src.Name, ch.Topic, ch.Records[ch.Truncates[0]].Offset, ch.Partition, n))
				d.NodeID, d.Hint = src.ID, "on_truncate: apply needs a topic of one partition; ignore keeps the rows"
				return d
			}
		default:
			messages := map[int]*decode.Error{}
			for _, row := range ch.Truncates {
				messages[row] = &decode.Error{Stage: decode.StageValue, Code: decode.CodeTruncate, Message: "the table was truncated; on_truncate says what that means here"}
			}
			rows := slices.Clone(ch.Truncates)
			w.take(ch, rows, messages)
			ch.Truncates = nil
		}
	}
	return nil
}
