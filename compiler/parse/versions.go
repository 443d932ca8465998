package parse

import (
	"fmt"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/yaml"
)

// patchVersions gives each version of a model its node: the file model_v2, the file named
// by defined_in, or for the latest the file without a suffix.
func (p *parser) patchVersions(e *entry, versions []*value.Dict) {
	latest := e.get("latest_version")
	if !latest.IsNull() {
		known := false
		var all []value.Value
		for _, v := range versions {
			all = append(all, versionOf(v))
			known = known || value.Equal(versionOf(v), latest)
		}
		if !known {
			p.report(fileError(e.file, diag.CodeConfigValue, e.node.KeySpan("latest_version"), fmt.Sprintf(
				"latest_version: %s is not one of model '%s' versions: %s ", value.Str(latest), e.name(), value.Repr(value.NewList(all...)))))
			return
		}
	} else {
		p.checkSpineColumns(e, p.newPatch(e), "")
		latest = highest(versions)
	}
	seen := map[string]bool{}
	for i, v := range versions {
		number := value.Str(versionOf(v))
		at := e.node.At("versions", i)
		if seen[number] {
			p.report(fileError(e.file, diag.CodeDuplicateName, at.Span(), fmt.Sprintf(
				"Found duplicate version: '%s' in versions list of model '%s'", number, e.name())))
			continue
		}
		seen[number] = true
		p.patchVersion(e, v, at, latest)
	}
}

func versionOf(v *value.Dict) value.Value {
	n, _ := v.GetString("v")
	return none(n)
}

// highest is the version that counts as the latest when the project does not say.
func highest(versions []*value.Dict) value.Value {
	best := versionOf(versions[0])
	for _, v := range versions[1:] {
		if manifest.OlderVersion(best, versionOf(v)) {
			best = versionOf(v)
		}
	}
	return best
}

func (p *parser) patchVersion(e *entry, v *value.Dict, at *yaml.Node, latest value.Value) {
	number := versionOf(v)
	pkg := e.file.pkg.Name
	file := textOf(v, "defined_in")
	if file == "" {
		file = e.name() + "_v" + value.Str(number)
	}
	found := among(p.byName[file], pkg, true)
	if len(found) == 0 && value.Equal(number, latest) {
		found = among(p.byName[e.name()], pkg, true)
	}
	if len(found) == 0 {
		found = among(p.byName[file], "", false)
		if len(found) == 0 && value.Equal(number, latest) {
			found = among(p.byName[e.name()], pkg, false)
		}
	}
	if len(found) == 0 {
		p.warn("NoNodeForYamlKey", diag.CodeYAMLKey, at.Span(), fmt.Sprintf(
			"Did not find matching node for patch with name '%s' in the '%s' section of file '%s'", file, e.key, e.file.file.Path))
		return
	}
	d := found[0]
	x := p.newPatch(e)
	x.span = at.Span()
	x.version, x.latest = number, latest
	x.columns = p.columns(e, versionColumns(e.d, v), func(int) diag.Span { return at.Span() })
	if s := textOf(v, "description"); s != "" {
		x.description = s
	}
	x.config = overlayDict(x.config, dictAt(v, "config"))
	x.unrendered = at.Get("config").Dict()
	if own := dictsAt(v, "constraints"); len(own) > 0 {
		x.constraints = own
	}
	x.deprecation = deprecationDate(get(v, "deprecation_date"))
	if value.Equal(number, e.get("latest_version")) {
		p.checkSpineColumns(e, x, " for latest version")
	}
	x.timeSpine = nil
	n := d.node
	n.UniqueID = "model." + pkg + "." + e.name() + ".v" + value.Str(number)
	n.FQN = append(append([]string(nil), n.FQN[:len(n.FQN)-1]...), e.name(), "v"+value.Str(number))
	p.attach(d, x)
}

func get(d *value.Dict, key string) value.Value {
	v, _ := d.GetString(key)
	return v
}

func emptyIfNil(d *value.Dict) *value.Dict {
	if d == nil {
		return value.NewDict(0)
	}
	return d
}

// versionColumns are the model's columns that the version includes, then its own.
func versionColumns(model, version *value.Dict) []*value.Dict {
	include, exclude := value.String("*"), value.Undef
	var own []*value.Dict
	for _, c := range dictsAt(version, "columns") {
		inc, hasInc := c.GetString("include")
		exc, hasExc := c.GetString("exclude")
		if !hasInc && !hasExc {
			own = append(own, c)
			continue
		}
		include, exclude = inc, exc
	}
	var out []*value.Dict
	for _, c := range dictsAt(model, "columns") {
		if includes(include, exclude, textOf(c, "name")) {
			out = append(out, c)
		}
	}
	return append(out, own...)
}

func includes(include, exclude value.Value, name string) bool {
	for _, not := range stringList(exclude) {
		if not == name {
			return false
		}
	}
	if s, ok := include.AsString(); ok {
		return s == "*" || s == "all" || s == name
	}
	for _, yes := range stringList(include) {
		if yes == name {
			return true
		}
	}
	return false
}
