package main

import (
	"embed"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/project"
	"github.com/millrace/millrace/compiler/yaml"
)

//go:embed all:starter
var starter embed.FS

var projectName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// init writes a project that builds as it stands.
func (inv *invocation) init() (int, error) {
	name := "my_project"
	if len(inv.args) > 0 {
		name = inv.args[0]
	}
	if !projectName.MatchString(name) {
		return exitProject, &diag.Diagnostic{Code: diag.CodeUsage, Kind: diag.Runtime,
			Summary: "'" + name + "' is no project name: use letters, digits and underscores, not starting with a digit"}
	}
	if _, err := os.Stat(name); err == nil {
		return exitProject, &diag.Diagnostic{Code: diag.CodeUsage, Kind: diag.Runtime, Summary: "A folder or file named '" + name + "' already exists here", Hint: "choose another name, or work in what is there"}
	}
	profile := inv.flags.Profile
	if profile == "" {
		profile = name
	} else if err := inv.findProfile(profile); err != nil {
		return exitProject, err
	}
	err := fs.WalkDir(starter, "starter", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.Join(name, filepath.FromSlash(strings.TrimPrefix(path, "starter")))
		if d.IsDir() {
			return os.MkdirAll(to, 0o755)
		}
		if (inv.flags.SkipProfileSetup || inv.flags.Profile != "") && d.Name() == project.ProfilesFile {
			return nil
		}
		text, err := fs.ReadFile(starter, path)
		if err != nil {
			return err
		}
		return os.WriteFile(to, []byte(strings.NewReplacer("PROJECT_NAME", name, "PROFILE_NAME", profile).Replace(string(text))), 0o644)
	})
	if err != nil {
		return exitProject, err
	}
	inv.emit(event.Note(event.Info, "Your new project '"+name+"' was created. Next:"))
	inv.emit(event.Note(event.Info, "  cd "+name+" && millrace build"))
	inv.emit(event.Note(event.Info, "  millrace show --select orders_by_status"))
	return exitOK, nil
}

// findProfile makes sure that a project can use a profile of profiles.yml.
func (inv *invocation) findProfile(name string) error {
	text, err := os.ReadFile(filepath.Join(inv.profilesDir(), project.ProfilesFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	profiles, list := yaml.ParseText(project.ProfilesFile, string(text))
	if err := list.Err(); err != nil {
		return err
	}
	if !profiles.Has(name) {
		return &diag.Diagnostic{Code: diag.CodeProfile, Kind: diag.Runtime, Summary: "Could not find profile named '" + name + "'"}
	}
	return nil
}
