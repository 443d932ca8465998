package selector

import (
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// Selectors are the definitions of selectors.yml.
type Selectors struct {
	names   []string
	specs   map[string]*Spec
	byName  map[string]*value.Dict
	Default string // the selector with default: true, "" for none
}

// ParseSelectors reads the rendered content of selectors.yml. content may be undefined or
// None when there is no file. mode is the indirect selection of criteria that say nothing.
func ParseSelectors(content value.Value, mode Indirect) (*Selectors, *diag.Diagnostic) {
	s := &Selectors{specs: map[string]*Spec{}, byName: map[string]*value.Dict{}}
	if content.IsNull() {
		return s, nil
	}
	root, ok := content.AsDict()
	if !ok {
		return nil, malformed("the file must be a mapping with the key 'selectors'")
	}
	list, ok := root.GetString("selectors")
	if !ok || list.Kind() != value.KindList {
		return nil, malformed("the key 'selectors' must hold a list")
	}
	p := yamlParser{mode: mode}
	for _, entry := range list.Items() {
		d, ok := entry.AsDict()
		if !ok {
			return nil, malformed("every selector must be a mapping with 'name' and 'definition', got: " + value.Str(entry))
		}
		name, ok := textKey(d, "name")
		if !ok {
			return nil, malformed("a selector needs a 'name'")
		}
		definition, ok := d.GetString("definition")
		if !ok {
			return nil, malformed("selector '" + name + "' needs a 'definition'")
		}
		spec, failed := p.definition(definition, true)
		if failed != nil {
			failed.Summary = "Could not read selector file data: selector '" + name + "': " + failed.Summary
			return nil, failed
		}
		if isDefault, _ := d.GetString("default"); isTrue(isDefault) {
			if s.Default != "" {
				return nil, failure("Error when parsing the selector file. Found multiple selectors with `default: true`:" +
					s.Default + " and " + name)
			}
			s.Default = name
		}
		if _, again := s.specs[name]; !again {
			s.names = append(s.names, name)
		}
		s.specs[name], s.byName[name] = spec, d
	}
	return s, nil
}

// Get is the spec of a selector, for --selector.
func (s *Selectors) Get(name string) (*Spec, *diag.Diagnostic) {
	if s != nil {
		if spec, ok := s.specs[name]; ok {
			return spec, nil
		}
	}
	d := failure("Could not find selector named " + name + ", expected one of " + quoteList(s.Names()))
	d.Hint = diag.DidYouMean(name, s.Names())
	return nil, d
}

// Names are the selectors in the order of the file.
func (s *Selectors) Names() []string {
	if s == nil {
		return nil
	}
	return s.names
}

func isTrue(v value.Value) bool {
	b, ok := v.AsBool()
	if !ok {
		return sameFold(v, "true") // a template that rendered to text
	}
	return b
}

func malformed(why string) *diag.Diagnostic {
	d := failure("Could not parse selector file data: " + why)
	d.Detail = "Valid root-level selector definitions: union, intersection, string, dictionary. No lists."
	return d
}

func textKey(d *value.Dict, key string) (string, bool) {
	v, _ := d.GetString(key)
	return v.AsString()
}

func quoteList(names []string) string {
	quoted := make([]string, len(names))
	for i, n := range names {
		quoted[i] = "'" + n + "'"
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

type yamlParser struct{ mode Indirect }

func (p yamlParser) definition(v value.Value, root bool) (*Spec, *diag.Diagnostic) {
	if text, ok := v.AsString(); ok {
		c, d := parseCriterion(text, p.mode)
		if d != nil {
			return nil, d
		}
		return &Spec{Criterion: *c, Raw: text}, nil
	}
	d, ok := v.AsDict()
	if !ok {
		return nil, failure("Expected to find union, intersection, str or dict, instead found " + value.TypeName(v) + ": " + value.Str(v))
	}
	for _, op := range []struct {
		key string
		op  Op
	}{{"union", Union}, {"intersection", Intersection}} {
		parts, ok := d.GetString(op.key)
		if !ok {
			continue
		}
		if root && d.Len() > 1 {
			return nil, failure("Only a single 'union' or 'intersection' key is allowed in a root level selector definition; found " + keys(d) + ".")
		}
		return p.group(op.key, op.op, parts, value.Repr(v))
	}
	return p.method(d)
}

func (p yamlParser) group(key string, op Op, parts value.Value, raw string) (*Spec, *diag.Diagnostic) {
	if parts.Kind() != value.KindList {
		return nil, failure("Invalid value for key \"" + key + "\". Expected a list.")
	}
	group := &Spec{Op: op, Raw: raw}
	var without *Spec
	for _, part := range parts.Items() {
		if d, ok := part.AsDict(); ok {
			if excluded, ok := d.GetString("exclude"); ok {
				if without != nil {
					return nil, failure("You cannot provide multiple exclude arguments to the same selector set operator:\n" + value.Repr(part))
				}
				var failed *diag.Diagnostic
				if without, failed = p.exclusions(excluded); failed != nil {
					return nil, failed
				}
				continue
			}
		} else if _, ok := part.AsString(); !ok {
			return nil, failure("Invalid value type " + value.TypeName(part) + " in key \"" + key + "\", expected dict or str (value: " + value.Str(part) + ").")
		}
		spec, failed := p.definition(part, false)
		if failed != nil {
			return nil, failed
		}
		group.Parts = append(group.Parts, spec)
	}
	if without == nil {
		return group, nil
	}
	return &Spec{Op: Difference, Parts: []*Spec{group, without}, Raw: raw}, nil
}

// exclusions is the union under an exclude key; nil for an empty list.
func (p yamlParser) exclusions(v value.Value) (*Spec, *diag.Diagnostic) {
	if v.Kind() != value.KindList {
		return nil, failure("Invalid value for key \"exclude\". Expected a list.")
	}
	union := &Spec{Op: Union, Raw: value.Repr(v)}
	for _, part := range v.Items() {
		spec, d := p.definition(part, false)
		if d != nil {
			return nil, d
		}
		union.Parts = append(union.Parts, spec)
	}
	switch len(union.Parts) {
	case 0:
		return nil, nil
	case 1:
		return union.Parts[0], nil
	}
	return union, nil
}

// method reads {tag: nightly} or {method: tag, value: nightly, …}.
func (p yamlParser) method(d *value.Dict) (*Spec, *diag.Diagnostic) {
	var method string
	var text value.Value
	excluded := value.Undef
	full := d
	if d.Len() == 1 {
		key := d.Keys()[0]
		name, ok := key.AsString()
		if !ok {
			return nil, failure("Expected definition key to be a \"str\", got one of type " + value.TypeName(key) + " (" + value.Str(key) + ")")
		}
		method, text = name, d.Values()[0]
		full = value.NewDict(0)
	} else {
		given, okMethod := d.GetString("method")
		v, okValue := d.GetString("value")
		if !okMethod || !okValue {
			return nil, failure("Expected either 1 key or else \"method\" and \"value\" keys, but got " + keys(d))
		}
		method, text = value.Str(given), v
		excluded, _ = d.GetString("exclude")
	}
	c := Criterion{Raw: value.Repr(value.FromDict(d)), Value: text, ParentsDepth: -1, ChildrenDepth: -1, Indirect: p.mode}
	if failed := c.setMethod(method, true, ""); failed != nil {
		return nil, failed
	}
	c.ChildrensParents, c.Parents, c.Children = truth(full, "childrens_parents"), truth(full, "parents"), truth(full, "children")
	var failed *diag.Diagnostic
	if c.ParentsDepth, failed = yamlDepth(full, "parents_depth"); failed != nil {
		return nil, failed
	}
	if c.ChildrenDepth, failed = yamlDepth(full, "children_depth"); failed != nil {
		return nil, failed
	}
	if mode, ok := full.GetString("indirect_selection"); ok {
		if c.Indirect, ok = ParseIndirect(value.Str(mode)); !ok {
			return nil, failure("'" + value.Str(mode) + "' is not a valid indirect selection: use eager, cautious, buildable or empty")
		}
	}
	if failed := c.check(); failed != nil {
		return nil, failed
	}
	spec := &Spec{Criterion: c, Raw: c.Raw}
	if excluded.IsUndefined() {
		return spec, nil
	}
	without, failed := p.exclusions(excluded)
	if failed != nil || without == nil {
		return spec, failed
	}
	return &Spec{Op: Difference, Parts: []*Spec{spec, without}, Raw: c.Raw}, nil
}

func truth(d *value.Dict, key string) bool {
	v, _ := d.GetString(key)
	return value.Truth(v)
}

// yamlDepth is a depth key; absent, empty and 0 mean no limit, as in dbt.
func yamlDepth(d *value.Dict, key string) (int, *diag.Diagnostic) {
	v, ok := d.GetString(key)
	if !ok || !value.Truth(v) {
		return -1, nil
	}
	return depth(value.Str(v))
}

func keys(d *value.Dict) string {
	var names []string
	for _, k := range d.Keys() {
		names = append(names, value.Str(k))
	}
	return strings.Join(names, ",")
}
