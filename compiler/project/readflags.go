package project

import (
	"os"
	"path/filepath"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/yaml"
)

// UserSettingsFile holds flags of one person for all projects; it lies beside profiles.yml
// in the user's dbt folder.
const UserSettingsFile = "user_settings.yml"

// ReadFlags reads the `flags:` of a project's dbt_project.yml and of the user's settings,
// which decide how everything else is loaded and are therefore read first. Files that are
// missing or broken give nothing here: Load reports them with their positions.
func ReadFlags(projectDir, homeDir string) (project, user *value.Dict, keySpan func(key string) diag.Span) {
	node := flagsOf(filepath.Join(projectDir, ProjectFile), ProjectFile)
	if node != nil {
		project = node.Dict()
	}
	if homeDir != "" {
		if n := flagsOf(filepath.Join(homeDir, UserSettingsFile), UserSettingsFile); n != nil {
			user = n.Dict()
		}
	}
	return project, user, func(key string) diag.Span {
		if node == nil {
			return diag.Span{}
		}
		return node.KeySpan(key)
	}
}

func flagsOf(path, shown string) *yaml.Node {
	n, _, list := readYAML(os.DirFS(filepath.Dir(path)), filepath.Base(path), shown)
	if n == nil || list.Err() != nil {
		return nil
	}
	if f := n.Get("flags"); f.IsMapping() {
		return f
	}
	return nil
}
