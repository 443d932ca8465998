package packages

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
)

// fetchGit checks a repository out and pins the package to the commit it finds.
func (in *installer) fetchGit(p *pinned) *diag.Diagnostic {
	url := p.spec.Location
	if strings.HasPrefix(url, "-") || strings.HasPrefix(p.version, "-") {
		return problem(p.spec.Span, "a git address or revision cannot begin with a dash")
	}
	if p.spec.Subdirectory != "" && !filepath.IsLocal(filepath.FromSlash(p.spec.Subdirectory)) {
		return problem(p.spec.Span, "the subdirectory '%s' leads out of the repository", p.spec.Subdirectory)
	}
	sum := sha256.Sum256([]byte(url + "\x00" + p.spec.Subdirectory))
	key := hex.EncodeToString(sum[:8])
	unpinned := p.version == "HEAD" || p.version == "main" || p.version == "master"
	checkout := filepath.Join(in.dir, "git-"+key+"-"+safeWord(p.version))
	if err := in.checkout(p, url, key, checkout); err != nil {
		return in.gitProblem(p, err)
	}
	sha, err := in.o.Git.Run(in.ctx, checkout, "rev-parse", "HEAD")
	if err != nil {
		return in.gitProblem(p, err)
	}
	if unpinned && p.warn {
		in.warnUnpinned(p)
	}
	p.warn = false
	p.version = strings.TrimSpace(sha)
	p.folder = filepath.Join(checkout, filepath.FromSlash(p.spec.Subdirectory))
	return nil
}

func safeWord(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '-' || r == '.' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, s)
}

func (in *installer) gitProblem(p *pinned, err error) *diag.Diagnostic {
	d := failure(p.spec.Span, err, "Error checking out %s for revision %s", in.scrub(p.spec.Location), p.version)
	d.Detail = in.scrub(err.Error())
	return d
}

func (in *installer) warnUnpinned(p *pinned) {
	how := "not pinned, using HEAD (default branch)"
	if p.version != "HEAD" {
		how = "pinned to the \"" + p.version + "\" branch"
	}
	in.emit("DepsUnpinned", "M029", event.Warn, map[string]any{"revision": p.version, "git": in.scrub(p.spec.Location)},
		"The git package %q is %s. This can bring breaking changes into your project without warning.", in.scrub(p.spec.Location), how)
}

// isCommit reports a full commit name.
func isCommit(rev string) bool {
	if len(rev) != 40 {
		return false
	}
	for i := 0; i < len(rev); i++ {
		if c := rev[i]; (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return false
		}
	}
	return true
}

// checkout makes dest a checkout of the wanted revision, from the cache when it has the
// commit. An existing dest is one of this run.
func (in *installer) checkout(p *pinned, url, key, dest string) error {
	if _, err := os.Stat(dest); err == nil {
		return nil
	}
	kept := ""
	if in.o.Cache != "" && isCommit(p.version) {
		kept = filepath.Join(in.o.Cache, "git", key, p.version)
		if _, err := os.Stat(kept); err == nil {
			return copyTree(kept, dest)
		}
	}
	if in.o.Offline || in.o.Git == nil {
		return errors.New("the commit is not in the package cache and the network is not used")
	}
	if err := in.clone(p, url, dest); err != nil {
		_ = os.RemoveAll(dest)
		return err
	}
	if in.o.Cache == "" {
		return nil
	}
	sha, err := in.o.Git.Run(in.ctx, dest, "rev-parse", "HEAD")
	if err != nil {
		return err
	}
	kept = filepath.Join(in.o.Cache, "git", key, strings.TrimSpace(sha))
	if _, err := os.Stat(kept); err == nil {
		return nil
	}
	return copyTree(dest, kept)
}

func (in *installer) clone(p *pinned, url, dest string) error {
	run := func(dir string, args ...string) error {
		_, err := in.o.Git.Run(in.ctx, dir, args...)
		return err
	}
	args := []string{"clone", "--depth", "1"}
	if p.spec.Subdirectory != "" {
		args = append(args, "--filter=blob:none", "--sparse")
	}
	if err := run(in.dir, append(args, "--", url, dest)...); err != nil {
		return err
	}
	if p.spec.Subdirectory != "" {
		if err := run(dest, "sparse-checkout", "set", p.spec.Subdirectory); err != nil {
			return err
		}
	}
	rev := p.version
	if isCommit(rev) {
		if err := run(dest, "fetch", "origin", "--depth", "1", rev); err != nil {
			return err
		}
		return run(dest, "reset", "--hard", rev)
	}
	if rev == "HEAD" {
		return nil
	}
	// A tag goes before a branch of the same name.
	if err := run(dest, "fetch", "origin", "--depth", "1", "refs/tags/"+rev+":refs/tags/"+rev); err == nil {
		return run(dest, "reset", "--hard", "tags/"+rev)
	}
	if err := run(dest, "fetch", "origin", "--depth", "1", rev); err != nil {
		return err
	}
	return run(dest, "reset", "--hard", "FETCH_HEAD")
}
