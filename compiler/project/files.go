package project

import (
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/millrace/millrace/compiler/diag"
)

// FileKind says which parser a file belongs to.
type FileKind uint8

const (
	MacroFile FileKind = iota
	ModelFile
	SnapshotFile
	AnalysisFile
	SingularTestFile
	GenericTestFile
	SeedFile
	DocsFile
	SchemaFile
	FixtureFile
	FunctionFile
	OSIFile
	fileKinds
)

// FileSet lists a package's files by kind: per kind first by extension, then by resource
// path, then a folder's own files before its subfolders, by name.
type FileSet struct {
	kinds [fileKinds][]*File
}

// Of returns the files of one kind.
func (s *FileSet) Of(kind FileKind) []*File { return s.kinds[kind] }

// All returns the files of the given kinds, or of every kind.
func (s *FileSet) All(kinds ...FileKind) []*File {
	if len(kinds) == 0 {
		for k := range fileKinds {
			kinds = append(kinds, k)
		}
	}
	var all []*File
	for _, k := range kinds {
		all = append(all, s.kinds[k]...)
	}
	return all
}

// File is one file of a package. Its content is read on demand and kept.
type File struct {
	Package *Package
	Kind    FileKind
	Dir     string // the resource path it was found under: "models"
	Rel     string // below Dir: "staging/stg_orders.sql"
	Path    string // below the package: "models/staging/stg_orders.sql"
	Abs     string // OS path; "" for files of internals
	Size    int64
	ModTime int64 // Unix nanoseconds
	Change  int64 // when the file's entry last changed, Unix nanoseconds; 0 where the system does not tell
	Inode   uint64

	once   sync.Once
	source *diag.Source
	err    *diag.Diagnostic

	sumOnce sync.Once
	sumName string
	sum     string
	sumErr  *diag.Diagnostic
}

// Name is the resource name the file gives: its base name without extension.
func (f *File) Name() string {
	base := path.Base(f.Rel)
	if f.Package.JinjaExtensions {
		for _, ext := range jinjaExtensions {
			base = strings.TrimSuffix(base, ext)
		}
	}
	return stem(base)
}

// Shown is the path in messages: the package's folder in front for installed packages.
func (f *File) Shown() string {
	if f.Package.IsRoot {
		return f.Path
	}
	return path.Join(path.Dir(f.Package.shown), f.Path)
}

var jinjaExtensions = []string{".j2", ".jinja2", ".jinja"}

// kindRule says where the files of a kind are and what they end in.
type kindRule struct {
	kind  FileKind
	dirs  []string
	ends  []string
	jinja bool // the last of ends may be followed by a template extension
}

func (p *Package) kindRules() []kindRule {
	generic, fixtures := make([]string, len(p.TestPaths)), make([]string, len(p.TestPaths))
	for i, t := range p.TestPaths {
		generic[i], fixtures[i] = inFolder(t, "generic"), inFolder(t, "fixtures")
	}
	sql := []string{".sql"}
	return []kindRule{
		{MacroFile, p.MacroPaths, sql, true},
		{ModelFile, p.ModelPaths, []string{".py", ".sql"}, true},
		{SnapshotFile, p.SnapshotPaths, sql, true},
		{AnalysisFile, p.AnalysisPaths, sql, true},
		{SingularTestFile, p.TestPaths, sql, true},
		{GenericTestFile, generic, sql, true},
		{SeedFile, p.SeedPaths, []string{".csv"}, false},
		{DocsFile, p.DocsPaths, []string{".md"}, true},
		{SchemaFile, p.SourcePaths(), []string{".yml", ".yaml"}, false},
		{FixtureFile, fixtures, []string{".csv", ".sql"}, true},
		{FunctionFile, p.FunctionPaths, []string{".py", ".js", ".sql"}, true},
		{OSIFile, p.OSIPaths, []string{".json"}, false},
	}
}

// extensions of a rule, with the template forms when the project allows them.
func (r kindRule) extensions(jinja bool) []string {
	if !r.jinja || !jinja {
		return r.ends
	}
	last := r.ends[len(r.ends)-1]
	all := append([]string(nil), r.ends...)
	for _, ext := range jinjaExtensions {
		all = append(all, last+ext)
	}
	return all
}

// Files lists the package's files, once; content is not read.
func (p *Package) Files() (*FileSet, diag.List) {
	p.filesOnce.Do(func() { p.files, p.filesErr = p.listFiles() })
	return p.files, p.filesErr
}

// listed is one file found in a folder walk.
type listed struct {
	rel     string
	size    int64
	modTime int64
	change  int64
	inode   uint64
}

