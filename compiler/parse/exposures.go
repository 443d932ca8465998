package parse

import (
	"sort"

	"github.com/millrace/millrace/compiler/context"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// buildExposures makes the exposures of all files.
func (p *parser) buildExposures(files []*schemaFile) []*manifest.Exposure {
	var out []*manifest.Exposure
	for _, f := range files {
		for _, e := range f.entries["exposures"] {
			if x := p.exposure(e); x != nil {
				out = append(out, x)
			}
		}
	}
	return out
}

func (p *parser) exposure(e *entry) *manifest.Exposure {
	pkg := e.file.pkg
	owner := ownerOf(e.dict("owner"))
	if get(owner, "email").IsNull() && get(owner, "name").IsNull() {
		p.report(e.invalid(e.node.KeySpan("owner"), "at path []: Exposure owner must have at least one of 'name' or 'email'."))
		return nil
	}
	name := e.name()
	if !isWord(name, '-') {
		p.notes.add("ExposureNameDeprecation", e.span(), "Starting in v1.3, the 'name' of an exposure should contain only letters, numbers, and underscores. Exposures support a new property, 'label', which may contain spaces, capital letters, and special characters. "+name+" does not follow this pattern.")
	}
	fqn := fqnOf(pkg.Name, folders(e.file.file.Rel), name)
	l := p.layersFor(manifest.ExposureType, pkg, fqn)
	patch := e.dict("config")
	b := p.build(manifest.ExposureType, l, patch, nil)
	if !p.checkEnabled(e, b) {
		return nil
	}
	values := b.dict()
	ofProject := emptyIfNil(pkg.Configs["exposures"].Written())
	if v, given := b.schema.index["tags"]; given && b.get(v).IsNone() {
		p.report(diag.New(diag.CodeConfigValue, diag.Parsing, e.span(), `Field "tags" of type List[str] in ExposureConfig has invalid value None`))
		return nil
	}
	tags := uniqueStrings(stringsAt(ofProject, "tags"), stringsAt(e.d, "tags"), stringsAt(values, "tags"))
	sort.Strings(tags)
	meta := value.NewDict(0)
	for _, d := range []*value.Dict{dictAt(ofProject, "meta"), e.dict("meta"), dictAt(values, "meta")} {
		if d != nil {
			meta = overlayShallow(meta, d)
		}
	}
	values.SetString("tags", value.Strings(tags...))
	values.SetString("meta", value.FromDict(meta))
	x := &manifest.Exposure{
		UniqueID: "exposure." + pkg.Name + "." + name, Name: name, PackageName: pkg.Name,
		Path: e.file.file.Rel, OriginalFilePath: e.file.file.Path, FQN: fqn,
		Type: e.str("type"), Label: e.str("label"), Description: e.str("description"),
		Maturity: e.str("maturity"), URL: e.str("url"), Owner: owner,
		Config: &manifest.Config{Values: values}, Unrendered: p.unrenderedConfig(l, patch, nil),
		Meta: meta, Tags: tags, CreatedAt: p.now, Span: e.span(),
	}
	p.exposureDependencies(e, x)
	return x
}

func overlayShallow(base, over *value.Dict) *value.Dict {
	out := base.Copy()
	for k, v := range over.All() {
		out.SetString(value.Str(k), v)
	}
	return out
}

func ownerOf(d *value.Dict) *value.Dict {
	out := value.NewDict(2)
	d = emptyIfNil(d)
	out.SetString("email", none(get(d, "email")))
	out.SetString("name", none(get(d, "name")))
	for k, v := range d.All() {
		if key := value.Str(k); key != "email" && key != "name" {
			out.SetString(key, v)
		}
	}
	return out
}

func isWord(s string, also byte) bool {
	for i := 0; i < len(s); i++ {
		if !isWordByte(s[i]) && s[i] != also && s[i] < 0x80 {
			return false
		}
	}
	return s != ""
}

// exposureDependencies reads the calls under depends_on.
func (p *parser) exposureDependencies(e *entry, x *manifest.Exposure) {
	rec := &context.Recorder{}
	for i, text := range stringsAt(e.d, "depends_on") {
		span := e.node.At("depends_on", i).Span()
		rec.At(span)
		scope := p.env.Parse(rec, context.ParseNode{
			Package: x.PackageName, Name: x.Name, UniqueID: x.UniqueID, ResourceType: "exposure", Path: x.OriginalFilePath, FQN: x.FQN,
		})
		if err := p.renderText("{{ "+text+"}}", scope); err != nil {
			d := nodeError(&manifest.Node{ResourceType: manifest.ExposureType, Name: x.Name, UniqueID: x.UniqueID, OriginalFilePath: x.OriginalFilePath, BodySpan: span}, err, diag.CodeTemplateRuntime)
			d.Span = span
			p.report(d)
		}
	}
	x.Refs, x.Sources, x.Metrics = rec.Refs, rec.Sources, rec.Metrics
}
