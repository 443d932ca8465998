// Package packages knows what other projects a project needs (packages.yml,
// dependencies.yml, package-lock.yml) and installs them.
package packages

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/yaml"
)

// Names of the files that list packages.
const (
	PackagesFile     = "packages.yml"
	DependenciesFile = "dependencies.yml"
	LockFile         = "package-lock.yml"
)

// Kind is where a package comes from.
type Kind uint8

const (
	Local Kind = iota
	Git
	Tarball
	Hub
	Private
)

// String is the key that marks the kind in packages.yml.
func (k Kind) String() string { return [...]string{"local", "git", "tarball", "package", "private"}[k] }

// Spec is one entry of a package list.
type Spec struct {
	Kind              Kind
	Location          string   // folder, git URL, tarball URL, hub name "owner/name" or private repository
	Written           string   // Location before rendering, for the lock file (secrets stay templates)
	Versions          []string // hub: as written, each may hold several separated by commas
	InstallPrerelease bool     // hub
	Revision          string   // git; "" = the default branch
	Subdirectory      string   // git
	WarnUnpinned      *bool    // git; nil = not said
	Provider          string   // private
	Name              string   // "" when not given
	Span              diag.Span

	data    *value.Dict // the rendered entry and the entry as written, for the hash of the lock file
	written *value.Dict
}

// Project is an entry of `projects:` in dependencies.yml.
type Project struct {
	Name string
	Span diag.Span
}

// Config is what a project says it needs.
type Config struct {
	File     string // packages.yml or dependencies.yml
	Specs    []Spec
	Projects []Project
	Node     *yaml.Node // the file, nil when there is none
}

func problem(span diag.Span, format string, args ...any) *diag.Diagnostic {
	return diag.New(diag.CodePackage, diag.Runtime, span, fmt.Sprintf(format, args...))
}

// Read reads packages.yml and dependencies.yml of a project folder. r renders packages.yml;
// dependencies.yml is never rendered. dir is put in front of file names in messages.
func Read(root, dir string, r yaml.Renderer) (*Config, diag.List) {
	pkgs, list := readFile(root, dir, PackagesFile)
	deps, more := readFile(root, dir, DependenciesFile)
	list = append(list, more...)
	c := &Config{File: PackagesFile, Node: pkgs}
	if list.Err() != nil {
		return c, list
	}
	if pkgs.Has("packages") && deps.Has("packages") {
		d := problem(deps.KeySpan("packages"), "The 'packages' key cannot be specified in both packages.yml and dependencies.yml")
		d.Related = []diag.Related{{Span: pkgs.KeySpan("packages"), Message: "also specified here"}}
		return c, append(list, d)
	}
	if pkgs.Has("projects") {
		return c, append(list, problem(pkgs.KeySpan("projects"), "The 'projects' key cannot be specified in packages.yml"))
	}
	c.projects(deps)
	if deps.Has("packages") {
		c.File, c.Node, r = DependenciesFile, deps, nil
	}
	list = append(list, c.read(r)...)
	return c, list
}

func readFile(root, dir, name string) (*yaml.Node, diag.List) {
	shown := name
	if dir != "" {
		shown = dir + "/" + name
	}
	text, err := fs.ReadFile(os.DirFS(root), name)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		return nil, diag.List{problem(diag.NewSource(shown, "").At(0, 0), "%s cannot be read: %v", shown, err)}
	}
	return yaml.Parse(diag.NewSource(shown, string(text)))
}

func (c *Config) projects(deps *yaml.Node) {
	for _, p := range deps.Get("projects").Items() {
		if name, ok := p.Get("name").String(); ok {
			c.Projects = append(c.Projects, Project{Name: name, Span: p.Span()})
		}
	}
}

