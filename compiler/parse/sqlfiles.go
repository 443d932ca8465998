package parse

import (
	"path"
	"strconv"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/project"
)

// nodeKinds are the kinds of file whose content becomes nodes, in dbt's order.
var nodeKinds = []struct {
	file project.FileKind
	node manifest.ResourceType
}{
	{project.ModelFile, manifest.Model},
	{project.SnapshotFile, manifest.Snapshot},
	{project.AnalysisFile, manifest.Analysis},
	{project.SingularTestFile, manifest.Test},
	{project.SeedFile, manifest.Seed},
	{project.FunctionFile, manifest.FunctionType},
}

// nodeFiles drafts every node that has a file of its own, and the hooks of the projects.
func (p *parser) nodeFiles() {
	type unit struct {
		pkg    *project.Package
		file   *project.File
		kind   manifest.ResourceType
		drafts []*draft
	}
	var units []*unit
	for _, pkg := range p.project.Packages {
		files, _ := pkg.Files() // reported when the macros were listed
		for _, k := range nodeKinds {
			for _, f := range files.Of(k.file) {
				units = append(units, &unit{pkg: pkg, file: f, kind: k.node})
			}
		}
		units = append(units, &unit{pkg: pkg, kind: manifest.Operation})
	}
	if p.inline != "" {
		units = append(units, &unit{pkg: p.project.Package, kind: manifest.SQLOperation})
	}
	p.parallel(len(units), func(i int) {
		u := units[i]
		switch {
		case u.kind == manifest.SQLOperation:
			u.drafts = []*draft{p.inlineNode(u.pkg)}
		case u.file == nil:
			u.drafts = p.hookNodes(u.pkg)
		case u.kind == manifest.Snapshot:
			u.drafts = p.snapshotBlocks(u.pkg, u.file)
		case u.kind == manifest.Seed:
			u.drafts = p.seed(u.pkg, u.file)
		default:
			u.drafts = p.bodyFile(u.pkg, u.file, u.kind)
		}
		for _, d := range u.drafts {
			p.evaluate(d)
			d.enabled = d.asked() || p.isEnabled(d, p.layersFor(d.node.ResourceType, d.pkg, d.node.FQN))
		}
	})
	for _, u := range units {
		p.drafts = append(p.drafts, u.drafts...)
	}
}

// noValues is the config of nodes that have none yet.
var noValues = value.NewDict(0)

// newDraft makes a node with the names it has until its config is known.
func (p *parser) newDraft(pkg *project.Package, file *project.File, kind manifest.ResourceType, name, nodePath string, fqn []string) *draft {
	n := &manifest.Node{
		ResourceType: kind,
		UniqueID:     string(kind) + "." + pkg.Name + "." + name,
		Name:         name,
		PackageName:  pkg.Name,
		Path:         nodePath,
		RootPath:     pkg.Root,
		FQN:          fqn,
		Database:     p.database,
		Schema:       p.schema,
		Alias:        name,
		Language:     "sql",
		Docs:         manifest.Docs{Show: true},
		Contract:     manifest.Contract{AliasTypes: true},
		CreatedAt:    p.now,
		Config:       manifest.SharedConfig(noValues),
	}
	if file != nil {
		n.OriginalFilePath = file.Path
		switch path.Ext(file.Rel) {
		case ".py":
			n.Language = "python"
		case ".js":
			n.Language = "javascript"
		}
	}
	if kind == manifest.Model {
		n.Access = "protected"
	}
	return &draft{node: n, pkg: pkg, file: file, calls: value.NewDict(0)}
}

// folders are the parts of a path without the file: "a/b/c.sql" → [a b].
func folders(rel string) []string {
	dir := path.Dir(rel)
	if dir == "." || dir == "" {
		return nil
	}
	return strings.Split(dir, "/")
}

func fqnOf(pkg string, dirs []string, name string) []string {
	fqn := make([]string, 0, len(dirs)+2)
	fqn = append(fqn, pkg)
	fqn = append(fqn, dirs...)
	return append(fqn, name)
}

