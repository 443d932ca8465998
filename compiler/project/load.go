package project

import (
	"os"
	"path/filepath"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/flags"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/yaml"
)

// Load reads the project in Options.Flags.ProjectDir: its profile first, because
// dbt_project.yml may use target, then the project, then the packages. With an error in
// the list the Project is nil; warnings and deprecations come with a good Project.
func Load(o Options) (*Project, diag.List) {
	l := &loader{o: o, flags: o.Flags}
	if l.flags == nil {
		l.flags = &flags.Flags{}
	}
	if l.root = under(o.WorkDir, l.flags.ProjectDir); l.flags.ProjectDir == "" {
		l.root = FindRoot(l.root)
	}
	p := l.load()
	if l.flags.Strict {
		strict(l.list)
	}
	if l.list.Err() != nil {
		return nil, l.list
	}
	return p, l.list
}

// strict turns deprecated forms and unknown or repeated keys into errors.
func strict(list diag.List) {
	for _, d := range list {
		switch d.Code {
		case diag.CodeDeprecated, diag.CodeYAMLKey, diag.CodeYAMLDuplicate:
			d.Severity = diag.Error
		}
	}
}

// loader carries one Load.
type loader struct {
	o       Options
	flags   *flags.Flags
	root    string
	cliVars *value.Dict
	raw     *yaml.Node
	target  value.Value
	list    diag.List
}

func (l *loader) add(ds ...*diag.Diagnostic) { l.list = append(l.list, ds...) }

// failed reports whether an error has been added.
func (l *loader) failed() bool { return l.list.Err() != nil }

func (l *loader) load() *Project {
	l.cliVars = l.parseVars()
	l.raw = l.readProject(os.DirFS(l.root), ProjectFile, filepath.Join(l.root, ProjectFile))
	if l.failed() {
		return nil
	}
	p := &Project{Flags: l.flags, Env: l.o.Env, CLIVars: l.cliVars, byName: map[string]*Package{}}
	internal := l.o.Internal
	if !l.o.NoProfile {
		var own []Internal
		p.Profile, own = l.loadProfile()
		if l.failed() {
			return nil
		}
		l.target = p.Profile.Target()
		internal = append(append([]Internal(nil), own...), internal...)
	}
	p.Package = l.loadPackage(packageSource{fs: os.DirFS(l.root), root: l.root, isRoot: true, raw: l.raw})
	if l.failed() {
		return nil
	}
	p.Selectors, p.SelectorValue = l.loadSelectors()
	p.Packages = []*Package{p.Package}
	p.byName[p.Name] = p.Package
	if !l.o.NoPackages {
		l.loadInstalled(p)
	}
	for _, in := range internal {
		l.addPackage(p, l.loadInternal(in))
	}
	return p
}

// parseVars reads --vars, which must be a YAML dictionary.
func (l *loader) parseVars() *value.Dict {
	if l.flags.Vars == "" {
		return value.NewDict(0)
	}
	n, list := yaml.ParseText("--vars", l.flags.Vars)
	l.add(list...)
	if n == nil {
		if list.Err() == nil {
			l.add(diag.New(diag.CodeUsage, diag.Compilation, diag.Span{}, "The --vars argument must be a YAML dictionary, but was of type 'NoneType'"))
		}
		return value.NewDict(0)
	}
	if d := n.Dict(); d != nil {
		return d
	}
	l.add(diag.New(diag.CodeUsage, diag.Compilation, n.Span(),
		"The --vars argument must be a YAML dictionary, but was of type '"+typeName(n)+"'"))
	return value.NewDict(0)
}

func typeName(n *yaml.Node) string {
	switch n.Kind() {
	case yaml.Sequence:
		return "list"
	case yaml.Mapping:
		return "dict"
	}
	return value.TypeName(n.Value())
}

func (l *loader) addPackage(p *Project, pkg *Package) {
	if pkg == nil {
		return
	}
	if first, taken := p.byName[pkg.Name]; taken {
		d := projectError(pkg.ProjectYAML.Get("name").Span(),
			"dbt found more than one package with the name %q included in this project. Package names must be unique in a project. Please rename one of these packages.", pkg.Name)
		d.Kind = diag.Compilation
		if at := first.ProjectYAML.Get("name").Span(); at.Valid() {
			d.Related = []diag.Related{{Span: at, Message: "the first package of this name"}}
		}
		l.add(d)
		return
	}
	p.byName[pkg.Name] = pkg
	p.Packages = append(p.Packages, pkg)
}