type lister struct {
	pkg    *Package
	ignore *ignoreRules
	walks  map[string][]listed
	list   diag.List
}

func (p *Package) listFiles() (*FileSet, diag.List) {
	w := &lister{pkg: p, walks: map[string][]listed{}}
	w.ignore, w.list = p.ignoreRules()
	set := &FileSet{}
	for _, rule := range p.kindRules() {
		seen := map[string]bool{}
		for _, ext := range rule.extensions(p.JinjaExtensions) {
			for _, dir := range rule.dirs {
				for _, f := range w.walk(dir) {
					if !matches(f.rel, ext) || rule.kind == SingularTestFile && inTestSubfolder(f.rel) {
						continue
					}
					full := inFolder(filepath.ToSlash(dir), f.rel)
					clean := path.Clean(full)
					if seen[clean] {
						continue
					}
					seen[clean] = true
					set.kinds[rule.kind] = append(set.kinds[rule.kind], &File{
						Package: p, Kind: rule.kind, Dir: dir, Rel: f.rel, Path: full,
						Abs: joinRoot(p.Root, full), Size: f.size, ModTime: f.modTime, Change: f.change, Inode: f.inode,
					})
				}
			}
		}
	}
	return set, w.list
}

// inFolder is a file's path under a resource path as the project writes it: "./models" stays so
// in every path that dbt tells.
func inFolder(dir, rel string) string {
	if strings.HasSuffix(dir, "/") {
		return dir + rel
	}
	return dir + "/" + rel
}

// inTestSubfolder reports files below tests/generic and tests/fixtures, which are other kinds.
func inTestSubfolder(rel string) bool {
	first, _, below := strings.Cut(rel, "/")
	return below && (first == "generic" || first == "fixtures")
}

// matches is dbt's file pattern: the extension in any case, and a name that does not
// begin with '.', '#' or '~' (editors' leavings).
func matches(rel, ext string) bool {
	name := path.Base(rel)
	if len(name) <= len(ext) || strings.IndexByte(".#~", name[0]) >= 0 {
		return false
	}
	return strings.EqualFold(name[len(name)-len(ext):], ext)
}

// walk lists a resource path once; a missing folder has no files.
func (w *lister) walk(dir string) []listed {
	if found, done := w.walks[dir]; done {
		return found
	}
	var entries []found
	w.folder(dir, "", 0, &entries)
	files := make([]listed, len(entries))
	Parallel(len(entries), 0, func(i int) { files[i] = w.stat(dir, entries[i]) })
	files = slices.DeleteFunc(files, func(f listed) bool { return f.rel == "" })
	w.walks[dir] = files
	return files
}

// found is an entry of a folder that may be a file to list.
type found struct {
	rel   string
	entry fs.DirEntry
}

const maxFolders = 200 // nesting of folders, a guard against odd file systems

// folder lists files first, then subfolders. Linked folders below a resource path are not
// entered (dbt does not either), linked files are taken.
func (w *lister) folder(dir, rel string, depth int, files *[]found) {
	if depth > maxFolders {
		return
	}
	entries, err := w.readDir(dir, rel)
	if err != nil {
		return
	}
	var folders []string
	for _, e := range entries {
		below := path.Join(rel, e.Name())
		if e.IsDir() {
			folders = append(folders, below)
			continue
		}
		if !w.ignore.match(path.Join(filepath.ToSlash(dir), below)) {
			*files = append(*files, found{below, e})
		}
	}
	for _, below := range folders {
		w.folder(dir, below, depth+1, files)
	}
}

func (w *lister) readDir(dir, rel string) ([]fs.DirEntry, error) {
	if w.pkg.Root == "" {
		return fs.ReadDir(w.pkg.FS, path.Join(dir, rel))
	}
	return os.ReadDir(filepath.Join(joinRoot(w.pkg.Root, dir), filepath.FromSlash(rel)))
}

// stat is the file that an entry stands for; without a name when it is none.
func (w *lister) stat(dir string, f found) listed {
	var info fs.FileInfo
	var err error
	if f.entry.Type()&fs.ModeSymlink == 0 || w.pkg.Root == "" {
		info, err = f.entry.Info()
	} else {
		info, err = os.Stat(filepath.Join(joinRoot(w.pkg.Root, dir), filepath.FromSlash(f.rel)))
	}
	if err != nil || !info.Mode().IsRegular() {
		return listed{}
	}
	change, inode := ChangeOf(info)
	return listed{rel: f.rel, size: info.Size(), modTime: info.ModTime().UnixNano(), change: change, inode: inode}
}
