package reuse

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/kafka/declare"
	"github.com/millrace/millrace/adapters/kafka/ledger"
	"github.com/millrace/millrace/compiler/compile"
	rendering "github.com/millrace/millrace/compiler/context"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/project"
	"github.com/millrace/millrace/compiler/relation"
	"github.com/millrace/millrace/compiler/sql/scan"
	"github.com/millrace/millrace/dag/run"
)

// version is what an input holds: the same text only for the same rows. An empty text is one that
// cannot be told.
type version struct{ text, why string }

// collect finds the versions of everything whose rows a node's result is made from. A view or an
// ephemeral model holds none itself: what it reads counts, however far up.
func (k *Keeper) collect(ctx context.Context, t *run.Task, n *manifest.Node, into map[string]string) (why string, err error) {
	for _, id := range n.DependsOn.Nodes {
		if _, seen := into[id]; seen {
			continue
		}
		parent := k.session.Manifest.Nodes[id]
		if compile.IsEphemeral(parent) {
			into[id] = "inlined"
		} else {
			v, err := k.version(ctx, t, id)
			if err != nil {
				return "", err
			}
			if v.text == "" {
				return "what " + run.ShortName(k.session.Manifest, id) + " holds cannot be known: " + v.why, nil
			}
			into[id] = v.text
		}
		if parent != nil && (compile.IsEphemeral(parent) || parent.Config.Materialized() == "view") {
			if why, err := k.collect(ctx, t, parent, into); why != "" || err != nil {
				return why, err
			}
		}
	}
	return "", nil
}

// version is the version of one input. That of a source is found out once in a run.
func (k *Keeper) version(ctx context.Context, t *run.Task, id string) (version, error) {
	k.mu.Lock()
	v, known := k.inputs[id]
	k.mu.Unlock()
	if known {
		return v, nil
	}
	var err error
	switch src, n := k.session.Manifest.Sources[id], k.session.Manifest.Nodes[id]; {
	case src != nil:
		v, err = k.source(ctx, t, src)
	case n != nil:
		v, err = k.built(ctx, t, n)
	default:
		v.why = "it is neither built nor a source"
	}
	if err != nil {
		return v, err
	}
	k.mu.Lock()
	k.inputs[id] = v
	k.mu.Unlock()
	return v, nil
}

// built is the version of a node's relation: the success that it comes from. What this run has
// not built or looked at may have been changed by something else.
func (k *Keeper) built(ctx context.Context, t *run.Task, n *manifest.Node) (version, error) {
	k.mu.Lock()
	r := k.records[key(n)]
	k.mu.Unlock()
	if r == nil || r.Node != n.UniqueID {
		return version{why: "no success of it is recorded"}, nil
	}
	identity, err := k.identity(ctx, t, n)
	if err != nil {
		return version{}, err
	}
	if identity != r.Identity {
		return version{why: "something else has changed it"}, nil
	}
	return version{text: r.Build}, nil
}

// find finds the relation of a node, nil without one.
func (k *Keeper) find(t *run.Task, n *manifest.Node) (*relation.Relation, error) {
	own := k.session.Env.NodeRelation(n)
	return t.Database().GetRelation(own.Database, own.Schema, own.Identifier)
}

// identity is what tells a relation from another one of its name, "" when it is not there.
func (k *Keeper) identity(ctx context.Context, t *run.Task, n *manifest.Node) (string, error) {
	found, err := k.find(t, n)
	if err != nil || found == nil {
		return "", err
	}
	return k.store.row(ctx, t.Database(), "get_relation_identity_sql", found.Value())
}

