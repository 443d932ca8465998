package compiler

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"

	"github.com/millrace/millrace/compiler/manifest"
)

// The file of a cache: a prelude of fixed size, the outline and the details of the manifest,
// the listing, and at the end the head, which says what the sections are. A command reads no more
// than it needs.

const (
	cacheMagic   = "millrace parse 2\n"
	artifactSize = 40
	preludeSize  = int64(len(cacheMagic) + artifactSize + 4 + 8 + 8)
)

var (
	castagnoli   = crc32.MakeTable(crc32.Castagnoli)
	errCacheFile = errors.New("the file of the cache is damaged")
)

// Artifact identifies a manifest.json as this program left it; the zero Artifact is none.
type Artifact struct {
	Size, ModTime, Change int64
	Inode                 uint64
	Head                  int64 // bytes before what does not depend on the invocation
}

// prelude is what stands at the front of the file.
type prelude struct {
	written Artifact
	sum     uint32 // of the head
	at      int64  // of the head
	size    int64  // of the head
}

func (p *prelude) pack() []byte {
	b := p.written.pack([]byte(cacheMagic))
	b = binary.LittleEndian.AppendUint32(b, p.sum)
	b = binary.LittleEndian.AppendUint64(b, uint64(p.at))
	return binary.LittleEndian.AppendUint64(b, uint64(p.size))
}

func (a Artifact) pack(dst []byte) []byte {
	for _, n := range []uint64{uint64(a.Size), uint64(a.ModTime), uint64(a.Change), a.Inode, uint64(a.Head)} {
		dst = binary.LittleEndian.AppendUint64(dst, n)
	}
	return dst
}

func (p *prelude) unpack(b []byte) bool {
	if string(b[:len(cacheMagic)]) != cacheMagic {
		return false
	}
	b = b[len(cacheMagic):]
	at := func(i int) uint64 { return binary.LittleEndian.Uint64(b[8*i:]) }
	p.written = Artifact{int64(at(0)), int64(at(1)), int64(at(2)), at(3), int64(at(4))}
	b = b[artifactSize:]
	p.sum = binary.LittleEndian.Uint32(b)
	b = b[4:]
	p.at, p.size = int64(at(0)), int64(at(1))
	return true
}

// cacheFile is an open file of a cache.
type cacheFile struct {
	path string
	f    *os.File
	prelude
}

// openCacheFile opens a file and reads its head.
func openCacheFile(path string, head *cacheHead) (_ *cacheFile, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	c := &cacheFile{path: path, f: f}
	defer func() {
		if err != nil {
			c.close()
		}
	}()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	start := make([]byte, preludeSize)
	if _, err := io.ReadFull(f, start); err != nil {
		return nil, err
	}
	if !c.unpack(start) || c.at < preludeSize || c.size < 0 || c.at > info.Size() || c.size != info.Size()-c.at {
		return nil, errCacheFile
	}
	data := make([]byte, c.size)
	if _, err := f.ReadAt(data, c.at); err != nil {
		return nil, err
	}
	if crc32.Checksum(data, castagnoli) != c.sum {
		return nil, errCacheFile
	}
	return c, manifest.Unpack(data, head)
}

func (c *cacheFile) close() {
	if c != nil {
		_ = c.f.Close() // it was only read
	}
}

// section reads a section that begins after so many bytes of others.
func (c *cacheFile) section(after int64, s manifest.Section) ([]byte, error) {
	if after < 0 || s.Size < 0 || preludeSize+after+s.Size > c.at {
		return nil, errCacheFile
	}
	data := make([]byte, s.Size)
	if _, err := c.f.ReadAt(data, preludeSize+after); err != nil {
		return nil, err
	}
	if !s.Fits(data) {
		return nil, errCacheFile
	}
	return data, nil
}

// copySections writes all sections as they are.
func (c *cacheFile) copySections(w io.Writer, head *cacheHead) error {
	_, err := io.Copy(w, io.NewSectionReader(c.f, preludeSize, head.Outline.Size+head.Details.Size+head.Listing.Size))
	return err
}

// writeCacheFile writes beside the cache and renames, so that a crash leaves the old one. The
// sections are written first and may still add to the head.
func writeCacheFile(path string, head *cacheHead, written Artifact, sections func(io.Writer) error) (_ *cacheFile, err error) {
	dir, name := filepath.Split(path)
	if err := os.MkdirAll(filepath.Clean(dir), 0o755); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(filepath.Clean(dir), "."+name+"-*")
	if err != nil {
		return nil, err
	}
	c := &cacheFile{path: path, f: f, prelude: prelude{written: written}}
	defer func() {
		if err != nil {
			c.close()
			_ = os.Remove(f.Name())
		}
	}()
	if _, err := f.Seek(preludeSize, io.SeekStart); err != nil {
		return nil, err
	}
	if err := sections(f); err != nil {
		return nil, err
	}
	if c.at, err = f.Seek(0, io.SeekCurrent); err != nil {
		return nil, err
	}
	data, err := manifest.Pack(head)
	if err != nil {
		return nil, err
	}
	c.sum, c.size = crc32.Checksum(data, castagnoli), int64(len(data))
	if _, err := f.Write(data); err != nil {
		return nil, err
	}
	if _, err := f.WriteAt(c.pack(), 0); err != nil {
		return nil, err
	}
	return c, os.Rename(f.Name(), path)
}

// stamp writes what is known of manifest.json, unless the file has been replaced.
func (c *cacheFile) stamp(a Artifact) error {
	c.written = a
	f, err := os.OpenFile(c.path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	start := make([]byte, preludeSize)
	var now prelude
	if _, err = io.ReadFull(f, start); err == nil && now.unpack(start) && now.sum == c.sum {
		_, err = f.WriteAt(a.pack(nil), int64(len(cacheMagic)))
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}
