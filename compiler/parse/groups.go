package parse

import (
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// buildGroups makes the groups of all files.
func (p *parser) buildGroups(files []*schemaFile) []*manifest.Group {
	var out []*manifest.Group
	for _, f := range files {
		for _, e := range f.entries["groups"] {
			owner := ownerOf(e.dict("owner"))
			if get(owner, "email").IsNull() && get(owner, "name").IsNull() {
				p.report(e.invalid(e.span(), "at path []: Group owner must have at least one of 'name' or 'email'."))
				continue
			}
			fqn := fqnOf(f.pkg.Name, folders(f.file.Rel), e.name())
			config := value.NewDict(1)
			b := p.build(manifest.GroupType, p.layersFor(manifest.GroupType, f.pkg, fqn), e.dict("config"), nil)
			config.SetString("meta", b.lookup("meta"))
			if b.extra != nil {
				for k, v := range b.extra.All() {
					config.SetString(value.Str(k), v)
				}
			}
			out = append(out, &manifest.Group{
				UniqueID: "group." + f.pkg.Name + "." + e.name(), Name: e.name(), PackageName: f.pkg.Name,
				Path: f.file.Rel, OriginalFilePath: f.file.Path, Description: e.str("description"),
				Owner: owner, Config: config, Span: e.span(),
			})
		}
	}
	return out
}
