package project

import (
	"io/fs"
	"os"
	"path/filepath"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/yaml"
)

// packageSource says where a package lies.
type packageSource struct {
	fs       fs.FS
	root     string // "" for internals
	dir      string // the folder as shown in messages, "" for the root project
	isRoot   bool
	internal bool
	raw      *yaml.Node
}

// readProject reads a dbt_project.yml; at is the full path for the message when it is missing.
func (l *loader) readProject(files fs.FS, shown, at string) *yaml.Node {
	n, exists, list := readYAML(files, ProjectFile, shown)
	for _, d := range list {
		if d.Code == diag.CodeYAMLSyntax {
			d.Kind = diag.Runtime
		}
	}
	l.add(list...)
	if !exists {
		d := projectError(diag.NewSource(shown, "").At(0, 0), "No dbt_project.yml found at expected path %s", at)
		d.Detail = "Verify that each entry within packages.yml (and their transitive dependencies) contains a file named dbt_project.yml"
		l.add(d)
		return nil
	}
	if list.Err() == nil && !n.IsMapping() {
		span := n.Span()
		if !span.Valid() {
			span = diag.NewSource(shown, "").At(0, 0)
		}
		l.add(projectError(span, "dbt_project.yml does not parse to a dictionary"))
		return nil
	}
	return n
}

// loadPackage renders and checks one project file. Nil after an error.
func (l *loader) loadPackage(s packageSource) *Package {
	before := len(l.list)
	b := &builder{loader: l, raw: s.raw, shown: shownFile(s.dir, ProjectFile)}
	b.pkg = &Package{
		Root: s.root, FS: s.fs, IsRoot: s.isRoot, Internal: s.internal,
		ProjectYAML: s.raw, JinjaExtensions: l.flags.Behavior["allow_jinja_file_extensions"],
		maxSeedBytes: int64(l.flags.MaximumSeedSizeMiB * (1 << 20)),
	}
	b.pkg.shown = b.shown
	b.vars(s)
	b.render(s)
	if l.list[before:].Err() != nil {
		return nil
	}
	b.fill()
	if l.list[before:].Err() != nil {
		return nil
	}
	return b.pkg
}

func shownFile(dir, name string) string {
	if dir == "" {
		return name
	}
	return dir + "/" + name
}

// builder fills one Package from its rendered project file.
type builder struct {
	*loader
	pkg   *Package
	raw   *yaml.Node
	shown string
	data  *value.Dict
}

// vars reads vars.yml of the root project, which excludes vars: in dbt_project.yml.
func (b *builder) vars(s packageSource) {
	b.pkg.Vars = value.NewDict(0)
	if !s.isRoot {
		return
	}
	n, exists, list := readYAML(s.fs, VarsFile, VarsFile)
	b.add(list...)
	if !exists || n == nil {
		return
	}
	vars := n.Get("vars")
	if vars.IsNull() {
		return
	}
	if !vars.IsMapping() {
		b.add(projectError(vars.Span(), "the 'vars' of vars.yml must be a dictionary"))
		return
	}
	if vars.Len() == 0 {
		return
	}
	b.pkg.Vars, b.pkg.VarsFromFile = vars.Dict(), true
	if own := b.raw.Get("vars"); own.Len() > 0 {
		d := projectError(b.raw.KeySpan("vars"), "Variables cannot be defined in both vars.yml and dbt_project.yml. ")
		d.Related = []diag.Related{{Span: n.KeySpan("vars"), Message: "defined here in vars.yml"}}
		b.add(d)
	}
}

// render renders the project file. Packages see no command line vars.
func (b *builder) render(s packageSource) {
	vars, lenient := value.NewDict(0), b.o.NoProfile
	if s.isRoot {
		for k, v := range b.pkg.Vars.All() {
			if err := vars.Set(k, v); err != nil {
				continue // keys of a dict are hashable
			}
		}
		for k, v := range b.cliVars.All() {
			if err := vars.Set(k, v); err != nil {
				continue
			}
		}
	}
	var r yaml.Renderer
	if b.o.Renderers != nil {
		r = b.o.Renderers.Project(b.target, vars, lenient)
	}
	v, list := yaml.Render(b.raw, orPlain(r), lateInProject)
	b.add(list...)
	b.data, _ = v.AsDict()
	if b.data == nil {
		b.data = value.NewDict(0)
	}
	if tests, ok := b.data.GetString("tests"); ok && !b.raw.Has("data_tests") {
		b.data.SetString("data_tests", tests)
		b.data.DeleteString("tests")
	}
	b.pkg.Rendered = b.data
}

// lateInProject says which values of dbt_project.yml are kept as template text: hooks, the
// query comment and vars.
func lateInProject(p yaml.Path) bool {
	switch p.Key(0) {
	case "on-run-start", "on-run-end", "query-comment", "vars":
		return true
	case "seeds", "models", "snapshots", "tests", "data_tests":
		for i := range p {
			switch stripPlus(p.Key(i)) {
			case "pre-hook", "post-hook", "pre_hook", "post_hook":
				return true
			}
		}
	}
	return false
}

// plain is the renderer of last resort: it gives text back when there is no template in it
// and says that templates need a renderer otherwise. Render never asks for the former.
type plain struct{}

func orPlain(r yaml.Renderer) yaml.Renderer {
	if r == nil {
		return plain{}
	}
	return r
}

func (plain) Native(text string, span diag.Span) (value.Value, error) {
	return value.Undef, diag.New(diag.CodeTemplateRuntime, diag.Compilation, span, "templates cannot be used here")
}

func (p plain) Text(text string, span diag.Span) (string, error) {
	_, err := p.Native(text, span)
	return "", err
}

// loadInternal makes a package of an internal macro project, with dbt_project.yml or without.
func (l *loader) loadInternal(in Internal) *Package {
	shown := in.Name + "/" + ProjectFile
	if _, err := fs.Stat(in.FS, ProjectFile); err == nil {
		raw := l.readProject(in.FS, shown, shown)
		if raw == nil {
			return nil
		}
		return l.loadPackage(packageSource{fs: in.FS, dir: in.Name, internal: true, raw: raw})
	}
	raw, list := yaml.Parse(diag.NewSource(shown, "name: "+in.Name+"\nversion: '1.0'\nconfig-version: 2\ndocs-paths: [docs]\n"))
	l.add(list...)
	return l.loadPackage(packageSource{fs: in.FS, dir: in.Name, internal: true, raw: raw})
}

func (l *loader) loadSelectors() (*yaml.Node, value.Value) {
	n, _, list := readYAML(os.DirFS(l.root), SelectorsFile, SelectorsFile)
	l.add(list...)
	if n == nil || list.Err() != nil {
		return nil, value.None
	}
	if !n.IsMapping() || !n.Has("selectors") {
		l.add(projectError(n.Span(), "selectors.yml must have a 'selectors' list"))
		return nil, value.None
	}
	var r yaml.Renderer
	if l.o.Renderers != nil {
		r = l.o.Renderers.Project(l.target, l.cliVars, l.o.NoProfile)
	}
	v, list := yaml.Render(n, orPlain(r), nil)
	l.add(list...)
	return n, v
}

// joinRoot is filepath.Join that leaves "" (an internal) alone.
func joinRoot(root, rel string) string {
	if root == "" {
		return ""
	}
	return under(root, filepath.FromSlash(rel))
}
