// Package site writes the documentation of a project as a static web site.
//
// It reads artifacts only (manifest.json, and catalog.json, run_results.json and sources.json
// where they exist), so it documents whatever wrote them. What it writes are plain files that
// a browser opens from a disk, a zip or any folder of a server; the same artifacts give the
// same bytes. docs/site/README.md describes the data format.
package site

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"
)

// Input names the artifacts. Only the manifest must exist: any other path may be empty or
// lead nowhere, and then the pages do without.
type Input struct {
	Manifest   string
	Catalog    string
	RunResults string
	Sources    string
	// History are older run_results.json files, in any order.
	History []string
	// HistoryDir is a folder of such files.
	HistoryDir string
	// Streams is the status of live models: {"streams": {unique_id: {"lag_seconds": …}}}.
	Streams string
	// ColumnLineage is column_lineage.json: which columns a column is made from.
	ColumnLineage string
	// Pages is a folder of markdown that becomes pages of the site.
	Pages string
}

// columnEdge says that a column is made from another one. kind is "passthrough",
// "transform", "aggregate", "filter" or "unknown".
type columnEdge struct {
	node, column         string
	fromNode, fromColumn string
	kind                 string
	approximate          bool
}

// Options of a site.
type Options struct {
	// Title stands in the head of every page; the project's name when empty.
	Title string
	// Version of the program, for the foot of the page.
	Version string
	// Live is where the page listens for a word to reload, relative to itself; empty for a
	// site that does not change.
	Live string
}

// InTarget is the usual input: the artifacts of a target folder, and as history what is kept
// in its folder run_history.
func InTarget(dir string) Input {
	return Input{
		HistoryDir: filepath.Join(dir, "run_history"),
		Manifest:   filepath.Join(dir, "manifest.json"), Catalog: filepath.Join(dir, "catalog.json"), RunResults: filepath.Join(dir, "run_results.json"),
		Sources: filepath.Join(dir, "sources.json"), Streams: filepath.Join(dir, "stream_status.json"),
		ColumnLineage: filepath.Join(dir, "column_lineage.json"),
	}
}

// Write writes index.html and the folder site/ into dir. Data files of an earlier site that
// this one does not have are removed.
func (s *Site) Write(dir string) error {
	files, err := s.Files()
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, files[name], 0o644); err != nil {
			return err
		}
	}
	return removeStale(dir, files)
}

// removeStale removes page shards and files of a manual that an earlier site left.
func removeStale(dir string, files map[string][]byte) error {
	for _, sub := range []string{"site/p", strings.TrimSuffix(filesDir, "/")} {
		err := filepath.WalkDir(filepath.Join(dir, filepath.FromSlash(sub)), func(path string, d fs.DirEntry, err error) error {
			if errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			if err != nil || d.IsDir() {
				return err
			}
			name, err := filepath.Rel(dir, path)
			if err != nil {
				return err
			}
			if _, ok := files[filepath.ToSlash(name)]; ok {
				return nil
			}
			return os.Remove(path)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// WriteSingle writes the whole site as one file.
func (s *Site) WriteSingle(path string) error {
	page, err := s.single()
	if err != nil {
		return err
	}
	return os.WriteFile(path, page, 0o644)
}

// Broken lists the links of the manual that lead to nothing: a sentence for each.
func (s *Site) Broken() []string {
	var out []string
	for _, n := range s.project.manual.pages {
		for _, target := range n.text.broken {
			out = append(out, fmt.Sprintf("%s links to %s, which is not in the folder of pages", n.text.file, target))
		}
	}
	return out
}

// load reads and links the artifacts.
func load(in Input) (*project, error) {
	p := &project{edges: map[string][]columnEdge{}}
	text, err := os.ReadFile(in.Manifest)
	if err != nil {
		return nil, err
	}
	if err := p.readManifest(text); err != nil {
		return nil, fmt.Errorf("%s: %w", in.Manifest, err)
	}
	var tables map[string]*catalogTable
	optional := []struct {
		path string
		read func([]byte) error
	}{
		{in.Catalog, func(b []byte) (err error) { tables, err = readCatalog(b); return err }},
		{in.Sources, p.readFreshness},
		{in.Streams, p.readStreams},
		{in.ColumnLineage, p.readLineage},
	}
	for _, path := range append([]string{in.RunResults}, in.history()...) {
		optional = append(optional, struct {
			path string
			read func([]byte) error
		}{path, p.addRun})
	}
	for _, o := range optional {
		if err := readOptional(o.path, o.read); err != nil {
			return nil, err
		}
	}
	if p.manual, err = readManual(in.Pages, p.name); err != nil {
		return nil, err
	}
	p.link(tables)
	return p, nil
}

// history lists the older results, those of the folder included.
func (in Input) history() []string {
	list := in.History
	if in.HistoryDir == "" {
		return list
	}
	entries, err := os.ReadDir(in.HistoryDir)
	if err != nil {
		return list // most projects have no such folder
	}
	for _, e := range entries {
		if filepath.Ext(e.Name()) == ".json" {
			list = append(list, filepath.Join(in.HistoryDir, e.Name()))
		}
	}
	return list
}

// pages lists everything in the folder of pages.
func (in Input) pages() []string {
	if in.Pages == "" {
		return nil
	}
	var list []string
	_ = filepath.WalkDir(in.Pages, func(path string, _ fs.DirEntry, err error) error {
		if err == nil {
			list = append(list, path)
		}
		return nil // what cannot be read is said when the site is built
	})
	return list
}

func readOptional(path string, read func([]byte) error) error {
	if path == "" {
		return nil
	}
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := read(text); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return nil
}

// addRun adds the results of one run; the same run given twice counts once.
func (p *project) addRun(text []byte) error {
	r, err := readRun(text)
	if err != nil {
		return err
	}
	if !r.executes() {
		return nil
	}
	for _, known := range p.runs {
		if known.at == r.at {
			return nil
		}
	}
	p.runs = append(p.runs, r)
	sort.SliceStable(p.runs, func(i, j int) bool { return p.runs[i].at > p.runs[j].at })
	return nil
}
