package packages

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/yaml"
)

// Fetcher downloads a URL. The caller hands one in; this package opens no connection.
type Fetcher interface {
	// Get returns the content. A missing page is an error that NotFound recognises.
	Get(ctx context.Context, url string) (io.ReadCloser, error)
}

// NotFound is the error of a Fetcher for a URL that does not exist.
type NotFound struct{ URL string }

func (e *NotFound) Error() string { return e.URL + " was not found" }

// GitRunner runs the git program in a folder and returns its standard output.
type GitRunner interface {
	Run(ctx context.Context, dir string, args ...string) (string, error)
}

// Addition is a package to add to packages.yml.
type Addition struct {
	Name    string // "dbt-labs/dbt_utils", a git URL or a folder
	Version string // "" = not given; several separated by commas
	Source  string // hub, git or local
}

// ParseAddition reads name@version as --add-package takes it.
func ParseAddition(text, source string) Addition {
	a := Addition{Name: text, Source: source}
	// A git URL may have an @ of its own; only one @ makes a version.
	if strings.Count(text, "@") == 1 {
		a.Name, a.Version, _ = strings.Cut(text, "@")
	}
	return a
}

// Options say what to install where. Everything that reaches outside is handed in.
type Options struct {
	Root        string // the project's folder
	ProjectName string
	InstallPath string        // packages-install-path, relative to Root or absolute
	Renderer    yaml.Renderer // renders packages.yml and the lock file, secrets allowed
	Scrub       func(string) string
	HubURL      string // "" = the public hub
	Downloads   string // folder for downloads, kept; "" = a temporary one
	Cache       string // folder that keeps what was downloaded; "" = none
	Offline     bool   // use the cache and local packages only
	Version     string // compatibility level, for require-dbt-version of hub packages
	CheckVersion,
	LockOnly,
	Upgrade bool
	Add    *Addition
	Fetch  Fetcher
	Git    GitRunner
	Events event.Sink
}

// Install does what `deps` does: resolve packages.yml to package-lock.yml when it has
// changed, then install what the lock says. Everything is fetched and checked before the
// old packages are removed.
func Install(ctx context.Context, o Options) diag.List {
	in := &installer{ctx: ctx, o: o, hubs: map[string]*hubPackage{}}
	in.run()
	return in.list
}

type installer struct {
	ctx  context.Context
	o    Options
	dir  string // downloads
	hubs map[string]*hubPackage
	list diag.List
}

func (in *installer) add(ds ...*diag.Diagnostic) bool {
	in.list = append(in.list, ds...)
	return in.list.Err() == nil
}

func (in *installer) emit(name, code string, level event.Level, data map[string]any, format string, args ...any) {
	if in.o.Events != nil {
		in.o.Events.Emit(event.Event{Name: name, Code: code, Level: level, Data: data, Msg: fmt.Sprintf(format, args...)})
	}
}

func (in *installer) info(name, code, format string, args ...any) {
	in.emit(name, code, event.Info, nil, format, args...)
}

func (in *installer) scrub(s string) string {
	if in.o.Scrub == nil {
		return s
	}
	return in.o.Scrub(s)
}

func (in *installer) run() {
	if in.o.Add != nil && !in.addPackage() {
		return
	}
	config, list := Read(in.o.Root, "", in.o.Renderer)
	if !in.add(list...) {
		return
	}
	lock, list := ReadLock(in.o.Root, in.o.Renderer)
	if !in.add(list...) {
		return
	}
	done, err := in.downloads()
	if err != nil {
		in.add(failure(diag.Span{}, err, "no folder for downloads: %v", err))
		return
	}
	defer done()
	hash := Hash(config.Specs)
	if lock == nil || in.o.Upgrade || lock.Hash != hash {
		if lock = in.resolveAndLock(config, hash); lock == nil {
			return
		}
	}
	if in.o.LockOnly {
		return
	}
	in.install(lock)
}

// downloads makes the folder for downloads.
func (in *installer) downloads() (done func(), err error) {
	if in.dir = in.o.Downloads; in.dir != "" {
		return func() {}, os.MkdirAll(in.dir, 0o755)
	}
	if in.dir, err = os.MkdirTemp("", "millrace-deps-"); err != nil {
		return nil, err
	}
	return func() { _ = os.RemoveAll(in.dir) }, nil
}

