package packages

import (
	"context"
	"crypto/sha1" //nolint:gosec // the package index publishes this sum; sha256 is checked when given
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/packages/semver"
)

// publicHub is where packages are looked up without DBT_PACKAGE_HUB_URL.
const publicHub = "https://hub.getdbt.com/"

const (
	maxIndexBytes   = 64 << 20
	maxArchiveBytes = 512 << 20
)

// hubPackage is the index entry of one package.
type hubPackage struct {
	Name              string                `json:"name"`
	Namespace         string                `json:"namespace"`
	RedirectName      string                `json:"redirectname"`
	RedirectNamespace string                `json:"redirectnamespace"`
	Versions          map[string]hubVersion `json:"versions"`
}

type hubVersion struct {
	RequireDBT json.RawMessage `json:"require_dbt_version"`
	Downloads  struct {
		Tarball string `json:"tarball"`
		SHA1    string `json:"sha1"`
		SHA256  string `json:"sha256"`
	} `json:"downloads"`
}

// hub fetches a package's index entry, once.
func (in *installer) hub(s Spec) (*hubPackage, *diag.Diagnostic) {
	if h, ok := in.hubs[s.Location]; ok {
		return h, nil
	}
	if !safePackagePath(s.Location) {
		return nil, failure(s.Span, nil, "Package %s was not found in the package index", s.Location)
	}
	base := in.o.HubURL
	if base == "" {
		base = publicHub
	}
	if !strings.HasSuffix(base, "/") {
		base += "/"
	}
	url := base + "api/v1/" + s.Location + ".json"
	in.emit("RegistryProgressGETRequest", "M020", event.Debug, map[string]any{"url": url}, "Making package registry request: GET %s", url)
	data, err := in.cached(url, filepath.Join("hub", filepath.FromSlash(s.Location)+".json"), maxIndexBytes, !in.o.Offline)
	if err != nil {
		var missing *NotFound
		if errors.As(err, &missing) {
			return nil, failure(s.Span, err, "Package %s was not found in the package index", s.Location)
		}
		return nil, failure(s.Span, err, "the package index cannot be asked about %s: %v", s.Location, err)
	}
	h := &hubPackage{}
	if err := json.Unmarshal(data, h); err != nil || len(h.Versions) == 0 {
		return nil, failure(s.Span, err, "the package index gave no usable answer for %s", s.Location)
	}
	in.redirected(s, h)
	in.hubs[s.Location] = h
	return h, nil
}

func safePackagePath(name string) bool {
	for _, part := range strings.Split(name, "/") {
		if part == "" || part == "." || part == ".." || strings.ContainsAny(part, `\?#%:`) {
			return false
		}
	}
	return true
}

func (in *installer) redirected(s Spec, h *hubPackage) {
	if h.RedirectName == "" && h.RedirectNamespace == "" {
		return
	}
	namespace, name := h.RedirectNamespace, h.RedirectName
	if namespace == "" {
		namespace = h.Namespace
	}
	if name == "" {
		name = h.Name
	}
	d := diag.New(diag.CodeDeprecated, diag.Dependency, s.Span, fmt.Sprintf("The `%s` package is deprecated in favor of `%s/%s`.", s.Location, namespace, name)).Named("PackageRedirectDeprecation")
	d.Severity = diag.Warning
	d.Hint = "change the name in packages.yml"
	in.add(d)
}

// compatible lists the versions that allow this program's compatibility level.
func (h *hubPackage) compatible(o Options) []string {
	installed, err := semver.Parse(o.Version)
	check := o.CheckVersion && err == nil
	var out []string
	for v, info := range h.Versions {
		if !check || info.allows(installed) {
			out = append(out, v)
		}
	}
	sort.Strings(out)
	return out
}

func (v hubVersion) allows(installed semver.Spec) bool {
	if len(v.RequireDBT) == 0 {
		return true
	}
	var list []string
	if err := json.Unmarshal(v.RequireDBT, &list); err != nil {
		var one string
		if err := json.Unmarshal(v.RequireDBT, &one); err != nil || one == "" {
			return true
		}
		list = []string{one}
	}
	if len(list) == 0 {
		return true
	}
	specs, err := semver.ParseAll(list...)
	if err != nil {
		return false
	}
	return semver.Compatible(append([]semver.Spec{installed}, specs...)...)
}

// verify compares a downloaded file with the sums of the index.
func (v hubVersion) verify(path string) error {
	for _, check := range []struct {
		name, want string
		h          hash.Hash
	}{{"sha256", v.Downloads.SHA256, sha256.New()}, {"sha1", v.Downloads.SHA1, sha1.New()}} { //nolint:gosec // see import
		if check.want == "" {
			continue
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		_, err = io.Copy(check.h, f)
		if closeErr := f.Close(); err == nil {
			err = closeErr
		}
		if err != nil {
			return err
		}
		if got := hex.EncodeToString(check.h.Sum(nil)); !strings.EqualFold(got, check.want) {
			return fmt.Errorf("its %s is %s instead of %s", check.name, got, check.want)
		}
	}
	return nil
}

// archive downloads a tarball to a file, through the cache when there is one.
func (in *installer) archive(p *pinned, url, key string) (string, *diag.Diagnostic) {
	// A tarball at an address can change, so the cache serves it only offline; a version of
	// the hub never changes.
	data, err := in.cached(url, key, maxArchiveBytes, !in.o.Offline && p.spec.Kind == Tarball)
	if err != nil {
		return "", failure(p.spec.Span, err, "the package %s cannot be downloaded: %s", in.scrub(p.display()), in.scrub(err.Error()))
	}
	path := filepath.Join(in.dir, strings.ReplaceAll(filepath.ToSlash(key), "/", "-"))
	if err := os.WriteFile(path, data, 0o644); err != nil {
		return "", failure(p.spec.Span, err, "the download of %s cannot be kept: %v", in.scrub(p.display()), err)
	}
	return path, nil
}

// cached gets a URL. With fresh the cache is only written; without, it is tried first.
func (in *installer) cached(url, key string, limit int64, fresh bool) ([]byte, error) {
	path := ""
	if in.o.Cache != "" {
		path = filepath.Join(in.o.Cache, key)
	}
	if path != "" && !fresh {
		if data, err := os.ReadFile(path); err == nil {
			return data, nil
		}
	}
	if in.o.Offline || in.o.Fetch == nil {
		return nil, errors.New("it is not in the package cache and the network is not used")
	}
	data, err := download(in.ctx, in.o.Fetch, url, limit)
	if err != nil {
		return nil, err
	}
	if path != "" {
		if err := writeWhole(path, data); err != nil {
			return nil, fmt.Errorf("the package cache cannot be written: %w", err)
		}
	}
	return data, nil
}

func download(ctx context.Context, f Fetcher, url string, limit int64) ([]byte, error) {
	body, err := f.Get(ctx, url)
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(io.LimitReader(body, limit+1))
	if closeErr := body.Close(); err == nil {
		err = closeErr
	}
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("it is larger than %d bytes", limit)
	}
	return data, err
}

// writeWhole writes a file so that readers never see half of it.
func writeWhole(path string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".part-")
	if err != nil {
		return err
	}
	_, err = tmp.Write(data)
	if closeErr := tmp.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		_ = os.Remove(tmp.Name())
	}
	return err
}
