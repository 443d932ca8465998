package selector

import (
	stdpath "path"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/dag"
)

// pathSearch globs over the files and folders of the root project that define something,
// then takes what is defined in a matching file, described by one, or lies in a matching folder.
func (s *Selector) pathSearch(pattern string) (dag.Set, *diag.Diagnostic) {
	if strings.HasPrefix(pattern, "/") {
		return nil, failure("Non-relative patterns are unsupported: \"" + pattern + "\" (paths are relative to the project folder)")
	}
	segments := strings.Split(stdpath.Clean(pattern), "/")
	if segments[0] == "." {
		segments = segments[1:]
	}
	if segments = squeeze(segments); len(segments) == 0 {
		return s.graph.Full(), nil
	}
	found := map[string]bool{}
	for p := range s.rootPaths() {
		if globMatch(strings.Split(p, "/"), segments, s.folder(p)) {
			found[p] = true
		}
	}
	return s.where(func(it *item) bool {
		if found[it.path] || it.patch != "" && found[it.patch] {
			return true
		}
		for p := stdpath.Dir(it.path); p != "." && p != "/"; p = stdpath.Dir(p) {
			if found[p] {
				return true
			}
		}
		return false
	}), nil
}

func (s *Selector) folder(p string) bool { return s.rootPaths()[p] }

// rootPaths maps every known file and folder of the root project to whether it is a folder.
func (s *Selector) rootPaths() map[string]bool {
	if s.paths != nil {
		return s.paths
	}
	s.paths = map[string]bool{}
	add := func(file string) {
		if file == "" || s.paths[file] {
			return
		}
		s.paths[file] = false
		for p := stdpath.Dir(file); p != "." && p != "/" && !s.paths[p]; p = stdpath.Dir(p) {
			s.paths[p] = true
		}
	}
	for _, it := range s.items {
		if it.pkg == s.manifest.ProjectName {
			add(it.path)
		}
		if it.node != nil && strings.HasPrefix(it.node.PatchPath, s.manifest.ProjectName+"://") ||
			it.source != nil && strings.HasPrefix(it.source.PatchPath, s.manifest.ProjectName+"://") {
			add(it.patch)
		}
	}
	return s.paths
}

func squeeze(segments []string) []string {
	out := segments[:0]
	for _, x := range segments {
		if x != "" && (x != "**" || len(out) == 0 || out[len(out)-1] != "**") {
			out = append(out, x)
		}
	}
	return out
}

// globMatch matches segment by segment; "**" stands for any number of folders, and at the end for folders only.
func globMatch(path, pattern []string, folder bool) bool {
	if len(pattern) == 0 {
		return len(path) == 0
	}
	if pattern[0] == "**" {
		if len(pattern) == 1 {
			return folder
		}
		for i := 0; i <= len(path); i++ {
			if globMatch(path[i:], pattern[1:], folder) {
				return true
			}
		}
		return false
	}
	return len(path) > 0 && fnmatch(path[0], pattern[0]) && globMatch(path[1:], pattern[1:], folder)
}
