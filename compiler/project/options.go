// Package project loads dbt_project.yml, profiles.yml and everything that lies around
// them: installed packages, vars, selectors, the files of each resource kind. It reads
// the file system but opens no connection, and knows the environment only through Env.
package project

import (
	"io/fs"

	"github.com/millrace/millrace/compiler/flags"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/yaml"
)

// Env answers environment variables.
type Env interface {
	Getenv(name string) (string, bool)
}

// EnvMap is an Env with fixed contents.
type EnvMap map[string]string

// Getenv implements Env.
func (m EnvMap) Getenv(name string) (string, bool) { v, ok := m[name]; return v, ok }

// Internal is a macro project that comes with the program: the dialect-neutral
// library "dbt" or an engine's own. FS has dbt_project.yml or at least a macros folder.
type Internal struct {
	Name string
	FS   fs.FS
}

// Credentials is what an engine makes of a rendered profile output; adapters.Credentials
// has these methods and more.
type Credentials interface {
	Database() string
	Schema() string
	// Target holds the keys templates may see in `target`, in order, secrets left out.
	Target() *value.Dict
}

// Renderers makes renderers for the files of a project. compiler/context implements it;
// this package must not import that one.
type Renderers interface {
	// Secret renders profiles.yml and packages.yml: env_var (secrets allowed) and var.
	Secret(vars *value.Dict) yaml.Renderer
	// Project renders dbt_project.yml and selectors.yml: env_var, var and target (undefined
	// when no profile was loaded). With lenient, a missing var renders as nothing.
	Project(target value.Value, vars *value.Dict, lenient bool) yaml.Renderer
}

// Options say what to load and give everything that is not in files.
type Options struct {
	Flags     *flags.Flags
	Env       Env
	Renderers Renderers
	// Internal are the macro projects that belong to every project, most specific first.
	Internal []Internal
	// Check lets an engine check the rendered profile output and name its own macro
	// projects, which come before Internal. Nil accepts any output unchecked.
	Check func(typ string, output *value.Dict) (Credentials, []Internal, error)
	// HomeDir is the user's dbt folder (~/.dbt), the last place to look for profiles.yml.
	HomeDir string
	// WorkDir is the current directory, which ProjectDir and ProfilesDir may be relative to.
	WorkDir string
	// NoProfile loads the project alone, for commands that need no connection (deps, clean).
	NoProfile bool
	// NoPackages does not look at installed packages (deps).
	NoPackages bool
	// Workers bounds how many files are read at once; 0 picks a default.
	Workers int
}
