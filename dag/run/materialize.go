package run

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/compile"
	rendering "github.com/millrace/millrace/compiler/context"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/macros"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/project"
	"github.com/millrace/millrace/compiler/relation"
)

// Materialize calls the materialization macro of a node, compiled as out, and gives what it
// returned and what its statements stored.
func (t *Task) Materialize(ctx context.Context, n *manifest.Node, out *compile.Output, materialization string) (value.Value, *rendering.State, error) {
	scope, state := t.Scope(n, out, t.Host())
	if n.ResourceType == manifest.Test {
		scope.Flat()
		defer func() { out.Called(n, state.Macros()) }()
	}
	v, err := t.call(ctx, n, scope, materialization)
	return v, state, err
}

func (t *Task) call(ctx context.Context, n *manifest.Node, scope *rendering.Scope, materialization string) (value.Value, error) {
	if t.conn == nil {
		return value.Undef, errNoEngine
	}
	entry, err := t.materialization(n, materialization)
	if err != nil {
		return value.Undef, err
	}
	return entry.Macro.Call(t.run.Env.Thread(ctx, scope), value.Args{})
}

// materialization finds the macro of a materialization for this engine.
func (t *Task) materialization(n *manifest.Node, name string) (*macros.Entry, error) {
	d := t.run.Env.Dialect
	explicit, known := t.run.Flags.Behavior["require_explicit_package_overrides_for_builtin_materializations"]
	entry, ok := t.run.Env.Macros.FindMaterialization(name, d.Name, d.Parents, explicit || !known)
	if !ok {
		missing := macros.MissingMaterialization(name, d.Name, n.BodySpan)
		missing.Hint = diag.DidYouMean(name, t.run.Env.Macros.Materializations(d.Name, d.Parents))
		return nil, missing
	}
	if langs := entry.Macro.SupportedLanguages; len(langs) > 0 && n.Language != "" && !slices.Contains(langs, n.Language) {
		return nil, diag.New(diag.CodeMaterialization, diag.Runtime, n.BodySpan,
			"Materialization \""+entry.Name()+"\" only supports languages "+value.Repr(value.Strings(langs...))+"; got \""+n.Language+"\"")
	}
	return entry.Entry, nil
}

// BuiltinMaterialization reports that a materialization is the program's own.
func (s *Session) BuiltinMaterialization(name string) bool {
	explicit, known := s.Flags.Behavior["require_explicit_package_overrides_for_builtin_materializations"]
	m, ok := s.Env.Macros.FindMaterialization(name, s.Env.Dialect.Name, s.Env.Dialect.Parents, explicit || !known)
	return ok && slices.ContainsFunc(s.Project.Packages, func(p *project.Package) bool { return p.Internal && p.Name == m.Package })
}

// relations are the relations that a materialization returned.
func relations(v value.Value, materialization string, n *manifest.Node) ([]*relation.Relation, error) {
	bad := func(text string) ([]*relation.Relation, error) {
		return nil, diag.New(diag.CodeMaterialization, diag.Compilation, n.BodySpan, text)
	}
	if v.Kind() == value.KindString {
		return bad("The materialization (\"" + materialization + "\") did not explicitly return a list of relations to add to the cache.")
	}
	d, ok := v.AsDict()
	if !ok {
		return bad("Invalid return value from materialization, expected a dict with key \"relations\", got: " + value.Str(v))
	}
	list, ok := d.GetString("relations")
	if !ok {
		return bad("Invalid return value from materialization, \"relations\" not found, got keys: " + value.Repr(value.NewList(d.Keys()...)))
	}
	if list.Kind() != value.KindList {
		return bad("Invalid return value from materialization, \"relations\" not a list, got: " + value.Str(list))
	}
	var out []*relation.Relation
	for _, x := range list.Items() {
		rel, ok := relation.FromValue(x)
		if !ok {
			return bad("Invalid return value from materialization, \"relations\" contains non-Relation: " + value.Str(x))
		}
		out = append(out, rel)
	}
	return out, nil
}

