package packages

import (
	"archive/tar"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"
)

// Bounds of an unpacked package.
const (
	maxFiles      = 200_000
	maxTotalBytes = 2 << 30
)

// extractFile unpacks a .tar.gz into dest. Nothing is ever written outside dest: names
// that lead out, absolute names and links to outside are errors, and os.Root guards every
// step against links that were unpacked before.
func extractFile(archive, dest string) error {
	f, err := os.Open(archive)
	if err != nil {
		return err
	}
	err = Extract(f, dest)
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}

// Extract is extractFile for a reader.
func Extract(r io.Reader, dest string) error {
	z, err := gzip.NewReader(r)
	if err != nil {
		return fmt.Errorf("it is no gzip file: %w", err)
	}
	if err := os.MkdirAll(dest, 0o755); err != nil {
		return err
	}
	root, err := os.OpenRoot(dest)
	if err != nil {
		return err
	}
	x := &extraction{root: root, left: maxTotalBytes}
	err = x.all(tar.NewReader(z))
	if closeErr := root.Close(); err == nil {
		err = closeErr
	}
	return err
}

type extraction struct {
	root  *os.Root
	left  int64
	files int
}

func (x *extraction) all(t *tar.Reader) error {
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("it is no good tar file: %w", err)
		}
		if x.files++; x.files > maxFiles {
			return fmt.Errorf("it holds more than %d files", maxFiles)
		}
		if err := x.one(h, t); err != nil {
			return err
		}
	}
}

func (x *extraction) one(h *tar.Header, t io.Reader) error {
	name := path.Clean(strings.ReplaceAll(h.Name, `\`, "/"))
	if !isLocalSlash(name) {
		return fmt.Errorf("its entry %q leads out of the package", h.Name)
	}
	switch h.Typeflag {
	case tar.TypeDir:
		return x.root.MkdirAll(name, 0o755)
	case tar.TypeReg:
		return x.file(name, h, t)
	case tar.TypeSymlink:
		if path.IsAbs(h.Linkname) || !isLocalSlash(path.Join(path.Dir(name), h.Linkname)) {
			return fmt.Errorf("its link %q leads out of the package", h.Name)
		}
		if err := x.root.MkdirAll(path.Dir(name), 0o755); err != nil {
			return err
		}
		return x.root.Symlink(h.Linkname, name)
	case tar.TypeXGlobalHeader, tar.TypeXHeader:
		return nil
	}
	return fmt.Errorf("its entry %q is neither a file nor a folder", h.Name)
}

// isLocalSlash is filepath.IsLocal for slash paths on every system.
func isLocalSlash(name string) bool {
	return name != "" && !path.IsAbs(name) && name != ".." && !strings.HasPrefix(name, "../") && !strings.Contains(name, ":")
}

func (x *extraction) file(name string, h *tar.Header, t io.Reader) error {
	if h.Size < 0 || h.Size > x.left {
		return fmt.Errorf("it unpacks to more than %d bytes", int64(maxTotalBytes))
	}
	x.left -= h.Size
	if err := x.root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return err
	}
	mode := os.FileMode(0o644)
	if h.Mode&0o100 != 0 {
		mode = 0o755
	}
	f, err := x.root.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, mode)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, io.LimitReader(t, h.Size))
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	return err
}
