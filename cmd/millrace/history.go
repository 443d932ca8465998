package main

import (
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/dag/run"
)

const (
	historyFolder = "run_history" // under the target folder; the documentation site reads it
	historyRuns   = 20
)

// keepHistory keeps the results of the last runs that did something, without the compiled
// SQL: run_results.json is overwritten by the next command, also by one that only compiles.
func (inv *invocation) keepHistory(mode run.Mode, r *manifest.RunResults) error {
	if len(r.Results) == 0 || mode == run.ModeCompile || mode == run.ModeShow || mode == run.ModeOperation {
		return nil
	}
	dir := filepath.Join(inv.targetDir(), historyFolder)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	short := *r
	short.Results = make([]*manifest.RunResult, len(r.Results))
	for i, x := range r.Results {
		c := *x
		c.CompiledCode = ""
		short.Results[i] = &c
	}
	name := inv.started.UTC().Format("20060102T150405.000000000Z") + ".json"
	if err := inv.writeArtifact(filepath.Join(historyFolder, name), func(w io.Writer) error { return short.Write(w) }); err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	names := []string{}
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".json") && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	sort.Strings(names)
	for _, old := range names[:max(0, len(names)-historyRuns)] {
		if err := os.Remove(filepath.Join(dir, old)); err != nil {
			return err
		}
	}
	return nil
}
