package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/cmd/internal/view"
	"github.com/millrace/millrace/compiler"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/flags"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/parse"
	"github.com/millrace/millrace/compiler/yaml"
	"github.com/millrace/millrace/dag"
	"github.com/millrace/millrace/dag/reuse"
	"github.com/millrace/millrace/dag/run"
)

// load parses the project and says what it found.
func (inv *invocation) load() (*compiler.Program, error) { return inv.loadWanted(compiler.Everything) }

// loadWanted is load for a command that needs less of a project that has not changed.
func (inv *invocation) loadWanted(want compiler.Want) (*compiler.Program, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	p, notes := compiler.Load(compiler.Options{
		Flags: inv.flags, Env: inv.env, Internal: internals(), Check: checkOutput, Dialect: dialectOf, HomeDir: inv.home, WorkDir: dir,
		Events: inv, TargetDir: inv.targetDir(), Inline: inv.flags.Inline, Context: inv.ctx, MetadataEnvs: inv.metadataEnvs(),
		CachePath: inv.cachePath(), Identity: identity(), Want: want,
	})
	refused := inv.notes(notes)
	if err := notes.Err(); err != nil {
		return nil, inv.inlineError(err)
	}
	if refused != nil {
		return nil, refused
	}
	inv.targetPath = p.Project.TargetPath
	if driver, ok := adapters.Lookup(p.Project.Profile.Type); ok {
		inv.emit(event.Event{Name: "AdapterRegistered", Code: "E034", Level: event.Debug, Msg: "Registered adapter: " + driver.Name(),
			Data: map[string]any{"adapter_name": driver.Name(), "adapter_version": "=" + inv.flags.Version}})
	}
	return p, nil
}

// inlineError reports mistakes in --inline by themselves: dbt ends such a command with a
// message of its own.
func (inv *invocation) inlineError(err error) error {
	var list diag.List
	if inv.flags.Inline == "" || !errors.As(err, &list) {
		return err
	}
	for _, d := range list {
		if d.Severity == diag.Error && !strings.HasSuffix(d.NodeID, "."+parse.InlineName) {
			return err
		}
	}
	for _, d := range list {
		if d.Severity != diag.Error {
			continue
		}
		text := d.Message()
		inv.emit(event.Event{Name: "ParseInlineNodeError", Code: "I069", Level: event.Error, Msg: "[ERROR]: Error while parsing node: " + parse.InlineName + "\n" + text,
			Data: map[string]any{"exc": text}})
		inv.detail(d)
	}
	return &diag.Diagnostic{Summary: "Error parsing inline query"}
}

func (inv *invocation) targetDir() string {
	if path := inv.flags.TargetPath; path != "" {
		return inv.underProject(path, "target")
	}
	if inv.targetPath == "" {
		inv.targetPath = inv.plainTargetPath()
	}
	return inv.underProject(inv.targetPath, "target")
}

// plainTargetPath is the project's target-path as far as it can be told before the project
// is loaded: without rendering.
func (inv *invocation) plainTargetPath() string {
	text, err := os.ReadFile(inv.underProject("dbt_project.yml", ""))
	if err != nil {
		return "target"
	}
	doc, problems := yaml.ParseText("dbt_project.yml", string(text))
	if problems.Err() != nil {
		return "target" // loading the project reports it
	}
	path := doc.Get("target-path").Text()
	if path == "" || strings.Contains(path, "{") {
		return "target"
	}
	return path
}

// states are the artifacts of earlier invocations that flags name.
type states struct {
	state, deferred *manifest.State
}

// readStates reads --state and --defer-state.
func (inv *invocation) readStates() (states, error) {
	var s states
	f := inv.flags
	read := func(path string) (*manifest.State, error) {
		if !filepath.IsAbs(path) {
			path = inv.underProject(path, "")
		}
		st, err := manifest.ReadState(path)
		if err != nil {
			return nil, &diag.Diagnostic{Code: diag.CodeProject, Kind: diag.Runtime, Summary: err.Error(), Cause: err}
		}
		return st, nil
	}
	var err error
	if f.State != "" {
		if inv.underProject(f.State, "") == inv.targetDir() {
			inv.emit(event.Event{Name: "WarnStateTargetEqual", Code: "I072", Level: event.Warn,
				Msg:  "[WARNING]: The state and target directories are the same: '" + f.State + "'. This command overwrites what it compares with, so changes may go unnoticed and a retry may not repeat.",
				Data: map[string]any{"state_path": f.State}})
		}
		if s.state, err = read(f.State); err != nil {
			return s, err
		}
	}
	if f.Defer {
		s.deferred = s.state
		if f.DeferState != "" {
			if s.deferred, err = read(f.DeferState); err != nil {
				return s, err
			}
		}
	}
	return s, nil
}

