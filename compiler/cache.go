package compiler

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"sort"
	"sync"
	"time"

	scope "github.com/millrace/millrace/compiler/context"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/flags"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/project"
)

// The cache keeps the whole result of a parse with everything the result was made of. It is
// used when all of that is the same, and otherwise the project is parsed again:
//
//   - the program itself (Options.Identity) and the flags a parse can see,
//   - every project file, rendered and as written, variables, target, selectors,
//   - every file of every package: its content, or all that the file system says of it,
//   - every environment variable that anything asked for, present or not,
//   - all flags, once a template looked at flags; never when it looked at the time,
//   - the time, once it makes another of what was said about deprecated models.
//
// Project files are read and folders are listed by every command, so that the cache need
// not know what makes a file part of the project.

// Want is how much of the manifest a command needs when its project has not changed.
type Want uint8

const (
	Everything Want = iota
	Outline         // what selecting nodes takes
	Listing         // no more than the head, and Program.Listing
	Head            // what the head of manifest.json says of the project
)

// settling is how old a file must have been when the parse began for its times alone to
// prove that it is the same: file systems keep times as coarse as two seconds.
const settling = 2 * time.Second

// cacheHead is the part of the cache that says what the rest was made of, and what every
// command needs of it.
type cacheHead struct {
	Facts string
	State parseState
	Flags string // digest of all flags; "" when no template looked at them
	Began int64
	Until int64 // when the notes change; 0 is never
	Env   []seenVariable
	Files []seenFile
	Notes diag.List

	Project, Adapter string
	Quoting          *value.Dict
	Semantic         []byte // semantic_manifest.json

	Outline, Details, Listing manifest.Section
}

type seenVariable struct {
	Name  string
	Set   bool
	Value string // its digest
}

type seenFile struct {
	Package, Path string
	Kind          project.FileKind
	Size          int64
	ModTime       int64
	Change        int64
	Inode         uint64
	Digest        string
}

// recordedEnv remembers which variables were asked for.
type recordedEnv struct {
	project.Env
	mu   sync.Mutex
	seen map[string]seenVariable
}

func (e *recordedEnv) Getenv(name string) (string, bool) {
	v, ok := e.Env.Getenv(name)
	e.mu.Lock()
	defer e.mu.Unlock()
	if _, known := e.seen[name]; !known {
		e.seen[name] = seenVariable{Name: name, Set: ok, Value: digest(v)}
	}
	return v, ok
}

