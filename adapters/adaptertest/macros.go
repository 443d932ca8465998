package adaptertest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/millrace/millrace/adapters"
	dbtmacros "github.com/millrace/millrace/adapters/macros"
	"github.com/millrace/millrace/compiler"
	scope "github.com/millrace/millrace/compiler/context"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/flags"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/project"
	"github.com/millrace/millrace/compiler/relation"
)

// library is a loaded empty project: nothing but the macros that every project has.
type library struct {
	program *compiler.Program
	h       Harness
	engine  adapters.Engine
	creds   adapters.Credentials
	cache   *adapters.Cache
	events  *sink
}

func newLibrary(t *testing.T, h Harness) *library {
	t.Helper()
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("dbt_project.yml", "name: suite\nversion: '1.0'\nprofile: suite\n")
	output, err := value.AppendJSON(nil, value.FromDict(h.Profile), value.JSONOptions{})
	if err != nil {
		t.Fatal(err)
	}
	write("profiles.yml", "suite: {target: dev, outputs: {dev: "+string(output)+"}}\n") // JSON is YAML
	program, found := compiler.Load(compiler.Options{
		Flags: &flags.Flags{ProjectDir: dir, ProfilesDir: dir, Version: "1.12.6", Now: time.Now(), Which: "run"},
		Env:   project.EnvMap{}, WorkDir: dir, TargetDir: filepath.Join(dir, "target"),
		Internal: []project.Internal{adapters.MacroProject("dbt", dbtmacros.Files())},
		Check: func(_ string, output *value.Dict) (project.Credentials, []project.Internal, error) {
			c, err := h.Driver.Credentials(output)
			return c, h.Driver.Macros(), err
		},
		Dialect: func(string) (*relation.Dialect, bool) { return h.Driver.Dialect(), true },
		Events:  event.Discard,
	})
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	l := &library{program: program, h: h, cache: adapters.NewCache(), events: &sink{}}
	l.engine, l.creds = h.Open(t)
	t.Cleanup(func() {
		if err := l.engine.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// node gives the adapter object of one node.
func (l *library) node(t *testing.T, name string) *node {
	n := &node{lib: l, ctx: context.Background()}
	quoting := l.program.Env.Quoting()
	n.Bridge = adapters.NewBridge(adapters.BridgeOptions{
		Driver: l.h.Driver, Credentials: l.creds, Engine: l.engine, Cache: l.cache, Macros: n, Dialect: l.program.Env.Dialect,
		Quoting: &quoting, Relation: l.program.Env.RelationClass(), Dispatch: l.program.Env.Dispatcher("suite"),
		Name: name, Project: "suite", Events: l.events, Context: n.ctx,
	})
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	return n
}

type node struct {
	*adapters.Bridge
	lib *library
	ctx context.Context
}

func (n *node) thread(pkg string) *value.Thread {
	env := n.lib.program.Env
	s, _ := env.Operation(pkg, n.lib.program.Manifest, scope.Runtime{Adapter: n.Bridge})
	return env.Thread(n.ctx, s)
}

// RunMacro implements adapters.MacroRunner.
func (n *node) RunMacro(name, pkg string, args value.Args) (value.Value, error) {
	entry, ok := n.lib.program.Macros.Find(name, pkg)
	if !ok {
		return value.Undef, diag.New(diag.CodeUnknownMacro, diag.Runtime, diag.Span{}, "no macro "+name)
	}
	return entry.Macro.Call(n.thread(entry.Package), args)
}

// call calls a method as a template does.
func (n *node) call(name string, args ...value.Value) (value.Value, error) {
	v, ok, err := n.CallMethod(n.thread("suite"), name, value.Args{Pos: args})
	if err == nil && !ok {
		err = fmt.Errorf("the adapter has no method %s", name)
	}
	return v, err
}