// complete refuses to defer to nothing. It is asked after selecting, whose errors come first.
func (s states) complete(f *flags.Flags) error {
	if !f.Defer || s.deferred != nil && s.deferred.Manifest != nil {
		return nil
	}
	return &diag.Diagnostic{Code: diag.CodeUsage, Kind: diag.Runtime,
		Summary: "--state or --defer-state are required for deferral, but neither was provided"}
}

// graph builds the graph of a program; build gets test edges.
func (inv *invocation) graph(p *compiler.Program) (*dag.Graph, error) {
	g, d := dag.New(p.Manifest)
	if d != nil {
		return nil, d
	}
	inv.keep(p)
	if inv.flags.Which == "build" {
		g = g.WithTestEdges(p.Manifest)
	}
	return g, nil
}

// loadGraph is load and graph: what every command over nodes begins with.
func (inv *invocation) loadGraph() (*compiler.Program, *dag.Graph, error) {
	p, err := inv.load()
	if err != nil {
		return nil, nil, err
	}
	g, err := inv.graph(p)
	return p, g, err
}

// session is the session of a run, without a connection.
func (inv *invocation) session(p *compiler.Program, st states) (*run.Session, error) {
	inv.loaded()
	profile := p.Project.Profile
	driver, ok := adapters.Lookup(profile.Type)
	if !ok {
		return nil, unknownDriver(profile.Type)
	}
	credentials, ok := profile.Checked.(adapters.Credentials)
	if !ok {
		var err error
		if credentials, err = driver.Credentials(profile.Credentials); err != nil {
			return nil, &diag.Diagnostic{Code: diag.CodeProfile, Kind: diag.Runtime, Summary: err.Error(), Cause: err}
		}
	}
	return &run.Session{Project: p.Project, Flags: inv.flags, Env: p.Env, Manifest: p.Manifest, Driver: driver, Credentials: credentials, Events: inv,
		State: st.state, Defer: st.deferred, Clock: inv.now, TargetDir: inv.targetDir(), Mask: view.Mask(inv.secrets())}, nil
}

// open connects to the target and makes the session of a run.
func (inv *invocation) open(p *compiler.Program, st states) (*run.Session, func(), error) {
	s, err := inv.session(p, st)
	if err != nil {
		return nil, nil, err
	}
	if s.Engine, err = s.Driver.Open(inv.ctx, s.Credentials); err != nil {
		return nil, nil, connectError(err)
	}
	s.Reuse = func() run.Reuser {
		k := reuse.New(s, programVersion())
		if inv.steps != nil {
			k.Steps = func(where reuse.Step) error { return inv.steps(string(where)) }
		}
		return k
	}
	return s, func() { _ = s.Engine.Close() }, nil
}

// share lets other processes reach a database that only this one can open, while a long
// command has it.
func (inv *invocation) share(e adapters.Engine) (stop func()) {
	sharer, ok := e.(adapters.Sharer)
	if !ok {
		return func() {}
	}
	stop, err := sharer.Share()
	if err != nil {
		inv.emit(event.Event{Name: "DatabaseNotShared", Code: "M138", Level: event.Warn,
			Msg: "[WARNING]: other processes cannot read the database until this command ends: " + err.Error()})
		return func() {}
	}
	return stop
}

func connectError(err error) error {
	if d, ok := err.(*diag.Diagnostic); ok {
		return d
	}
	d := &diag.Diagnostic{Code: diag.CodeConnect, Kind: diag.Database, Summary: err.Error(), Cause: err}
	if e, ok := err.(*adapters.DatabaseError); ok {
		d.Hint = e.Hint
		if e.Fault == adapters.FaultLocked {
			d.Code = diag.CodeLocked
		}
	}
	return d
}
