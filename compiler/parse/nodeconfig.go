package parse

import (
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/project"
)

// layers are the dbt_project.yml configs of a resource: its own package's, and the root
// project's when that is another one, which come last and win.
type layers struct{ own, root []project.Layer }

func (p *parser) layersFor(kind manifest.ResourceType, pkg *project.Package, fqn []string) layers {
	tree := configSchemas[kind].tree
	if kind == manifest.Analysis && p.behavior("require_corrected_analysis_fqns") {
		tree = "analyses"
	}
	l := layers{own: pkg.Configs[tree].For(fqn)}
	if !pkg.IsRoot {
		l.root = p.project.Configs[tree].For(fqn)
	}
	return l
}

// build computes a config: own package, YAML, the file's config() calls, root project.
func (p *parser) build(kind manifest.ResourceType, l layers, patch, calls *value.Dict) *configBuilder {
	b := newConfigBuilder(configSchemas[kind], p.aliases)
	for _, layer := range l.own {
		b.apply(layer.Values)
	}
	b.apply(patch)
	b.apply(calls)
	for _, layer := range l.root {
		b.apply(layer.Values)
	}
	return b
}

// unrenderedConfig is the same as written, for comparison with an earlier state: later
// layers replace what earlier ones set, nothing is merged.
func (p *parser) unrenderedConfig(l layers, patch, calls *value.Dict) *value.Dict {
	out := value.NewDict(4)
	add := func(layer *value.Dict) {
		if layer == nil {
			return
		}
		for k, v := range layer.All() {
			key := value.Str(k)
			if name, ok := p.aliases[key]; ok {
				key = name
			}
			out.SetString(key, v)
		}
	}
	for _, layer := range l.own {
		add(layer.Unrendered)
	}
	add(patch)
	add(calls)
	for _, layer := range l.root {
		add(layer.Unrendered)
	}
	return out
}

// isEnabled is the node's state before YAML is looked at: it decides which of several
// nodes of one name a YAML entry means.
func (p *parser) isEnabled(d *draft, l layers) bool {
	enabled := value.True
	take := func(layer *value.Dict) {
		if layer != nil {
			if v, ok := layer.GetString("enabled"); ok && !v.IsNull() {
				enabled = v
			}
		}
	}
	for _, layer := range l.own {
		take(layer.Values)
	}
	take(d.calls)
	for _, layer := range l.root {
		take(layer.Values)
	}
	return value.Truth(enabled)
}

// configure gives the node its config and everything that follows from it.
func (p *parser) configure(d *draft) {
	n := d.node
	l := p.layersFor(n.ResourceType, d.pkg, n.FQN)
	var patched, patchedText *value.Dict
	if d.patch != nil {
		patched, patchedText = d.patch.config, d.patch.config
		if p.behavior("state_modified_compare_more_unrendered_values") {
			patchedText = overlayDict(d.patch.config, d.patch.unrendered)
		}
	}
	if n.Language == "python" && n.ResourceType == manifest.Model {
		patched, patchedText = pythonDefault(patched), pythonDefault(patchedText)
	}
	if s := p.sharedConfig(d, l, patched, patchedText); s != nil {
		n.Config, n.Unrendered = manifest.SharedConfig(s.values), s.unrendered
		p.copyFromConfig(d, l, s.builder)
		p.checkConfig(d, s.builder)
		p.name(d, s.names)
		return
	}
	b := p.build(n.ResourceType, l, patched, d.calls)
	if b.err != "" {
		p.report(d.fail(diag.CodeConfigValue, diag.Compilation, p.configSpan(d, ""), b.err))
		d.failed = true
	}
	names := namesOf(b)
	values := b.dict()
	p.keepProjectValues(d, l, values)
	if n.ResourceType == manifest.Test {
		storeFailures(values)
	}
	if n.ResourceType == manifest.Model {
		normalizeFreshness(values)
	}
	n.Config = &manifest.Config{Values: values}
	written := l
	if n.ResourceType == manifest.FunctionType {
		// dbt compares functions by what the project says about models.
		written = p.layersFor(manifest.Model, d.pkg, n.FQN)
	}
	n.Unrendered = p.unrenderedConfig(written, patchedText, p.unrenderedCalls(d))
	p.copyFromConfig(d, l, b)
	p.checkConfig(d, b)
	p.name(d, names)
}

