package parse

import (
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// sharedConfig is the config of all nodes that get theirs from dbt_project.yml alone, by
// the same layers: most nodes of most projects, and nearly all tests.
type sharedConfig struct {
	builder    *configBuilder // only read
	names      configNames
	values     *value.Dict
	unrendered *value.Dict
}

const maxSharedLayers = 6

type configKey struct {
	kind   manifest.ResourceType
	own    int
	layers [maxSharedLayers]*value.Dict
}

// sharedConfig finds or makes the shared config of a draft; nil when YAML or the file say
// something of their own.
func (p *parser) sharedConfig(d *draft, l layers, patched, patchedText *value.Dict) *sharedConfig {
	empty := func(d *value.Dict) bool { return d == nil || d.Len() == 0 }
	kind := d.node.ResourceType
	if !empty(patched) || !empty(patchedText) || !empty(d.calls) || !empty(d.unrendered) ||
		kind == manifest.FunctionType || len(l.own)+len(l.root) > maxSharedLayers {
		return nil
	}
	key := configKey{kind: kind, own: len(l.own)}
	for i := range l.own {
		key.layers[i] = l.own[i].Values
	}
	for i := range l.root {
		key.layers[len(l.own)+i] = l.root[i].Values
	}
	if s, ok := p.configs.Load(key); ok {
		return s.(*sharedConfig)
	}
	b := p.build(kind, l, nil, nil)
	if b.err != "" {
		return nil // each node has its own message
	}
	s := &sharedConfig{builder: b, names: namesOf(b), values: b.dict(), unrendered: p.unrenderedConfig(l, nil, nil)}
	switch kind {
	case manifest.Test:
		storeFailures(s.values)
	case manifest.Model:
		normalizeFreshness(s.values)
	}
	kept, _ := p.configs.LoadOrStore(key, s)
	return kept.(*sharedConfig)
}