// built takes over what a materialization did: its relations join the cache, the response
// of its main statement becomes the message.
func (t *Task) built(v value.Value, state *rendering.State, n *manifest.Node, materialization string) error {
	rels, err := relations(v, materialization, n)
	if err != nil {
		return err
	}
	for _, rel := range rels {
		c := *rel
		c.DBTCreated = true
		t.run.cache.Add(&c)
	}
	main, ok := state.Result("main")
	if !ok {
		return diag.New(diag.CodeMaterialization, diag.Runtime, n.BodySpan, "main is not being called during running model")
	}
	t.Result.Message, t.Result.Response = Response(main.Response)
	return nil
}

// Response is the text and the dict of a statement's response.
func Response(v value.Value) (string, *value.Dict) {
	if r, ok := adapters.ResponseFromValue(v); ok {
		return r.Message, r.Dict()
	}
	d := value.NewDict(4)
	if o, ok := v.AsObject(); ok {
		if j, ok := o.(value.ToJSON); ok {
			if encoded, ok := j.JSONValue(); ok {
				if from, ok := encoded.AsDict(); ok {
					for k, x := range from.All() {
						if !x.IsNone() {
							_ = d.Set(k, x) // a key that was hashable stays so
						}
					}
				}
			}
		}
	}
	return value.Str(v), d
}

// write stores a statement of the node under target/run.
func (t *Task) write(n *manifest.Node, out *compile.Output, sql string) error {
	path := t.run.compiler.RunPath(n)
	if t.batch != nil {
		_, path = t.run.compiler.BatchPaths(n, t.batch.name)
	}
	if out != nil {
		out.BuildPath = path
	}
	return t.run.writeFile(path, sql)
}

// WriteCompiled stores compiled code under target/compiled.
func (t *Task) WriteCompiled(out *compile.Output) error {
	if out.Code == "" || out.Path == "" {
		return nil
	}
	if t.batch != nil {
		out.Path, _ = t.run.compiler.BatchPaths(t.Node, t.batch.name)
	}
	return t.run.writeFile(out.Path, out.Code)
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && !info.IsDir()
}

// writeFile writes below the target folder; path is as artifacts name it.
func (s *Session) writeFile(path, text string) error {
	rel, ok := strings.CutPrefix(path, s.targetPath()+"/")
	if !ok || s.TargetDir == "" {
		return nil
	}
	full := filepath.Join(s.TargetDir, filepath.FromSlash(rel))
	err := create(full, text)
	if err != nil && isFile(filepath.Dir(full)) {
		_ = os.Remove(filepath.Dir(full)) // an earlier version had a file here, where snapshots have a folder
		err = os.ErrNotExist
	}
	if errors.Is(err, os.ErrNotExist) {
		if err = os.MkdirAll(filepath.Dir(full), 0o755); err == nil {
			err = create(full, text)
		}
	}
	if errors.Is(err, os.ErrExist) {
		if holds(full, text) {
			return nil
		}
		err = os.WriteFile(full, []byte(text), 0o644)
	}
	return err
}

// create writes a file that is not there yet: in a target that is new, that is one look at the disk less.
func create(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// holds reports that a file has this text already. Most runs compile what the last one did, and a
// file that is written anew costs many times what reading it costs: the next commit of a database on the same
// disk waits until it is stored.
func holds(path, text string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	found := make([]byte, len(text)+1)
	n, err := io.ReadFull(f, found)
	return errors.Is(err, io.ErrUnexpectedEOF) && string(found[:n]) == text
}

// loadSeed reads a seed's CSV when its materialization asks for it.
func (t *Task) loadSeed(n *manifest.Node) func() (*agate.Table, error) {
	if n.ResourceType != manifest.Seed {
		return nil
	}
	return func() (*agate.Table, error) {
		table, err := ReadSeed(n, -1)
		if err == nil && t.run.Flags.Empty {
			table = table.Head(0) // the columns keep the types of the rows
		}
		if err == nil && t.run.opts.KeepTables {
			t.Result.Table = table
		}
		return table, err
	}
}
