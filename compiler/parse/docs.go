package parse

import (
	"fmt"
	"strings"

	"github.com/millrace/millrace/compiler/context"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/project"
)

// docsFiles reads the docs blocks of all packages.
func (p *parser) docsFiles() {
	type unit struct {
		pkg  *project.Package
		file *project.File
		docs []*manifest.Doc
	}
	var units []*unit
	for _, pkg := range p.project.Packages {
		files, _ := pkg.Files()
		for _, f := range files.Of(project.DocsFile) {
			units = append(units, &unit{pkg: pkg, file: f})
		}
	}
	p.parallel(len(units), func(i int) { units[i].docs = p.docsBlocks(units[i].pkg, units[i].file) })
	for _, u := range units {
		for _, d := range u.docs {
			if first := p.m.Docs[d.UniqueID]; first != nil {
				p.duplicate("docs", d.Name, `doc("`+d.Name+`")`, first.UniqueID, first.OriginalFilePath, first.Span, d.UniqueID, d.OriginalFilePath, d.Span)
				continue
			}
			p.m.Docs[d.UniqueID] = d
			p.m.Order.Docs = append(p.m.Order.Docs, d.UniqueID)
		}
	}
}

func (p *parser) docsBlocks(pkg *project.Package, file *project.File) []*manifest.Doc {
	src, bad := file.Load()
	if bad != nil {
		p.report(bad)
		return nil
	}
	if !strings.Contains(src.Text, "{%") {
		return nil
	}
	blocks, bad := jinja.ScanBlocks(src, "docs")
	if bad != nil {
		p.report(bad)
		return nil
	}
	var out []*manifest.Doc
	for _, b := range blocks {
		text := src.Text[b.BodySpan.Start:b.BodySpan.End]
		if !jinja.IsConstant(text) {
			tmpl, bad := jinja.ParseAt(src, b.BodySpan.Start, b.BodySpan.End)
			if bad != nil {
				p.report(bad)
				continue
			}
			rendered, err := tmpl.Render(&value.Thread{Context: p.ctx, Globals: noNames{}})
			if err != nil {
				p.report(nodeError(&manifest.Node{ResourceType: manifest.DocType, Name: b.Name, OriginalFilePath: file.Path, BodySpan: b.FullSpan}, err, diag.CodeTemplateRuntime))
				continue
			}
			text = rendered
		}
		out = append(out, &manifest.Doc{
			UniqueID: "doc." + pkg.Name + "." + b.Name, Name: b.Name, PackageName: pkg.Name,
			Path: file.Rel, OriginalFilePath: file.Path, Contents: strings.TrimSpace(text), Span: b.FullSpan,
		})
	}
	return out
}

// noNames is an empty scope.
type noNames struct{}

func (noNames) Lookup(*value.Thread, string) (value.Value, bool) { return value.Undef, false }
func (noNames) Names() []string                                  { return nil }

// describe renders the descriptions of everything, now that all docs blocks are known.
func (p *parser) describe() {
	nodes := p.m.NodeList()
	p.parallel(len(nodes), func(i int) {
		n := nodes[i]
		if n.Description == "" && len(n.Columns) == 0 {
			return // as most tests
		}
		d := p.describer(n.PackageName, n.UniqueID, n.PatchSpan)
		n.Description, n.DocBlocks = d.text(n.Description, true)
		d.columns(n.Columns)
	})
	var work []func()
	for _, id := range p.m.Order.Sources {
		s := p.m.Sources[id]
		work = append(work, func() {
			d := p.describer(s.PackageName, s.UniqueID, s.Span)
			s.Description, s.DocBlocks = d.text(s.Description, true)
			s.SourceDescription, _ = d.text(s.SourceDescription, false)
			d.columns(s.Columns)
		})
	}
	for _, id := range p.m.Order.Macros {
		m := p.m.Macros[id]
		if m.PatchPath == "" {
			continue
		}
		work = append(work, func() {
			d := p.describer(m.PackageName, m.UniqueID, m.Span)
			m.Description, _ = d.text(m.Description, false)
			for _, a := range m.Arguments {
				text, _ := d.text(textOf(a, "description"), false)
				a.SetString("description", value.String(text))
			}
		})
	}
	for _, id := range p.m.Order.Exposures {
		x := p.m.Exposures[id]
		work = append(work, func() {
			x.Description, _ = p.describer(x.PackageName, x.UniqueID, x.Span).text(x.Description, false)
		})
	}
	for _, list := range []map[string]*manifest.Generic{p.m.Metrics, p.m.SemanticModels, p.m.SavedQueries} {
		for _, g := range list {
			work = append(work, func() { p.describer(g.PackageName, g.UniqueID, g.Span).generic(g) })
		}
	}
	p.parallel(len(work), func(i int) { work[i]() })
}

