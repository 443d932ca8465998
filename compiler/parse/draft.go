package parse

import (
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/project"
	"github.com/millrace/millrace/compiler/yaml"
)

// draft is a node on its way: found in a file, rendered once, maybe patched by YAML, and
// only then given its config and names.
type draft struct {
	node    *manifest.Node
	pkg     *project.Package
	file    *project.File
	tmpl    *jinja.Template
	written []jinja.StaticCall // what bodyCalls found
	calls   *value.Dict        // config() calls of the file, merged
	// unrendered are the arguments of the file's first config() call as written; nil when
	// calls stands for them.
	unrendered *value.Dict
	enabled    bool // before patches
	disabled   bool // after everything
	patch      *patch
	initial    []string // node tags that do not come from the config
	naming     bool     // names are computed
	failed     bool
	absorbed   bool        // an overload that has gone into its function
	target     *testTarget // of a generic test
}

// patch is what a YAML entry says about a node.
type patch struct {
	entry       *entry
	name        string
	description string
	config      *value.Dict // rendered, never nil
	unrendered  *value.Dict // as written
	columns     []*manifest.Column
	access      string
	constraints []*value.Dict
	version     value.Value
	latest      value.Value
	deprecation string
	timeSpine   *value.Dict
	arguments   value.Value
	returns     value.Value
	overloads   *yaml.Node
	span        diag.Span
	fileID      string // "pkg://models/schema.yml"
}

// bodyCalls are the calls in the node's body, in source order; none when it is no template.
func (d *draft) bodyCalls() []jinja.StaticCall {
	if d.written == nil && d.tmpl != nil {
		d.written = d.tmpl.Calls()
	}
	return d.written
}

// header is dbt's "model customers (models/customers.sql)" for messages.
func header(n *manifest.Node) string {
	return string(n.ResourceType) + " " + n.Name + " (" + n.OriginalFilePath + ")"
}

func (d *draft) fail(code diag.Code, kind diag.Kind, span diag.Span, summary string) *diag.Diagnostic {
	x := diag.New(code, kind, span, summary)
	x.NodeID, x.Node = d.node.UniqueID, header(d.node)
	return x
}
