package packages

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/yaml"
)

// pinned is a package at one version, and after fetch where its files are.
type pinned struct {
	spec    Spec
	version string // hub version, git revision
	latest  string // newest compatible hub version
	warn    bool   // say that a git package is not pinned
	hub     hubVersion

	project string // name in its dbt_project.yml
	needs   []Spec
	folder  string // its files on disk
	linked  bool   // folder is the user's own: link to it
}

// display is the name in messages.
func (p *pinned) display() string {
	if p.spec.Kind == Tarball {
		return p.spec.Name
	}
	if p.spec.Kind == Git && p.spec.Subdirectory != "" {
		return p.spec.Location + "/" + p.spec.Subdirectory
	}
	return p.spec.Location
}

func (p *pinned) niceVersion() string {
	switch p.spec.Kind {
	case Local:
		return "<local @ " + p.spec.Location + ">"
	case Tarball:
		return "tarball (url: " + p.spec.Location + ")"
	case Hub:
		return "version " + p.version
	}
	if p.version == "HEAD" {
		return "HEAD (default revision)"
	}
	return "revision " + p.version
}

// fetch brings the package's files to this machine and reads its name and needs.
func (in *installer) fetch(p *pinned) *diag.Diagnostic {
	var d *diag.Diagnostic
	switch p.spec.Kind {
	case Local:
		p.folder, p.linked = in.localFolder(p.spec.Location), true
	case Git:
		d = in.fetchGit(p)
	case Tarball:
		d = in.fetchTarball(p)
	case Hub:
		d = in.fetchHub(p)
	}
	if d != nil {
		return d
	}
	return in.metadata(p)
}

// localFolder resolves a local package; paths are always relative to the root project.
func (in *installer) localFolder(path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(in.o.Root, filepath.FromSlash(path))
}

// metadata reads the package's own dbt_project.yml and package list.
func (in *installer) metadata(p *pinned) *diag.Diagnostic {
	text, err := os.ReadFile(filepath.Join(p.folder, "dbt_project.yml"))
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			d := failure(p.spec.Span, err, "No dbt_project.yml found at expected path %s", filepath.Join(p.folder, "dbt_project.yml"))
			d.Kind = diag.Runtime
			d.Detail = "Verify that each entry within packages.yml (and their transitive dependencies) contains a file named dbt_project.yml"
			return d
		}
		return failure(p.spec.Span, err, "dbt_project.yml of %s cannot be read: %v", in.scrub(p.display()), err)
	}
	shown := strings.TrimSuffix(filepath.ToSlash(p.display()), "/")
	n, list := yaml.Parse(diag.NewSource(shown+"/dbt_project.yml", string(text)))
	if list.Err() != nil {
		return firstError(list)
	}
	name, ok := n.Get("name").String()
	if !ok || name == "" {
		return problem(p.spec.Span, "Package defined in dbt_project.yml must have a name!")
	}
	p.project = name
	if p.spec.Kind == Tarball {
		p.project = p.spec.Name
	}
	config, list := Read(p.folder, shown, in.o.Renderer)
	if list.Err() != nil {
		return firstError(list)
	}
	p.needs = config.Specs
	return nil
}

func firstError(list diag.List) *diag.Diagnostic {
	for _, d := range list {
		if d.Severity == diag.Error {
			return d
		}
	}
	return nil
}

// fetchTarball downloads and unpacks a tarball, which must hold one folder.
func (in *installer) fetchTarball(p *pinned) *diag.Diagnostic {
	sum := sha256.Sum256([]byte(p.spec.Location))
	key := hex.EncodeToString(sum[:])
	archive, d := in.archive(p, p.spec.Location, filepath.Join("tarball", key+".tar.gz"))
	if d != nil {
		return d
	}
	return in.unpack(p, archive, filepath.Join(in.dir, "tarball-"+key[:16]))
}

// fetchHub downloads the tarball of a hub version and checks its sums.
func (in *installer) fetchHub(p *pinned) *diag.Diagnostic {
	if p.hub.Downloads.Tarball == "" {
		return problem(p.spec.Span, "the package index gives no download for %s@%s", p.spec.Location, p.version)
	}
	archive, d := in.archive(p, p.hub.Downloads.Tarball, filepath.Join("hub", filepath.FromSlash(p.spec.Location), p.version+".tar.gz"))
	if d != nil {
		return d
	}
	if err := p.hub.verify(archive); err != nil {
		return failure(p.spec.Span, err, "the download of %s@%s is not what the package index describes: %v", p.spec.Location, p.version, err)
	}
	return in.unpack(p, archive, filepath.Join(in.dir, "hub-"+strings.ReplaceAll(p.spec.Location, "/", "-")+"-"+p.version))
}

// unpack extracts an archive and finds the one folder in it.
func (in *installer) unpack(p *pinned, archive, dest string) *diag.Diagnostic {
	if _, err := os.Stat(dest); err != nil {
		if err := extractFile(archive, dest); err != nil {
			_ = os.RemoveAll(dest)
			return failure(p.spec.Span, err, "the package %s cannot be unpacked: %v", in.scrub(p.display()), err)
		}
	}
	entries, err := os.ReadDir(dest)
	if err != nil || len(entries) != 1 || !entries[0].IsDir() {
		d := failure(p.spec.Span, err, "Incorrect structure for package extracted from %s.", in.scrub(p.display()))
		d.Detail = "The extracted package needs to follow the structure " + in.scrub(p.display()) + "/<package_contents>."
		return d
	}
	p.folder = filepath.Join(dest, entries[0].Name())
	return nil
}

// putAt moves, links or copies the package to its place.
func (p *pinned) putAt(dest string, in *installer) error {
	if !p.linked {
		return moveTree(p.folder, dest)
	}
	in.emit("DepsCreatingLocalSymlink", "Z037", event.Debug, nil, "Creating symlink to local dependency.")
	if err := os.Symlink(p.folder, dest); err == nil {
		return nil
	}
	in.emit("DepsSymlinkNotAvailable", "Z038", event.Debug, nil, "Symlinks are not available on this OS, copying dependency.")
	return copyTree(p.folder, dest)
}
