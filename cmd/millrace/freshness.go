package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/millrace/millrace/compiler"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/dag/run"
)

// freshness measures sources and writes sources.json.
func (inv *invocation) freshness() (int, error) {
	if out := inv.flags.OutputPath; out != "" {
		d := diag.New(diag.CodeDeprecated, diag.Usage, diag.Span{}, "Custom output path usage `--output "+out+"` usage detected in `dbt source freshness` command.")
		d.Severity = diag.Note
		if err := inv.notes(diag.List{d.Named("CustomOutputPathInSourceFreshnessDeprecation")}); err != nil {
			return exitProject, err
		}
	}
	return inv.runNodes(run.ModeFreshness, nil, func(_ *compiler.Program, r *run.Results) error {
		artifact := &manifest.SourcesArtifact{Metadata: inv.metadata(), ElapsedTime: r.Elapsed.Seconds()}
		for _, x := range r.Results {
			artifact.Results = append(artifact.Results, x.FreshnessArtifact())
		}
		if out := inv.flags.OutputPath; out != "" {
			return inv.writeTo(inv.underProject(out, ""), artifact.Write)
		}
		return inv.writeArtifact("sources.json", artifact.Write)
	})
}

// freshnessResults is the sources.json of the target folder, for source_status:; nil without one.
func (inv *invocation) freshnessResults() (*manifest.SourcesArtifact, error) {
	if !strings.Contains(strings.Join(append(append([]string(nil), inv.flags.Select...), inv.flags.Exclude...), " "), "source_status:") && inv.flags.Selector == "" {
		return nil, nil
	}
	current, err := manifest.ReadState(inv.targetDir())
	if err != nil {
		return nil, err
	}
	return current.Sources, nil
}

// expired tells whether a deprecation date lies in the past.
func (inv *invocation) expired(date string) bool {
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05", "2006-01-02"} {
		if t, err := time.Parse(layout, date); err == nil {
			return t.Before(inv.flags.Now)
		}
	}
	return false
}

// retry runs the last command again for what failed or was skipped.
func (inv *invocation) retry() (int, error) {
	dir, shown := inv.targetDir(), inv.flags.TargetPath
	if inv.flags.State != "" {
		dir, shown = inv.underProject(inv.flags.State, ""), inv.flags.State
	} else if shown == "" {
		shown = inv.targetPath
	}
	last, err := manifest.ReadState(dir)
	if err != nil {
		return exitProject, err
	}
	if last.Results == nil {
		return exitProject, &diag.Diagnostic{Code: diag.CodeProject, Kind: diag.Runtime,
			Summary: "Could not find previous run in '" + shown + "' target directory", Hint: "run build, run, test, seed or snapshot first"}
	}
	which, err := replay(inv.flags, last.Args)
	if err != nil {
		return exitProject, err
	}
	todo := run.RetryOf(last.Results, which, inv.flags.WarnError)
	if which == "run-operation" {
		if len(todo.IDs) == 0 {
			inv.emit(event.NothingToDo())
			return exitOK, nil
		}
		if v, ok := last.Args.GetString("macro"); ok {
			if s, isText := v.AsString(); isText {
				inv.args = []string{s}
			}
		}
		return inv.runOperation()
	}
	mode, ok := retryModes[which]
	if !ok {
		return exitProject, &diag.Diagnostic{Code: diag.CodeUsage, Kind: diag.Runtime, Summary: "The last command was '" + which + "', which cannot be retried", Hint: "run it again as it was"}
	}
	p, g, err := inv.loadGraph()
	if err != nil {
		return exitProject, err
	}
	selected := g.NewSet()
	for _, id := range todo.IDs {
		i, ok := g.Index(id)
		if !ok {
			return exitProject, diag.New(diag.CodeSelection, diag.Compilation, diag.Span{}, "Couldn't find model '"+id+"' -- does it exist or is it disabled?")
		}
		selected.Add(i)
	}
	return inv.runSelected(p, g, selected, mode, func(o *run.Options) { o.Batches, o.Overloads, o.Since = todo.Batches, todo.Overloads, todo.Since }, nil)
}

var retryModes = map[string]run.Mode{
	"build": run.ModeBuild, "run": run.ModeRun, "test": run.ModeTest, "seed": run.ModeSeed, "snapshot": run.ModeSnapshot,
	"compile": run.ModeCompile, "clone": run.ModeClone, "generate": run.ModeCompile,
}

// writeTo writes a file outside of the target folder.
func (inv *invocation) writeTo(path string, write func(io.Writer) error) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	err = write(f)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}
