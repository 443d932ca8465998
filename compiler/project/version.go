package project

import (
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/packages/semver"
)

// requiredVersion reads require-dbt-version and checks that this program's compatibility
// level satisfies it.
func (b *builder) requiredVersion() {
	v, ok := b.data.GetString("require-dbt-version")
	if !ok || v.IsNone() {
		return
	}
	var list []string
	if s, ok := v.AsString(); ok {
		list = strings.Split(s, ",")
	} else if l, ok := v.AsList(); ok {
		list = stringsOf(l)
	}
	span := b.at("require-dbt-version")
	specs, err := semver.ParseAll(list...)
	if err != nil {
		b.add(projectError(span, "%s", err.Error()))
		return
	}
	shown := make([]value.Value, len(specs))
	for i, s := range specs {
		b.pkg.RequireDBTVersion = append(b.pkg.RequireDBTVersion, s.String())
		shown[i] = value.String(s.String())
	}
	if !b.flags.VersionCheck || b.pkg.Internal {
		return
	}
	if !semver.Compatible(specs...) {
		b.add(versionError(span, "The package version requirement can never be satisfied for the '"+b.pkg.Name+"' package.",
			"Required versions of dbt for '"+b.pkg.Name+"': "+value.Repr(value.NewList(shown...)), b.pkg.Name))
		return
	}
	installed, err := semver.Parse(b.flags.Version)
	if err != nil {
		return // no compatibility level was handed in, so there is nothing to compare with
	}
	if !semver.Compatible(append([]semver.Spec{installed}, specs...)...) {
		b.add(versionError(span, "This version of dbt is not supported with the '"+b.pkg.Name+"' package.",
			"  Installed version of dbt: "+installed.String()+"\n  Required version of dbt for '"+b.pkg.Name+"': "+value.Repr(value.NewList(shown...)), b.pkg.Name))
	}
}

func versionError(span diag.Span, summary, detail, name string) *diag.Diagnostic {
	d := projectError(span, "%s", summary)
	d.Detail = detail + "\nCheck for a different version of the '" + name + "' package, or run dbt again with --no-version-check"
	return d
}
