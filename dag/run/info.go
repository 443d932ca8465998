package run

import (
	"encoding/json"
	"time"

	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

const isoMicro = "2006-01-02T15:04:05.000000"

func iso(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(isoMicro)
}

// info is the node_info of a task.
func (t *Task) info(status Status) *event.NodeInfo {
	if t.fixed == nil {
		t.fixed = t.fixedInfo()
	}
	if last := t.told; last != nil && last.Status == string(status) && t.toldAt == [2]time.Time{t.started, t.finished} {
		return last
	}
	n := *t.fixed
	n.Status, n.StartedAt, n.FinishedAt = string(status), iso(t.started), iso(t.finished)
	t.told, t.toldAt = &n, [2]time.Time{t.started, t.finished}
	return &n
}

// fixedInfo is what node_info says of a task all along.
func (t *Task) fixedInfo() *event.NodeInfo {
	n := &event.NodeInfo{UniqueID: t.ID, NodeName: t.name(), ResourceType: string(t.Kind), Meta: map[string]any{}}
	switch {
	case t.Node != nil:
		fillNode(n, t.Node)
	case t.Unit != nil:
		n.NodePath, n.Relation.Schema = t.Unit.Path, t.Unit.Schema
		n.Checksum = t.Unit.Checksum
	case t.Source != nil:
		n.NodePath = t.Source.Path
		n.Relation = event.NodeRelation{Database: t.Source.Database, Schema: t.Source.Schema, RelationName: t.Source.Relation}
		n.Meta = goMap(t.Source.Meta)
	case t.Exposure != nil:
		n.NodePath, n.Meta = t.Exposure.Path, goMap(t.Exposure.Meta)
	case t.Generic != nil:
		n.NodePath = t.Generic.Path
	}
	return n
}

func fillNode(info *event.NodeInfo, n *manifest.Node) {
	info.NodePath, info.Materialized, info.Checksum = n.Path, n.Config.Materialized(), n.Checksum.Checksum
	info.Relation = event.NodeRelation{Database: n.Database, Schema: n.Schema, Alias: n.Alias, RelationName: n.Relation}
	info.Meta = goMap(n.Meta)
}

func goMap(d *value.Dict) map[string]any {
	out := map[string]any{}
	if d == nil {
		return out
	}
	for k, v := range d.All() {
		out[value.Str(k)] = plain(v)
	}
	return out
}

// plain turns a value into what encoding/json writes.
func plain(v value.Value) any {
	switch v.Kind() {
	case value.KindUndefined, value.KindNone:
		return nil
	case value.KindBool:
		b, _ := v.AsBool()
		return b
	case value.KindInt:
		i, _ := v.AsInt()
		return i
	case value.KindFloat:
		f, _ := v.AsFloat()
		return f
	case value.KindList, value.KindTuple:
		out := make([]any, 0, len(v.Items()))
		for _, x := range v.Items() {
			out = append(out, plain(x))
		}
		return out
	case value.KindDict:
		d, _ := v.AsDict()
		return goMap(d)
	}
	return value.Str(v)
}

// loggingGroups maps nodes to the logging form of their group.
func loggingGroups(m *manifest.Manifest) map[string]map[string]any {
	if len(m.Groups) == 0 {
		return nil
	}
	byName := map[string]map[string]any{}
	for _, g := range m.Groups {
		owner := map[string]any{}
		if g.Owner != nil {
			for k, v := range g.Owner.All() {
				if !v.IsNull() {
					owner[value.Str(k)] = value.Str(v)
				}
			}
		}
		byName[g.Name] = map[string]any{"name": g.Name, "package_name": g.PackageName, "owner": owner}
	}
	out := map[string]map[string]any{}
	for id, n := range m.Nodes {
		if g := byName[n.Group]; n.Group != "" && g != nil {
			out[id] = g
		}
	}
	return out
}

// resultData is a result as the run_result of events: only a log that is JSON asks what it holds.
type resultData struct{ *Result }

// MarshalJSON implements json.Marshaler.
func (d resultData) MarshalJSON() ([]byte, error) {
	timing := make([]map[string]any, len(d.Timing))
	for i, t := range d.Timing {
		timing[i] = map[string]any{"name": t.Name, "started_at": iso(t.Started) + "Z", "completed_at": iso(t.Completed) + "Z"}
	}
	failures := int64(0)
	if d.Failures != nil {
		failures = *d.Failures
	}
	return json.Marshal(map[string]any{"status": string(d.Status), "message": d.Message, "thread": d.ThreadID,
		"execution_time": d.ExecutionTime.Seconds(), "num_failures": failures, "timing_info": timing, "adapter_response": goMap(d.Response)})
}

func resultsData(results []*Result) []resultData {
	out := make([]resultData, len(results))
	for i, res := range results {
		out[i] = resultData{res}
	}
	return out
}
