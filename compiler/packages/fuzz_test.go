package packages

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"os"
	"path/filepath"
	"testing"
)

// FuzzExtract: whatever an archive says, nothing is written beside the folder it is
// unpacked into.
func FuzzExtract(f *testing.F) {
	seed := func(headers ...tar.Header) {
		var b bytes.Buffer
		w := tar.NewWriter(&b)
		for i := range headers {
			if err := w.WriteHeader(&headers[i]); err != nil {
				f.Fatal(err)
			}
			if headers[i].Size > 0 {
				if _, err := w.Write(make([]byte, headers[i].Size)); err != nil {
					f.Fatal(err)
				}
			}
		}
		if err := w.Close(); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	file := func(name string) tar.Header {
		return tar.Header{Name: name, Mode: 0o644, Size: 3, Typeflag: tar.TypeReg}
	}
	seed(file("p/dbt_project.yml"), file("p/models/a.sql"))
	seed(file("../escaped"))
	seed(file("/escaped"))
	seed(tar.Header{Name: "p/link", Linkname: "../..", Typeflag: tar.TypeSymlink}, file("p/link/escaped"))
	seed(tar.Header{Name: "p/link", Linkname: "../escaped", Typeflag: tar.TypeLink})
	seed(tar.Header{Name: "p/dev", Typeflag: tar.TypeChar})
	seed(file("p/a"), file("p/a/b"), file("P/A"))
	f.Fuzz(func(t *testing.T, archive []byte) {
		if len(archive) > 1<<16 {
			return
		}
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := z.Write(archive); err != nil {
			t.Fatal(err)
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		parent := t.TempDir()
		dest := filepath.Join(parent, "dest")
		if err := os.Mkdir(dest, 0o755); err != nil {
			t.Fatal(err)
		}
		_ = Extract(&b, dest) // an error is as good as an answer
		entries, err := os.ReadDir(parent)
		if err != nil || len(entries) != 1 {
			t.Fatalf("beside the folder there is now %v (%v)", entries, err)
		}
	})
}
