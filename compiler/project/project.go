package project

import (
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/flags"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/yaml"
)

// Project is a root package with everything it needs. It is immutable after Load.
type Project struct {
	*Package            // the root package
	Packages []*Package // the root first, then installed packages by folder name, then internals
	Profile  *Profile   // nil with Options.NoProfile
	Flags    *flags.Flags
	Env      Env
	CLIVars  *value.Dict // --vars

	// Selectors is selectors.yml as written, nil without the file. SelectorValue is the
	// rendered content.
	Selectors     *yaml.Node
	SelectorValue value.Value

	byName map[string]*Package
}

// PackageNamed finds a loaded package by name.
func (p *Project) PackageNamed(name string) (*Package, bool) {
	pkg, ok := p.byName[name]
	return pkg, ok
}

// Var answers var(name) as seen from a package, in dbt's order: command line, the root
// project's vars for that package, the root project's vars, the package's own.
func (p *Project) Var(pkg, name string) (value.Value, bool) {
	if v, ok := p.CLIVars.GetString(name); ok {
		return v, true
	}
	if v, ok := scopedVar(p.Vars, pkg, name); ok {
		return v, true
	}
	if own, ok := p.byName[pkg]; ok && own != p.Package {
		return scopedVar(own.Vars, pkg, name)
	}
	return value.Undef, false
}

func scopedVar(vars *value.Dict, pkg, name string) (value.Value, bool) {
	if scoped, ok := vars.GetString(pkg); ok {
		if d, ok := scoped.AsDict(); ok {
			if v, ok := d.GetString(name); ok {
				return v, true
			}
		}
	}
	return vars.GetString(name)
}

// Dispatch is one entry of the dispatch config.
type Dispatch struct {
	MacroNamespace string
	SearchOrder    []string
	Span           diag.Span
}

// Hook is one on-run-start or on-run-end statement, not rendered.
type Hook struct {
	SQL         string
	Transaction bool // false: run outside a transaction
	Span        diag.Span
}

// Quoting holds what a project says about quoting; nil means "the engine's default".
type Quoting struct {
	Database, Schema, Identifier, SnowflakeIgnoreCase *bool
}

// QueryComment is the query-comment config. Given is false when the project says nothing
// and the default comment applies; an empty Comment means none.
type QueryComment struct {
	Given    bool
	Comment  string // template text
	Append   bool
	JobLabel bool
	Span     diag.Span
}

// InternalNames are the macro projects that come with the program, most specific first.
func (p *Project) InternalNames() []string {
	var names []string
	for _, pkg := range p.Packages {
		if pkg.Internal {
			names = append(names, pkg.Name)
		}
	}
	return names
}
