package project

import (
	"os"
	"path/filepath"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/flags"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/yaml"
)

// UserSettingsFile holds a user's own flags in the dbt home folder.
const UserSettingsFile = "user_settings.yml"

// FindRoot is the folder itself or the nearest one above it with a dbt_project.yml; the
// folder itself when there is none.
func FindRoot(dir string) string {
	start, err := filepath.Abs(dir)
	if err != nil {
		return dir
	}
	for at := start; ; {
		if isFile(filepath.Join(at, ProjectFile)) {
			return at
		}
		above := filepath.Dir(at)
		if above == at {
			return start
		}
		at = above
	}
}

// ReadFlags reads the flags of dbt_project.yml (or `config:` of profiles.yml, its old
// place) and of the user's settings, before anything else is known. Files that cannot be
// read are silently empty here: Load reports them. span finds a key for messages.
func ReadFlags(projectDir, home string) (project, user *value.Dict, span func(key string) diag.Span) {
	if projectDir == "" {
		projectDir = FindRoot(".")
	}
	n := quietly(projectDir, ProjectFile).Get("flags")
	if n.Len() == 0 {
		dir := ProfilesDir(Options{WorkDir: ".", HomeDir: home, Flags: &flags.Flags{ProjectDir: projectDir}})
		n = quietly(dir, ProfilesFile).Get("config")
	}
	var settings *yaml.Node
	if home != "" {
		settings = quietly(home, UserSettingsFile).Get("flags")
	}
	return dictOf(n), dictOf(settings), n.KeySpan
}

func quietly(dir, name string) *yaml.Node {
	n, _, list := readYAML(os.DirFS(dir), name, name)
	if list.Err() != nil {
		return nil
	}
	return n
}

func dictOf(n *yaml.Node) *value.Dict {
	if d := n.Dict(); d != nil {
		return d
	}
	return value.NewDict(0)
}
