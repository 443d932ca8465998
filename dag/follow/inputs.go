package follow

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/adapters/kafka/ledger"
	"github.com/millrace/millrace/compiler/compile"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/sql/query"
	"github.com/millrace/millrace/compiler/sql/slicing"
	"github.com/millrace/millrace/dag/run"
)

// batchColumn carries the batch that a row came with.
const batchColumn = "_stream_batch"

// everything is the condition of an input that is not restricted, for looking at a query.
const everything = "1 = 1"

// feed is a relation whose new rows can be told by their batch.
type feed struct {
	id          string
	root        string // the stream: unique_id of the source table
	fingerprint string // of how the rows come about; "" for the stream itself
	// behind is the model whose own position says how far the relation has come; "" for one
	// that is always as far as the stream.
	behind string
}

// feeds are the relations that a node takes in slices: what it reads, itself or through
// ephemeral models, that changes with a stream.
func (f *Follower) feeds(ctx context.Context, w run.Work, n *manifest.Node) ([]feed, error) {
	var out []feed
	seen := map[string]bool{}
	var visit func(n *manifest.Node) error
	visit = func(n *manifest.Node) error {
		for _, id := range n.DependsOn.Nodes {
			if seen[id] || !f.below(id) {
				continue
			}
			seen[id] = true
			if up := f.session.Manifest.Nodes[id]; compile.IsEphemeral(up) {
				if err := visit(up); err != nil {
					return err
				}
				continue
			}
			fd, err := f.feed(ctx, w, id)
			if err != nil {
				return err
			}
			out = append(out, fd)
		}
		return nil
	}
	err := visit(n)
	return out, err
}

// notFeed says why a relation's new rows cannot be told.
type notFeed struct{ name, why string }

func (e *notFeed) Error() string { return e.name + " " + e.why }

// feed looks at one relation that changes with a stream.
func (f *Follower) feed(ctx context.Context, w run.Work, id string) (feed, error) {
	if src := f.session.Manifest.Sources[id]; src != nil {
		if !declare.Appends(src) {
			return feed{}, &notFeed{"source('" + src.SourceName + "', '" + src.Name + "')", "holds the latest state of each key, whose rows change and go: it has no slices"}
		}
		return feed{id: id, root: id}, nil
	}
	n := f.session.Manifest.Nodes[id]
	name := "ref('" + n.Name + "')"
	following := f.Follows(n)
	switch {
	case n.ResourceType == manifest.Model && n.Config.Materialized() == "view":
	case following && f.mode(n) == declare.Append:
	case following:
		return feed{}, &notFeed{name, "replaces rows of its keys, which has no slices"}
	default:
		return feed{}, &notFeed{name, "changes with the stream as a whole and not row by row"}
	}
	above, err := f.feeds(ctx, w, n)
	if err != nil {
		return feed{}, err
	}
	out, inputs, err := w.Compile(n, unrestricted(above), true)
	if err != nil {
		return feed{}, err
	}
	if err := slicing.Appends(out.Code, inputs); err != nil {
		return feed{}, &notFeed{name, "does not come row by row: " + err.Error()}
	}
	if len(above) != 1 {
		return feed{}, &notFeed{name, "reads several streams, whose batches are numbered each by itself"}
	}
	access, err := slicing.Keys(out.Code, inputs, []string{batchColumn})
	if err != nil {
		return feed{}, &notFeed{name, "does not carry " + batchColumn + " on: " + err.Error()}
	}
	for _, a := range access {
		if strings.Trim(a.Exprs[0], `"`) != batchColumn {
			return feed{}, &notFeed{name, "does not carry " + batchColumn + " on as it is"}
		}
	}
	fd := feed{id: id, root: above[0].root, fingerprint: fingerprint(out, inputs, n, above), behind: above[0].behind}
	if following {
		fd.behind = id
	}
	return fd, nil
}

func unrestricted(list []feed) map[string]string {
	out := map[string]string{}
	for _, fd := range list {
		out[fd.id] = everything
	}
	return out
}

// fingerprint identifies the plan of a node: what its full query says once comments and
// slices are gone, and how its inputs come about.
func fingerprint(out *compile.Output, inputs []slicing.Input, n *manifest.Node, above []feed) string {
	h := sha256.New()
	_, _ = h.Write([]byte(plainCode(out.Code, inputs)))
	for _, key := range []string{"materialized", "incremental_strategy", "unique_key"} {
		_, _ = fmt.Fprintf(h, "\x00%s", strings.Join(n.Config.Strings(key), "\x01"))
	}
	list := make([]string, len(above))
	for i, fd := range above {
		list[i] = fd.root + "\x01" + fd.fingerprint
	}
	sort.Strings(list)
	_, _ = h.Write([]byte("\x00" + strings.Join(list, "\x00")))
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// plainCode is a query as it is without slices.
func plainCode(code string, inputs []slicing.Input) string {
	for _, in := range inputs {
		code = strings.ReplaceAll(code, in.Text, in.Table)
	}
	return query.Normal(code)
}

// upper is how far a relation has come in this transaction's view.
func (f *Follower) upper(ctx context.Context, w run.Work, fd feed, from ledger.Frontier) (ledger.Frontier, error) {
	if fd.behind == "" {
		return f.ledger.Upper(ctx, w.Conn, fd.root, from)
	}
	positions, err := f.ledger.ModelPositions(ctx, w.Conn, f.name(fd.behind))
	if err != nil {
		return ledger.Frontier{}, err
	}
	for _, p := range positions { // it has one input, as one that feeds others must
		return p.Frontier, nil
	}
	n := f.session.Manifest.Nodes[fd.behind]
	return ledger.Frontier{}, diag.New(diag.CodeSlice, diag.Runtime, n.BodySpan, "model "+n.Name+" has no position yet: build it first")
}

// unproven makes an error of the analysis a diagnostic at its place in the user's file.
func (f *Follower) unproven(n *manifest.Node, out *compile.Output, err error) error {
	var e *query.Error
	var nf *notFeed
	span := n.BodySpan
	hint := ""
	what := err.Error()
	switch {
	case errors.As(err, &e):
		if at, ok := out.Map.At(min(e.Offset, len(out.Code))); ok {
			span = at
		}
		hint = e.Hint
	case errors.As(err, &nf):
		for _, r := range n.Refs {
			if nf.name == "ref('"+r.Name+"')" && r.Span.Valid() {
				span = r.Span
			}
		}
		for _, r := range n.Sources {
			if nf.name == "source('"+r.Source+"', '"+r.Table+"')" && r.Span.Valid() {
				span = r.Span
			}
		}
	default:
		return err
	}
	if hint == "" {
		hint = "advance: plain builds the model as a whole in every tick"
	}
	d := diag.New(diag.CodeSlice, diag.Compilation, span, "model "+n.Name+" cannot follow its stream: "+what)
	d.Hint, d.NodeID = hint, n.UniqueID
	return d
}
