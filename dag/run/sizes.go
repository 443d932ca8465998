package run

import (
	"context"
	"strings"

	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// measure adds to the responses of what was built how many bytes it has, as "bytes", where the engine has
// a macro that asks for it: one query for the whole run. A run that cannot be measured is none the worse.
func (r *run) measure(ctx context.Context) {
	switch r.plan.Mode {
	case ModeRun, ModeBuild, ModeSeed, ModeSnapshot:
	default:
		return
	}
	built := map[[2]string]*Result{}
	var relations []value.Value
	for _, res := range r.results {
		n := res.Node
		if n == nil || res.Status != Success || res.Response == nil || n.ResourceType == manifest.FunctionType || !relational(n) || n.Config.Materialized() == "view" {
			continue
		}
		rel := r.Env.NodeRelation(n)
		built[sizeKey(rel.Schema, rel.Identifier)] = res
		relations = append(relations, rel.Value())
	}
	if len(built) == 0 || r.Engine == nil || r.opts.Shared != nil || ctx.Err() != nil {
		return
	}
	if err := r.askSizes(ctx, relations, built); err != nil {
		r.emitMain(event.Note(event.Debug, "sizes are not known: "+firstLine(err.Error())))
	}
}

func sizeKey(schema, name string) [2]string {
	return [2]string{strings.ToLower(schema), strings.ToLower(name)}
}

func (r *run) askSizes(ctx context.Context, relations []value.Value, built map[[2]string]*Result) error {
	c, err := r.connect(ctx, mainThread, "master", r.projectName(), nil)
	if err != nil {
		return err
	}
	defer c.release("master")
	sql, err := c.RunMacro("get_relation_bytes_sql", "", value.Args{Kwargs: []value.Kwarg{{Name: "relations", Value: value.NewList(relations...)}}})
	if err != nil || strings.TrimSpace(value.Str(sql)) == "" {
		return err
	}
	_, table, err := c.Execute(value.Str(sql), true, true, -1)
	if err != nil {
		return err
	}
	for _, row := range table.Rows {
		if len(row) != 3 {
			continue
		}
		if res := built[sizeKey(value.Str(row[0]), value.Str(row[1]))]; res != nil {
			res.Response.SetString("bytes", row[2])
		}
	}
	return c.Commit()
}
