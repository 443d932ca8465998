package parse

import (
	"time"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/flags"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/macros"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/project"
)

// MacroFiles is what the macro files of all packages hold: what is callable, and what the
// manifest lists. Everything else can only be parsed with these at hand.
type MacroFiles struct {
	Entries []macros.Entry
	Macros  []*manifest.Macro
}

type macroUnit struct {
	pkg     *project.Package
	file    *project.File
	entries []macros.Entry
	macros  []*manifest.Macro
	diags   diag.List
}

// Macros parses the macros, materializations and generic tests of all packages, files side
// by side.
func Macros(p *project.Project, workers int) (*MacroFiles, diag.List) {
	var units []*macroUnit
	var list diag.List
	for _, pkg := range p.Packages {
		files, ds := pkg.Files()
		list = append(list, ds...)
		for _, f := range files.All(project.MacroFile, project.GenericTestFile) {
			units = append(units, &macroUnit{pkg: pkg, file: f})
		}
	}
	created := seconds(p.Flags)
	w := parser{workers: workers}
	arguments := behavior(p.Flags, "validate_macro_args")
	w.parallel(len(units), func(i int) { units[i].parse(created, arguments) })
	out := &MacroFiles{}
	for _, u := range units {
		out.Entries = append(out.Entries, u.entries...)
		out.Macros = append(out.Macros, u.macros...)
		list = append(list, u.diags...)
	}
	return out, list
}

// seconds is the invocation's time as created_at, so that a parse is reproducible.
func seconds(f *flags.Flags) float64 {
	if f.Now.IsZero() {
		return 0
	}
	return float64(f.Now.UnixNano()) / float64(time.Second)
}

func (u *macroUnit) parse(created float64, arguments bool) {
	src, d := u.file.Load()
	if d != nil {
		u.diags = append(u.diags, d)
		return
	}
	allow := []string{"macro", "materialization", "test", "data_test"}
	if u.file.Kind == project.GenericTestFile {
		allow, arguments = []string{"test", "data_test"}, false
	}
	blocks, d := jinja.ScanBlocks(src, allow...)
	if d != nil {
		u.fail(d)
		return
	}
	body := project.Body(src)
	for _, b := range blocks {
		b.FullSpan = src.At(max(b.FullSpan.Start, body.Start), min(b.FullSpan.End, body.End))
		t, d := jinja.ParseAt(src, b.FullSpan.Start, b.FullSpan.End)
		if d != nil {
			u.fail(d)
			continue
		}
		for _, m := range t.Macros() {
			if m.Kind == jinja.KindDocs || m.Kind == jinja.KindSnapshot {
				continue
			}
			u.add(m, src, b, created, arguments)
		}
	}
}

// fail names the file as dbt does.
func (u *macroUnit) fail(d *diag.Diagnostic) {
	c := *d
	if c.Node == "" {
		c.Node = "macro (" + u.file.Path + ")"
	}
	u.diags = append(u.diags, &c)
}

func (u *macroUnit) add(m *jinja.Macro, src *diag.Source, b jinja.Block, created float64, arguments bool) {
	id := "macro." + u.pkg.Name + "." + m.Name
	m = m.WithID(id)
	u.entries = append(u.entries, macros.Entry{Macro: m, Package: u.pkg.Name, UniqueID: id, Source: src, OriginalPath: u.file.Path})
	listed := &manifest.Macro{
		UniqueID: id, Name: m.Name, PackageName: u.pkg.Name, Path: u.file.Path, OriginalFilePath: u.file.Path,
		SQL:                src.Text[b.FullSpan.Start:b.FullSpan.End],
		Docs:               manifest.Docs{Show: true},
		SupportedLanguages: m.SupportedLanguages,
		CreatedAt:          created,
		Span:               m.NameSpan,
	}
	if arguments {
		for _, param := range m.Params {
			listed.Arguments = append(listed.Arguments, macroArgument(param.Name, value.None, ""))
		}
	}
	u.macros = append(u.macros, listed)
}

func macroArgument(name string, typ value.Value, description string) *value.Dict {
	d := value.NewDict(3)
	d.SetString("name", value.String(name))
	d.SetString("type", typ)
	d.SetString("description", value.String(description))
	return d
}
