package packages

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/yaml"
)

// files writes a tree: path → content.
func files(t *testing.T, root string, tree map[string]string) {
	t.Helper()
	for name, text := range tree {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

func read(t *testing.T, path ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

type recorder []string

func (r *recorder) Emit(e event.Event) {
	if e.Level != event.Debug {
		*r = append(*r, e.Name+": "+e.Msg)
	}
}

type mapFetcher map[string][]byte

func (m mapFetcher) Get(_ context.Context, url string) (io.ReadCloser, error) {
	data, ok := m[url]
	if !ok {
		return nil, &NotFound{URL: url}
	}
	return io.NopCloser(bytes.NewReader(data)), nil
}

type entry struct {
	name, link, text string
}

func tarball(t *testing.T, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	w := tar.NewWriter(z)
	for _, e := range entries {
		h := &tar.Header{Name: e.name, Mode: 0o644, Size: int64(len(e.text)), Typeflag: tar.TypeReg}
		if e.link != "" {
			h.Typeflag, h.Linkname, h.Size = tar.TypeSymlink, e.link, 0
		}
		if strings.HasSuffix(e.name, "/") {
			h.Typeflag = tar.TypeDir
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if h.Typeflag == tar.TypeReg {
			if _, err := io.WriteString(w, e.text); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, c := range []io.Closer{w, z} {
		if err := c.Close(); err != nil {
			t.Fatal(err)
		}
	}
	return b.Bytes()
}

// TestHashAsDbt compares with hashes that dbt wrote for the same lists (testdata/hashes.json).
func TestHashAsDbt(t *testing.T) {
	var cases []struct{ YAML, SHA1, Error string }
	if err := json.Unmarshal([]byte(read(t, "testdata", "hashes.json")), &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		root := t.TempDir()
		files(t, root, map[string]string{PackagesFile: c.YAML})
		config, list := Read(root, "", nil)
		if (list.Err() != nil) != (c.Error != "") {
			t.Errorf("%s: error %v, dbt's %q", c.YAML, list.Err(), c.Error)
		}
		if got := Hash(config.Specs); c.Error == "" && got != c.SHA1 {
			t.Errorf("%s: hash %s, want %s", c.YAML, got, c.SHA1)
		}
	}
}

func TestInstallLocal(t *testing.T) {
	base := t.TempDir()
	root := filepath.Join(base, "a")
	files(t, base, map[string]string{
		"a/dbt_project.yml": "name: a\n", "a/packages.yml": "packages:\n  - local: ../b\n",
		"a/dbt_packages/old/dbt_project.yml": "name: old\n",
		"b/dbt_project.yml":                  "name: bb\n", "b/packages.yml": "packages:\n  - local: ../c\n",
		"c/dbt_project.yml": "name: cc\n",
	})
	var events recorder
	if list := Install(context.Background(), Options{Root: root, ProjectName: "a", Events: &events}); list.Err() != nil {
		t.Fatal(list)
	}
	want := "packages:\n  - local: ../b\n    name: bb\n  - local: ../c\n    name: cc\nsha1_hash: 0c5b6bdbb807eebffcba293b32c520f1f03e7dbd\n"
	if got := read(t, root, LockFile); got != want {
		t.Errorf("lock file:\n%s\nwant:\n%s", got, want)
	}
	if got := read(t, root, "dbt_packages", "cc", "dbt_project.yml"); got != "name: cc\n" {
		t.Errorf("nested package: %q", got)
	}
	if _, err := os.Stat(filepath.Join(root, "dbt_packages", "old")); !os.IsNotExist(err) {
		t.Error("the old package is still there")
	}
	if got := strings.Join(events, "\n"); !strings.Contains(got, "DepsStartPackageInstall: Installing ../b") || !strings.Contains(got, "Installed from <local @ ../c>") {
		t.Error(got)
	}
}

func TestInstallHub(t *testing.T) {
	archive := tarball(t, entry{name: "dbt-utils-1.1.0/"}, entry{name: "dbt-utils-1.1.0/dbt_project.yml", text: "name: dbt_utils\n"},
		entry{name: "dbt-utils-1.1.0/macros/a.sql", text: "{% macro a() %}{% endmacro %}"}, entry{name: "dbt-utils-1.1.0/macros/b.sql", link: "a.sql"})
	sum := sha256.Sum256(archive)
	version := func(require string) string {
		return fmt.Sprintf(`{"name":"dbt_utils","packages":[],"require_dbt_version":%s,"downloads":{"tarball":"https://x.test/u.tgz","sha256":"%s"}}`, require, hex.EncodeToString(sum[:]))
	}
	index := fmt.Sprintf(`{"name":"dbt_utils","namespace":"dbt-labs","versions":{"1.0.0":%s,"1.1.0":%s,"1.2.0":%s,"2.0.0-rc1":%s,"1.1.5":%s}}`,
		version(`[]`), version(`">=1.0.0"`), version(`[]`), version(`[]`), version(`[">=1.0.0","<1.2.0"]`))
	fetch := mapFetcher{"https://hub.test/api/v1/dbt-labs/dbt_utils.json": []byte(index), "https://x.test/u.tgz": archive}
	root, cache := t.TempDir(), t.TempDir()
	files(t, root, map[string]string{"dbt_project.yml": "name: a\n", PackagesFile: "packages:\n  - package: dbt-labs/dbt_utils\n    version: [\">=1.0.0\", \"<1.2.0\"]\n"})
	var events recorder
	o := Options{Root: root, ProjectName: "a", HubURL: "https://hub.test", Fetch: fetch, Cache: cache, Version: "1.12.6", CheckVersion: true, Events: &events}
	if list := Install(context.Background(), o); list.Err() != nil {
		t.Fatal(list)
	}
	if got := read(t, root, LockFile); !strings.HasPrefix(got, "packages:\n  - name: dbt_utils\n    package: dbt-labs/dbt_utils\n    version: 1.1.0\n") {
		t.Error(got)
	}
	if got := read(t, root, "dbt_packages", "dbt_utils", "macros", "b.sql"); !strings.Contains(got, "macro a") {
		t.Error(got)
	}
	if got := strings.Join(events, "\n"); !strings.Contains(got, "Updated version available: 1.2.0") {
		t.Error(got)
	}
	// The lock and the cache are enough without a network.
	o.Offline, o.Fetch = true, nil
	if list := Install(context.Background(), o); list.Err() != nil {
		t.Error("offline:", list)
	}
	// A changed download is refused and the installed packages stay.
	o.Offline, o.Cache = false, ""
	o.Fetch = mapFetcher{"https://hub.test/api/v1/dbt-labs/dbt_utils.json": []byte(index), "https://x.test/u.tgz": tarball(t, entry{name: "evil/dbt_project.yml", text: "name: dbt_utils\n"})}
	if list := Install(context.Background(), o); list.Err() == nil || !strings.Contains(list.Error(), "sha256") {
		t.Error("changed download:", list)
	}
	if got := read(t, root, "dbt_packages", "dbt_utils", "dbt_project.yml"); got != "name: dbt_utils\n" {
		t.Error(got)
	}
}

func TestHubErrors(t *testing.T) {
	index := []byte(`{"name":"u","versions":{"1.0.0":{"downloads":{"tarball":"x"}}}}`)
	fetch := mapFetcher{"https://hub.test/api/v1/o/u.json": index}
	for name, c := range map[string]struct{ yaml, want string }{
		"range":    {"packages:\n  - package: o/u\n    version: '>2.0.0'\n", "Could not find a matching compatible version for package o/u\n    Requested range: >2.0.0\n    Compatible versions: ['1.0.0']"},
		"unknown":  {"packages:\n  - package: o/v\n    version: 1.0.0\n", "Package o/v was not found in the package index"},
		"conflict": {"packages:\n  - package: o/u\n    version: 1.0.0\n  - package: o/u\n    version: 1.1.0\n", "Version error for package o/u: Could not find a satisfactory version from options: ['=1.0.0', '=1.1.0']"},
		"private":  {"packages:\n  - private: o/u\n", "private packages need"},
		"kinds":    {"packages:\n  - local: x\n  - git: x\n", "asked for both"},
		"escape":   {"packages:\n  - package: ../../x\n    version: 1.0.0\n", "was not found"},
		"no mark":  {"packages:\n  - version: 1.0.0\n", "exactly one of"},
		"version":  {"packages:\n  - package: o/u\n    version: 1.x\n", `"1.x" is not a valid semantic version.`},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			files(t, root, map[string]string{PackagesFile: c.yaml})
			list := Install(context.Background(), Options{Root: root, HubURL: "https://hub.test/", Fetch: fetch})
			if list.Err() == nil || !strings.Contains(list.Error(), c.want) {
				t.Errorf("got %v, want %q", list, c.want)
			}
			for _, d := range list {
				if !d.Span.Valid() {
					t.Error("no position:", d)
				}
			}
		})
	}
}

func TestInstallTarballAndNames(t *testing.T) {
	root := t.TempDir()
	files(t, root, map[string]string{PackagesFile: "packages:\n  - tarball: https://x.test/t.tgz\n    name: mine\n"})
	fetch := mapFetcher{"https://x.test/t.tgz": tarball(t, entry{name: "top/dbt_project.yml", text: "name: other\n"})}
	if list := Install(context.Background(), Options{Root: root, Fetch: fetch}); list.Err() != nil {
		t.Fatal(list)
	}
	if got := read(t, root, "dbt_packages", "mine", "dbt_project.yml"); got != "name: other\n" {
		t.Error(got)
	}
	files(t, root, map[string]string{PackagesFile: "packages:\n  - tarball: https://x.test/t.tgz\n    name: ../mine\n"})
	if list := Install(context.Background(), Options{Root: root, Fetch: fetch}); list.Err() == nil || !strings.Contains(list.Error(), "resolves outside") {
		t.Error("escaping name:", list)
	}
	if list := Install(context.Background(), Options{Root: root, InstallPath: "..", Fetch: fetch}); list.Err() == nil || !strings.Contains(list.Error(), "holds the project itself") {
		t.Error("install path above the project:", list)
	}
}

func TestExtractStaysInside(t *testing.T) {
	for name, entries := range map[string][]entry{
		"dots":         {{name: "../evil", text: "x"}},
		"deep dots":    {{name: "a/../../evil", text: "x"}},
		"absolute":     {{name: "/evil", text: "x"}},
		"backslash":    {{name: `..\evil`, text: "x"}},
		"link out":     {{name: "a/link", link: "../../evil"}},
		"absolute ln":  {{name: "link", link: "/etc"}},
		"through link": {{name: "d/l", link: "../d"}, {name: "d/l2", link: "l/../.."}, {name: "d/l2/evil", text: "x"}},
	} {
		t.Run(name, func(t *testing.T) {
			base := t.TempDir()
			err := Extract(bytes.NewReader(tarball(t, entries...)), filepath.Join(base, "in"))
			if err == nil {
				t.Error("no error")
			}
			if _, statErr := os.Stat(filepath.Join(base, "evil")); statErr == nil {
				t.Error("a file was written outside")
			}
		})
	}
}

type gitProgram struct{}

func (gitProgram) Run(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LC_ALL=C", "GIT_CONFIG_GLOBAL=/dev/null", "GIT_AUTHOR_NAME=t", "GIT_AUTHOR_EMAIL=t@t.test", "GIT_COMMITTER_NAME=t", "GIT_COMMITTER_EMAIL=t@t.test")
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("git %v: %w: %s", args, err, out)
	}
	return string(out), nil
}

func TestInstallGit(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	base := t.TempDir()
	repo, root, cache := filepath.Join(base, "repo"), filepath.Join(base, "root"), filepath.Join(base, "cache")
	files(t, repo, map[string]string{"dbt_project.yml": "name: top\n", "sub/dbt_project.yml": "name: sub\nversion: '1'\n"})
	run := func(args ...string) string {
		t.Helper()
		out, err := gitProgram{}.Run(context.Background(), repo, args...)
		if err != nil {
			t.Fatal(err)
		}
		return strings.TrimSpace(out)
	}
	run("init", "-q", "-b", "main")
	run("config", "uploadpack.allowAnySHA1InWant", "true")
	run("add", ".")
	run("commit", "-q", "-m", "one")
	run("tag", "v1")
	first := run("rev-parse", "HEAD")
	files(t, repo, map[string]string{"sub/dbt_project.yml": "name: sub\nversion: '2'\n"})
	run("commit", "-q", "-am", "two")
	second := run("rev-parse", "HEAD")
	url := "file://" + filepath.ToSlash(repo)
	for _, c := range []struct {
		revision, sha, version string
		warned                 bool
	}{{"v1", first, "1", false}, {"main", second, "2", true}, {first, first, "1", false}, {"", second, "2", true}} {
		text := "packages:\n  - git: " + url + ".git\n    subdirectory: sub\n"
		text = strings.Replace(text, ".git\n", "\n", 1)
		if c.revision != "" {
			text += "    revision: " + c.revision + "\n"
		}
		files(t, root, map[string]string{PackagesFile: text})
		var events recorder
		o := Options{Root: root, Git: gitProgram{}, Cache: cache, Events: &events}
		if list := Install(context.Background(), o); list.Err() != nil {
			t.Fatal(c.revision, list)
		}
		if got := read(t, root, LockFile); !strings.Contains(got, "revision: "+c.sha+"\n    subdirectory: sub\n") {
			t.Errorf("%s: lock %s", c.revision, got)
		}
		if got := read(t, root, "dbt_packages", "sub", "dbt_project.yml"); !strings.Contains(got, "'"+c.version+"'") {
			t.Errorf("%s: installed %s", c.revision, got)
		}
		if got := strings.Contains(strings.Join(events, "\n"), "DepsUnpinned"); got != c.warned {
			t.Errorf("%s: warned %v", c.revision, got)
		}
		o.Offline, o.Git = true, gitProgram{}
		if list := Install(context.Background(), o); list.Err() != nil {
			t.Error("offline", c.revision, list)
		}
	}
}

func TestAddPackage(t *testing.T) {
	for name, c := range map[string]struct {
		before, add, source, after string
	}{
		"empty list": {"packages: []\n", "a/b@1.0.0", "hub", "packages:\n  - package: a/b\n    version: 1.0.0\n"},
		"append": {"# mine\npackages:\n  - package: x/y  # keep\n    version: 1.0.0\n\nother: 1\n", "a/b@>=1.0.0,<2.0.0", "hub",
			"# mine\npackages:\n  - package: x/y  # keep\n    version: 1.0.0\n  - package: a/b\n    version: [\">=1.0.0\", \"<2.0.0\"]\n\nother: 1\n"},
		"replace": {"packages:\n- git: https://h.test/a/dbt-b.git\n  revision: v1\n- local: x\n", "a/dbt_b@1.0.0", "hub",
			"packages:\n- local: x\n- package: a/dbt_b\n  version: 1.0.0\n"},
		"flow":  {"packages: [{local: x}, {package: a/b, version: \"0.1.0\"}]\n", "a/b@1.0.0", "hub", "packages:\n  - local: x\n  - package: a/b\n    version: 1.0.0\n"},
		"git":   {"", "https://h.test/r.git@main", "git", "packages:\n  - git: https://h.test/r.git\n    revision: main\n"},
		"local": {"packages:\n", "../x", "local", "packages:\n  - local: ../x\n"},
	} {
		t.Run(name, func(t *testing.T) {
			a := ParseAddition(c.add, c.source)
			n, list := yaml.Parse(diag.NewSource(PackagesFile, c.before))
			if list.Err() != nil {
				t.Fatal(list)
			}
			if got := editText(c.before, n, &a, func(*yaml.Node) {}); got != c.after {
				t.Errorf("got:\n%s\nwant:\n%s", got, c.after)
			}
		})
	}
}
