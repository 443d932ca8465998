package run

import (
	"context"
	"sort"
	"strings"

	"github.com/millrace/millrace/compiler/compile"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/relation"
)

// Orphan is a relation that no node of the project owns.
type Orphan struct {
	Relation *relation.Relation
	Why      string // "no node owns it", "left over …"
	Kept     string // why it is not dropped although nobody owns it; "" for none
	Dropped  bool
	Err      error // dropping it failed
}

// Pruned is what Prune found and did.
type Pruned struct {
	Schemas []*relation.Relation // the schemas that were looked at
	Owned   int                  // relations there that belong to nodes or sources
	Orphans []*Orphan
}

// Prune finds relations that no node owns in the schemas that nodes write to, and drops
// them with apply. only narrows the schemas by name. Functions are never touched.
func Prune(ctx context.Context, s *Session, only []string, apply bool) (*Pruned, error) {
	r, err := newRun(s, Plan{Mode: ModeOperation}, Options{})
	if err != nil {
		return nil, err
	}
	c, err := r.connect(ctx, mainThread, "prune", r.projectName(), nil)
	if err != nil {
		return nil, err
	}
	defer c.release("prune")
	owned, err := r.owned(ctx, c)
	if err != nil {
		return nil, err
	}
	out := &Pruned{}
	if out.Schemas, err = chosenSchemas(r.ownSchemas(), only); err != nil {
		return nil, err
	}
	for _, schema := range out.Schemas {
		found, err := c.ListUncached(schema)
		if err != nil {
			return nil, err
		}
		for _, rel := range found {
			switch {
			case rel.Type == relation.Function:
			case owned.has(rel):
				out.Owned++
			default:
				out.Orphans = append(out.Orphans, &Orphan{Relation: rel, Why: owned.why(rel)})
			}
		}
	}
	sortOrphans(out.Orphans)
	if err := keepRead(c, out.Orphans); err != nil {
		return nil, err
	}
	if err := c.Commit(); err != nil { // the listing may have begun a transaction
		return nil, err
	}
	if !apply {
		return out, nil
	}
	for _, o := range out.Orphans {
		if o.Kept != "" {
			continue
		}
		if o.Err = c.DropRelation(o.Relation); o.Err == nil {
			o.Err = c.Commit()
		}
		o.Dropped = o.Err == nil
	}
	return out, nil
}

// ownSchemas are the schemas that enabled nodes write to, in the order of their names.
func (r *run) ownSchemas() []*relation.Relation {
	var out []*relation.Relation
	seen := map[string]bool{}
	for _, id := range r.Manifest.Order.Nodes {
		n := r.Manifest.Nodes[id]
		if n == nil || n.ResourceType == manifest.FunctionType || !relational(n) && !r.StoresFailures(n) {
			continue
		}
		schema := r.Env.NodeRelation(n).WithoutIdentifier()
		if key := nameKey(schema); schema.HasSchema && !seen[key] {
			seen[key] = true
			out = append(out, schema)
		}
	}
	sort.Slice(out, func(a, b int) bool { return nameKey(out[a]) < nameKey(out[b]) })
	return out
}

func chosenSchemas(all []*relation.Relation, only []string) ([]*relation.Relation, error) {
	if len(only) == 0 {
		return all, nil
	}
	var out []*relation.Relation
	names := make([]string, len(all))
	for i, s := range all {
		names[i] = s.Schema
	}
	picked := map[string]bool{}
	for _, want := range only {
		known := false
		for _, s := range all {
			if !strings.EqualFold(s.Schema, want) && !strings.EqualFold(s.Database+"."+s.Schema, want) {
				continue
			}
			if known = true; !picked[nameKey(s)] {
				picked[nameKey(s)] = true
				out = append(out, s)
			}
		}
		if !known {
			d := &diag.Diagnostic{Code: diag.CodeUsage, Kind: diag.Usage, Summary: "no node of the project writes to a schema '" + want + "'; they write to " + strings.Join(names, ", ")}
			d.Hint = diag.DidYouMean(want, names)
			return nil, d
		}
	}
	return out, nil
}

