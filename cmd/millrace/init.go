package main

import (
	"embed"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
)

//go:embed all:starter
var starter embed.FS

var projectName = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

// init writes a project that builds as it stands.
func (inv *invocation) init() (int, error) {
	name := "my_project"
	if len(inv.args) > 0 {
		name = inv.args[0]
	}
	if !projectName.MatchString(name) {
		return exitProject, &diag.Diagnostic{Code: diag.CodeUsage, Kind: diag.Runtime,
			Summary: "'" + name + "' is no project name: use lower-case letters, digits and underscores, not starting with a digit"}
	}
	if _, err := os.Stat(name); err == nil {
		return exitProject, &diag.Diagnostic{Code: diag.CodeUsage, Kind: diag.Runtime, Summary: "A folder or file named '" + name + "' already exists here", Hint: "choose another name, or work in what is there"}
	}
	err := fs.WalkDir(starter, "starter", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.Join(name, filepath.FromSlash(strings.TrimPrefix(path, "starter")))
		if d.IsDir() {
			return os.MkdirAll(to, 0o755)
		}
		if inv.flags.SkipProfileSetup && d.Name() == "profiles.yml" {
			return nil
		}
		text, err := fs.ReadFile(starter, path)
		if err != nil {
			return err
		}
		return os.WriteFile(to, []byte(strings.ReplaceAll(string(text), "PROJECT_NAME", name)), 0o644)
	})
	if err != nil {
		return exitProject, err
	}
	inv.emit(event.Note(event.Info, "Your new project '"+name+"' was created. Next:"))
	inv.emit(event.Note(event.Info, "  cd "+name+" && millrace build"))
	inv.emit(event.Note(event.Info, "  millrace show --select orders_by_status"))
	return exitOK, nil
}