// describer renders the descriptions of one resource.
type describer struct {
	p     *parser
	pkg   string
	id    string
	span  diag.Span
	scope *context.Scope
}

func (p *parser) describer(pkg, id string, span diag.Span) *describer {
	return &describer{p: p, pkg: pkg, id: id, span: span}
}

// text renders one description; blocks are the unique_ids of the docs blocks it names.
func (d *describer) text(text string, wantBlocks bool) (rendered string, blocks []string) {
	if jinja.IsConstant(text) {
		return text, nil
	}
	p := d.p
	tmpl, err := p.templates.get(text)
	if err == nil {
		if d.scope == nil {
			d.scope = p.env.Docs(d.pkg, d.id, func(pkg, name string) (string, bool) {
				doc, ok := p.m.ResolveDoc(d.pkg, pkg, name)
				if !ok {
					return "", false
				}
				return doc.Contents, true
			})
		}
		rendered, err = tmpl.Render(p.env.Thread(p.ctx, d.scope))
	}
	if err != nil {
		bad := nodeError(&manifest.Node{UniqueID: d.id}, err, diag.CodeTemplateRuntime)
		bad.Node, bad.Span = "", d.span
		if !strings.HasPrefix(bad.Summary, "Documentation for ") { // which names the resource
			bad.Summary = fmt.Sprintf("the description of %s cannot be rendered: %s", d.id, bad.Summary)
		}
		p.report(bad)
		return text, nil
	}
	if wantBlocks {
		blocks = d.blocks(tmpl)
	}
	return rendered, blocks
}

// blocks finds the doc() calls that stand in a print tag of their own.
func (d *describer) blocks(tmpl *jinja.Template) []string {
	var out []string
	for _, call := range tmpl.Calls() {
		if call.Name != "doc" || !call.Alone || call.Conditional {
			continue
		}
		var args []string
		for _, a := range call.Args {
			if s, ok := a.AsString(); ok {
				args = append(args, s)
			}
		}
		pkg, name := "", ""
		switch len(args) {
		case 1:
			name = args[0]
		case 2:
			pkg, name = args[0], args[1]
		default:
			continue
		}
		if doc, ok := d.p.m.ResolveDoc(d.pkg, pkg, name); ok {
			out = append(out, doc.UniqueID)
		}
	}
	return out
}

func (d *describer) columns(list []*manifest.Column) {
	for _, c := range list {
		c.Description, c.DocBlocks = d.text(c.Description, true)
	}
}

// generic renders the descriptions inside a semantic resource.
func (d *describer) generic(g *manifest.Generic) {
	render := func(body *value.Dict) {
		if s, ok := get(body, "description").AsString(); ok && s != "" {
			text, _ := d.text(s, false)
			body.SetString("description", value.String(text))
		}
	}
	render(g.Body)
	for _, key := range []string{"dimensions", "measures", "entities"} {
		for _, part := range dictsAt(g.Body, key) {
			render(part)
		}
	}
}