// nameKey ignores case: what differs only in case counts as owned.
func nameKey(rel *relation.Relation) string {
	return strings.ToLower(rel.Database + "\x00" + rel.Schema + "\x00" + rel.Identifier)
}

// ownership says whose relation a name is.
type ownership struct {
	owners   map[string]string // of enabled nodes and of sources
	disabled map[string]string
}

func (o *ownership) has(rel *relation.Relation) bool { return o.owners[nameKey(rel)] != "" }

// owned collects the relations of every enabled node and source. Tests count even without
// store_failures: a run may have asked for it.
func (r *run) owned(ctx context.Context, c *connection) (*ownership, error) {
	o := &ownership{owners: map[string]string{}, disabled: map[string]string{}}
	for id, n := range r.Manifest.Nodes {
		if !relational(n) && n.ResourceType != manifest.Test {
			continue
		}
		rel := r.Env.NodeRelation(n)
		o.owners[nameKey(rel)] = id
		if n.ResourceType == manifest.Model && r.wantsPointer(n) {
			t := &Task{ID: id, Kind: n.ResourceType, Node: n, run: r, thread: mainThread, conn: c}
			alias, err := t.pointerAlias(ctx)
			if err != nil {
				return nil, err
			}
			o.owners[nameKey(rel.WithIdentifier(alias))] = id
		}
	}
	for id := range r.Manifest.Sources {
		if rel, ok := r.Env.RelationOf(r.Manifest, id); ok {
			o.owners[nameKey(rel)] = id
		}
	}
	for id, list := range r.Manifest.Disabled {
		for _, x := range list {
			if n, ok := x.(*manifest.Node); ok && n.Config != nil && !compile.IsEphemeral(n) {
				o.disabled[nameKey(r.Env.NodeRelation(n))] = id
			}
		}
	}
	return o, nil
}

// leftovers are the suffixes of relations that exist only while a node is built.
var leftovers = []string{"__dbt_tmp", "__dbt_backup", "__dbt_new", "__dbt_old"}

func (o *ownership) why(rel *relation.Relation) string {
	lower := strings.ToLower(rel.Identifier)
	for _, suffix := range leftovers {
		if at := strings.LastIndex(lower, suffix); at > 0 {
			base := *rel
			base.Identifier = rel.Identifier[:at]
			if id := o.owners[nameKey(&base)]; id != "" {
				return "left over from an interrupted build of " + id
			}
			return "left over from an interrupted build"
		}
	}
	if id := o.disabled[nameKey(rel)]; id != "" {
		return id + " is disabled"
	}
	return "no node owns it"
}

// sortOrphans puts views first: they may read the tables.
func sortOrphans(list []*Orphan) {
	rank := func(o *Orphan) int {
		if o.Relation.Type == relation.Table {
			return 1
		}
		return 0
	}
	sort.SliceStable(list, func(a, b int) bool {
		if x, y := rank(list[a]), rank(list[b]); x != y {
			return x < y
		}
		return nameKey(list[a].Relation) < nameKey(list[b].Relation)
	})
}

// keepRead keeps orphans that something reads which is not dropped itself: where drops
// cascade, they would take it along.
func keepRead(c *connection, orphans []*Orphan) error {
	links, err := c.Links()
	if err != nil || len(links) == 0 {
		return err
	}
	byName := make(map[string]*Orphan, len(orphans))
	for _, o := range orphans {
		byName[nameKey(o.Relation)] = o
	}
	for changed := true; changed; { // until nothing that is kept reads something that is not
		changed = false
		for _, l := range links {
			read := byName[nameKey(l.Referenced)]
			if read == nil || read.Kept != "" {
				continue
			}
			if reader := byName[nameKey(l.Dependent)]; reader == nil || reader.Kept != "" {
				read.Kept = l.Dependent.Render() + " reads it"
				changed = true
			}
		}
	}
	return nil
}
