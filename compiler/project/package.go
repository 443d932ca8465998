package project

import (
	"io/fs"
	"sync"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/yaml"
)

// Package is one dbt_project.yml with its files: the root project, an installed package
// or an internal macro project. Immutable after Load.
type Package struct {
	Name     string
	Version  string // as written, "" when absent
	Root     string // absolute folder; "" for internals
	IsRoot   bool
	Internal bool
	FS       fs.FS // the folder's files

	ProjectYAML *yaml.Node  // dbt_project.yml as written
	Rendered    *value.Dict // dbt_project.yml rendered, late-rendered parts as written
	ProfileName string      // rendered `profile`, "" when absent

	ModelPaths, SeedPaths, SnapshotPaths, TestPaths, AnalysisPaths []string
	MacroPaths, DocsPaths, AssetPaths, FunctionPaths, OSIPaths     []string
	TargetPath, LogPath, PackagesInstallPath                       string
	CleanTargets                                                   []string
	CleanTargetsSpan                                               diag.Span

	Configs           map[string]*ConfigTree // by dbt's key: "models", "data_tests", "unit_tests" …; every kind is there
	Vars              *value.Dict            // never nil; vars.yml or vars:
	VarsFromFile      bool                   // Vars came from vars.yml
	Dispatch          []Dispatch
	OnRunStart        []Hook
	OnRunEnd          []Hook
	Quoting           Quoting
	QueryComment      QueryComment
	RequireDBTVersion []string
	RestrictAccess    bool
	DBTCloud          value.Value
	FlagValues        *value.Dict // flags: as written, never nil
	JinjaExtensions   bool        // allow_jinja_file_extensions is on

	shown        string // dbt_project.yml as messages name it
	maxSeedBytes int64  // seeds above it are not hashed; 0 = no limit
	filesOnce    sync.Once
	files        *FileSet
	filesErr     diag.List
}

// SearchOrder is the dispatch search order for a macro namespace, nil when the project
// does not say.
func (p *Package) SearchOrder(namespace string) []string {
	for _, d := range p.Dispatch {
		if d.MacroNamespace == namespace {
			return d.SearchOrder
		}
	}
	return nil
}
