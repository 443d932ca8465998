package context

import (
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/project"
)

// ConfigValue is adapter.config and builtins.ref.config: what dbt knows of the project.
func (e *Env) ConfigValue() value.Value {
	return value.FromObject(runtimeConfig{e, e.Project.Package})
}

type runtimeConfig struct {
	e   *Env
	pkg *project.Package
}

// TypeName is that of dbt's class.
func (runtimeConfig) TypeName() string { return "RuntimeConfig" }

// Attr answers the facts that packages read from it.
func (c runtimeConfig) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	if v, ok := c.invocation(name); ok {
		return v, true, nil
	}
	p := c.pkg
	switch name {
	case "project_name":
		return value.String(p.Name), true, nil
	case "version":
		return value.OptString(p.Version), true, nil
	case "project_root":
		return value.String(p.Root), true, nil
	case "target_path":
		return value.String(p.TargetPath), true, nil
	case "packages_install_path":
		return value.String(p.PackagesInstallPath), true, nil
	case "vars":
		return value.FromObject(varProvider{p.Vars}), true, nil
	case "model_paths":
		return value.Strings(p.ModelPaths...), true, nil
	case "seed_paths":
		return value.Strings(p.SeedPaths...), true, nil
	case "snapshot_paths":
		return value.Strings(p.SnapshotPaths...), true, nil
	case "test_paths":
		return value.Strings(p.TestPaths...), true, nil
	case "analysis_paths":
		return value.Strings(p.AnalysisPaths...), true, nil
	case "macro_paths":
		return value.Strings(p.MacroPaths...), true, nil
	case "models", "seeds", "snapshots", "sources", "data_tests", "unit_tests":
		if v, ok := p.Rendered.GetString(name); ok {
			return v, true, nil
		}
		return value.FromDict(value.NewDict(0)), true, nil
	}
	return value.Undef, false, nil
}

// invocation answers what is the same for all packages.
func (c runtimeConfig) invocation(name string) (value.Value, bool) {
	switch name {
	case "cli_vars":
		return value.FromDict(c.e.Project.CLIVars), true
	case "args":
		return c.e.args, true
	case "credentials":
		return c.e.Target, true
	case "dependencies":
		d := value.NewDict(len(c.e.Project.Packages))
		for _, p := range c.e.Project.Packages {
			d.SetString(p.Name, value.FromObject(runtimeConfig{c.e, p}))
		}
		return value.FromDict(d), true
	case "quoting":
		d := value.NewDict(3)
		d.SetString("database", value.Bool(c.e.quoting.Database))
		d.SetString("schema", value.Bool(c.e.quoting.Schema))
		d.SetString("identifier", value.Bool(c.e.quoting.Identifier))
		return value.FromDict(d), true
	}
	profile := c.e.Project.Profile
	if profile == nil {
		return value.Undef, false
	}
	switch name {
	case "profile_name":
		return value.String(profile.Name), true
	case "target_name":
		return value.String(profile.TargetName), true
	case "threads":
		return value.Int(int64(profile.Threads)), true
	}
	return value.Undef, false
}

// varProvider is the vars of a project.
type varProvider struct{ vars *value.Dict }

// TypeName is that of dbt's class.
func (varProvider) TypeName() string { return "VarProvider" }

// Attr answers the mapping, by either name.
func (v varProvider) Attr(_ *value.Thread, name string) (value.Value, bool, error) {
	switch name {
	case "vars":
		return value.FromDict(v.vars), true, nil
	case "to_dict":
		return value.Func(name, func(*value.Thread, value.Args) (value.Value, error) { return value.FromDict(v.vars), nil }), true, nil
	}
	return value.Undef, false, nil
}
