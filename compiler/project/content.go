package project

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"os"
	"strings"
	"unicode"
	"unicode/utf8"
	"unsafe"

	"github.com/millrace/millrace/compiler/diag"
)

// Load reads the file, once. The Source holds the text as it is in the file.
func (f *File) Load() (*diag.Source, *diag.Diagnostic) {
	f.once.Do(func() {
		text, err := f.read()
		if err != nil {
			f.err = unreadable(f.Shown(), err)
			return
		}
		f.source = diag.NewSource(f.Shown(), text)
		if !utf8.ValidString(text) {
			f.err = diag.New(diag.CodeProject, diag.Parsing, f.source.At(0, 0), "the file "+f.Path+" is not valid UTF-8")
		}
	})
	return f.source, f.err
}

func (f *File) read() (string, error) {
	if f.Abs == "" {
		data, err := fs.ReadFile(f.Package.FS, f.Path)
		return string(data), err
	}
	data, err := os.ReadFile(f.Abs)
	return unsafe.String(unsafe.SliceData(data), len(data)), err // nobody else has the bytes
}

// Open opens the file for streaming reads (seeds).
func (f *File) Open() (io.ReadCloser, error) {
	if f.Abs == "" {
		return f.Package.FS.Open(f.Path)
	}
	return os.Open(f.Abs)
}

// Body is the file's text without blanks at both ends, which is what dbt parses and keeps
// as raw_code.
func Body(src *diag.Source) diag.Span {
	start := len(src.Text) - len(strings.TrimLeftFunc(src.Text, isPythonSpace))
	end := start + len(strings.TrimRightFunc(src.Text[start:], isPythonSpace))
	return src.At(start, end)
}

// isPythonSpace is str.isspace of one character.
func isPythonSpace(r rune) bool {
	return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f
}

// Checksum identifies the content as dbt does: name is "sha256", or "path" with the path
// for a seed too big to hash.
func (f *File) Checksum() (name, sum string, d *diag.Diagnostic) {
	f.sumOnce.Do(f.checksum)
	return f.sumName, f.sum, f.sumErr
}

func (f *File) checksum() {
	f.sumName = "sha256"
	if f.Kind != SeedFile {
		src, d := f.Load()
		if d != nil {
			f.sumErr = d
			return
		}
		f.sum = ChecksumText(src.Text)
		return
	}
	if limit := f.Package.maxSeedBytes; limit > 0 && f.Size > limit {
		f.sumName, f.sum = "path", f.Path
		return
	}
	r, err := f.Open()
	if err != nil {
		f.sumErr = unreadable(f.Shown(), err)
		return
	}
	f.sum, err = seedChecksum(r)
	if closeErr := r.Close(); err == nil {
		err = closeErr
	}
	if err != nil {
		f.sumErr = unreadable(f.Shown(), err)
	}
}

// ChecksumText is the sha256 of a text whose runs of blanks count as one space, so that
// formatting alone does not change it.
func ChecksumText(text string) string {
	h := sha256.New()
	buf := make([]byte, 0, 4096)
	words := false
	for i := 0; i < len(text); {
		r, size := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[i:])
		}
		if isPythonSpace(r) {
			i += size
			continue
		}
		start := i
		for i < len(text) {
			if r, size = rune(text[i]), 1; r >= utf8.RuneSelf {
				r, size = utf8.DecodeRuneInString(text[i:])
			}
			if isPythonSpace(r) {
				break
			}
			i += size
		}
		if words {
			buf = append(buf, ' ')
		}
		words = true
		if buf = append(buf, text[start:i]...); len(buf) > 3072 {
			h.Write(buf)
			buf = buf[:0]
		}
	}
	h.Write(buf)
	return hex.EncodeToString(h.Sum(nil))
}

// seedChecksum is the sha256 of a text file with "\n" line ends and no blanks at both ends.
func seedChecksum(r io.Reader) (string, error) {
	h := sha256.New()
	in := bufio.NewReaderSize(r, 64<<10)
	var pending, out []byte // blanks not yet known to be inside; text to hash
	begun := false
	for {
		c, size, err := in.ReadRune()
		if err == io.EOF {
			break
		}
		if err != nil {
			return "", err
		}
		if c == '\r' {
			if next, peekErr := in.Peek(1); peekErr == nil && next[0] == '\n' {
				continue
			}
			c = '\n'
		}
		if isPythonSpace(c) {
			if begun {
				pending = utf8.AppendRune(pending, c)
			}
			continue
		}
		begun = true
		out = append(out, pending...)
		pending = pending[:0]
		if c == utf8.RuneError && size == 1 {
			out = append(out, 0xEF, 0xBF, 0xBD)
		} else {
			out = utf8.AppendRune(out, c)
		}
		if len(out) > 32<<10 {
			h.Write(out)
			out = out[:0]
		}
	}
	h.Write(out)
	return hex.EncodeToString(h.Sum(nil)), nil
}
