package project

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/yaml"
)

// Names of the files in a project's folder.
const (
	ProjectFile   = "dbt_project.yml"
	ProfilesFile  = "profiles.yml"
	VarsFile      = "vars.yml"
	SelectorsFile = "selectors.yml"
	DotEnvFile    = ".env"
	IgnoreFile    = ".dbtignore"
)

// readYAML reads one YAML file of a folder. A missing file is a nil node without errors;
// shown is the path used in messages.
func readYAML(files fs.FS, name, shown string) (*yaml.Node, bool, diag.List) {
	text, err := fs.ReadFile(files, name)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, false, nil
		}
		return nil, true, diag.List{unreadable(shown, err)}
	}
	// dbt reads its files without blanks at the end: a block scalar that ends one has no newline.
	n, list := yaml.Parse(diag.NewSource(shown, strings.TrimRight(string(text), " \t\r\n")))
	return n, true, list
}

func unreadable(shown string, err error) *diag.Diagnostic {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		err = pathErr.Err
	}
	d := projectError(diag.NewSource(shown, "").At(0, 0), "%s cannot be read: %v", shown, err)
	d.Cause = err
	return d
}

// under resolves a path given relative to dir.
func under(dir, path string) string {
	if path == "" {
		return filepath.Clean(dir)
	}
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(dir, path)
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}

// shownPath is how a user would type path: relative to the project when below it.
func shownPath(root, path string) string {
	if rel, err := filepath.Rel(root, path); err == nil && filepath.IsLocal(rel) {
		return filepath.ToSlash(rel)
	}
	return filepath.ToSlash(path)
}
