package packages

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/yaml"
)

// addPackage puts a package into packages.yml (or dependencies.yml when the packages are
// there), in place of entries for the same package. The rest of the file stays as it is.
func (in *installer) addPackage() bool {
	a := in.o.Add
	file := PackagesFile
	if deps, _ := readFile(in.o.Root, "", DependenciesFile); deps.Has("packages") {
		file = DependenciesFile
	}
	path := filepath.Join(in.o.Root, file)
	text, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		text, err = []byte("packages: []\n"), nil
		in.info("Formatting", "M036", "Created %s", file)
	}
	if err != nil {
		return in.add(failure(diag.Span{}, err, "%s cannot be read: %v", file, err))
	}
	src := diag.NewSource(file, string(text))
	n, list := yaml.Parse(src)
	if !in.add(list...) {
		return false
	}
	if entries := n.Get("packages"); n != nil && !n.IsMapping() || !entries.IsNull() && !entries.IsSequence() {
		return in.add(malformed(n.Span(), "'packages' must be a list"))
	}
	edited := editText(src.Text, n, a, func(removed *yaml.Node) {
		in.info("DepsFoundDuplicatePackage", "M033", "Found duplicate package in packages.yml, removing: %s", identifier(removed))
	})
	if err := os.WriteFile(path, []byte(edited), 0o644); err != nil {
		return in.add(failure(diag.Span{}, err, "%s cannot be written: %v", file, err))
	}
	in.emit("DepsAddPackage", "M032", event.Info, map[string]any{"package_name": a.Name, "version": a.Version, "packages_filepath": path},
		"Added new package %s@%s to %s", a.Name, a.Version, path)
	return true
}

// editText removes the entries of the same package and adds the new one at the end of the list.
func editText(text string, n *yaml.Node, a *Addition, removed func(*yaml.Node)) string {
	list := n.Get("packages")
	if list.Len() == 0 || isFlow(text, list) {
		return rewriteList(text, n, list, a, removed)
	}
	indent := dashColumn(text, list.Items()[0])
	end := lineEnd(text, list.Span().End)
	head, tail := text[:end], text[end:]
	if !strings.HasSuffix(head, "\n") {
		head += "\n"
	}
	added := a.block(strings.Repeat(" ", indent))
	items := list.Items()
	for i := len(items) - 1; i >= 0; i-- {
		if !a.same(identifier(items[i])) {
			continue
		}
		removed(items[i])
		from := lineStart(text, dashOf(text, items[i]))
		to := lineEnd(text, items[i].Span().End)
		head = head[:from] + head[min(to, len(head)):]
	}
	return head + added + tail
}

// rewriteList writes an empty or bracketed list anew in block form.
func rewriteList(text string, n, list *yaml.Node, a *Addition, removed func(*yaml.Node)) string {
	var b strings.Builder
	b.WriteString("packages:\n")
	for _, item := range list.Items() {
		if a.same(identifier(item)) {
			removed(item)
			continue
		}
		lead := "  - "
		for _, e := range item.Entries() {
			span := e.Value.Span()
			b.WriteString(lead + e.Key.Text() + ": " + span.Source.Text[span.Start:span.End] + "\n")
			lead = "    "
		}
	}
	b.WriteString(a.block("  "))
	if !n.Has("packages") {
		if text != "" && !strings.HasSuffix(text, "\n") {
			text += "\n"
		}
		return text + b.String()
	}
	from := n.KeySpan("packages").Start
	to := lineEnd(text, max(list.Span().End, n.KeySpan("packages").End))
	return text[:from] + b.String() + text[to:]
}

func isFlow(text string, list *yaml.Node) bool {
	at := list.Span().Start
	return at < len(text) && text[at] == '['
}

// dashOf is the offset of the dash in front of a block list item.
func dashOf(text string, item *yaml.Node) int {
	return strings.LastIndexByte(text[:item.Span().Start], '-')
}

func dashColumn(text string, item *yaml.Node) int {
	at := dashOf(text, item)
	return at - lineStart(text, at)
}

func lineStart(text string, at int) int { return strings.LastIndexByte(text[:max(at, 0)], '\n') + 1 }

// lineEnd is the offset after the line that holds at.
func lineEnd(text string, at int) int {
	if at > 0 && at <= len(text) && text[at-1] == '\n' {
		return at
	}
	if i := strings.IndexByte(text[at:], '\n'); i >= 0 {
		return at + i + 1
	}
	return len(text)
}

// block is the new entry as lines.
func (a *Addition) block(indent string) string {
	key, versionKey := "package", "version"
	switch a.Source {
	case "git":
		key, versionKey = "git", "revision"
	case "local":
		key = "local"
	}
	b := indent + "- " + key + ": " + yaml.Quote(a.Name) + "\n"
	if a.Version == "" || key == "local" {
		return b
	}
	if parts := strings.Split(a.Version, ","); len(parts) > 1 {
		quoted := make([]string, len(parts))
		for i, p := range parts {
			quoted[i] = `"` + strings.TrimSpace(p) + `"`
		}
		return b + indent + "  " + versionKey + ": [" + strings.Join(quoted, ", ") + "]\n"
	}
	return b + indent + "  " + versionKey + ": " + yaml.Quote(a.Version) + "\n"
}

func identifier(entry *yaml.Node) string {
	for _, k := range []Kind{Hub, Git, Local, Tarball, Private} {
		if s := entry.Get(k.String()).Text(); s != "" {
			return s
		}
	}
	return ""
}

// same reports whether an entry names the package, also under another source: the name
// stands in it as a whole word, with hyphens and underscores taken for each other.
func (a *Addition) same(other string) bool {
	flat := func(s string) string { return strings.ReplaceAll(s, "-", "_") }
	other = flat(other)
	names := []string{flat(a.Name)}
	if i := strings.LastIndexByte(a.Name, '/'); i >= 0 {
		names = append(names, flat(a.Name[i+1:]))
	}
	for _, name := range names {
		i := strings.Index(other, name)
		if name == "" || i < 0 {
			continue
		}
		end := i + len(name)
		if (i == 0 || strings.IndexByte("/.", other[i-1]) >= 0) && (end == len(other) || strings.IndexByte("/.", other[end]) >= 0) {
			return true
		}
	}
	return false
}
