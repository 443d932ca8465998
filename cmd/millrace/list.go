package main

import (
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
	want := compiler.Outline
	if f.Output == "json" || f.State != "" || f.DeferState != "" {
		want = compiler.Everything
	}
	p, err := inv.loadWanted(want)
	if err != nil {
		return exitProject, err
	}
	g, err := inv.graph(p)
	if err != nil {
		return exitProject, err
	}
	if err := inv.writeParsed(p); err != nil {
		return exitProject, err
	}
	st, err := inv.readStates()
	if err != nil {
		return exitProject, err
	}
	selected, err := inv.selectNodes(p, g, st)
	if err != nil {
		return exitProject, err
	}
	if selected.Empty() {
		inv.emit(event.Event{Name: "NoNodesSelected", Code: "M024", Level: event.Warn, Msg: "[WARNING]: No nodes selected!", Data: map[string]any{}})
		return exitOK, nil
	}
	inv.view.Hold()
	defer inv.view.Release()
	for _, id := range g.IDs(selected) {
		line, err := inv.listed(p, id)
		if err != nil {
			return exitProject, err
		}
		inv.emit(event.Event{Name: "PrintEvent", Code: "Z052", Level: event.Info, Msg: line, Data: map[string]any{"msg": line}})
	}
	return exitOK, nil
}

// listed is one line of the listing.
func (inv *invocation) listed(p *compiler.Program, id string) (string, error) {
	if n, ok := p.Manifest.Nodes[id]; ok {
		switch inv.flags.Output {
		case "name":
			return n.SearchName(), nil
		case "path":
			return n.OriginalFilePath, nil
		case "json":
		default:
			return strings.Join(n.FQN, "."), nil
		}
	}
	node, _ := p.Manifest.NodeValue(id).AsDict()
	text := func(key string) string {
		v, _ := node.GetString(key)
		return value.Str(v)
	}
	switch inv.flags.Output {
	case "name":
		if s, ok := p.Manifest.Sources[id]; ok {
			return s.SourceName + "." + s.Name, nil
		}
		return text("name"), nil
	case "path":
		return text("original_file_path"), nil
	case "json":
		return inv.listedJSON(p, id, node)
	}
	switch kind := manifest.ResourceType(text("resource_type")); kind {
	case manifest.SourceType:
		return "source:" + text("package_name") + "." + text("source_name") + "." + text("name"), nil
	case manifest.ExposureType, manifest.MetricType, manifest.SavedQuery, manifest.SemanticModel, manifest.UnitTest:
		name := text("name")
		if u, ok := p.Manifest.UnitTests[id]; ok && !u.Version.IsNull() {
			name += "_v" + value.Str(u.Version)
		}
		return string(kind) + ":" + text("package_name") + "." + name, nil
	}
	fqn, _ := node.GetString("fqn")
	parts := make([]string, 0, 4)
	for _, x := range fqn.Items() {
		parts = append(parts, value.Str(x))
	}
	return strings.Join(parts, "."), nil
}

func (inv *invocation) listedJSON(p *compiler.Program, id string, node *value.Dict) (string, error) {
	if n, ok := p.Manifest.Nodes[id]; ok && n.ResourceType == manifest.Model {
		node = node.Copy()
		node.SetString("direct_parents", value.Strings(p.Manifest.Parents[id]...))
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
