// Package compiler reads a project and makes of it everything that can be known without
// a database: the manifest, the scope that templates run in, the macros, the notes.
package compiler

import (
	"context"
	"time"

	scope "github.com/millrace/millrace/compiler/context"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/flags"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/macros"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/parse"
	"github.com/millrace/millrace/compiler/project"
	"github.com/millrace/millrace/compiler/relation"
)

// Options is what a load needs from outside of the project's files.
type Options struct {
	Flags *flags.Flags
	Env   project.Env
	// Internal are the macro projects that belong to every project, after the engine's own.
	Internal []project.Internal
	// Check lets the engine check a profile output and name its macro projects.
	Check func(typ string, output *value.Dict) (project.Credentials, []project.Internal, error)
	// Dialect names the naming rules of an engine.
	Dialect   func(typ string) (*relation.Dialect, bool)
	HomeDir   string // the user's dbt folder
	WorkDir   string
	TargetDir string // where artifacts go; nothing is written here
	Events    event.Sink

	Context      context.Context  // cancels the load; nil means never
	MetadataEnvs *value.Dict      // DBT_ENV_CUSTOM_ENV_* without the prefix
	Workers      int              // 0 picks a default
	RenderAll    bool             // parse without the static short cut
	Clock        func() time.Time // measures the phases; nil leaves Stats without times
	Inline       string           // a template to add as the node parse.InlineName; "" is none

	CachePath string // where parses are kept; "" keeps and uses none
	Want      Want   // how much of a kept manifest is read
	Identity  string // tells this build of the program from all others; without it nothing is kept
}

// Program is a loaded project. It never changes, but for Complete.
type Program struct {
	Project  *project.Project
	Manifest *manifest.Manifest
	Env      *scope.Env
	Macros   *macros.Set
	Notes    diag.List // everything that was found and is no error
	Stats    *parse.Stats

	cache *cache // nil without Options.CachePath
}

// credentialAliases are other names of database and schema that configs may use.
var credentialAliases = map[string]map[string]string{
	"postgres": {"dbname": "database"},
	"redshift": {"dbname": "database"},
	"bigquery": {"project": "database", "dataset": "schema"},
}

// Load reads, parses and resolves a project. The Program is nil when that was not
// possible; the list then has an error.
func Load(o Options) (*Program, diag.List) {
	recorded := &recordedEnv{Env: o.Env, seen: map[string]seenVariable{}}
	o.Env = recorded
	p, list := project.Load(project.Options{
		Flags: o.Flags, Env: o.Env, Internal: o.Internal, Check: o.Check, HomeDir: o.HomeDir, WorkDir: o.WorkDir, Workers: o.Workers,
		Renderers: scope.NewRenderers(o.Env, o.Flags, o.Flags.Now, o.Flags.InvocationID),
	})
	if list.Err() != nil {
		return nil, list
	}
	dialect, ok := lookupDialect(o, p.Profile.Type)
	if !ok {
		return nil, append(list, diag.New(diag.CodeProfile, diag.Runtime, diag.Span{}, "Could not find adapter type "+p.Profile.Type+"!"))
	}
	files, found := parse.Macros(p, o.Workers)
	list = append(list, found...)
	set, found := macros.Build(p.Name, p.InternalNames(), files.Entries)
	list = append(list, found...)
	if list.Err() != nil {
		return nil, list
	}
	env := scope.New(scope.Options{
		Project: p, Flags: p.Flags, Macros: set, Dialect: dialect, Events: o.Events, Now: p.Flags.Now, InvocationID: p.Flags.InvocationID,
		MetadataEnvs: o.MetadataEnvs,
	})
	tellState(&o, p)
	var kept *cache
	if o.CachePath != "" && o.Identity != "" && o.Inline == "" {
		var m *manifest.Manifest
		if kept, m = openCache(&o, p, recorded); kept.hit {
			list = append(list, kept.notes...)
			return &Program{Project: p, Manifest: m, Env: env, Macros: set, Notes: list, Stats: &parse.Stats{}, cache: kept}, list
		}
	}
	result, found := parse.Project(parse.Options{
		Project: p, Env: env, Macros: set, Files: files, Dialect: dialect, Aliases: credentialAliases[p.Profile.Type],
		Context: o.Context, Workers: o.Workers, RenderAll: o.RenderAll, Clock: o.Clock, Inline: o.Inline,
	})
	list = append(list, found...)
	if list.Err() != nil {
		return nil, list
	}
	if kept != nil {
		kept.notes, kept.seen = found, env.Seen()
	}
	return &Program{Project: p, Manifest: result.Manifest, Env: env, Macros: set, Notes: list, Stats: result.Stats, cache: kept}, list
}

func lookupDialect(o Options, typ string) (*relation.Dialect, bool) {
	if o.Dialect == nil {
		return nil, false
	}
	return o.Dialect(typ)
}
