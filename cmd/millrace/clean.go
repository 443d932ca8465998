package main

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
)

// clean removes the project's clean-targets. Paths outside the project are refused.
func (inv *invocation) clean() (int, error) {
	p, err := inv.loadProject()
	if err != nil {
		return exitProject, err
	}
	root, err := filepath.EvalSymlinks(p.Root)
	if err != nil {
		return exitProject, err
	}
	if slices.Contains(p.CleanTargets, "dbt_modules") && !slices.Contains(p.CleanTargets, p.PackagesInstallPath) {
		d := diag.New(diag.CodeDeprecated, diag.Runtime, p.CleanTargetsSpan, "The default package install path has changed from `dbt_modules` to `dbt_packages`. Update `clean-targets`, or set `packages-install-path: dbt_modules`.").Named("PackageInstallPathDeprecation")
		d.Severity = diag.Warning
		if refused := inv.notes(diag.List{d}); refused != nil {
			return exitProject, refused
		}
	}
	for _, target := range p.CleanTargets {
		path := target
		if !filepath.IsAbs(path) {
			path = filepath.Join(root, target)
		}
		rel, err := filepath.Rel(root, path)
		if err != nil || rel == "." || rel == ".." || len(rel) > 2 && rel[:3] == ".."+string(filepath.Separator) {
			if inv.flags.CleanProjectFilesOnly {
				return exitProject, &diag.Diagnostic{Code: diag.CodeUsage, Kind: diag.Runtime,
					Summary: "dbt will not clean the following directories outside the project: " + path, Hint: "--no-clean-project-files-only cleans it"}
			}
		}
		if protects(p.SourcePaths(), rel) {
			return exitProject, &diag.Diagnostic{Code: diag.CodeUsage, Kind: diag.Runtime, Summary: "dbt will not clean the following source paths: " + target}
		}
		if err := os.RemoveAll(path); err != nil {
			return exitProject, err
		}
		inv.emit(event.Note(event.Info, "Cleaned "+target))
	}
	inv.emit(event.Note(event.Info, "Finished cleaning all paths."))
	return exitOK, nil
}

// protects reports whether a path is, or holds, one of the project's own folders.
func protects(own []string, path string) bool {
	for _, o := range own {
		if rel, err := filepath.Rel(path, o); err == nil && (rel == "." || rel != ".." && !filepath.IsAbs(rel) && rel[:min(3, len(rel))] != ".."+string(filepath.Separator)) {
			return true
		}
	}
	return false
}
