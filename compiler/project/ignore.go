package project

import (
	"errors"
	"io/fs"
	"path"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
)

// ignoreRules are the patterns of .dbtignore, which are git's.
type ignoreRules struct{ rules []ignoreRule }

type ignoreRule struct {
	parts  []string // path pattern split at '/'
	negate bool
	dir    bool // matches folders only
}

func (p *Package) ignoreRules() (*ignoreRules, diag.List) {
	text, err := fs.ReadFile(p.FS, IgnoreFile)
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, nil
		}
		return nil, diag.List{unreadable(IgnoreFile, err)}
	}
	return parseIgnore(string(text)), nil
}

func parseIgnore(text string) *ignoreRules {
	r := &ignoreRules{}
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimSuffix(line, "\r")
		if strings.HasPrefix(line, "#") {
			continue
		}
		// Trailing blanks do not count unless the last is escaped.
		if !strings.HasSuffix(line, `\ `) {
			line = strings.TrimRight(line, " \t")
		}
		rule := ignoreRule{}
		if strings.HasPrefix(line, "!") {
			rule.negate, line = true, line[1:]
		}
		line = strings.TrimPrefix(line, `\`)
		if line == "" || line == "/" {
			continue
		}
		if strings.HasSuffix(line, "/") {
			rule.dir, line = true, strings.TrimRight(line, "/")
		}
		anchored := strings.Contains(line, "/")
		line = strings.TrimPrefix(line, "/")
		if !anchored {
			line = "**/" + line
		}
		rule.parts = strings.Split(line, "/")
		r.rules = append(r.rules, rule)
	}
	return r
}

// match reports whether a file is ignored; the last rule that matches it or one of its
// folders decides.
func (r *ignoreRules) match(file string) bool {
	if r == nil {
		return false
	}
	parts := strings.Split(path.Clean(file), "/")
	ignored := false
	for _, rule := range r.rules {
		if rule.negate == ignored && rule.matches(parts) {
			ignored = !rule.negate
		}
	}
	return ignored
}

// matches tries the rule on the file and on each of its folders.
func (r ignoreRule) matches(parts []string) bool {
	last := len(parts)
	if r.dir {
		last--
	}
	for n := last; n > 0; n-- {
		if matchParts(r.parts, parts[:n]) {
			return true
		}
	}
	return false
}

func matchParts(pattern, parts []string) bool {
	for len(pattern) > 0 {
		if pattern[0] == "**" {
			if len(pattern) == 1 {
				return len(parts) > 0
			}
			for i := 0; i <= len(parts); i++ {
				if matchParts(pattern[1:], parts[i:]) {
					return true
				}
			}
			return false
		}
		if len(parts) == 0 {
			return false
		}
		if ok, err := path.Match(pattern[0], parts[0]); err != nil || !ok {
			return false
		}
		pattern, parts = pattern[1:], parts[1:]
	}
	return len(parts) == 0
}
