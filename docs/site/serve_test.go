package site

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func serveGallery(t *testing.T) (*Server, *httptest.Server, string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/artifacts")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "picture.txt"), []byte("a picture"), 0o600); err != nil {
		t.Fatal(err)
	}
	s, err := NewServer(InTarget(dir), Options{}, dir)
	if err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	return s, h, dir
}

func TestServerAnswersUnderAnyPrefix(t *testing.T) {
	_, h, _ := serveGallery(t)
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for path, want := range map[string]struct {
		status int
		text   string
	}{
		"/": {200, `"live":"site/events"`}, "/index.html": {200, "<!doctype html>"}, "/site/core.js": {200, `millrace("core",`},
		"/team/docs/": {200, "<!doctype html>"}, "/team/docs/site/core.js?abc": {200, `millrace("core",`}, "/team/docs": {301, ""},
		"/manifest.json": {200, "dbt_schema_version"}, "/picture.txt": {200, "a picture"}, "/none.txt": {404, ""}, "/../../etc/passwd": {301, ""}, "/..%2f..%2fsite.go": {404, ""},
	} {
		r, err := client.Get(h.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(r.Body)
		if cerr := r.Body.Close(); err != nil || cerr != nil {
			t.Fatal(err, cerr)
		}
		if r.StatusCode != want.status || !strings.Contains(string(body), want.text) {
			t.Errorf("%s: %d %.80q, want %d with %q", path, r.StatusCode, body, want.status, want.text)
		}
	}
	r, err := client.Post(h.URL, "text/plain", nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", r.StatusCode)
	}
	if err := r.Body.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestOpenPagesHearOfAChangeAndABrokenArtifactChangesNothing(t *testing.T) {
	s, h, dir := serveGallery(t)
	ctx, stop := context.WithCancel(context.Background())
	t.Cleanup(stop)
	reports := make(chan error, 8)
	go s.Watch(ctx, 10*time.Millisecond, func(err error) { reports <- err })
	r, err := http.Get(h.URL + "/below/a/path/site/events")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Body.Close() })
	lines := bufio.NewScanner(r.Body)
	next := func() string {
		for lines.Scan() {
			if word, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				return word
			}
		}
		t.Fatal("the stream ended")
		return ""
	}
	first := next()
	manifest := filepath.Join(dir, "manifest.json")
	text, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(manifest, text[:len(text)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	if err := <-reports; err == nil {
		t.Error("half a manifest was taken for one")
	}
	changed := strings.ReplaceAll(string(text), "Customers with", "Customers and")
	if err := os.WriteFile(manifest, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	if second := next(); second == first {
		t.Error("the hash of the site did not change")
	}
	if err := <-reports; err != nil {
		t.Error(err)
	}
}
