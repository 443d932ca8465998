package site

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"mime"
	"net/http"
	"os"
	"path"
	"strings"
	"sync"
	"time"
)

// events is where a page of a Server listens, relative to itself.
const events = "site/events"

// policy lets a served page load nothing from anywhere else, whatever a description holds.
const policy = "default-src 'none'; script-src 'self'; style-src 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Server serves a site from memory, builds it again when an artifact changes, and tells open
// pages to reload. It works below any base path.
type Server struct {
	in   Input
	o    Options
	rest http.Handler // further files beside the site, such as images of asset-paths

	mu      sync.Mutex // guards what follows
	files   map[string][]byte
	packed  map[string][]byte // compressed on first use
	build   string
	readers map[chan string]struct{}
}

// NewServer builds the site for the first time. Files that are not part of the site come
// from dir.
func NewServer(in Input, o Options, dir string) (*Server, error) {
	o.Live = events
	s := &Server{in: in, o: o, rest: http.FileServerFS(os.DirFS(dir)), readers: map[chan string]struct{}{}}
	return s, s.rebuild()
}

func (s *Server) rebuild() error {
	b, err := Build(s.in, s.o)
	if err != nil {
		return err
	}
	files, err := b.Files()
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.files, s.packed, s.build = files, map[string][]byte{}, b.layout.build
	for r := range s.readers {
		select {
		case r <- s.build:
		default: // a reader that has not taken the last word yet will reload anyway
		}
	}
	return nil
}

// Watch looks at the artifacts every interval until the context ends, and builds the site
// again once a change has settled. A failure is reported and the old site stays.
func (s *Server) Watch(ctx context.Context, interval time.Duration, report func(error)) {
	seen := s.stamp()
	changed := false
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := s.stamp()
		if now != seen {
			seen, changed = now, true
			continue
		}
		if !changed {
			continue
		}
		changed = false
		report(s.rebuild())
	}
}

// stamp is one text for the state of all artifacts.
func (s *Server) stamp() string {
	var b strings.Builder
	for _, p := range append([]string{s.in.Manifest, s.in.Catalog, s.in.RunResults, s.in.Sources, s.in.Streams, s.in.ColumnLineage}, append(s.in.history(), s.in.pages()...)...) {
		if info, err := os.Stat(p); err == nil {
			fmt.Fprintf(&b, "%s %d %d\n", p, info.Size(), info.ModTime().UnixNano())
		}
	}
	return b.String()
}

// ServeHTTP answers for a page of the site under any prefix: a proxy may or may not take its
// base path off.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "only GET and HEAD", http.StatusMethodNotAllowed)
		return
	}
	h := w.Header()
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	if strings.HasSuffix(r.URL.Path, "/") {
		name = path.Join(name, "index.html")
	}
	if name == events || strings.HasSuffix(name, "/"+events) {
		s.listen(w, r)
		return
	}
	for rest, ok := name, true; ok; _, rest, ok = strings.Cut(rest, "/") {
		if s.send(w, r, rest) {
			return
		}
	}
	if path.Ext(name) == "" && !strings.HasSuffix(r.URL.Path, "/") {
		// Relative links need the slash.
		http.Redirect(w, r, path.Base(r.URL.Path)+"/", http.StatusMovedPermanently)
		return
	}
	s.rest.ServeHTTP(w, r)
}

func (s *Server) send(w http.ResponseWriter, r *http.Request, name string) bool {
	zip := strings.Contains(r.Header.Get("Accept-Encoding"), "gzip")
	body, ok := s.file(name, zip)
	if !ok {
		return false
	}
	h := w.Header()
	kind := mime.TypeByExtension(path.Ext(name))
	if kind == "" {
		kind = "application/octet-stream"
	}
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "no-cache")
	h.Add("Vary", "Accept-Encoding")
	if strings.HasSuffix(name, ".html") {
		h.Set("Content-Security-Policy", policy)
	} else if r.URL.RawQuery != "" {
		h.Set("Cache-Control", "max-age=31536000, immutable") // the query is the hash of what is served
	}
	if zip {
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("Content-Length", fmt.Sprint(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // a browser that went away needs no answer
	}
	return true
}

func (s *Server) file(name string, zip bool) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	plain, ok := s.files[name]
	if !ok || !zip {
		return plain, ok
	}
	if body, ok := s.packed[name]; ok {
		return body, true
	}
	var buf bytes.Buffer
	gz := gzip.NewWriter(&buf)
	if _, err := gz.Write(plain); err != nil {
		return nil, false
	}
	if err := gz.Close(); err != nil {
		return nil, false
	}
	s.packed[name] = buf.Bytes()
	return buf.Bytes(), true
}

// listen sends the hash of the site now and whenever it changes.
func (s *Server) listen(w http.ResponseWriter, r *http.Request) {
	flush, ok := w.(http.Flusher)
	if !ok {
		http.Error(w, "no streaming here", http.StatusNotImplemented)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	words := make(chan string, 1)
	s.mu.Lock()
	s.readers[words] = struct{}{}
	word := s.build
	s.mu.Unlock()
	defer func() {
		s.mu.Lock()
		delete(s.readers, words)
		s.mu.Unlock()
	}()
	for {
		if _, err := fmt.Fprintf(w, "data: %s\n\n", word); err != nil {
			return
		}
		flush.Flush()
		select {
		case <-r.Context().Done():
			return
		case word = <-words:
		}
	}
}