// source is the version of a source table, by what says most about it. A failure to ask is no
// error of the run: the source is unknown, and what reads it is built.
func (k *Keeper) source(ctx context.Context, t *run.Task, src *manifest.Source) (version, error) {
	rel, ok := k.session.Env.RelationOf(k.session.Manifest, src.UniqueID)
	if !ok {
		return version{why: "it has no relation"}, nil
	}
	var text string
	var err error
	switch {
	case declare.Has(src):
		text, err = k.stream(ctx, src)
	case k.session.Env.PluginMeta(src) != nil:
		return version{why: "a plugin loads it"}, nil
	case len(rel.Metadata) > 0:
		return files(rel), nil
	case src.LoadedAtQuery != "":
		text, err = k.loadedAt(ctx, t, src, rel)
	case src.LoadedAtField != "":
		text, err = k.store.row(ctx, t.Database(), "get_source_version_sql", rel.Value(), value.String(src.LoadedAtField))
	default:
		return version{why: "it has no loaded_at_field"}, nil
	}
	if err != nil {
		if ctx.Err() != nil {
			return version{}, err
		}
		first, _, _ := strings.Cut(err.Error(), "\n")
		return version{why: first}, nil
	}
	return version{text: text, why: "nothing says what it holds"}, nil
}

// stream is the version of a streamed source: its batches.
func (k *Keeper) stream(ctx context.Context, src *manifest.Source) (text string, err error) {
	l := ledger.New(k.session.Driver.Name(), k.session.Driver.Dialect(), k.store.database)
	err = k.store.do(ctx, func(c adapters.Conn) error {
		text, err = l.Version(ctx, c, src.UniqueID)
		return err
	})
	return text, err
}

// loadedAt asks the source's own query.
func (k *Keeper) loadedAt(ctx context.Context, t *run.Task, src *manifest.Source, rel *relation.Relation) (string, error) {
	tmpl, d := jinja.Parse(diag.NewSource(src.OriginalFilePath, src.LoadedAtQuery))
	if d != nil {
		return "", d
	}
	scope, _ := k.session.Env.Freshness(src, k.session.Manifest, rendering.Runtime{Quiet: true})
	query, err := tmpl.Render(k.session.Env.Thread(ctx, scope))
	if err != nil {
		return "", err
	}
	return k.store.row(ctx, t.Database(), "get_source_version_custom_sql", rel.Value(), value.String(query))
}

// readers are the functions that read files and nothing else.
var readers = map[string]bool{"read_csv": true, "read_csv_auto": true, "read_parquet": true, "parquet_scan": true, "read_json": true, "read_json_auto": true,
	"read_ndjson": true, "read_ndjson_auto": true, "read_json_objects": true, "read_text": true, "read_blob": true}

// files is the version of a source that lies in local files: their names, sizes and times.
func files(rel *relation.Relation) version {
	var found []string
	text := rel.Render()
	if name, _, call := strings.Cut(text, "("); call && !readers[strings.ToLower(strings.TrimSpace(name))] && !strings.HasPrefix(text, "'") {
		return version{why: name + "() may read anything"}
	}
	for tok := range scan.Tokens(text) {
		if tok.Kind != scan.String {
			continue
		}
		pattern := strings.ReplaceAll(strings.Trim(tok.Text(text), "'"), "''", "'")
		if !strings.ContainsAny(pattern, "./\\") {
			continue // an argument such as a separator
		}
		if strings.Contains(pattern, "://") || strings.Contains(pattern, "**") || strings.Contains(pattern, ":") {
			return version{why: pattern + " is no local file"}
		}
		names, err := filepath.Glob(pattern)
		if err != nil || len(names) == 0 {
			return version{why: pattern + " is no local file"}
		}
		for _, name := range names {
			info, err := os.Stat(name)
			if err != nil || !info.Mode().IsRegular() {
				return version{why: name + " is no local file"}
			}
			change, inode := project.ChangeOf(info)
			found = append(found, fmt.Sprint(name, " ", info.Size(), " ", info.ModTime().UnixNano(), " ", change, " ", inode))
		}
	}
	if len(found) == 0 {
		return version{why: "it names no local file"}
	}
	return version{text: hash(strings.Join(found, "\n"))}
}
