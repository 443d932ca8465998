package parse

import (
	"github.com/millrace/millrace/compiler/context"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/manifest"
)

// renderHooks takes the refs, sources and macros of the node's pre- and post-hooks.
func (p *parser) renderHooks(d *draft) {
	n := d.node
	hooks := append(n.Config.Hooks("pre-hook"), n.Config.Hooks("post-hook")...)
	if len(hooks) == 0 {
		return
	}
	var rec *context.Recorder
	var scope *context.Scope
	for _, h := range hooks {
		if jinja.IsConstant(h.SQL) {
			continue
		}
		if rec == nil {
			rec = &context.Recorder{}
			rec.At(p.configSpan(d, "post-hook"))
			scope = p.env.Parse(rec, p.parseNode(d))
		}
		if err := p.renderText(h.SQL, scope); err != nil {
			bad := nodeError(n, err, diag.CodeTemplateRuntime)
			if spanPath(bad.Span) == "" {
				bad.Span = p.configSpan(d, "post-hook")
			}
			p.report(bad)
		}
	}
	if rec == nil {
		return
	}
	if n.ResourceType == manifest.Seed && len(rec.Refs)+len(rec.Sources)+len(rec.Metrics) > 0 {
		p.report(d.fail(diag.CodeConfigValue, diag.Parsing, p.configSpan(d, "post-hook"),
			"Seeds cannot depend on other nodes. dbt detected a seed with a pre- or post-hook\nthat calls 'ref', 'source', or 'metric', either directly or indirectly via other macros."))
		return
	}
	p.take(d, rec)
}