// pythonDefault: a Python model is a table unless its YAML says otherwise.
func pythonDefault(patched *value.Dict) *value.Dict {
	if patched == nil {
		patched = value.NewDict(1)
	} else {
		patched = patched.Copy()
	}
	if _, ok := patched.GetString("materialized"); !ok {
		patched.SetString("materialized", value.String("table"))
	}
	return patched
}

// unrenderedCalls are the file's configs as written, where the project wants them compared so.
func (p *parser) unrenderedCalls(d *draft) *value.Dict {
	if d.unrendered != nil && p.behavior("state_modified_compare_more_unrendered_values") {
		return d.unrendered
	}
	return d.calls
}

// keepProjectValues: a None from YAML or config() does not hide what dbt_project.yml sets.
func (p *parser) keepProjectValues(d *draft, l layers, values *value.Dict) {
	hasNone := func(layer *value.Dict) bool {
		if layer != nil {
			for _, v := range layer.All() {
				if v.IsNone() {
					return true
				}
			}
		}
		return false
	}
	if !hasNone(d.calls) && (d.patch == nil || !hasNone(d.patch.config)) {
		return
	}
	base, schema := p.build(d.node.ResourceType, l, nil, nil).dict(), configSchemas[d.node.ResourceType]
	for k, v := range base.All() {
		key := value.Str(k)
		if now, ok := values.GetString(key); ok && schema.knows(key) && now.IsNone() && !v.IsNone() {
			values.SetString(key, v)
		}
	}
}

// storeFailures makes store_failures and store_failures_as agree; the latter leads.
func storeFailures(values *value.Dict) {
	as, _ := values.GetString("store_failures_as")
	if !as.IsNone() {
		kind, _ := as.AsString()
		values.SetString("store_failures", value.Bool(kind != "ephemeral"))
		return
	}
	store, _ := values.GetString("store_failures")
	switch b, ok := store.AsBool(); {
	case ok && b:
		values.SetString("store_failures_as", value.String("table"))
	case ok:
		values.SetString("store_failures_as", value.String("ephemeral"))
	}
}

// normalizeFreshness keeps a model's freshness only when it says build_after.
func normalizeFreshness(values *value.Dict) {
	v, _ := values.GetString("freshness")
	if v.IsNone() {
		return
	}
	d, ok := v.AsDict()
	var after *value.Dict
	if ok {
		given, _ := d.GetString("build_after")
		after, ok = given.AsDict()
	}
	if !ok {
		values.SetString("freshness", value.None)
		return
	}
	filledAfter := filled(value.FromDict(after), pairs("count", value.None, "period", value.None, "updates_on", value.String("any"))())
	out := value.NewDict(1)
	out.SetString("build_after", filledAfter)
	values.SetString("freshness", value.FromDict(out))
}

// copyFromConfig sets the node fields that dbt copies out of the config.
func (p *parser) copyFromConfig(d *draft, l layers, b *configBuilder) {
	n := d.node
	// dbt adds tags when the file is parsed and again when YAML patches it, so what comes
	// from YAML stands last.
	var tags []string
	seen := map[string]bool{}
	add := func(v value.Value) {
		for _, item := range listify(v) {
			if tag := value.Str(item); !seen[tag] {
				seen[tag] = true
				tags = append(tags, tag)
			}
		}
	}
	for _, tag := range d.initial {
		add(value.String(tag))
	}
	if d.patch != nil && d.patch.config.Len() > 0 {
		add(p.build(n.ResourceType, l, nil, d.calls).lookup("tags"))
	}
	add(b.lookup("tags"))
	n.Tags = tags
	if meta, ok := b.lookup("meta").AsDict(); ok && meta.Len() > 0 {
		n.Meta = meta
	}
	if group, ok := b.lookup("group").AsString(); ok && group != "" {
		n.Group = group
	}
	if access, ok := b.lookup("access").AsString(); ok && n.ResourceType == manifest.Model && access != "" {
		n.Access = access
	}
	n.Docs = docsOf(n.Config.Get("docs"))
	if contract := n.Config.Dict("contract"); contract != nil {
		enforced, _ := contract.GetString("enforced")
		aliasTypes, _ := contract.GetString("alias_types")
		n.Contract = manifest.Contract{Enforced: value.Truth(enforced), AliasTypes: value.Truth(aliasTypes), Checksum: n.Contract.Checksum}
	}
}