// resolveAndLock writes package-lock.yml. Nil when there is nothing to install or after an error.
func (in *installer) resolveAndLock(config *Config, hash string) *Lock {
	if len(config.Specs) == 0 {
		in.info("DepsNoPackagesFound", "M013", "Warning: No packages were found in packages.yml")
		return &Lock{}
	}
	pinned := in.resolve(config.Specs)
	if in.list.Err() != nil {
		return nil
	}
	path := filepath.Join(in.o.Root, LockFile)
	if err := os.WriteFile(path, []byte(lockText(pinned, hash)), 0o644); err != nil {
		in.add(failure(diag.Span{}, err, "%s cannot be written: %v", LockFile, err))
		return nil
	}
	in.emit("DepsLockUpdating", "M031", event.Info, map[string]any{"lock_filepath": path}, "Updating lock file in file path: %s", path)
	lock, list := ReadLock(in.o.Root, in.o.Renderer)
	in.add(list...)
	return lock
}

func failure(span diag.Span, cause error, format string, args ...any) *diag.Diagnostic {
	d := problem(span, format, args...)
	d.Kind, d.Cause = diag.Dependency, cause
	return d
}

// install fetches what the lock names, then replaces the installed packages.
func (in *installer) install(lock *Lock) {
	target, d := in.installPath()
	if d != nil {
		in.add(d)
		return
	}
	var ready []*pinned
	for _, s := range lock.Specs {
		p, d := in.pin(newWanted(s))
		if d == nil {
			d = in.fetch(p)
		}
		if d != nil {
			in.add(d)
			return
		}
		ready = append(ready, p)
	}
	if err := os.RemoveAll(target); err != nil {
		in.add(failure(diag.Span{}, err, "the old packages in %s cannot be removed: %v", in.o.InstallPath, err))
		return
	}
	if err := os.MkdirAll(target, 0o755); err != nil {
		in.add(failure(diag.Span{}, err, "%s cannot be made: %v", in.o.InstallPath, err))
		return
	}
	if len(ready) == 0 {
		return
	}
	var upgrades []string
	for _, p := range ready {
		if !in.place(p, target) {
			return
		}
		if p.latest != "" && p.latest != p.version {
			upgrades = append(upgrades, p.spec.Location)
		}
	}
	if len(upgrades) > 0 {
		in.emit("DepsNotifyUpdatesAvailable", "M019", event.Info, map[string]any{"packages": upgrades},
			"\nUpdates available for packages: ['%s']\nUpdate your versions in packages.yml, then run dbt deps", strings.Join(upgrades, "', '"))
	}
}

// installPath resolves packages-install-path and refuses folders that must not be emptied.
func (in *installer) installPath() (string, *diag.Diagnostic) {
	target := in.o.InstallPath
	if target == "" {
		target = "dbt_packages"
	}
	if !filepath.IsAbs(target) {
		target = filepath.Join(in.o.Root, target)
	}
	target = filepath.Clean(target)
	if rel, err := filepath.Rel(target, filepath.Clean(in.o.Root)); err != nil || filepath.IsLocal(rel) {
		return "", problem(diag.Span{}, "packages-install-path '%s' holds the project itself; installing packages would delete it", in.o.InstallPath)
	}
	return target, nil
}

// place moves one fetched package to its folder.
func (in *installer) place(p *pinned, target string) bool {
	in.emit("DepsStartPackageInstall", "M014", event.Info, map[string]any{"package_name": p.display()}, "Installing %s", in.scrub(p.display()))
	if !safeFolderName(p.project) {
		return in.add(problem(p.spec.Span, "Invalid package name '%s': resolves outside of the packages-install-path ('%s')", p.project, in.o.InstallPath))
	}
	dest := filepath.Join(target, p.project)
	if err := os.RemoveAll(dest); err != nil {
		return in.add(failure(p.spec.Span, err, "%s cannot be replaced: %v", dest, err))
	}
	if err := p.putAt(dest, in); err != nil {
		return in.add(failure(p.spec.Span, err, "the package %s cannot be installed: %v", in.scrub(p.display()), err))
	}
	in.emit("DepsInstallInfo", "M015", event.Info, map[string]any{"version_name": p.niceVersion()}, "Installed from %s", in.scrub(p.niceVersion()))
	switch {
	case p.spec.Kind != Hub:
	case p.latest != p.version:
		in.emit("DepsUpdateAvailable", "M016", event.Info, map[string]any{"version_latest": p.latest}, "Updated version available: %s", p.latest)
	default:
		in.info("DepsUpToDate", "M017", "Up to date!")
	}
	if p.spec.Subdirectory != "" {
		in.emit("DepsListSubdirectory", "M018", event.Info, map[string]any{"subdirectory": p.spec.Subdirectory}, "and subdirectory %s", p.spec.Subdirectory)
	}
	return true
}

func safeFolderName(name string) bool {
	return name != "" && name != "." && name != ".." && filepath.Base(name) == name && !strings.ContainsAny(name, `/\`)
}
