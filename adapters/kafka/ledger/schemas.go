package ledger

import (
	"context"
	"strings"
	"time"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// Verdict is what was decided about a schema, or about a field of records without one.
type Verdict struct {
	Subject     string // of the registry; for records without schemas the topics
	ID, Version int    // 0 without a registry
	Verdict     string
	Detail      string // the columns it is about
	DDL         string // what it changed, statement by statement behind semicolons and new lines
}

// Verdicts reads what was decided for a stream.
func (l *Ledger) Verdicts(ctx context.Context, c adapters.Conn, pipeline string) ([]Verdict, error) {
	t, err := l.Query(ctx, c, "select subject, id, version, verdict, detail from {schemas} where pipeline = "+text(pipeline)+" order by recorded_at, subject, id, verdict")
	if err != nil {
		return nil, err
	}
	out := make([]Verdict, len(t.Rows))
	for i, r := range t.Rows {
		out[i] = Verdict{Subject: value.Str(r[0]), ID: int(Int(r[1])), Version: int(Int(r[2])), Verdict: value.Str(r[3]), Detail: value.Str(r[4])}
	}
	return out, nil
}

// Record carries out what verdicts change and writes them down, inside a transaction that
// holds the stream's owner row.
func (l *Ledger) Record(ctx context.Context, c adapters.Conn, pipeline string, verdicts []Verdict, batch int64, now time.Time) error {
	for _, v := range verdicts {
		if v.DDL != "" {
			for _, sql := range strings.Split(v.DDL, ";\n") {
				if _, err := affected(ctx, c, sql); err != nil {
					return err
				}
			}
		}
		if _, err := affected(ctx, c, "insert into "+l.name("schemas")+" (pipeline, subject, id, version, verdict, detail, ddl, batch, recorded_at) values ("+
			strings.Join([]string{text(pipeline), text(v.Subject), num(int64(v.ID)), num(int64(v.Version)), text(v.Verdict), text(v.Detail), text(v.DDL), num(batch), moment(now)}, ", ")+")"); err != nil {
			return err
		}
	}
	return nil
}
