package main

import (
	"slices"
	"strings"

	"github.com/millrace/millrace/compiler"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// listKeys are the keys of `ls --output json` without --output-keys.
var listKeys = []string{"alias", "name", "package_name", "depends_on", "tags", "config", "resource_type", "source_name", "original_file_path", "unique_id", "direct_parents"}

// list prints the selected nodes, one a line, also under --quiet.
func (inv *invocation) list() (int, error) {
	f := inv.flags
	if len(f.Models) > 0 {
		if len(f.Select) > 0 {
			return exitProject, &diag.Diagnostic{Code: diag.CodeUsage, Kind: diag.Runtime, Summary: `"models" and "select" are mutually exclusive arguments`}
		}
		if len(f.ResourceTypes) > 0 {
			return exitProject, &diag.Diagnostic{Code: diag.CodeUsage, Kind: diag.Runtime, Summary: `"models" and "resource_type" are mutually exclusive arguments`}
		}
		f.ResourceTypes = []string{"model"}
	}
	p, err := inv.loadWanted(inv.listWant())
	if err != nil {
		return exitProject, err
	}
	list, err := inv.listed(p)
	if err != nil {
		return exitProject, err
	}
	if len(list) == 0 {
		inv.emit(event.Event{Name: "NoNodesSelected", Code: "M024", Level: event.Warn, Msg: "[WARNING]: No nodes selected!", Data: map[string]any{}})
		return exitOK, nil
	}
	inv.view.Hold()
	defer inv.view.Release()
	for _, r := range list {
		line := r.Selector
		switch f.Output {
		case "name":
			line = r.Name
		case "path":
			line = r.Path
		case "json":
			if line, err = inv.listedJSON(p, r.ID); err != nil {
				return exitProject, err
			}
		}
		inv.answer(line)
	}
	return exitOK, nil
}

// listWant is how much of a project that has not changed the listing needs.
func (inv *invocation) listWant() compiler.Want {
	f := inv.flags
	switch {
	case f.Output == "json" || f.State != "" || f.DeferState != "":
		return compiler.Everything
	case len(f.Select)+len(f.Models)+len(f.Exclude) > 0 || f.Selector != "":
		return compiler.Outline
	}
	return compiler.Listing
}

// listed writes the artifacts and gives what is listed. A kept project has been checked, so
// that a listing of all of it takes no graph.
func (inv *invocation) listed(p *compiler.Program) ([]manifest.Listed, error) {
	if inv.listWant() == compiler.Listing {
		if p.Cached() && p.Project.Selectors.IsNull() {
			if list, err := inv.listing(p); err == nil {
				inv.keep(p)
				return list, inv.writeParsed(p)
			}
		}
		var err error
		if p, err = inv.complete(p); err != nil {
			return nil, err
		}
	}
	g, err := inv.graph(p)
	if err != nil {
		return nil, err
	}
	if err := inv.writeParsed(p); err != nil {
		return nil, err
	}
	st, err := inv.readStates()
	if err != nil {
		return nil, err
	}
	selected, err := inv.selectNodes(p, g, st)
	if err != nil {
		return nil, err
	}
	ids := g.IDs(selected)
	list := make([]manifest.Listed, len(ids))
	for i, id := range ids {
		list[i] = p.Manifest.Listed(id)
	}
	return list, nil
}

// listing is everything of the types that are listed.
func (inv *invocation) listing(p *compiler.Program) ([]manifest.Listed, error) {
	allowed, d := types(inv.flags)
	if d != nil {
		return nil, d
	}
	list, err := p.Listing()
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(list, func(r manifest.Listed) bool { return !slices.Contains(allowed, r.Type) }), nil
}

func (inv *invocation) listedJSON(p *compiler.Program, id string) (string, error) {
	node, _ := p.Manifest.NodeValue(id).AsDict()
	if n, ok := p.Manifest.Nodes[id]; ok && n.ResourceType == manifest.Model {
		node = node.Copy()
		node.SetString("direct_parents", value.Strings(n.DependsOn.Nodes...))
	}
	out := value.NewDict(12)
	keys := inv.flags.OutputKeys
	if len(keys) == 0 {
		for k, v := range node.All() {
			if name, _ := k.AsString(); contains(listKeys, name) {
				out.SetString(name, v)
			}
		}
	}
	for _, key := range keys {
		v, ok := dig(node, strings.Split(key, "."))
		if ok && (!v.IsNone() || !strings.Contains(key, ".")) {
			out.SetString(key, v)
		}
	}
	line, err := value.AppendJSON(nil, value.FromDict(out), value.JSONOptions{})
	return string(line), err
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// dig follows a dotted key.
func dig(d *value.Dict, path []string) (value.Value, bool) {
	v, ok := d.GetString(path[0])
	if !ok || len(path) == 1 {
		return v, ok
	}
	next, isDict := v.AsDict()
	if !isDict {
		return value.None, false
	}
	return dig(next, path[1:])
}
