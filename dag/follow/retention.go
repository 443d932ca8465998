package follow

import (
	"context"
	"fmt"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/dag/run"
)

// retaining is a stream that a model reads and whose old rows go; nil for none. Models in
// between that append keep their rows.
func (f *Follower) retaining(p *plan) *manifest.Source {
	for _, fd := range p.feeds {
		if src := f.session.Manifest.Sources[fd.root]; fd.behind == "" && src != nil && declare.Retains(src) {
			return src
		}
	}
	return nil
}

// needsAll refuses a model that reads all rows of its keys where old rows go.
func (f *Follower) needsAll(n *manifest.Node, p *plan) error {
	if src := f.retaining(p); src != nil {
		return f.refuse(n, "it computes all rows of its keys anew, because "+p.recompute+", but "+src.SourceName+"."+src.Name+" keeps rows for a time only (retention)",
			"let it add up (count, exact sums, min, max), or leave out the stream's retention")
	}
	return nil
}

// gone is how many rows of a model's streams are no longer there.
func (f *Follower) gone(ctx context.Context, c adapters.Conn, p *plan) (rows int64, stream string, err error) {
	for _, fd := range p.feeds {
		if fd.behind != "" {
			continue
		}
		n, err := f.ledger.Retired(ctx, c, fd.root)
		if err != nil {
			return 0, "", err
		}
		if n > 0 {
			return n, f.name(fd.root), nil
		}
	}
	return 0, "", nil
}

// stillThere refuses to build a model anew where that would lose what it has made of rows
// that are gone. A first build, and --full-refresh, take what there is.
func (f *Follower) stillThere(ctx context.Context, w run.Work, p *plan, why string) error {
	rows, stream, err := f.gone(ctx, w.Conn, p)
	if err != nil || rows == 0 {
		return err
	}
	n := w.Node
	d := diag.New(diag.CodeSlice, diag.Runtime, n.BodySpan, fmt.Sprintf("model %s has to be built anew, because %s, but %d rows of %s that it has taken in are gone (retention)", n.Name, why, rows, stream))
	d.NodeID = n.UniqueID
	d.Hint = "nothing was changed; --full-refresh builds it from the rows that are left"
	return d
}