func (e *recordedEnv) list() []seenVariable {
	e.mu.Lock()
	defer e.mu.Unlock()
	out := make([]seenVariable, 0, len(e.seen))
	for _, v := range e.seen {
		out = append(out, v)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out
}

// cache is the cache of one load.
type cache struct {
	path    string
	project *project.Project
	env     *recordedEnv
	facts   string
	state   parseState
	flags   string
	began   time.Time

	head    cacheHead
	file    *cacheFile // that is good, else nil
	notes   diag.List
	seen    uint32
	written Artifact
	hit     bool
	have    Want // of the manifest
	settled bool // no file had to be read to know that it is the same
}

// openCache finds the cache of a project, with as much of the manifest as is wanted when
// it is still good.
func openCache(o *Options, p *project.Project, env *recordedEnv) (*cache, *manifest.Manifest) {
	c := &cache{path: o.CachePath, project: p, env: env, began: p.Flags.Now}
	c.facts, c.state = facts(o, p), stateOf(o, p)
	c.flags = flagsDigest(p.Flags)
	f, err := openCacheFile(c.path, &c.head)
	if err != nil {
		tellFullParse(o.Events, "saved manifest not found. Starting full parse.")
		return c, nil
	}
	c.file = f
	if !c.same() {
		tellFullParse(o.Events, c.state.changes(&c.head.State)...)
		c.forget()
		return c, nil
	}
	m, err := c.read(o.Want)
	if err != nil {
		c.forget()
		return c, nil
	}
	c.have = o.Want
	c.notes, c.hit, c.written = c.head.Notes, true, f.written
	return c, m
}

func (c *cache) forget() {
	c.file.close()
	c.file, c.head = nil, cacheHead{}
}

// read reads the manifest as far as it is wanted.
func (c *cache) read(want Want) (*manifest.Manifest, error) {
	if want == Listing || want == Head {
		m := manifest.New(c.head.Project, c.head.Adapter)
		m.Quoting = c.head.Quoting
		return m, nil
	}
	outline, err := c.file.section(0, c.head.Outline)
	if err != nil {
		return nil, err
	}
	if want == Outline {
		return manifest.ReadOutline(outline)
	}
	details, err := c.file.section(c.head.Outline.Size, c.head.Details)
	if err != nil {
		return nil, err
	}
	return manifest.ReadSnapshot(outline, details)
}

// same reports whether everything the cache was made of is as it was.
func (c *cache) same() bool {
	h := &c.head
	if h.Facts != c.facts || h.Flags != "" && h.Flags != c.flags || h.Until != 0 && c.began.UnixNano() >= h.Until {
		return false
	}
	for _, v := range h.Env {
		now, set := c.env.Env.Getenv(v.Name)
		if set != v.Set || digest(now) != v.Value {
			return false
		}
	}
	files := projectFiles(c.project)
	if len(files) != len(h.Files) {
		return false
	}
	c.settled = true
	limit := h.Began - int64(settling)
	for i, f := range files {
		was := &h.Files[i]
		if f.Package.Name != was.Package || f.Path != was.Path || f.Kind != was.Kind || f.Size != was.Size {
			return false
		}
		if f.ModTime == was.ModTime && f.Change == was.Change && f.Inode == was.Inode &&
			f.Change != 0 && f.ModTime < limit && f.Change < limit {
			continue
		}
		c.settled = false
		if sum, err := f.Digest(); err != nil || string(sum[:]) != was.Digest {
			return false
		}
	}
	return true
}

// projectFiles are the files of all packages that are not part of the program.
func projectFiles(p *project.Project) []*project.File {
	var out []*project.File
	for _, pkg := range p.Packages {
		if pkg.Root == "" {
			continue
		}
		files, _ := pkg.Files() // reported by the parse
		out = append(out, files.All()...)
	}
	return out
}

// facts is a digest of what the project is apart from its files.
func facts(o *Options, p *project.Project) string {
	h := sha256.New()
	put := func(name string, v any) { _, _ = fmt.Fprintf(h, "%s %T %q\n", name, v, fmt.Sprint(v)) }
	dict := func(name string, d *value.Dict) {
		if d == nil {
			put(name, nil)
			return
		}
		put(name, value.Repr(value.FromDict(d)))
	}
	f := p.Flags
	put("program", o.Identity)
	put("paths", []string{f.ProjectDir, f.ProfilesDir, f.PackagesInstallPath, f.TargetPath, f.LogPath, o.HomeDir, o.WorkDir})
	put("flags", []any{f.Vars, f.Profile, f.Target, f.Version, f.Strict, f.StoreFailures, f.WarnError, f.WarnErrorOptions, f.ShowAllDeprecations, f.Print,
		f.MaximumSeedSizeMiB, f.VersionCheck, f.MacroDebugging, f.Empty, f.FullRefresh, f.Sample, f.EventTimeStart, f.EventTimeEnd, f.StaticParser})
	put("behavior", f.Behavior) // maps print sorted
	dict("envs", o.MetadataEnvs)
	put("options", []any{o.RenderAll})
	dict("cli vars", p.CLIVars)
	put("selectors", value.Repr(p.SelectorValue))
	if s := p.Selectors.Source(); s != nil {
		put("selectors.yml", s.Text)
	}
	t := p.Profile
	put("profile", []any{t.Name, t.TargetName, t.Type, t.Database, t.Schema, t.Threads})
	put("target", value.Repr(t.Target()))
	for _, pkg := range p.Packages {
		put("package", []any{pkg.Name, pkg.Root, pkg.IsRoot, pkg.Internal, pkg.JinjaExtensions, pkg.RestrictAccess, pkg.VarsFromFile})
		if s := pkg.ProjectYAML.Source(); s != nil {
			put("dbt_project.yml", s.Text)
		}
		dict("rendered", pkg.Rendered)
		dict("vars", pkg.Vars)
		put("hooks", []any{pkg.OnRunStart, pkg.OnRunEnd})
	}
	return string(h.Sum(nil))
}

// flagsDigest is a digest of all flags but those that are new in each invocation.
func flagsDigest(f *flags.Flags) string {
	c := *f
	c.Now, c.InvocationID = time.Time{}, ""
	return digest(fmt.Sprintf("%+v", c))
}

func digest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return string(sum[:])
}

