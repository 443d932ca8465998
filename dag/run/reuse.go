package run

import (
	"context"

	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/relation"
)

// Reuser knows which nodes give what they gave at their last success, so that they need not
// be built again.
type Reuser interface {
	// Begin prepares a run that builds nodes. What is known of them has to be forgotten where
	// they are built without being asked for.
	Begin(ctx context.Context, db Database, nodes []*manifest.Node, asked bool) error
	// Decide is asked about a compiled node just before it is built. When it is, nothing that
	// was known of the node holds any more.
	Decide(ctx context.Context, t *Task) (Verdict, error)
	// Built is told of every node that was built or passed.
	Built(ctx context.Context, t *Task) error
	// End closes what Begin has opened.
	End() error
}

// Verdict is what a Reuser says of a node, and why.
type Verdict struct {
	Reused bool
	Why    string
}

// Database is the target as a Reuser sees it through the connection of a node.
type Database interface {
	RunMacro(name, pkg string, args value.Args) (value.Value, error)
	// GetRelation finds a relation, nil without one.
	GetRelation(database, schema, identifier string) (*relation.Relation, error)
	// Asked counts the statements that templates have sent by themselves.
	Asked() int
}

// Database is the task's connection, nil without one.
func (t *Task) Database() Database {
	if t.conn == nil {
		return nil
	}
	return t.conn
}

// FollowsStreams reports that the task's model takes its inputs in slices.
func (t *Task) FollowsStreams() bool {
	return t.run.Follow != nil && t.Node != nil && t.run.Follow.Follows(t.Node)
}

// WantsPointer reports that the task's model also builds the view of its latest version.
func (t *Task) WantsPointer() bool { return t.run.wantsPointer(t.Node) }

// Selected reports that a node is built in this run.
func (t *Task) Selected(id string) bool { return t.run.isSelected(id) }

// reusing reports that the run may leave nodes as they are. Nodes that share a transaction do
// not: what they share it for is that all of them are built.
func (r *run) reusing() bool {
	switch r.plan.Mode {
	case ModeBuild, ModeRun, ModeSeed, ModeSnapshot, ModeTest:
	default:
		return false
	}
	f := r.Flags
	return f.SkipUnchanged && r.opts.Shared == nil && !f.Empty && f.Sample == "" && f.EventTimeStart == "" && f.EventTimeEnd == ""
}

// beginReuse loads what is known of the nodes, or forgets it.
func (r *run) beginReuse(ctx context.Context) error {
	if r.Reuse == nil || r.plan.Mode == ModeTest && !r.reusing() { // tests change nothing
		return nil
	}
	r.reuser = r.Reuse()
	const name = "fingerprints"
	c, err := r.connect(ctx, mainThread, name, r.projectName(), nil)
	if err != nil {
		return err
	}
	defer c.release(name)
	var nodes []*manifest.Node
	r.plan.Selected.Each(func(i int) {
		if n := r.Manifest.Nodes[r.plan.Graph.ID(i)]; n != nil {
			nodes = append(nodes, n)
		}
	})
	return r.reuser.Begin(ctx, c, nodes, r.reusing())
}

func (r *run) endReuse() error {
	if r.reuser == nil {
		return nil
	}
	return r.reuser.End()
}

// reuse leaves a compiled node as it is when nothing that decides its result has changed.
func (r *run) reuse(ctx context.Context, t *Task) (bool, error) {
	if r.reuser == nil || t.Node == nil || !r.reusing() {
		return false, nil
	}
	v, err := r.reuser.Decide(ctx, t)
	if err != nil {
		return false, err
	}
	if v.Reused {
		t.Result.Status, t.Result.Message = Reused, v.Why
		return true, nil
	}
	t.Emit(event.NotReused(t.Info(), t.name(), v.Why))
	return false, nil
}

// built tells the Reuser of a success.
func (r *run) built(ctx context.Context, t *Task) error {
	if r.reuser == nil || t.Node == nil || !r.reusing() || t.Result.Status != Success && t.Result.Status != Pass {
		return nil
	}
	return r.reuser.Built(ctx, t)
}