func docsOf(v value.Value) manifest.Docs {
	docs := manifest.Docs{Show: true}
	d, ok := v.AsDict()
	if !ok {
		return docs
	}
	if show, ok := d.GetString("show"); ok && !show.IsNone() {
		docs.Show = value.Truth(show)
	}
	if color, ok := d.GetString("node_color"); ok {
		docs.NodeColor, _ = color.AsString()
	}
	return docs
}

// overlayDict is base with the values of over; dicts in both are merged all the way down,
// and lists in both are joined, as dbt's deep merge does.
func overlayDict(base, over *value.Dict) *value.Dict {
	if over == nil || over.Len() == 0 {
		return base
	}
	out := value.NewDict(base.Len() + over.Len())
	for k, v := range base.All() {
		out.SetString(value.Str(k), v)
	}
	for k, v := range over.All() {
		key := value.Str(k)
		if old, ok := out.GetString(key); ok {
			a, isDict := old.AsDict()
			c, both := v.AsDict()
			if isDict && both {
				v = value.FromDict(overlayDict(a, c))
			} else if v.Kind() == value.KindList && old.Kind() == value.KindList {
				v = value.NewList(append(listify(v), listify(old)...)...)
			}
		}
		out.SetString(key, v)
	}
	return out
}

// configSpan is the best place for a complaint about a config key: the config() call's
// file, the YAML entry, or the node.
func (p *parser) configSpan(d *draft, key string) diag.Span {
	if key != "" {
		if d.calls != nil {
			if _, ok := d.calls.GetString(key); ok {
				return d.callSpan(key)
			}
		}
		if d.patch != nil {
			if config := d.patch.entry.node.Get("config"); config.Has(key) {
				return config.KeySpan(key)
			}
		}
		l := p.layersFor(d.node.ResourceType, d.pkg, d.node.FQN)
		for _, list := range [][]project.Layer{l.root, l.own} {
			for i := len(list) - 1; i >= 0; i-- {
				if _, ok := list[i].Values.GetString(key); ok {
					return list[i].KeySpan(key)
				}
			}
		}
	}
	if d.patch != nil && !d.node.BodySpan.Valid() {
		return d.patch.span
	}
	return d.node.BodySpan
}

// callSpan is where the file's config() call names a key.
func (d *draft) callSpan(key string) diag.Span {
	for _, call := range d.bodyCalls() {
		if call.Name != "config" || !call.Span.Valid() {
			continue
		}
		text := call.Span.Source.Text[call.Span.Start:call.Span.End]
		if i := keywordAt(text, key); i >= 0 {
			return call.Span.Source.At(call.Span.Start+i, call.Span.Start+i+len(key))
		}
		return call.Span
	}
	return d.node.BodySpan
}

// keywordAt finds "key =" in the text of a call.
func keywordAt(text, key string) int {
	for from := 0; ; {
		i := strings.Index(text[from:], key)
		if i < 0 {
			return -1
		}
		i += from
		rest := strings.TrimLeft(text[i+len(key):], " \t\r\n")
		if strings.HasPrefix(rest, "=") && (i == 0 || !isWordByte(text[i-1])) {
			return i
		}
		from = i + len(key)
	}
}

func isWordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