// Cached reports that the manifest comes from an earlier parse of the same project.
func (p *Program) Cached() bool { return p.cache != nil && p.cache.hit }

// Semantic is the semantic_manifest.json of a project that was Cached.
func (p *Program) Semantic() []byte { return p.cache.head.Semantic }

// Listing is what can be listed of the project.
func (p *Program) Listing() ([]manifest.Listed, error) {
	if p.cache == nil || p.cache.have != Listing {
		return p.Manifest.Listing(), nil
	}
	var list []manifest.Listed
	data, err := p.cache.file.section(p.cache.head.Outline.Size+p.cache.head.Details.Size, p.cache.head.Listing)
	if err == nil {
		err = manifest.Unpack(data, &list)
	}
	return list, err
}

// Complete reads the whole manifest of a project that was loaded with Options.Want. After an
// error the project has to be loaded again; what was kept is gone.
func (p *Program) Complete() error {
	c := p.cache
	if c == nil || !c.hit || c.have == Everything {
		return nil
	}
	m, err := c.read(Everything)
	if err != nil {
		_ = os.Remove(c.path) // what cannot be removed will be found damaged again
		return err
	}
	p.Manifest, c.have = m, Everything
	return nil
}

// Written is the manifest.json that was written of this very manifest, if any.
func (p *Program) Written() Artifact {
	if !p.Cached() {
		return Artifact{}
	}
	return p.cache.written
}

// Keep writes the cache once a command has found nothing wrong with the project. A failure
// is no error of the command: the next one parses again.
func (p *Program) Keep() error {
	c := p.cache
	if c == nil || c.seen&scope.SeenMoment != 0 || c.hit && (c.settled || c.began.UnixNano() < c.head.Began+int64(settling)) {
		return nil
	}
	if !c.hit {
		m := p.Manifest
		c.head = cacheHead{Facts: c.facts, State: c.state, Env: c.env.list(), Notes: c.notes, Project: m.ProjectName, Adapter: m.AdapterType, Quoting: m.Quoting,
			Until: nextDeprecation(m, c.began)}
		if c.seen&scope.SeenFlags != 0 {
			c.head.Flags = c.flags
		}
		var semantic bytes.Buffer
		if err := manifest.WriteSemantic(&semantic, m); err != nil {
			return err
		}
		c.head.Semantic = semantic.Bytes()
	}
	files := projectFiles(c.project)
	c.head.Began, c.head.Files = c.began.UnixNano(), make([]seenFile, 0, len(files))
	for _, f := range files {
		sum, err := f.Digest()
		if err != nil {
			return err
		}
		c.head.Files = append(c.head.Files, seenFile{Package: f.Package.Name, Path: f.Path, Kind: f.Kind,
			Size: f.Size, ModTime: f.ModTime, Change: f.Change, Inode: f.Inode, Digest: string(sum[:])})
	}
	written, err := writeCacheFile(c.path, &c.head, c.written, func(w io.Writer) error {
		if c.hit {
			return c.file.copySections(w, &c.head)
		}
		var err error
		if c.head.Outline, c.head.Details, err = manifest.WriteSnapshot(w, p.Manifest); err != nil {
			return err
		}
		listing := p.Manifest.Listing()
		c.head.Listing, err = manifest.WriteSection(w, &listing)
		return err
	})
	if err != nil {
		return err
	}
	c.file.close()
	c.file = written
	return nil
}

// nextDeprecation is when the next model becomes deprecated, 0 when none will.
func nextDeprecation(m *manifest.Manifest, now time.Time) int64 {
	next := int64(0)
	for _, n := range m.NodeList() {
		if n.DeprecationDate == "" {
			continue
		}
		if date, err := time.Parse(time.RFC3339, n.DeprecationDate); err == nil && date.After(now) && (next == 0 || date.UnixNano() < next) {
			next = date.UnixNano()
		}
	}
	return next
}

// Stamp remembers the manifest.json that was written of the manifest, in the cache that
// belongs to this very parse: another process may have put its own in place meanwhile.
func (p *Program) Stamp(a Artifact) error {
	if p.cache == nil || p.cache.file == nil {
		return nil
	}
	return p.cache.file.stamp(a)
}
