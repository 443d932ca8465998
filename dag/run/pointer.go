package run

import (
	"context"
	"strings"

	"github.com/millrace/millrace/compiler/compile"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/relation"
)

// wantsPointer reports whether the latest version of a model gets a view under its plain name.
func (r *run) wantsPointer(n *manifest.Node) bool {
	if n.ResourceType != manifest.Model || n.Version.IsNull() || !n.IsLatestVersion() {
		return false
	}
	if d := n.Config.Dict("latest_version_pointer"); d != nil {
		if v, ok := d.GetString("enabled"); ok && !v.IsNull() {
			return value.Truth(v)
		}
	}
	return r.Flags.Behavior["latest_version_pointer_enabled_by_default"]
}

// latestVersionPointer builds that view with the view materialization.
func (t *Task) latestVersionPointer(ctx context.Context) error {
	if !t.run.wantsPointer(t.Node) {
		return nil
	}
	target := t.run.Env.NodeRelation(t.Node)
	alias, err := t.pointerAlias(ctx)
	if err != nil {
		return err
	}
	if alias == target.Identifier || !target.QuotePolicy.Identifier && strings.EqualFold(alias, target.Identifier) {
		return diag.New(diag.CodeAmbiguousAlias, diag.Runtime, t.Node.BodySpan, "Cannot create latest version pointer: the latest version of '"+t.Node.Name+
			"' is already aliased to '"+alias+"'. Set `latest_version_pointer: enabled: false` or remove the conflicting alias.")
	}
	n := *t.Node
	n.Alias = alias
	n.UniqueID += "__latest_version_pointer"
	n.RawCode = "select * from " + target.Render()
	n.BodySpan = diag.Span{}
	n.Relation = target.WithIdentifier(alias).Render()
	config := t.Node.Config.Values.Copy()
	config.SetString("pre-hook", value.NewList())
	config.SetString("post-hook", value.NewList())
	config.SetString("persist_docs", value.FromDict(value.NewDict(0)))
	n.Config = &manifest.Config{Values: config}
	out := &compile.Output{Compiled: manifest.Compiled{Code: n.RawCode}}
	v, _, err := t.Materialize(ctx, &n, out, "view")
	if err != nil {
		return err
	}
	rels, err := relations(v, "view", &n)
	if err != nil {
		return err
	}
	for _, rel := range rels {
		c := *rel
		c.DBTCreated = true
		t.run.cache.Add(&c)
	}
	return nil
}

func (t *Task) pointerAlias(ctx context.Context) (string, error) {
	custom := ""
	if d := t.Node.Config.Dict("latest_version_pointer"); d != nil {
		custom = strings.TrimSpace(textOf(d, "alias"))
	}
	entry, ok := t.run.Env.Macros.Find("generate_latest_version_pointer_alias", "")
	if !ok {
		if custom != "" {
			return custom, nil
		}
		return t.Node.Name, nil
	}
	scope, _ := t.Scope(t.Node, t.Out, t.Host())
	v, err := entry.Macro.Call(t.run.Env.Thread(ctx, scope), value.Args{Pos: []value.Value{value.OptString(custom), t.Node.MacroContextValue(nil)}})
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(value.Str(v)), nil
}

// columns asks the database for a relation's columns.
func (c *connection) columns(rel *relation.Relation) ([]*relation.Column, error) {
	v, ok, err := c.CallMethod(nil, "get_columns_in_relation", value.Args{Pos: []value.Value{rel.Value()}})
	if err != nil || !ok {
		return nil, err
	}
	var out []*relation.Column
	for _, x := range v.Items() {
		if col, ok := relation.ColumnFromValue(x); ok {
			out = append(out, col)
		}
	}
	return out, nil
}
