package reuse

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/dag/run"
)

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:16])
}

// fileHash is the hash of a seed's file. The manifest has one too, but not of large files.
func fileHash(n *manifest.Node) (string, error) {
	f, err := os.Open(filepath.Join(n.RootPath, filepath.FromSlash(n.OriginalFilePath)))
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // only read from
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)[:16]), nil
}

// configured are the keys of a node, besides its code, that its materialization can see and
// that say something about the node rather than about where it is written down.
var configured = []string{"config", "columns", "description", "contract", "constraints", "language", "version", "database", "schema", "alias", "test_metadata", "column_name"}

// configuration is the hash of a node's configuration, and of switches of the project that
// change what materializations do.
func configuration(s *run.Session, n *manifest.Node) string {
	var b strings.Builder
	all, _ := s.Manifest.NodeValue(n.UniqueID).AsDict()
	for _, name := range configured {
		if all == nil {
			break
		}
		if v, ok := all.GetString(name); ok {
			b.WriteString(name + "=" + value.Repr(v) + "\n")
		}
	}
	names := make([]string, 0, len(s.Flags.Behavior))
	for name, on := range s.Flags.Behavior {
		if on {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return hash(b.String() + strings.Join(names, " "))
}

// machinery is the macros that materializations may run through.
type machinery struct {
	session *run.Session
	own     string // hash of the program's macros
	all     string // hash of theirs and of all of the project and its packages
	reached bool   // macros of the project may take part
	// strategies: the project has incremental or snapshot strategies of its own.
	strategies bool
}

// newMachinery looks at all macros. Those of the project and its packages count when one of
// them stands in for one that the program has, or is a materialization or a strategy: then all of them do, because any may be called from it. Otherwise no materialization can get to
// them, and what they do in the code of a node is seen in its compiled code.
func newMachinery(s *run.Session) *machinery {
	internal := map[string]bool{}
	for _, p := range s.Project.Packages {
		internal[p.Name] = p.Internal
	}
	ids := make([]string, 0, len(s.Manifest.Macros))
	base := map[string]bool{}
	for id, m := range s.Manifest.Macros {
		ids = append(ids, id)
		if internal[m.PackageName] {
			base[baseName(m.Name)] = true
		}
	}
	slices.Sort(ids)
	m := &machinery{session: s}
	var own, all strings.Builder
	for _, id := range ids {
		macro := s.Manifest.Macros[id]
		all.WriteString(id + "\n" + macro.SQL + "\n")
		if internal[macro.PackageName] {
			own.WriteString(id + "\n" + macro.SQL + "\n")
			continue
		}
		name := baseName(macro.Name)
		strategy := strings.HasPrefix(name, "get_incremental_") || strings.HasPrefix(name, "snapshot_") && strings.HasSuffix(name, "_strategy")
		m.strategies = m.strategies || strategy
		switch {
		case strategy, strings.HasPrefix(name, "materialization_"):
			m.reached = true
		case strings.HasPrefix(name, "generate_") && strings.HasSuffix(name, "_name"):
			// names of relations, which are in the configuration
		case base[name]:
			m.reached = true
		}
	}
	m.own, m.all = hash(own.String()), hash(all.String())
	return m
}

// baseName is the name under which dispatch looks for a macro.
func baseName(name string) string {
	if _, rest, ok := strings.Cut(name, "__"); ok && rest != "" {
		return rest
	}
	return name
}

func (m *machinery) hash() string {
	if m.reached {
		return m.all
	}
	return m.own
}
