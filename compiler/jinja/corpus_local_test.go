package jinja_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja"
)

// TestParseFolders parses every template under the folders named in JINJA_CORPUS
// (separated like a PATH): a check against large bodies of real projects, which are not
// part of this repository.
func TestParseFolders(t *testing.T) {
	roots := os.Getenv("JINJA_CORPUS")
	if roots == "" {
		t.Skip("JINJA_CORPUS is not set")
	}
	files, blocks := 0, 0
	for _, root := range filepath.SplitList(roots) {
		err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(path, ".sql") {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			files++
			src := diag.NewSource(path, string(text))
			if _, d := jinja.Parse(src); d != nil {
				t.Errorf("%s: %v", d.Span, d)
			}
			found, d := jinja.ScanBlocks(src, "macro", "materialization", "test", "data_test", "snapshot", "docs")
			if d != nil {
				t.Errorf("%s: %v", d.Span, d)
			}
			for _, b := range found {
				blocks++
				tmpl, d := jinja.ParseAt(src, b.FullSpan.Start, b.FullSpan.End)
				if d != nil {
					t.Errorf("%s: block %s %s: %v", d.Span, b.Kind, b.Name, d)
					continue
				}
				if m := tmpl.Macros(); len(m) != 1 || m[0].BaseName != b.Name {
					t.Errorf("%s: block %s %s gives %d macros", b.FullSpan, b.Kind, b.Name, len(m))
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d files, %d blocks", files, blocks)
}
