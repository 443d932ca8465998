package context

import (
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/relation"
)

// externalLocation is what stands for a source whose meta or config has an
// external_location: a quoted path or a function call, with {name}, {identifier} … filled
// in by the source's formatter. It is "" without one.
func externalLocation(d *relation.Dialect, s *manifest.Source) (string, error) {
	if !d.ExternalSources {
		return "", nil
	}
	meta := sourceMeta(s)
	if _, loaded := meta.GetString("plugin"); loaded {
		return "", nil // its rows are put where its names say
	}
	template, ok := meta.GetString("external_location")
	if !ok || template.IsNone() {
		return "", nil
	}
	facts := value.NewDict(5 + meta.Len())
	facts.SetString("name", value.String(s.Name))
	facts.SetString("identifier", value.String(orDefault(s.Identifier, s.Name)))
	facts.SetString("schema", value.OptString(s.Schema))
	facts.SetString("database", value.OptString(s.Database))
	facts.SetString("tags", value.Strings(s.Tags...))
	for k, v := range meta.All() {
		_ = facts.Set(k, v) // keys of a dict are hashable
	}
	location, err := formatLocation(value.Str(template), facts)
	if err != nil {
		return "", err
	}
	if !strings.Contains(location, "(") && !strings.HasPrefix(location, "'") {
		location = "'" + location + "'"
	}
	return location, nil
}

// CheckSource reports an external_location that cannot be filled in. Where nobody asks,
// such a source goes by its name.
func (e *Env) CheckSource(s *manifest.Source) error {
	_, err := externalLocation(e.Dialect, s)
	return at(err, s.Span)
}

// PluginMeta is what a source tells the plugin that loads it: its meta, and what else its
// config has. It is nil for a source that names no plugin.
func (e *Env) PluginMeta(s *manifest.Source) *value.Dict {
	if !e.Dialect.ExternalSources {
		return nil
	}
	meta := sourceMeta(s)
	if v, ok := meta.GetString("plugin"); !ok || v.IsNull() {
		return nil
	}
	return meta
}

func sourceMeta(s *manifest.Source) *value.Dict {
	meta := value.NewDict(8)
	for _, from := range []*value.Dict{s.SourceMeta, s.Meta, configExtras(s)} {
		if from == nil {
			continue
		}
		for k, v := range from.All() {
			_ = meta.Set(k, v) // keys of a dict are hashable
		}
	}
	return meta
}

func configExtras(s *manifest.Source) *value.Dict {
	if s.Config == nil || s.Config.Values == nil {
		return nil
	}
	out := value.NewDict(s.Config.Values.Len())
	for k, v := range s.Config.Values.All() {
		switch name, _ := k.AsString(); name {
		case "enabled", "event_time", "freshness", "loaded_at_field", "loaded_at_query", "meta", "tags":
		default:
			_ = out.Set(k, v) // keys of a dict are hashable
		}
	}
	return out
}

// formatLocation fills in the facts in the way that `formatter` names.
func formatLocation(template string, facts *value.Dict) (string, error) {
	formatter := "newstyle"
	if v, ok := facts.GetString("formatter"); ok {
		formatter = value.Str(v)
	}
	var out value.Value
	var err error
	switch formatter {
	case "newstyle":
		var args value.Args
		for k, v := range facts.All() {
			if name, ok := k.AsString(); ok {
				args.Kwargs = append(args.Kwargs, value.Kwarg{Name: name, Value: v})
			}
		}
		out, err = value.CallMethod(nil, value.String(template), "format", args)
	case "oldstyle":
		out, err = value.Binary(nil, "%", value.String(template), value.FromDict(facts))
	case "template":
		out, err = dollarTemplate(template, facts)
	default:
		return "", runtimeError("Formatter %s not recognized. Must be one of 'newstyle', 'oldstyle', or 'template'.", formatter)
	}
	if err != nil {
		e := runtimeError("external_location cannot be filled in: %s", err)
		e.Hint = "braces of the SQL itself need `formatter: oldstyle` or doubling"
		return "", e
	}
	return value.Str(out), nil
}

// dollarTemplate is Python's string.Template: $name, ${name} and $$.
func dollarTemplate(s string, facts *value.Dict) (value.Value, error) {
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '$')
		if i < 0 || i+1 >= len(s) {
			b.WriteString(s)
			return value.String(b.String()), nil
		}
		b.WriteString(s[:i])
		s = s[i+1:]
		if s[0] == '$' {
			b.WriteByte('$')
			s = s[1:]
			continue
		}
		braced := s[0] == '{'
		name := strings.TrimPrefix(s, "{")
		n := 0
		for n < len(name) && (name[n] == '_' || name[n] >= 'a' && name[n] <= 'z' || name[n] >= 'A' && name[n] <= 'Z' || n > 0 && name[n] >= '0' && name[n] <= '9') {
			n++
		}
		rest := name[n:]
		if braced {
			rest = strings.TrimPrefix(rest, "}")
		}
		v, ok := facts.GetString(name[:n])
		if !ok {
			return value.Undef, value.Errorf("KeyError", "'%s'", name[:n])
		}
		b.WriteString(value.Str(v))
		s = rest
	}
}
