package parse

import (
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/project"
)

// InlineName is the name of the node that Options.Inline becomes.
const InlineName = "inline_query"

// inlineNode is a query from the command line as a node: it refs, compiles and runs like a
// model, but builds nothing.
func (p *parser) inlineNode(pkg *project.Package) *draft {
	d := p.newDraft(pkg, nil, manifest.SQLOperation, InlineName, "sql/"+InlineName, fqnOf(pkg.Name, []string{"sql"}, InlineName))
	src := diag.NewSource("--inline", p.inline)
	n := d.node
	n.OriginalFilePath = "from remote system.sql" // dbt's name for what is in no file
	n.BodySpan = src.At(0, len(src.Text))
	n.Span = n.BodySpan
	n.RawCode = src.Text
	n.Checksum = manifest.Checksum{Name: "sha256", Checksum: project.ChecksumText(src.Text)}
	return d
}

// asked reports a node of the command line: what dbt_project.yml says about models does not
// disable it.
func (d *draft) asked() bool { return d.node.ResourceType == manifest.SQLOperation }
