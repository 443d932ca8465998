package project

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func paths(set *FileSet, kind FileKind) string {
	var out []string
	for _, f := range set.Of(kind) {
		out = append(out, f.Path)
	}
	return strings.Join(out, " ")
}

func TestFiles(t *testing.T) {
	files := map[string]string{
		ProjectFile:     "name: a\nprofile: p\n",
		".dbtignore":    "# not these\n*_draft.sql\nmodels/old/\n!models/old/keep.sql\n",
		"tests/one.sql": "", "tests/generic/g.sql": "", "tests/fixtures/f.csv": "", "tests/fixtures/f.sql": "", "tests/sub/generic/x.sql": "",
		"seeds/s.csv": "", "seeds/note.txt": "", "models/readme.md": "", "functions/f.js": "",
	}
	for _, name := range []string{"b.sql", "a.SQL", "z/c.py", "z/.c.sql.sql", "~t.sql", "#t.sql", "x_draft.sql", "old/gone.sql", "old/keep.sql", "j.sql.jinja", ".hidden/h.sql", "z/s.yml", "t.YAML"} {
		files["models/"+name] = name
	}
	p, list := load(t, files, nil)
	if p == nil {
		t.Fatal(list)
	}
	for _, link := range [][2]string{{"b.sql", "models/link.sql"}, {"z", "models/linked"}} {
		if err := os.Symlink(link[0], filepath.Join(p.Root, link[1])); err != nil {
			t.Skip("no symlinks here:", err)
		}
	}
	set, list := p.Files()
	if list.Err() != nil {
		t.Fatal(list)
	}
	for kind, want := range map[FileKind]string{
		ModelFile:        "models/z/c.py models/a.SQL models/b.sql models/link.sql models/.hidden/h.sql models/old/keep.sql",
		SchemaFile:       "models/z/s.yml models/t.YAML",
		SingularTestFile: "tests/one.sql tests/sub/generic/x.sql",
		GenericTestFile:  "tests/generic/g.sql",
		FixtureFile:      "tests/fixtures/f.csv tests/fixtures/f.sql",
		SeedFile:         "seeds/s.csv",
		DocsFile:         "models/readme.md",
		FunctionFile:     "functions/f.js",
	} {
		if got := paths(set, kind); got != want {
			t.Errorf("kind %d: %s\nwant %s", kind, got, want)
		}
	}
	p.JinjaExtensions = true
	set, _ = p.listFiles()
	last := set.Of(ModelFile)[len(set.Of(ModelFile))-1]
	if last.Path != "models/j.sql.jinja" || last.Name() != "j" {
		t.Error(last.Path, last.Name())
	}
}

func TestChecksums(t *testing.T) {
	// Python: sha256 of " ".join(text.split()) for files, of the stripped text with "\n" line ends for seeds.
	if got := ChecksumText(" a\u00a0b\n\tc\x1c"); got != sumOf("a b c") {
		t.Error("blanks must not count:", got)
	}
	p, list := load(t, map[string]string{ProjectFile: "name: a\nprofile: p\n", "seeds/a.csv": "\n x,y\r\n1,\u00e4\r3,4 \n\n", "seeds/big.csv": strings.Repeat("a\n", 600_000), "models/m.sql": "  select  1\n"}, nil)
	if p == nil {
		t.Fatal(list)
	}
	set, _ := p.Files()
	for _, c := range []struct {
		f         *File
		name, sum string
	}{
		{set.Of(SeedFile)[0], "sha256", sumOf("x,y\n1,\u00e4\n3,4")},
		{set.Of(SeedFile)[1], "path", "seeds/big.csv"},
		{set.Of(ModelFile)[0], "sha256", sumOf("select 1")},
	} {
		name, sum, d := c.f.Checksum()
		if d != nil || name != c.name || sum != c.sum {
			t.Errorf("%s: %s %s %v, want %s %s", c.f.Path, name, sum, d, c.name, c.sum)
		}
	}
	src, _ := set.Of(ModelFile)[0].Load()
	if body := Body(src); src.Text[body.Start:body.End] != "select  1" {
		t.Errorf("body %q", src.Text[body.Start:body.End])
	}
}

func sumOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}
