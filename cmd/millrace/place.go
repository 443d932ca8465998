package main

import (
	"os"
	"path/filepath"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/flags"
	"github.com/millrace/millrace/compiler/project"
)

// enter makes the project's folder the current one, as dbt does: paths in profiles and
// templates are relative to it. Paths of the command line stay relative to where it was typed.
func enter(f *flags.Flags) error {
	dir := f.ProjectDir
	if dir == "" {
		here, err := os.Getwd()
		if err != nil {
			return err
		}
		dir = project.FindRoot(here)
	}
	if f.ProfilesDir != "" {
		abs, err := filepath.Abs(f.ProfilesDir)
		if err != nil {
			return err
		}
		if !isDir(abs) && f.Which != "debug" && f.Which != "deps" {
			return missingPath("profiles-dir", f.ProfilesDir)
		}
		f.ProfilesDir = abs
	}
	if f.Pages != "" && f.Origin("pages") == flags.FromCLI {
		abs, err := filepath.Abs(f.Pages)
		if err != nil {
			return err
		}
		f.Pages = abs
	}
	if !isDir(dir) {
		return missingPath("project-dir", dir)
	}
	if err := os.Chdir(dir); err != nil {
		return err
	}
	f.ProjectDir = ""
	return nil
}

func isDir(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.IsDir()
}

func missingPath(flag, path string) error {
	return diag.New(diag.CodeUsage, diag.Usage, diag.Span{}, "Invalid value for '--"+flag+"': Path '"+path+"' does not exist.")
}

// layered is the environment with the nearest .env below it; dbt looks for one where it is
// started, not where the project lies.
func (a *app) layered() (project.Env, diag.List) {
	dir, err := os.Getwd()
	if err != nil {
		dir = "."
	}
	env, list := project.DotEnv(dir, a)
	return flags.BothNames(env), list
}
