package main

import (
	"os"
	"path/filepath"

	"github.com/millrace/millrace/compiler/context"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/packages"
	"github.com/millrace/millrace/compiler/packages/remote"
	"github.com/millrace/millrace/compiler/project"
)

// deps installs the packages of packages.yml or dependencies.yml.
func (inv *invocation) deps() (int, error) {
	p, err := inv.loadProject()
	if err != nil {
		return exitProject, err
	}
	f := inv.flags
	env := func(name string) string {
		v, _ := inv.env.Getenv(name)
		return v
	}
	o := packages.Options{
		Root: p.Root, ProjectName: p.Name, InstallPath: p.PackagesInstallPath, Renderer: inv.renderers().Secret(p.CLIVars),
		Scrub: context.MaskSecrets, HubURL: env("DBT_PACKAGE_HUB_URL"),
		Downloads: env("DBT_DOWNLOAD_DIR"), Version: f.Version, CheckVersion: f.VersionCheck,
		LockOnly: f.Lock, Upgrade: f.Upgrade, Fetch: remote.HTTP(), Git: remote.Git(), Events: inv,
	}
	if cache, err := os.UserCacheDir(); err == nil {
		o.Cache = filepath.Join(cache, "millrace", "packages")
	}
	if f.AddPackage != "" {
		add := packages.ParseAddition(f.AddPackage, f.Source)
		o.Add = &add
	}
	notes := packages.Install(inv.ctx, o)
	refused := inv.notes(notes)
	if err := notes.Err(); err != nil {
		return exitProject, err
	}
	return exitOK, refused
}

// loadProject reads the project without profile and packages.
func (inv *invocation) loadProject() (*project.Project, error) {
	p, notes := inv.projectOnly(project.Options{NoProfile: true, NoPackages: true})
	refused := inv.notes(notes)
	if err := notes.Err(); err != nil {
		return nil, err
	}
	return p, refused
}

// readProject reads project and profile for debug; errors come with what could be read.
func (inv *invocation) readProject() (*project.Project, diag.List) {
	return inv.projectOnly(project.Options{NoPackages: true, Check: checkOutput})
}

func (inv *invocation) projectOnly(o project.Options) (*project.Project, diag.List) {
	o.Flags, o.Env, o.HomeDir = inv.flags, inv.env, inv.home
	o.Renderers = inv.renderers()
	dir, err := os.Getwd()
	if err != nil {
		return nil, diag.List{{Kind: diag.Runtime, Summary: err.Error(), Cause: err}}
	}
	o.WorkDir = dir
	return project.Load(o)
}

func (inv *invocation) renderers() project.Renderers {
	return context.NewRenderers(inv.env, inv.flags, inv.flags.Now, inv.flags.InvocationID)
}

// profilesDir is where profiles.yml is looked for first.
func (inv *invocation) profilesDir() string {
	if inv.flags.ProfilesDir != "" {
		return inv.flags.ProfilesDir
	}
	if _, err := os.Stat(inv.underProject("profiles.yml", "")); err == nil {
		return inv.underProject(".", "")
	}
	return inv.home
}
