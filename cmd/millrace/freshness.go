package main

import (
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/millrace/millrace/compiler"
	"github.com/millrace/millrace/compiler/diag"
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
