package main

import (
	"bufio"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/millrace/millrace/cmd/internal/view"
	"github.com/millrace/millrace/compiler"
	"github.com/millrace/millrace/compiler/compile"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/dag"
	"github.com/millrace/millrace/dag/run"
)

// writeArtifact writes a file of the target folder beside its final name and renames it, so
// that a reader never sees half of it.
func (inv *invocation) writeArtifact(name string, write func(io.Writer) error) error {
	if err := inv.writeFile(name, write); err != nil {
		return err
	}
	inv.written(name)
	return nil
}

// writeFile is writeArtifact for what is no artifact.
func (inv *invocation) writeFile(name string, write func(io.Writer) error) error {
	path := filepath.Join(inv.targetDir(), name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-*")
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<16)
	err = write(w)
	if err == nil {
		err = w.Flush()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Chmod(f.Name(), 0o644)
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}

func (inv *invocation) written(name string) {
	path := filepath.Join(inv.targetDir(), name)
	inv.emit(event.Event{Name: "ArtifactWritten", Code: "P001", Level: event.Debug, Msg: "Wrote artifact " + name + " to " + path,
		Data: map[string]any{"artifact_type": name, "artifact_path": path}})
}

// metadata is the head of every artifact.
func (inv *invocation) metadata() manifest.Metadata {
	return manifest.Metadata{DBTVersion: inv.flags.Version, GeneratedAt: inv.now(), InvocationID: inv.flags.InvocationID,
		InvocationStartedAt: inv.started, RunStartedAt: inv.flags.Now, Env: inv.metadataEnvs()}
}

func (inv *invocation) writeManifest(p *compiler.Program, compiled map[string]*manifest.Compiled) error {
	if !inv.flags.WriteJSON {
		return nil
	}
	if err := inv.writeArtifact("manifest.json", func(w io.Writer) error { return manifest.Write(w, p.Manifest, inv.metadata(), compiled) }); err != nil {
		return err
	}
	inv.hasManifest = true
	return inv.writeSemantic(p)
}

// writeGraphSummary writes graph_summary.json, as dbt does for every command that runs nodes.
func (inv *invocation) writeGraphSummary(p *compiler.Program, g *dag.Graph) error {
	if !inv.flags.WriteJSON {
		return nil
	}
	return inv.writeArtifact("graph_summary.json", func(w io.Writer) error {
		return manifest.WriteGraphSummary(w, p.Manifest, inv.flags.InvocationID, g.TestEdges())
	})
}

// writeRun writes run_results.json and the manifest with what was compiled.
func (inv *invocation) writeRun(p *compiler.Program, r *run.Results) error {
	if !inv.flags.WriteJSON {
		return nil
	}
	if err := inv.writeManifest(p, r.Compiled()); err != nil {
		return err
	}
	artifact := &manifest.RunResults{Metadata: inv.metadata(), ElapsedTime: r.Elapsed.Seconds(), Args: inv.shownArgs()}
	f := inv.flags
	named := f.Inline != "" || len(f.Select)+len(f.Models) > 0
	for _, x := range r.Results {
		if r.Mode == run.ModeCompile && !named && compile.IsEphemeral(x.Node) {
			continue // compiled for those that are made of it
		}
		artifact.Results = append(artifact.Results, x.Artifact())
	}
	if err := inv.writeArtifact("run_results.json", artifact.Write); err != nil {
		return err
	}
	return inv.keepHistory(r.Mode, artifact)
}

// secrets are the values of variables that dbt never shows, those of .env included.
func (inv *invocation) secrets() []string {
	names := []string{}
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		names = append(names, name)
	}
	if more, ok := inv.env.(interface{ Names() []string }); ok {
		names = append(names, more.Names()...)
	}
	var out []string
	for _, name := range names {
		if strings.HasPrefix(name, "DBT_ENV_SECRET") {
			if v, ok := inv.env.Getenv(name); ok {
				out = append(out, v)
			}
		}
	}
	for k, v := range inv.flags.VarsValue().All() {
		if strings.HasPrefix(value.Str(k), "DBT_ENV_SECRET") {
			out = append(out, value.Str(v))
		}
	}
	return out
}

// shownArgs are the arguments of the command as an artifact may show them.
func (inv *invocation) shownArgs() *value.Dict {
	args, mask := inv.flags.ArgsValue(), view.Mask(inv.secrets())
	args.SetString("invocation_command", value.String(mask(inv.flags.InvocationCommand)))
	vars := inv.flags.VarsValue()
	for k, v := range vars.All() {
		if text, ok := v.AsString(); ok {
			vars.SetString(value.Str(k), value.String(mask(text)))
		}
	}
	args.SetString("vars", value.FromDict(vars))
	return args
}

// metadataEnvs are the variables that a user wants to see in artifacts, in the order of the environment.
func (inv *invocation) metadataEnvs() *value.Dict {
	out := value.NewDict(4)
	for _, entry := range os.Environ() {
		name, v, _ := strings.Cut(entry, "=")
		for _, prefix := range []string{"DBT_ENV_CUSTOM_ENV_", "DBT_ENGINE_ENV_CUSTOM_ENV_"} {
			if key, ok := strings.CutPrefix(name, prefix); ok {
				out.SetString(key, value.String(v))
			}
		}
	}
	return out
}
