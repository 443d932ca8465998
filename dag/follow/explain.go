package follow

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/adapters/kafka/ledger"
	"github.com/millrace/millrace/compiler/compile"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/dag/run"
)

// Explained is how one node below a stream advances.
type Explained struct {
	ID      string
	How     string // append, keyed, plain, view, inlined or refused
	Why     string
	SQL     string // what the next advance would run; "" for nodes that are built as a whole
	Refused *diag.Diagnostic
}

// Explain says how each of the plan's nodes below a stream advances, and why. f may be nil.
func Explain(ctx context.Context, s *run.Session, f *Follower, p run.Plan) ([]Explained, error) {
	if f == nil {
		f = &Follower{session: s, models: map[string]*declare.Model{}, streamed: map[string]bool{}}
	}
	var out []Explained
	err := run.Inspect(ctx, s, p, func(work func(n *manifest.Node) (run.Work, error)) error {
		for _, id := range s.Manifest.Order.Nodes {
			n := s.Manifest.Nodes[id]
			i, ok := p.Graph.Index(id)
			if !ok || !p.Selected.Has(i) || !f.below(id) || n.ResourceType != manifest.Model && n.ResourceType != manifest.Snapshot {
				continue
			}
			x, err := f.explain(ctx, n, work)
			if err != nil {
				return err
			}
			out = append(out, x)
		}
		return nil
	})
	return out, err
}

func (f *Follower) explain(ctx context.Context, n *manifest.Node, work func(n *manifest.Node) (run.Work, error)) (Explained, error) {
	x := Explained{ID: n.UniqueID}
	m := f.models[n.UniqueID]
	switch {
	case f.Follows(n):
	case compile.IsEphemeral(n):
		x.How, x.Why = "inlined", "it is part of the models that read it"
		return x, nil
	case n.Config.Materialized() == "view":
		x.How, x.Why = "view", "it shows new rows by itself"
		return x, nil
	case m != nil:
		x.How, x.Why = "plain", "advance: plain; every tick builds it as dbt does"
		return x, nil
	default:
		x.How, x.Why = "plain", "it does not ask for slices (config.meta.stream); every tick builds it as dbt does"
		return x, nil
	}
	w, err := work(n)
	if err != nil {
		return x, err
	}
	p, err := f.plan(ctx, w)
	var d *diag.Diagnostic
	if errors.As(err, &d) && d.Code == diag.CodeSlice {
		x.How, x.Why, x.Refused = "refused", d.Summary, d
		return x, nil
	}
	if err != nil {
		return x, err
	}
	x.How = string(p.mode)
	var reads []string
	switch p.mode {
	case declare.Append:
		for _, fd := range p.feeds {
			reads = append(reads, f.name(fd.id))
		}
		x.Why = "adds what its query gives for new rows of " + strings.Join(reads, ", ")
	default:
		for _, a := range p.access {
			reads = append(reads, strings.Join(a.Exprs, ", ")+" of "+f.name(a.Input.ID))
		}
		key := strings.Join(uniqueKey(n), ", ")
		if p.adds != nil || p.recompute == "" {
			x.Why = "adds what new rows give to the rows of their keys (" + key + "): " + strings.Join(reads, "; ")
			break
		}
		x.Why = "computes anew the keys (" + key + ") that new rows touch: " + strings.Join(reads, "; ") + "; its rows are not added to, because " + p.recompute
	}
	x.SQL, err = f.sample(ctx, w, p)
	return x, err
}

