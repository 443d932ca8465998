package compiler

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
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
//   - all flags, once a template looked at flags; never when it looked at the time.
//
// Project files are read and folders are listed by every command, so that the cache need
// not know what makes a file part of the project.

const (
	cacheMagic = "millrace parse 1\n"
	// settling is how old a file must have been when the parse began for its times alone to
	// prove that it is the same: file systems keep times as coarse as two seconds.
	settling = 2 * time.Second
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// cacheHead is the part of the cache that says what the rest was made of.
type cacheHead struct {
	Facts string
	Flags string // digest of all flags; "" when no template looked at them
	Began int64
	Env   []seenVariable
	Files []seenFile
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

// Artifact identifies a manifest.json as this program left it; the zero Artifact is none.
type Artifact struct {
	Size, ModTime, Change int64
	Inode                 uint64
	Head                  int64 // bytes before what does not depend on the invocation
}

const artifactSize = 40

func (a Artifact) pack(dst []byte) []byte {
	for _, n := range []uint64{uint64(a.Size), uint64(a.ModTime), uint64(a.Change), a.Inode, uint64(a.Head)} {
		dst = binary.LittleEndian.AppendUint64(dst, n)
	}
	return dst
}

func (a *Artifact) unpack(src []byte) {
	at := func(i int) uint64 { return binary.LittleEndian.Uint64(src[8*i:]) }
	*a = Artifact{int64(at(0)), int64(at(1)), int64(at(2)), at(3), int64(at(4))}
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
	flags   string
	began   time.Time

	head     cacheHead
	body     []byte // of a cache that is good
	manifest *manifest.Manifest
	notes    diag.List
	seen     uint32
	written  Artifact
	sum      uint32
	hit      bool
	settled  bool // no file had to be read to know that it is the same
}

func openCache(o *Options, p *project.Project, env *recordedEnv) *cache {
	c := &cache{path: o.CachePath, project: p, env: env, began: p.Flags.Now}
	c.facts = facts(o, p)
	c.flags = flagsDigest(p.Flags)
	data, err := os.ReadFile(c.path)
	if err != nil || !c.open(data) || !c.same() {
		return c
	}
	m, notes, err := manifest.ReadSnapshot(c.body)
	if err != nil {
		return c
	}
	c.manifest, c.notes, c.hit = m, notes, true
	return c
}

// open takes a file apart: magic, what manifest.json was written, checksum of the rest,
// length of the head, head, snapshot.
func (c *cache) open(data []byte) bool {
	data, ok := bytes.CutPrefix(data, []byte(cacheMagic))
	if !ok || len(data) < artifactSize+8 {
		return false
	}
	c.written.unpack(data)
	data = data[artifactSize:]
	size := int(binary.LittleEndian.Uint32(data[4:]))
	c.sum = binary.LittleEndian.Uint32(data)
	data = data[8:]
	if size > len(data) || crc32.Checksum(data, castagnoli) != c.sum {
		return false
	}
	c.body = data[size:]
	return manifest.Unpack(data[:size], &c.head) == nil
}

// same reports whether everything the cache was made of is as it was.
func (c *cache) same() bool {
	h := &c.head
	if h.Facts != c.facts || h.Flags != "" && h.Flags != c.flags {
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
	put("flags", []any{f.Vars, f.Profile, f.Target, f.Version, f.Strict, f.StoreFailures, f.WarnError, f.WarnErrorOptions, f.Print,
		f.MaximumSeedSizeMiB, f.VersionCheck, f.MacroDebugging, f.Empty, f.FullRefresh, f.Sample, f.EventTimeStart, f.EventTimeEnd, f.StaticParser})
	put("behavior", f.Behavior) // maps print sorted
	put("envs", o.MetadataEnvs)
	put("options", []any{o.StubMethods, o.RenderAll})
	dict("cli vars", p.CLIVars)
	put("selectors", value.Repr(p.SelectorValue))
	if s := p.Selectors.Source(); s != nil {
		put("selectors.yml", s.Text)
	}
	if t := p.Profile; t != nil {
		put("profile", []any{t.Name, t.TargetName, t.Type, t.Database, t.Schema, t.Threads})
		put("target", value.Repr(t.Target()))
	}
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
		body, err := manifest.AppendSnapshot(nil, p.Manifest, c.notes)
		if err != nil {
			return err
		}
		c.body = body
		c.head = cacheHead{Facts: c.facts, Env: c.env.list()}
		if c.seen&scope.SeenFlags != 0 {
			c.head.Flags = c.flags
		}
	}
	c.head.Began, c.head.Files = c.began.UnixNano(), nil
	for _, f := range projectFiles(c.project) {
		sum, err := f.Digest()
		if err != nil {
			return err
		}
		c.head.Files = append(c.head.Files, seenFile{Package: f.Package.Name, Path: f.Path, Kind: f.Kind,
			Size: f.Size, ModTime: f.ModTime, Change: f.Change, Inode: f.Inode, Digest: string(sum[:])})
	}
	return c.write()
}

// Stamp remembers the manifest.json that was written of the manifest, in the cache that
// belongs to this very parse: another process may have put its own in place meanwhile.
func (p *Program) Stamp(a Artifact) error {
	c := p.cache
	if c == nil || c.sum == 0 {
		return nil
	}
	f, err := os.OpenFile(c.path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	start := make([]byte, len(cacheMagic)+artifactSize+4)
	_, err = io.ReadFull(f, start)
	if err == nil && binary.LittleEndian.Uint32(start[len(cacheMagic)+artifactSize:]) == c.sum {
		_, err = f.WriteAt(a.pack(nil), int64(len(cacheMagic)))
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}

// write writes beside the cache and renames, so that a crash leaves the old one.
func (c *cache) write() (err error) {
	head, err := manifest.Pack(&c.head)
	if err != nil {
		return err
	}
	if len(c.body) > 1<<31 {
		return errors.New("the project is too large for the cache")
	}
	dir, name := filepath.Split(c.path)
	if err := os.MkdirAll(filepath.Clean(dir), 0o755); err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Clean(dir), "."+name+"-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(f.Name())
		}
	}()
	c.sum = crc32.Update(crc32.Checksum(head, castagnoli), castagnoli, c.body)
	start := c.written.pack([]byte(cacheMagic))
	start = binary.LittleEndian.AppendUint32(start, c.sum)
	start = binary.LittleEndian.AppendUint32(start, uint32(len(head)))
	for _, part := range [][]byte{start, head, c.body} {
		if err == nil {
			_, err = f.Write(part)
		}
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(f.Name(), c.path)
	}
	return err
}
