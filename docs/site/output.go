package site

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"runtime"
	"strings"
	"sync"
)

// assets are built from web/ by web/build.sh.
//
//go:embed assets/index.html assets/app.css assets/app.js
var assets embed.FS

// Sizes of page shards: big enough that a site is not thousands of files, small enough that
// no page costs more than a moment.
const (
	shardTarget = 40 << 10
	shardLimit  = 96 << 10
	shardsMax   = 1 << 12
)

// layout says how the data is cut into chunks.
type layout struct {
	build    string // hash of all data, in the names the browser caches
	shards   int
	entities int
}

// chunk is one piece of data: a name, and JSON in the script that hands it over. There is as
// much of it as there is of the artifacts, so it is written once, with the script around it.
type chunk struct {
	name   string
	script []byte
	data   []byte // part of script
}

const chunkEnd = ")\n"

// beginChunk is the script of a chunk up to where its data goes, of which there may be size bytes.
func beginChunk(name string, size int) []byte {
	return fmt.Appendf(make([]byte, 0, size+len(name)+16), "millrace(%q,", name)
}

// endChunk is the chunk of a script that lacks nothing but its end.
func endChunk(name string, script []byte) chunk {
	start, end := len(beginChunk(name, 0)), len(script)
	script = append(script, chunkEnd...)
	return chunk{name, script, script[start:end:end]}
}

func newChunk(name string, data []byte) chunk {
	return endChunk(name, append(beginChunk(name, len(data)), data...))
}

// Site is the documentation of a project, ready to be written.
type Site struct {
	project *project
	options Options
	layout  layout
	chunks  []chunk // core, tests, search, entities, then the page shards
}

// Build reads the artifacts and makes the site's data of them.
func Build(in Input, o Options) (*Site, error) {
	p, err := load(in)
	if err != nil {
		return nil, err
	}
	docs, tests := p.docs()
	cut := len(docs) - tests
	s := &Site{project: p, options: o}
	entities, count := p.entities()
	s.layout.entities = count
	s.chunks = make([]chunk, 4)
	var wait sync.WaitGroup
	for i, f := range []func() chunk{
		func() chunk { return newChunk("core", p.core(docs[:cut])) },
		func() chunk { return newChunk("tests", p.table(docs[cut:]).end()) },
		func() chunk { return newChunk("search", searchable(docs).encode()) },
		func() chunk { return newChunk("entities", entities) },
	} {
		wait.Go(func() { s.chunks[i] = f() })
	}
	bodies := p.pages(docs)
	wait.Wait()
	s.chunks = append(s.chunks, s.shard(docs, bodies)...)
	h := sha256.New()
	for _, c := range s.chunks {
		_, _ = fmt.Fprintf(h, "%s %d\n", c.name, len(c.data))
		_, _ = h.Write(c.data)
	}
	for _, name := range p.manual.names() {
		_, _ = fmt.Fprintf(h, "%s %d\n", name, len(p.manual.files[name]))
		_, _ = h.Write(p.manual.files[name])
	}
	_, _ = h.Write(p.summary(o, &s.layout))
	s.layout.build = hex.EncodeToString(h.Sum(nil)[:6])
	return s, nil
}

// pages writes the bodies of all docs on all cores.
func (p *project) pages(docs []*node) [][]byte {
	bodies := make([][]byte, len(docs))
	workers := max(1, runtime.GOMAXPROCS(0))
	step := max(1, (len(docs)+workers-1)/workers)
	var wait sync.WaitGroup
	for start := 0; start < len(docs); start += step {
		wait.Go(func() {
			var body []byte
			for i := start; i < min(start+step, len(docs)); i++ {
				body = p.page(body[:0], docs[i])
				bodies[i] = bytes.Clone(body)
			}
		})
	}
	wait.Wait()
	return bodies
}

func hash(id string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(id))
	return h.Sum32()
}

// shard spreads pages over a power of two of chunks by the hash of their id, more of them
// the more there is, so that opening one page never loads much more than that page.
func (s *Site) shard(docs []*node, bodies [][]byte) []chunk {
	total := 0
	hashes := make([]uint32, len(docs))
	for i, d := range docs {
		total += len(bodies[i])
		hashes[i] = hash(d.id)
	}
	n := 1
	for n < shardsMax && total/n > shardTarget {
		n *= 2
	}
	for n < shardsMax && crowded(n, hashes, bodies) {
		n *= 2
	}
	s.layout.shards = n
	list := make([]chunk, n)
	sizes := make([]int, n)
	for i, d := range docs {
		sizes[hashes[i]&uint32(n-1)] += len(d.id) + len(bodies[i]) + 8
	}
	scripts, begun := make([][]byte, n), make([]bool, n)
	for i := range list {
		list[i].name = fmt.Sprintf("p/%03x", i)
		scripts[i] = append(beginChunk(list[i].name, sizes[i]+2), '{')
	}
	for i, d := range docs {
		k := hashes[i] & uint32(n-1)
		to := scripts[k]
		if begun[k] {
			to = append(to, ",\n"...)
		}
		begun[k] = true
		to = appendString(to, d.id)
		to = append(to, ':')
		scripts[k] = append(to, bodies[i]...)
		bodies[i] = nil
	}
	for i := range list {
		list[i] = endChunk(list[i].name, append(scripts[i], '}'))
	}
	return list
}

