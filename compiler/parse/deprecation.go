package parse

import (
	"fmt"
	"time"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// checkDeprecations warns about models past their deprecation date, and about references
// to models that have one.
func (p *parser) checkDeprecations() {
	now := p.flags.Now
	if now.IsZero() {
		return
	}
	dated := map[string]time.Time{}
	for _, n := range p.m.NodeList() {
		if n.DeprecationDate == "" {
			continue
		}
		date, err := time.Parse(time.RFC3339, n.DeprecationDate)
		if err != nil {
			continue
		}
		dated[n.UniqueID] = date
		if date.Before(now) {
			d := warning(diag.CodeDeprecated, n.PatchSpan, fmt.Sprintf(
				"Model %s has passed its deprecation date of %s. This model should be disabled or removed.", n.SearchName(), n.DeprecationDate)).Named("DeprecatedModel")
			d.NodeID = n.UniqueID
			d.Data = map[string]any{"model_name": n.Name, "model_version": value.Str(n.Version), "deprecation_date": n.DeprecationDate}
			p.report(d)
		}
	}
	if len(dated) == 0 {
		return
	}
	for _, n := range p.m.NodeList() {
		if n.ResourceType != manifest.Model {
			continue
		}
		for _, ref := range n.Refs {
			target, _, ok := p.m.ResolveRef(n.PackageName, ref.Package, ref.Name, ref.Version)
			if date, has := dated[target]; ok && has {
				p.report(deprecatedReference(n, p.m.Nodes[target], ref, date.Before(now)))
			}
		}
	}
}

func deprecatedReference(n, target *manifest.Node, ref manifest.Ref, past bool) *diag.Diagnostic {
	when, event := "which is slated for deprecation on", "UpcomingReferenceDeprecation"
	if past {
		when, event = "which was deprecated on", "DeprecatedReference"
	}
	d := warning(diag.CodeDeprecated, ref.Span, fmt.Sprintf("While compiling '%s': Found a reference to %s, %s '%s'.",
		n.Name, target.SearchName(), when, target.DeprecationDate)).Named(event)
	d.NodeID = n.UniqueID
	d.Data = map[string]any{"model_name": n.Name, "ref_model_package": target.PackageName, "ref_model_name": target.Name,
		"ref_model_version": value.Str(target.Version), "ref_model_latest_version": value.Str(target.LatestVersion),
		"ref_model_deprecation_date": target.DeprecationDate}
	if !target.Version.IsNull() && !target.IsLatestVersion() {
		d.Hint = fmt.Sprintf("a newer version is there: {{ ref('%s', '%s', v='%s') }}", target.PackageName, target.Name, value.Str(target.LatestVersion))
	}
	return d
}
