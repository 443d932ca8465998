package run

import (
	"github.com/millrace/millrace/adapters"
	rendering "github.com/millrace/millrace/compiler/context"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/relation"
)

// submitPython runs a Python model on the engine. It may look at what it depends on and at
// what an earlier run has left.
func (t *Task) submitPython(n *manifest.Node, rt *rendering.Runtime) func(model value.Value, code string) (value.Value, error) {
	if n.Language != "python" || n.ResourceType != manifest.Model || t.conn == nil {
		return nil
	}
	ref, source := rt.Ref, rt.Source
	return func(_ value.Value, code string) (value.Value, error) {
		reads := []*relation.Relation{t.run.Env.NodeRelation(n)}
		for _, id := range n.DependsOn.Nodes {
			find := ref
			if t.run.Manifest.Sources[id] != nil {
				find = source
			}
			rel, err := find(id)
			if err != nil {
				return value.Undef, err
			}
			reads = append(reads, rel)
		}
		resp, err := t.conn.RunPython(adapters.PythonJob{Name: n.Name, Path: n.OriginalFilePath, Code: code, Reads: reads, Print: func(line string) {
			t.Emit(event.Print(line))
		}})
		if err != nil {
			return value.Undef, err
		}
		return resp.Value(), nil
	}
}