// sample is the SQL of a model's next advance.
func (f *Follower) sample(ctx context.Context, w run.Work, p *plan) (string, error) {
	old, err := f.ledger.ModelPositions(ctx, w.Conn, f.name(w.Node.UniqueID))
	if err != nil {
		return "", err
	}
	next := make([]ledger.ModelPosition, len(p.feeds))
	for i, fd := range p.feeds {
		next[i] = ledger.ModelPosition{Input: f.name(fd.id)}
		upper, err := f.upper(ctx, w, fd, old[next[i].Input].Frontier)
		var d *diag.Diagnostic
		if errors.As(err, &d) && d.Code == diag.CodeSlice {
			continue // the input was never built
		}
		if err != nil {
			return "", err
		}
		next[i].Frontier = upper
	}
	advance := f.append
	if p.mode == declare.Keyed {
		advance = f.keyed
	}
	if !w.There || f.anew(w, p, old) != "" {
		a, err := f.whole(w, p, next, "")
		if err != nil {
			return "", err
		}
		return "-- everything up to now\n" + strings.TrimSpace(a.Out.Code), nil
	}
	a, _, err := advance(w, p, old, next)
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(strings.Join(append(append([]string{}, a.Before...), a.Out.Code), ";\n")), nil
}

// Checked is whether a model has the rows of a full build.
type Checked struct {
	ID      string
	OK      bool
	Message string
}

// Verify compares every model that follows a stream with its query over everything up to its
// position, both ways, duplicates counted.
func (f *Follower) Verify(ctx context.Context, p run.Plan) ([]Checked, error) {
	var out []Checked
	err := run.Inspect(ctx, f.session, p, func(work func(n *manifest.Node) (run.Work, error)) error {
		for _, id := range f.session.Manifest.Order.Nodes {
			n := f.session.Manifest.Nodes[id]
			if i, ok := p.Graph.Index(id); !ok || !p.Selected.Has(i) || !f.Follows(n) {
				continue
			}
			w, err := work(n)
			if err != nil {
				return err
			}
			c, err := f.verify(ctx, w)
			if err != nil {
				return err
			}
			out = append(out, c)
		}
		return nil
	})
	return out, err
}

func (f *Follower) verify(ctx context.Context, w run.Work) (Checked, error) {
	n := w.Node
	c := Checked{ID: n.UniqueID}
	p, err := f.plan(ctx, w)
	if err != nil {
		return c, err
	}
	old, err := f.ledger.ModelPositions(ctx, w.Conn, f.name(n.UniqueID))
	if err != nil {
		return c, err
	}
	if why := f.anew(w, p, old); why != "" || !w.There {
		if why == "" {
			why = "it was not built yet"
		}
		c.OK, c.Message = true, "not compared: "+why
		return c, nil
	}
	rows, stream, err := f.gone(ctx, w.Conn, p)
	if err != nil {
		return c, err
	}
	if rows > 0 {
		c.OK, c.Message = true, fmt.Sprintf("not compared: %d rows of %s are gone (retention)", rows, stream)
		return c, nil
	}
	conditions := map[string]string{}
	for _, fd := range p.feeds {
		conditions[fd.id] = old[f.name(fd.id)].Frontier.UpTo(batchColumn)
	}
	full, _, err := w.Compile(n, conditions, true)
	if err != nil {
		return c, err
	}
	columns, err := w.Conn.Describe(ctx, full.Code)
	if err != nil {
		return c, err
	}
	list := make([]string, len(columns))
	for i, col := range columns {
		list[i] = col.Quoted()
	}
	own := "select " + strings.Join(list, ", ") + " from " + f.session.Env.NodeRelation(n).Render()
	full.Wrap("select "+strings.Join(list, ", ")+" from (\n", "\n) as _stream_full")
	_, table, err := w.Conn.Execute(ctx, "select (select count(*) from ("+full.Code+"\nexcept all\n"+own+") a), (select count(*) from ("+own+"\nexcept all\n"+full.Code+") b)", true, -1)
	if err != nil {
		return c, err
	}
	missing, _ := table.Rows[0][0].AsInt()
	surplus, _ := table.Rows[0][1].AsInt()
	c.OK = missing == 0 && surplus == 0
	if !c.OK {
		c.Message = fmt.Sprintf("%d rows of a full build are missing, and %d rows are not in one", missing, surplus)
	}
	return c, nil
}
