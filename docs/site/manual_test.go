package site

import (
	"encoding/json"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func handbook() Input {
	in := InTarget("testdata/artifacts")
	in.Pages = "testdata/pages"
	return in
}

func TestMarkdownOfAFolderBecomesPages(t *testing.T) {
	s := built(t, handbook())
	files, err := s.Files()
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, n := range s.project.manual.pages {
		order = append(order, n.label)
	}
	if want := []string{"The handbook of the gallery", "Second page", "third", "Not linked"}; !reflect.DeepEqual(order, want) {
		t.Errorf("read in the order %q, want %q: the first page, what it links to, the rest", order, want)
	}
	first := pageOf(t, files, "page.gallery.README.md")
	text, _ := first["text"].(string)
	if strings.Contains(text, "not this one") || strings.Contains(text, "# The handbook") || !strings.HasPrefix(text, "<!--") {
		t.Errorf("front matter and title are not part of the text: %q", text)
	}
	want := map[string]any{
		"second.md": "page.gallery.second.md", "deep/third.md#a-heading-with-code": "page.gallery.deep/third.md#a-heading-with-code",
		"images/a picture.png": "file:images/a picture.png", "data.csv": "file:data.csv",
	}
	if !reflect.DeepEqual(first["links"], want) {
		t.Errorf("links lead to %v, want %v", first["links"], want)
	}
	third := pageOf(t, files, "page.gallery.deep/third.md")
	want = map[string]any{"../second.md": "page.gallery.second.md", "../images/a%20picture.png": "file:images/a picture.png", "../README.md": "page.gallery.README.md"}
	if !reflect.DeepEqual(third["links"], want) {
		t.Errorf("links lead to %v, want %v", third["links"], want)
	}
	if got, _ := json.Marshal(third["parents"]); string(got) != `[["page.gallery.second.md","Second page"]]` {
		t.Errorf("before the third page comes %s", got)
	}
}

func TestOnlyFilesThatPagesLinkToAreTakenAlong(t *testing.T) {
	files, err := built(t, handbook()).Files()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"site/files/images/a picture.png", "site/files/data.csv"} {
		if len(files[name]) == 0 {
			t.Errorf("%s is missing", name)
		}
	}
	for name := range files {
		if strings.Contains(name, "unlinked") || strings.Contains(name, "outside") {
			t.Errorf("%s is in the site", name)
		}
	}
}

func TestLinksThatLeadNowhereAreSaid(t *testing.T) {
	got := built(t, handbook()).Broken()
	want := []string{"README.md links to missing.md, which is not in the folder of pages", "README.md links to ../outside.md, which is not in the folder of pages"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	in := InTarget("testdata/artifacts")
	in.Pages = filepath.Join(t.TempDir(), "none")
	if _, err := Build(in, Options{}); err == nil {
		t.Error("a folder of pages that is not there must be an error")
	}
}

func FuzzTargets(f *testing.F) {
	f.Add([]byte("[a](b) ![c](<d e> \"t\") `[x](y)`\n```\n[z](w)\n```\n[r]: q"))
	f.Fuzz(func(t *testing.T, text []byte) {
		for _, target := range targets(text) {
			if target == "" || strings.Contains(target, "\n") {
				t.Errorf("%q", target)
			}
		}
		splitTitle(text)
	})
}