// crowded says whether a shard is over the limit because of more than one page.
func crowded(n int, hashes []uint32, bodies [][]byte) bool {
	sizes, largest := make([]int, n), make([]int, n)
	for i, h := range hashes {
		k := h & uint32(n-1)
		sizes[k] += len(bodies[i])
		largest[k] = max(largest[k], len(bodies[i]))
	}
	for k := range sizes {
		if sizes[k] > shardLimit && largest[k] < shardLimit {
			return true
		}
	}
	return false
}

// Files is the site as a folder: index.html with its style and the summary, one script, and
// the data as scripts that hand it over, which works without a server. Names are relative and
// have slashes.
func (s *Site) Files() (map[string][]byte, error) {
	files := make(map[string][]byte, len(s.chunks)+2)
	for _, c := range s.chunks {
		files["site/"+c.name+".js"] = c.script
	}
	script, err := assets.ReadFile("assets/app.js")
	if err != nil {
		return nil, err
	}
	files["site/app.js"] = script
	sum := sha256.Sum256(script)
	for name, content := range s.project.manual.files {
		files[filesDir+name] = content
	}
	index, err := s.index(`<script src="site/app.js?` + hex.EncodeToString(sum[:6]) + `"></script>`)
	if err != nil {
		return nil, err
	}
	files["index.html"] = index
	return files, nil
}

// single is the site as one file: the script inline, the data compressed.
func (s *Site) single() ([]byte, error) {
	script, err := assets.ReadFile("assets/app.js")
	if err != nil {
		return nil, err
	}
	var body bytes.Buffer
	chunks := s.chunks
	for _, name := range s.project.manual.names() {
		chunks = append(chunks, s.project.manual.embedded(name))
	}
	packed, err := pack(chunks)
	if err != nil {
		return nil, err
	}
	for i, c := range chunks {
		fmt.Fprintf(&body, "<script type=\"application/gzip\" id=\"chunk:%s\">%s</script>\n", escapeHTML(c.name), packed[i])
	}
	body.WriteString("<script>")
	body.Write(bytes.ReplaceAll(script, []byte("</script"), []byte(`<\/script`)))
	body.WriteString("</script>")
	return s.index(body.String())
}

// pack compresses chunks on all cores.
func pack(chunks []chunk) ([]string, error) {
	packed, errs := make([]string, len(chunks)), make([]error, len(chunks))
	limit := make(chan struct{}, max(1, runtime.GOMAXPROCS(0)))
	var wait sync.WaitGroup
	for i, c := range chunks {
		limit <- struct{}{}
		wait.Go(func() {
			defer func() { <-limit }()
			var buf bytes.Buffer
			w := gzip.NewWriter(&buf)
			_, err := w.Write(c.data)
			if cerr := w.Close(); err == nil {
				err = cerr
			}
			packed[i], errs[i] = base64.StdEncoding.EncodeToString(buf.Bytes()), err
		})
	}
	wait.Wait()
	for _, err := range errs {
		if err != nil {
			return nil, err
		}
	}
	return packed, nil
}

func (s *Site) index(script string) ([]byte, error) {
	page, err := assets.ReadFile("assets/index.html")
	if err != nil {
		return nil, err
	}
	style, err := assets.ReadFile("assets/app.css")
	if err != nil {
		return nil, err
	}
	head := s.project.summary(s.options, &s.layout)
	// Values of artifacts are passed on as they are, and one may hold "</script>".
	head = bytes.ReplaceAll(head, []byte("<"), []byte(`\u003c`))
	title := s.options.Title
	if title == "" {
		title = s.project.name
	}
	return []byte(strings.NewReplacer(
		"{{title}}", escapeHTML(title),
		"{{style}}", string(style),
		"{{head}}", string(head),
		"{{script}}", script,
	).Replace(string(page))), nil
}

func escapeHTML(s string) string {
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;").Replace(s)
}
