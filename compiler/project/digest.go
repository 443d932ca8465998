package project

import (
	"crypto/sha256"
	"unsafe"
)

// Digest identifies what a parse sees of the file: its text, but of a seed the checksum
// alone. A file that has been read is not read again.
func (f *File) Digest() (sum [sha256.Size]byte, err error) {
	if f.Kind == SeedFile {
		name, text, bad := f.Checksum()
		if bad != nil {
			return sum, bad
		}
		return sha256.Sum256([]byte(name + ":" + text)), nil
	}
	src, bad := f.Load()
	if bad != nil {
		return sum, bad
	}
	return sha256.Sum256(unsafe.Slice(unsafe.StringData(src.Text), len(src.Text))), nil
}
