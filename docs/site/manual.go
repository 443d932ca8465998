package site

import (
	"bytes"
	"encoding/base64"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"sort"
	"strings"
)

// manual is a folder of markdown that became pages of the site.
type manual struct {
	pages []*node           // in the order of reading
	files map[string][]byte // what pages show or offer, by its path in the folder
}

// text is what a page of the manual holds beyond what every node has.
type text struct {
	file   string // path in the folder, with slashes
	body   []byte
	links  []fact // targets of links as they are written: where they lead in the site
	broken []string
}

// filesDir is where the files of a manual are in the site.
const filesDir = "site/files/"

// readManual reads the markdown files of a folder and of the folders in it, except hidden
// ones. A README.md or index.md comes first, then what it links to in that order, then the
// rest by name.
func readManual(dir, pkg string) (*manual, error) {
	m := &manual{files: map[string][]byte{}}
	if dir == "" {
		return m, nil
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }() // it was only read
	tree := root.FS()
	known := map[string]*node{}
	err = fs.WalkDir(tree, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if strings.HasPrefix(d.Name(), ".") && name != "." {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if !d.Type().IsRegular() || !isMarkdown(name) {
			return nil
		}
		body, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		n := newPage(name, pkg, body)
		known[name] = n
		m.pages = append(m.pages, n)
		return nil
	})
	if err != nil {
		return nil, err
	}
	m.order(known)
	for i, n := range m.pages {
		if err := m.link(tree, n, known); err != nil {
			return nil, err
		}
		if i > 0 {
			n.parents = append(n.parents, m.pages[i-1])
			m.pages[i-1].children = append(m.pages[i-1].children, n)
		}
	}
	return m, nil
}

func isMarkdown(name string) bool { return strings.EqualFold(path.Ext(name), ".md") }

func newPage(name, pkg string, body []byte) *node {
	title, body := splitTitle(bytes.ReplaceAll(body, []byte("\r\n"), []byte("\n")))
	if title == "" {
		title = strings.TrimSuffix(path.Base(name), path.Ext(name))
	}
	n := &node{id: "page." + pkg + "." + name, name: title, label: title, pkg: pkg, path: name, kind: kindPage}
	n.text = &text{file: name, body: body}
	n.descriptionText, n.hasDescription = string(body), true
	return n
}

// splitTitle takes front matter and the first heading off a page.
func splitTitle(body []byte) (string, []byte) {
	if rest, ok := bytes.CutPrefix(body, []byte("---\n")); ok {
		if _, after, ok := bytes.Cut(rest, []byte("\n---\n")); ok {
			body = after
		}
	}
	body = bytes.TrimLeft(body, "\n")
	rest, ok := bytes.CutPrefix(body, []byte("# "))
	if !ok {
		return "", body
	}
	title, rest, _ := bytes.Cut(rest, []byte("\n"))
	plain := strings.NewReplacer("`", "", "*", "").Replace(string(title))
	return strings.TrimSpace(strings.TrimRight(plain, "# ")), bytes.TrimLeft(rest, "\n")
}

// order puts the first page in front and lets it say what follows.
func (m *manual) order(known map[string]*node) {
	first := -1
	for i, n := range m.pages {
		switch strings.ToLower(n.text.file) {
		case "index.md":
			first = i
		case "readme.md":
			if first < 0 {
				first = i
			}
		}
	}
	if first < 0 {
		return
	}
	rank := map[*node]int{m.pages[first]: 1}
	for _, target := range targets(m.pages[first].text.body) {
		name, _ := m.pages[first].resolve(target)
		if n := known[name]; n != nil && rank[n] == 0 {
			rank[n] = len(rank) + 1
		}
	}
	sort.SliceStable(m.pages, func(i, j int) bool {
		a, b := rank[m.pages[i]], rank[m.pages[j]]
		if a == 0 || b == 0 {
			return a != 0
		}
		return a < b
	})
}

// resolve gives the path in the folder that a relative target means, and the part behind #.
func (n *node) resolve(target string) (name, anchor string) {
	target, anchor, _ = strings.Cut(target, "#")
	target, _, _ = strings.Cut(target, "?")
	return path.Join(path.Dir(n.text.file), strings.ReplaceAll(target, "%20", " ")), anchor
}

// link says where the relative links of a page lead, and takes the files along that they name.
func (m *manual) link(tree fs.FS, n *node, known map[string]*node) error {
	done := map[string]bool{}
	for _, target := range targets(n.text.body) {
		if done[target] || strings.HasPrefix(target, "#") || strings.HasPrefix(target, "/") || hasScheme(target) {
			continue
		}
		done[target] = true
		name, anchor := n.resolve(target)
		if page := known[name]; page != nil {
			to := page.id
			if anchor != "" {
				to += "#" + anchor
			}
			n.text.links = append(n.text.links, fact{target, quote(to)})
			continue
		}
		if !fs.ValidPath(name) || m.files[name] == nil {
			content, err := readLinked(tree, name)
			if err != nil {
				return err
			}
			if content == nil {
				n.text.broken = append(n.text.broken, target)
				continue
			}
			m.files[name] = content
		}
		n.text.links = append(n.text.links, fact{target, quote("file:" + name)})
	}
	return nil
}

// readLinked reads a file of the folder; nil says that there is none.
func readLinked(tree fs.FS, name string) ([]byte, error) {
	if !fs.ValidPath(name) {
		return nil, nil // it lies outside
	}
	info, err := fs.Stat(tree, name)
	if err != nil || !info.Mode().IsRegular() {
		return nil, nil //nolint:nilerr // what is not there is a broken link
	}
	return fs.ReadFile(tree, name)
}

func hasScheme(target string) bool {
	i := strings.IndexAny(target, ":/?#")
	return i > 0 && target[i] == ':'
}

// manual writes what only pages of a manual have: the text, and where its links lead.
func (o *object) manual(n *node) {
	if n.text == nil {
		return
	}
	o.str("text", string(n.text.body))
	if len(n.text.links) == 0 {
		return
	}
	o.key("links")
	links := newObject(o.buf)
	for _, l := range n.text.links {
		links.raw(l.key, l.value)
	}
	o.buf = links.end()
}

// names lists the files of a manual.
func (m *manual) names() []string {
	return slices.Sorted(maps.Keys(m.files))
}

// pictures are the types of what an <img> shows; the machine's own table may differ.
var pictures = map[string]string{
	".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".gif": "image/gif", ".webp": "image/webp", ".avif": "image/avif", ".svg": "image/svg+xml",
}

// embedded is a file as a chunk of the single file: its content as a data URL.
func (m *manual) embedded(name string) chunk {
	kind := pictures[strings.ToLower(path.Ext(name))]
	if kind == "" {
		kind = "application/octet-stream" // to be saved, not shown
	}
	url := "data:" + kind + ";base64," + base64.StdEncoding.EncodeToString(m.files[name])
	return newChunk("file:"+name, quote(url))
}
