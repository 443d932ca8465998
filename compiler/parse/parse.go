// Package parse turns the files of a project and its packages into a manifest: macros,
// nodes, tests, sources and the other resources, with their configs, names and edges.
//
// Files are read and rendered side by side; what depends on other files (YAML that
// patches nodes, name resolution) runs in between, in a fixed order, so that the result
// does not depend on scheduling.
package parse

import (
	stdcontext "context"
	"slices"
	"time"

	"github.com/millrace/millrace/compiler/context"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/macros"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/project"
	"github.com/millrace/millrace/compiler/relation"
)

// Options is what a parse needs besides the files.
type Options struct {
	Project *project.Project
	Env     *context.Env
	Macros  *macros.Set
	Files   *MacroFiles
	Dialect *relation.Dialect
	// Aliases are the credential aliases that configs may use ("dbname" for "database").
	Aliases map[string]string
	Context stdcontext.Context // cancels the parse; nil means never
	Workers int                // 0 picks a default
	// RenderAll renders every body, even where the syntax tree tells enough.
	RenderAll bool
	// Clock measures the phases for Stats; nil leaves the durations at zero.
	Clock func() time.Time
	// Inline is a template to add as a node of its own (compile and show --inline); "" is none.
	Inline string
}

// Result is a parsed project.
type Result struct {
	Manifest *manifest.Manifest
	Stats    *Stats
}

// Project parses everything. The manifest is complete but for what the diagnostics say
// could not be understood; with an error among them it must not be run.
func Project(o Options) (*Result, diag.List) {
	p := &parser{
		inline: o.Inline, stats: &Stats{},
		project: o.Project, flags: o.Env.Flags, env: o.Env, macros: o.Macros, dialect: o.Dialect, aliases: o.Aliases,
		workers: o.Workers, static: !o.RenderAll, ctx: o.Context,
		generators: map[generatorKey]*generator{},
	}
	p.notes.every = p.flags.ShowAllDeprecations
	p.now = seconds(p.flags)
	if profile := o.Project.Profile; profile != nil {
		p.database, p.schema = profile.Database, profile.Schema
	}
	p.m = manifest.New(o.Project.Name, o.Dialect.Name)
	p.m.OwnPackageFirst = p.behavior("require_ref_searches_node_package_before_root")
	p.m.Quoting = p.quotingValue()
	if sel, ok := o.Project.SelectorValue.AsDict(); ok {
		p.m.Selectors = manifest.SelectorsByName(sel)
	}
	clock := stopwatch{now: o.Clock}
	clock.start()
	p.addMacros(o.Files.Macros)
	macros := len(p.diags)
	clock.lap(&p.stats.Macros)

	p.nodeFiles()
	clock.lap(&p.stats.Bodies)

	files := p.schemaFiles()
	p.indexDrafts()
	p.applyPatches(files)
	p.absorbOverloads()
	p.configureAll()
	p.patchMacros(files)
	p.collectSources(files)
	uses := p.collectTests(files)
	uses = append(uses, p.buildSources()...)
	p.buildTests(uses)
	p.configureTests()
	exposures := p.buildExposures(files)
	groups := p.buildGroups(files)
	units := append(p.buildUnitTests(files), p.buildMacroTests(files)...)
	semantic := p.buildSemantics(files)
	p.docsFiles()
	clock.lap(&p.stats.Schema)

	p.stats.finish(p)
	p.assemble(exposures, groups, semantic)
	p.forget()
	p.m.Index()
	read := len(p.diags)
	p.resolveAll()
	p.addUnitTests(units)
	p.resolveSemantics(semantic)
	p.describe()
	p.primaryKeys()
	p.m.Finish(o.Project.Name)
	p.check()
	clock.lap(&p.stats.Resolve)
	clock.total(&p.stats.Total)
	p.diags = append(p.diags, p.notes.list(p.flags.Strict)...)
	return &Result{Manifest: p.m, Stats: p.stats}, bySeverity(slices.Concat(sorted(p.diags[:macros]), sorted(p.diags[macros:read]), sorted(p.diags[read:])))
}

// forget lets go of what only the making of nodes needs.
func (p *parser) forget() {
	p.tests, p.sources = nil, nil
	p.byName, p.analyses, p.singular, p.functions = nil, nil, nil, nil
}

func (p *parser) quotingValue() *value.Dict {
	q := p.env.Quoting()
	d := value.NewDict(4)
	d.SetString("database", value.Bool(q.Database))
	d.SetString("schema", value.Bool(q.Schema))
	d.SetString("identifier", value.Bool(q.Identifier))
	d.SetString("column", value.None)
	return d
}

func (p *parser) addMacros(list []*manifest.Macro) {
	p.macroDependencies(list)
	for _, m := range list {
		if _, dup := p.m.Macros[m.UniqueID]; dup {
			continue // the macro set has complained
		}
		p.m.Macros[m.UniqueID] = m
		p.m.Order.Macros = append(p.m.Order.Macros, m.UniqueID)
	}
}

// schemaFiles reads the YAML files of all packages.
func (p *parser) schemaFiles() []*schemaFile {
	type unit struct {
		pkg  *project.Package
		file *project.File
	}
	var units []unit
	for _, pkg := range p.project.Packages {
		files, _ := pkg.Files()
		for _, f := range files.Of(project.SchemaFile) {
			units = append(units, unit{pkg, f})
		}
	}
	read := make([]*schemaFile, len(units))
	p.parallel(len(units), func(i int) { read[i] = p.readSchemaFile(units[i].pkg, units[i].file) })
	out := read[:0]
	for _, f := range read {
		if f != nil {
			out = append(out, f)
		}
	}
	p.stats.SchemaFiles = len(out)
	return out
}

// configureAll computes the configs and names of all nodes that have files.
func (p *parser) configureAll() {
	p.parallel(len(p.drafts), func(i int) {
		d := p.drafts[i]
		p.configure(d)
		d.disabled = !d.asked() && !d.node.Config.Enabled()
		p.renderHooks(d)
		p.patchProperties(d)
	})
}

func (p *parser) configureTests() {
	p.parallel(len(p.tests), func(i int) {
		d := p.tests[i]
		p.configure(d)
		d.disabled = !d.asked() && !d.node.Config.Enabled()
	})
	p.attachTests()
}

// stopwatch measures phases with a clock that is handed in.
type stopwatch struct {
	now         func() time.Time
	began, last time.Time
}

func (s *stopwatch) start() {
	if s.now != nil {
		s.began = s.now()
		s.last = s.began
	}
}

func (s *stopwatch) lap(to *time.Duration) {
	if s.now != nil {
		t := s.now()
		*to = t.Sub(s.last)
		s.last = t
	}
}

func (s *stopwatch) total(to *time.Duration) {
	if s.now != nil {
		*to = s.now().Sub(s.began)
	}
}
