package main

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/millrace/millrace/compiler"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/flags"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/relation"
	"github.com/millrace/millrace/dag"
	"github.com/millrace/millrace/dag/check"
	"github.com/millrace/millrace/dag/run"
	"github.com/millrace/millrace/dag/stream"
	"github.com/millrace/millrace/docs/site"
)

// docsGenerate compiles the project, asks the database for its catalog and writes both.
func (inv *invocation) docsGenerate() (int, error) {
	inv.loaded() // documentation has a policy of its own from the start
	inv.loaded = func() {}
	defer collectAbove(documenting)()
	p, g, err := inv.loadGraph()
	if err != nil {
		return exitProject, err
	}
	st, err := inv.readStates()
	if err != nil {
		return exitProject, err
	}
	code, compiled := exitOK, map[string]string(nil)
	if inv.flags.CompileDocs {
		if code, compiled, err = inv.docsCompile(p, g); err != nil || code != exitOK {
			return code, err
		}
	}
	if err := inv.copyAssets(p.Project); err != nil {
		return exitProject, err
	}
	ids, err := inv.docsSelection(p, g, st)
	if err != nil {
		return exitProject, err
	}
	artifact, failed, err := inv.docsCatalog(p, st, ids)
	if err != nil {
		return exitProject, err
	}
	if failed {
		code = exitFailed
	}
	if inv.flags.ColumnLineage {
		known := artifact
		if ids != nil || len(artifact.Errors) > 0 {
			known = nil // what is missing in it may be there
		}
		if err := inv.docsLineage(p, g, known, compiled); err != nil {
			return exitProject, err
		}
	} else if err := os.Remove(filepath.Join(inv.targetDir(), lineageFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return exitProject, err // it may not hold any more
	}
	artifact.Metadata = inv.metadata()
	if err := inv.writeArtifact("catalog.json", artifact.Write); err != nil {
		return exitProject, err
	}
	if n := len(artifact.Errors); n > 0 {
		inv.emit(event.CatalogFailure(n))
	}
	inv.emit(event.Event{Name: "CatalogWritten", Code: "E042", Level: event.Info, Msg: "Catalog written to " + inv.targetDir() + "/catalog.json",
		Data: map[string]any{"path": inv.targetDir() + "/catalog.json"}})
	return code, inv.writeSite()
}

// docsCompile compiles the selected nodes, and gives the code of those that are what they are in any database. The
// manifest is written once, with what was compiled; the one without is for those who end before.
func (inv *invocation) docsCompile(p *compiler.Program, g *dag.Graph) (code int, compiled map[string]string, err error) {
	defer func() {
		if inv.hasManifest {
			return
		}
		if werr := inv.writeParsed(p); err == nil {
			err = werr
		}
	}()
	selected, st, err := inv.picked(p, g)
	if err != nil {
		return exitProject, nil, err
	}
	code, err = inv.execute(p, g, selected, st, run.ModeCompile, nil, func(_ *compiler.Program, r *run.Results) error {
		if f := inv.flags; !f.Defer && !f.Empty && f.Sample == "" {
			compiled = r.CompiledAlone()
		}
		return nil
	})
	return code, compiled, err
}

// docsSelection is what the catalog is limited to, selected sources included; nil is everything.
func (inv *invocation) docsSelection(p *compiler.Program, g *dag.Graph, st states) (map[string]bool, error) {
	f := inv.flags
	if f.EmptyCatalog || len(f.Select)+len(f.Exclude)+len(f.Models) == 0 && f.Selector == "" {
		return nil, nil
	}
	selected, err := inv.selectTypes(p, g, st, append([]manifest.ResourceType{manifest.SourceType}, resources[f.Which]...))
	if err != nil {
		return nil, err
	}
	ids := map[string]bool{}
	for _, id := range g.IDs(selected) {
		ids[id] = true
	}
	return ids, nil
}

// docsCatalog asks the database for the catalog, and for what it knows of streams. The engine
// is closed again before the site is made, which takes memory of its own.
func (inv *invocation) docsCatalog(p *compiler.Program, st states, ids map[string]bool) (artifact *manifest.CatalogArtifact, failed bool, err error) {
	if inv.flags.EmptyCatalog {
		return &manifest.CatalogArtifact{}, false, nil
	}
	s, closeEngine, err := inv.open(p, st)
	if err != nil {
		return nil, false, err
	}
	defer closeEngine()
	inv.emit(event.Event{Name: "BuildingCatalog", Code: "E044", Level: event.Info, Msg: "Building catalog", Data: map[string]any{}})
	artifact, failures, err := run.Catalog(inv.ctx, s, ids)
	if err != nil {
		return nil, false, err
	}
	var warnings diag.List
	for _, failure := range failures {
		warnings = append(warnings, (&diag.Diagnostic{Severity: diag.Warning, Kind: diag.Runtime,
			Summary: "Encountered an error while generating catalog: " + failure.Error()}).Named("CatalogGenerationError"))
	}
	if err := inv.notes(warnings); err != nil {
		return nil, true, err
	}
	return artifact, len(failures) > 0, inv.docsStreams(s)
}

// docsStreams writes what the ledger says about streams, for their pages.
func (inv *invocation) docsStreams(s *run.Session) error {
	streams, err := stream.Open(s, nil)
	if err != nil || streams == nil {
		return err
	}
	defer streams.Close()
	d, err := streams.Document(inv.ctx)
	if err != nil {
		return err
	}
	return inv.writeArtifact("stream_status.json", d.Write)
}

// docsLineage traces columns for the site, with the columns of the catalog; one that is not
// complete is nil, and then the database is asked again.
func (inv *invocation) docsLineage(p *compiler.Program, g *dag.Graph, catalog *manifest.CatalogArtifact, compiled map[string]string) error {
	var report *check.Report
	var err error
	if catalog == nil {
		inv.flags.Introspect = true
		report, err = inv.traceColumns(p, g, compiled)
	} else {
		var s *run.Session
		if s, err = inv.session(p, states{}); err == nil {
			report, err = inv.traceIn(s, g, catalogColumns(s, catalog), compiled)
		}
	}
	if err != nil {
		return err
	}
	return inv.writeLineage(report)
}

// catalogColumns gives the columns that a catalog has of a relation.
func catalogColumns(s *run.Session, catalog *manifest.CatalogArtifact) func(*relation.Relation) ([]*relation.Column, error) {
	name := func(parts ...string) string { return strings.ToLower(strings.Join(parts, "\x00")) }
	tables := map[string]*manifest.CatalogTable{}
	for _, list := range [][]*manifest.CatalogTable{catalog.Nodes, catalog.Sources} {
		for _, t := range list {
			tables[name(t.Database, t.Schema, t.Name)] = t
		}
	}
	return func(r *relation.Relation) ([]*relation.Column, error) {
		t := tables[name(r.Database, r.Schema, r.Identifier)]
		if t == nil {
			return nil, nil
		}
		out := make([]*relation.Column, len(t.Columns))
		for i, c := range t.Columns {
			out[i] = s.Env.Dialect.NewColumn(c.Name, c.Type)
		}
		return out, nil
	}
}

// siteInput is what the documentation is made from.
func (inv *invocation) siteInput() (site.Input, error) {
	in := site.InTarget(inv.targetDir())
	if inv.hasManifest {
		in.RunResults = "" // they are those of this command, which has run nothing
	}
	in.Pages = inv.flags.Pages
	if in.Pages == "" {
		return in, nil
	}
	if info, err := os.Stat(in.Pages); err != nil || !info.IsDir() {
		if inv.flags.Origin("pages") != flags.FromCLI {
			// A project that was copied without its manual still has a documentation.
			inv.emit(event.Note(event.Warn, "[WARNING]: There is no folder of pages "+in.Pages+", which dbt_project.yml names; the site is written without them"))
			in.Pages = ""
			return in, nil
		}
		return in, &diag.Diagnostic{Code: diag.CodeUsage, Kind: diag.Runtime, Summary: "There is no folder of pages " + in.Pages, Cause: err,
			Hint: "--pages, or pages below flags: in dbt_project.yml, names a folder with markdown files; in dbt_project.yml it is relative to the project."}
	}
	return in, nil
}

// writeSite writes the documentation site from the artifacts in the target folder.
func (inv *invocation) writeSite() error {
	dir := inv.targetDir()
	in, err := inv.siteInput()
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(dir, "manifest.json")); errors.Is(err, fs.ErrNotExist) {
		inv.emit(event.Note(event.Info, "No documentation is written: there is no manifest.json in "+dir+", and --no-compile makes none"))
		return nil
	}
	s, err := site.Build(in, site.Options{Version: programVersion()})
	if err != nil {
		return err
	}
	if err := s.Write(dir); err != nil {
		return err
	}
	for _, broken := range s.Broken() {
		inv.emit(event.Note(event.Warn, broken))
	}
	page := filepath.Join(dir, "index.html")
	if inv.flags.Static {
		page = filepath.Join(dir, "static_index.html")
		if err := s.WriteSingle(page); err != nil {
			return err
		}
	}
	inv.emit(event.Note(event.Info, "Documentation written to "+page+"; open it, or run `millrace docs serve`"))
	return nil
}