// read reads the packages list of c.Node; without a renderer texts stay as they are.
func (c *Config) read(r yaml.Renderer) diag.List {
	if c.Node == nil {
		return nil
	}
	if !c.Node.IsMapping() {
		return diag.List{malformed(c.Node.Span(), "the file must be a dictionary with a 'packages' list")}
	}
	var list diag.List
	for _, e := range c.Node.Entries() {
		switch e.Key.Text() {
		case "packages", "projects", "sha1_hash":
		default:
			list = append(list, malformed(e.Key.Span(), fmt.Sprintf("the key '%s' is not known here", e.Key.Text())))
		}
	}
	entries := c.Node.Get("packages")
	if entries.IsNull() {
		return list
	}
	if !entries.IsSequence() {
		return append(list, malformed(entries.Span(), "'packages' must be a list"))
	}
	late := func(yaml.Path) bool { return r == nil }
	v, problems := yaml.Render(entries, r, late)
	if problems.Err() != nil {
		return append(list, problems...)
	}
	for i, item := range v.Items() {
		s, d := readSpec(entries.Items()[i], item)
		if d != nil {
			list = append(list, d)
			continue
		}
		c.Specs = append(c.Specs, s)
	}
	return list
}

func malformed(span diag.Span, message string) *diag.Diagnostic {
	return problem(span, "The packages.yml file in this project is malformed. Please double check\nthe contents of this file and fix any errors before retrying.\n\n%s", message)
}

// specKeys are the keys each kind takes besides the one that marks it.
var specKeys = map[Kind]string{
	Local:   " name ",
	Git:     " revision warn-unpinned subdirectory name ",
	Tarball: " name ",
	Hub:     " version install_prerelease name ",
	Private: " provider revision warn-unpinned subdirectory name ",
}

func readSpec(n *yaml.Node, v value.Value) (Spec, *diag.Diagnostic) {
	d, ok := v.AsDict()
	if !ok {
		return Spec{}, malformed(n.Span(), "each entry must be a dictionary with one of package, git, local, tarball or private")
	}
	s := Spec{Span: n.Span(), data: d, written: n.Dict()}
	marks := 0
	for _, k := range []Kind{Local, Git, Tarball, Hub, Private} {
		if n.Has(k.String()) {
			s.Kind = k
			marks++
		}
	}
	if marks != 1 {
		return s, malformed(n.Span(), "each entry needs exactly one of package, git, local, tarball or private")
	}
	mark := s.Kind.String()
	s.Location = text(d, mark)
	s.Written = n.Get(mark).Text()
	if s.Location == "" {
		what := map[Kind]string{Hub: "hub"}[s.Kind]
		if what == "" {
			what = mark
		}
		return s, malformed(n.Get(mark).Span(), fmt.Sprintf("A %s package is missing the value. It is a required property.", what))
	}
	for _, e := range n.Entries() {
		if key := e.Key.Text(); key != mark && !strings.Contains(specKeys[s.Kind], " "+key+" ") {
			return s, malformed(e.Key.Span(), fmt.Sprintf("a %s package does not take '%s'", mark, key))
		}
	}
	s.Name = text(d, "name")
	s.Revision = text(d, "revision")
	s.Subdirectory = text(d, "subdirectory")
	s.Provider = text(d, "provider")
	if w, ok := d.GetString("warn-unpinned"); ok && !w.IsNone() {
		on, isBool := w.AsBool()
		if !isBool {
			return s, malformed(n.Get("warn-unpinned").Span(), "'warn-unpinned' must be true or false")
		}
		s.WarnUnpinned = &on
	}
	return s, s.complete(n, d)
}

// complete reads and checks what only some kinds have.
func (s *Spec) complete(n *yaml.Node, d *value.Dict) *diag.Diagnostic {
	switch s.Kind {
	case Tarball:
		if s.Name == "" {
			return malformed(n.Span(), "a tarball package needs a 'name'")
		}
	case Hub:
		if v, ok := d.GetString("install_prerelease"); ok {
			s.InstallPrerelease = value.Truth(v)
		}
		v, _ := d.GetString("version")
		if v.IsNull() || !value.Truth(v) {
			return malformed(n.Span(), s.Location+" is missing the version. When installing from the Hub package index, version is a required property")
		}
		if !strings.Contains(s.Location, "/") {
			return malformed(n.Get("package").Span(), s.Location+" was not found in the package index. Packages on the index require a namespace, e.g dbt-labs/dbt_utils")
		}
		if l, ok := v.AsList(); ok {
			for _, item := range l.Items {
				s.Versions = append(s.Versions, value.Str(item))
			}
			return nil
		}
		s.Versions = []string{value.Str(v)}
	}
	return nil
}

func text(d *value.Dict, key string) string {
	v, ok := d.GetString(key)
	if !ok || v.IsNull() {
		return ""
	}
	return value.Str(v)
}
