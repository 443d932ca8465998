package site

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestAssetsMatchTheirSources builds web/ again: what is committed and embedded must be what
// the sources say.
func TestAssetsMatchTheirSources(t *testing.T) {
	for _, tool := range []string{"node", "npm", "bash"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("%s is not installed, so the assets cannot be built again: %v", tool, err)
		}
	}
	dir := t.TempDir()
	cmd := exec.Command("bash", "web/build.sh", dir)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("web/build.sh: %v\n%s", err, out)
	}
	for _, name := range []string{"index.html", "app.css", "app.js"} {
		want, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		got, err := assets.ReadFile("assets/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("assets/%s is not what web/ builds; run docs/site/web/build.sh and commit the result", name)
		}
	}
}

func TestToolsArePinnedAndNoHostIsNamed(t *testing.T) {
	lock, err := os.ReadFile("web/package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(lock, []byte(`"resolved": "http`)) {
		t.Error("package-lock.json names a registry's host")
	}
	manifest, err := os.ReadFile("web/package.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []string{`"^`, `"~`, `"*"`, `"latest"`} {
		if bytes.Contains(manifest, []byte(c)) {
			t.Errorf("package.json has a version that is not exact: %s", c)
		}
	}
}
