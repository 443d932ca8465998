package packages

import (
	"crypto/sha1" //nolint:gosec // dbt's name and form of the hash in the lock file
	"encoding/hex"
	"sort"
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/yaml"
)

// Hash is the sha1_hash of a package list: it tells whether packages.yml has changed since
// the lock file was written, and is the same as dbt's.
func Hash(specs []Spec) string {
	texts := make([]string, len(specs))
	for i, s := range specs {
		texts[i] = s.hashText()
	}
	sort.Strings(texts)
	sum := sha1.Sum([]byte(strings.Join(texts, "\n"))) //nolint:gosec // see import
	return hex.EncodeToString(sum[:])
}

// hashText is the entry as JSON with sorted keys and the defaults of its kind filled in.
func (s *Spec) hashText() string {
	d := value.NewDict(8)
	set := func(key string, absent value.Value) {
		if v, ok := s.data.GetString(key); ok {
			d.SetString(key, v)
		} else if !absent.IsUndefined() {
			d.SetString(key, absent)
		}
	}
	set(s.Kind.String(), value.Undef)
	switch s.Kind {
	case Hub:
		set("version", value.Undef)
		set("install_prerelease", value.False)
	case Private:
		set("provider", value.None)
		fallthrough
	case Git:
		set("revision", value.None)
		set("warn-unpinned", value.None)
		set("subdirectory", value.None)
	}
	if v, ok := s.data.GetString("name"); ok && !v.IsNone() {
		d.SetString("name", v)
	}
	d.SetString("unrendered", value.FromDict(s.written))
	text, err := value.AppendJSON(nil, value.FromDict(d), value.JSONOptions{SortKeys: true})
	if err != nil {
		return s.Kind.String() + " " + s.Location
	}
	return string(text)
}

// lockText is package-lock.yml: keys sorted, one entry per package in resolved order.
func lockText(all []*pinned, hash string) string {
	var b strings.Builder
	b.WriteString("packages:\n")
	for _, p := range all {
		first := true
		for _, pair := range p.lockEntry() {
			lead := "    "
			if first {
				lead, first = "  - ", false
			}
			b.WriteString(lead + pair[0] + ": " + yaml.Quote(pair[1]) + "\n")
		}
	}
	b.WriteString("sha1_hash: " + yaml.Quote(hash) + "\n")
	return b.String()
}

func (p *pinned) lockEntry() [][2]string {
	switch p.spec.Kind {
	case Git:
		pairs := [][2]string{{"git", p.spec.Written}, {"name", p.project}, {"revision", p.version}}
		if p.spec.Subdirectory != "" {
			pairs = append(pairs, [2]string{"subdirectory", p.spec.Subdirectory})
		}
		return pairs
	case Hub:
		return [][2]string{{"name", p.project}, {"package", p.spec.Location}, {"version", p.version}}
	case Tarball:
		return [][2]string{{"name", p.project}, {"tarball", p.spec.Written}}
	}
	return [][2]string{{"local", p.spec.Location}, {"name", p.project}}
}
