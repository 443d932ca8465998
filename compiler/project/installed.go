package project

import (
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/packages"
	"github.com/millrace/millrace/compiler/yaml"
)

// loadInstalled loads every folder of the packages-install-path and checks that as many
// packages are there as are asked for.
func (l *loader) loadInstalled(p *Project) {
	dir := joinRoot(l.root, p.PackagesInstallPath)
	folders := packageFolders(dir)
	l.checkInstalled(p, folders)
	if l.failed() {
		return
	}
	shownDir := shownPath(l.root, dir)
	loaded := make([]*Package, len(folders))
	lists := make([]diag.List, len(folders))
	Parallel(len(folders), l.o.Workers, func(i int) {
		own := &loader{o: l.o, flags: l.flags, root: l.root, cliVars: l.cliVars, target: l.target}
		root := filepath.Join(dir, folders[i])
		shown := shownDir + "/" + folders[i]
		raw := own.readProject(os.DirFS(root), shown+"/"+ProjectFile, filepath.Join(root, ProjectFile))
		if raw != nil {
			loaded[i] = own.loadPackage(packageSource{fs: os.DirFS(root), root: root, dir: shown, raw: raw})
		}
		lists[i] = own.list
	})
	for i, pkg := range loaded {
		// Deprecations in a package are its authors' business, not the user's.
		for _, d := range lists[i] {
			if d.Severity == diag.Error {
				d.Summary = "Failed to read package: " + d.Summary
				l.add(d)
			}
		}
		l.addPackage(p, pkg)
	}
}

func packageFolders(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), "__") {
			continue
		}
		// Local packages are symlinks to their folders.
		if info, err := os.Stat(filepath.Join(dir, e.Name())); err == nil && info.IsDir() {
			names = append(names, e.Name())
		}
	}
	return names
}

func (l *loader) checkInstalled(p *Project, folders []string) {
	lock, list := packages.ReadLock(l.root, nil)
	l.add(list...)
	if list.Err() != nil {
		return
	}
	var r yaml.Renderer
	if l.o.Renderers != nil {
		r = l.o.Renderers.Secret(l.cliVars)
	}
	wanted, list := packages.Read(l.root, "", orPlain(r))
	l.add(list...)
	if list.Err() != nil {
		return
	}
	specs := wanted.Specs
	have := map[string]bool{}
	for _, f := range folders {
		have[stem(f)] = true
	}
	missing := map[string]bool{}
	if lock != nil {
		if len(lock.Specs) > 0 {
			specs = lock.Specs
		}
		for _, s := range lock.Specs {
			if s.Name != "" && !have[s.Name] {
				missing[s.Name] = true
			}
		}
	}
	if len(specs) == len(have) {
		return
	}
	names := make([]string, 0, len(missing))
	for name := range missing {
		names = append(names, name)
	}
	sort.Strings(names)
	d := projectError(wanted.Node.KeySpan("packages"),
		"dbt expects %d package(s) based on packages specified in %s, but found only %d package(s) installed in %s. ",
		len(specs), wanted.File, len(have), p.PackagesInstallPath)
	d.Code, d.Kind = diag.CodePackage, diag.Compilation
	if len(names) > 0 {
		d.Summary += "Following packages were not found: " + strings.Join(names, ", ") + ". "
	}
	d.Summary += `Run "dbt deps" to install package dependencies.`
	l.add(d)
}

// stem is a file name without its last extension.
func stem(name string) string {
	if i := strings.LastIndexByte(name, '.'); i > 0 && i < len(name)-1 {
		return name[:i]
	}
	return name
}