// checksum sets the node's checksum to that of its file.
func (p *parser) checksum(d *draft) bool {
	name, sum, bad := d.file.Checksum()
	if bad != nil {
		p.report(bad)
		return false
	}
	d.node.Checksum = manifest.Checksum{Name: name, Checksum: sum}
	return true
}

// bodyFile is a model, analysis, singular test or function: one file, one node.
func (p *parser) bodyFile(pkg *project.Package, file *project.File, kind manifest.ResourceType) []*draft {
	src, bad := file.Load()
	if bad != nil {
		p.report(bad)
		return nil
	}
	name, nodePath := file.Name(), file.Rel
	switch kind {
	case manifest.Analysis:
		if !p.behavior("require_corrected_analysis_fqns") {
			nodePath = path.Join("analysis", file.Rel)
		}
	case manifest.Test:
		nodePath = path.Join(path.Dir(file.Rel), name+".sql")
	}
	d := p.newDraft(pkg, file, kind, name, nodePath, fqnOf(pkg.Name, folders(nodePath), name))
	if !p.checksum(d) {
		return nil
	}
	d.node.BodySpan = project.Body(src)
	d.node.Span = d.node.BodySpan
	d.node.RawCode = src.Text[d.node.BodySpan.Start:d.node.BodySpan.End]
	return []*draft{d}
}

func (p *parser) seed(pkg *project.Package, file *project.File) []*draft {
	name := file.Name()
	d := p.newDraft(pkg, file, manifest.Seed, name, file.Rel, fqnOf(pkg.Name, folders(file.Rel), name))
	d.node.Language = ""
	if !p.checksum(d) {
		return nil
	}
	d.node.Span = diag.Span{Source: diag.NewSource(file.Shown(), "")}
	return []*draft{d}
}

func (p *parser) snapshotBlocks(pkg *project.Package, file *project.File) []*draft {
	src, bad := file.Load()
	if bad != nil {
		p.report(bad)
		return nil
	}
	blocks, bad := jinja.ScanBlocks(src, "snapshot")
	if bad != nil {
		p.report(bad)
		return nil
	}
	stem := strings.TrimSuffix(file.Rel, path.Ext(file.Rel))
	drafts := make([]*draft, 0, len(blocks))
	for _, b := range blocks {
		d := p.newDraft(pkg, file, manifest.Snapshot, b.Name, file.Rel, fqnOf(pkg.Name, strings.Split(stem, "/"), b.Name))
		if !p.checksum(d) {
			return nil
		}
		d.node.BodySpan, d.node.Span = b.BodySpan, b.FullSpan
		d.node.RawCode = src.Text[b.BodySpan.Start:b.BodySpan.End]
		drafts = append(drafts, d)
	}
	return drafts
}

// hookNodes are the on-run-start and on-run-end statements of a project.
func (p *parser) hookNodes(pkg *project.Package) []*draft {
	var drafts []*draft
	for _, part := range []struct {
		kind  string
		hooks []project.Hook
	}{{"on-run-start", pkg.OnRunStart}, {"on-run-end", pkg.OnRunEnd}} {
		for i, hook := range part.hooks {
			name := pkg.Name + "-" + part.kind + "-" + strconv.Itoa(i)
			d := p.newDraft(pkg, nil, manifest.Operation, name, "hooks/"+name+".sql", fqnOf(pkg.Name, []string{"hooks"}, name))
			n := d.node
			n.OriginalFilePath = "./dbt_project.yml"
			n.Index = i
			n.RawCode = hook.SQL
			n.Span = hook.Span
			n.BodySpan = hook.Span
			d.initial = []string{part.kind}
			if src := pkg.ProjectYAML.Source(); src != nil {
				n.Checksum = manifest.Checksum{Name: "sha256", Checksum: project.ChecksumText(src.Text)}
			}
			drafts = append(drafts, d)
		}
	}
	return drafts
}
