package ledger

import (
	"context"
	"strings"
	"time"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// Change is what a row of a published model has become since it was published.
type Change struct {
	Key     string
	Value   string // the row; "" with Deleted
	Hash    string // of the value
	Deleted bool
}

// Tables of sinks: what of a model the topic knows, row by row, and how much was sent.
func sinkTables(table func(name, cols string) string, key func(cols string) string) []string {
	return []string{
		table("published", "model text, topic text, row_key text, row_hash text"+key("model, topic, row_key")),
		table("sinks", "model text, topic text, sent bigint, deleted bigint, published_at timestamp with time zone"+key("model, topic")),
	}
}

// Changes compares the rows of a query (row_key, row_value, row_hash) with what was
// published of a model, and gives at most limit of the differences in order of their keys.
func (l *Ledger) Changes(ctx context.Context, c adapters.Conn, model, topic, rows string, limit int) ([]Change, error) {
	t, err := l.Query(ctx, c, `with present as (`+rows+`), known as (select row_key, row_hash from {published} where model = `+text(model)+` and topic = `+text(topic)+`)
		select coalesce(present.row_key, known.row_key) as row_key, present.row_value, present.row_hash
		from present full join known on known.row_key = present.row_key
		where present.row_hash is distinct from known.row_hash
		order by 1 limit `+num(int64(limit)))
	if err != nil {
		return nil, err
	}
	out := make([]Change, len(t.Rows))
	for i, r := range t.Rows {
		out[i] = Change{Key: value.Str(r[0]), Deleted: r[2].IsNull()}
		if !out[i].Deleted {
			out[i].Value, out[i].Hash = value.Str(r[1]), value.Str(r[2])
		}
	}
	return out, nil
}

// PublishedTests are the hashes of what a topic knows of a package's data tests, by their unique_id.
func (l *Ledger) PublishedTests(ctx context.Context, c adapters.Conn, topic, pkg string) (map[string]string, error) {
	prefix := "test." + pkg + "."
	t, err := l.Query(ctx, c, "select model, row_hash from {published} where topic = "+text(topic)+" and left(model, "+num(int64(len([]rune(prefix))))+") = "+text(prefix))
	if err != nil {
		return nil, err
	}
	known := make(map[string]string, len(t.Rows))
	for _, r := range t.Rows {
		known[value.Str(r[0])] = value.Str(r[1])
	}
	return known, nil
}

// Published writes down that changes have been sent.
func (l *Ledger) Published(ctx context.Context, c adapters.Conn, model, topic string, changes []Change, now time.Time) error {
	return Within(ctx, c, func() error {
		where := " where model = " + text(model) + " and topic = " + text(topic)
		var keys, rows []string
		var deleted int64
		for _, ch := range changes {
			keys = append(keys, text(ch.Key))
			if ch.Deleted {
				deleted++
				continue
			}
			rows = append(rows, "("+strings.Join([]string{text(model), text(topic), text(ch.Key), text(ch.Hash)}, ", ")+")")
		}
		statements := []string{"delete from " + l.name("published") + where + " and row_key in (" + strings.Join(keys, ", ") + ")"}
		if len(rows) > 0 {
			statements = append(statements, "insert into "+l.name("published")+" (model, topic, row_key, row_hash) values "+strings.Join(rows, ", "))
		}
		for _, sql := range statements {
			if _, err := affected(ctx, c, sql); err != nil {
				return err
			}
		}
		sent := num(int64(len(changes)))
		n, err := affected(ctx, c, "update "+l.name("sinks")+" set sent = sent + "+sent+", deleted = deleted + "+num(deleted)+", published_at = "+moment(now)+where)
		if err == nil && n == 0 {
			_, err = affected(ctx, c, "insert into "+l.name("sinks")+" (model, topic, sent, deleted, published_at) values ("+strings.Join([]string{text(model), text(topic), sent, num(deleted), moment(now)}, ", ")+")")
		}
		return err
	})
}

// Sinks says what has been published of which model.
func (l *Ledger) Sinks(ctx context.Context, c adapters.Conn) (*agate.Table, error) {
	return l.Query(ctx, c, `select s.model, s.topic, (select count(*) from {published} p where p.model = s.model and p.topic = s.topic) as "rows", s.sent, s.deleted, s.published_at
		from {sinks} s order by s.model, s.topic`)
}
