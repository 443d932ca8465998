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
func externalLocation(d *relation.Dialect, s *manifest.Source) string {
	if !d.ExternalSources {
		return ""
	}
	facts := value.NewDict(12)
	facts.SetString("name", value.String(s.Name))
	facts.SetString("identifier", value.String(orDefault(s.Identifier, s.Name)))
	facts.SetString("schema", value.OptString(s.Schema))
	facts.SetString("database", value.OptString(s.Database))
	facts.SetString("tags", value.Strings(s.Tags...))
	for _, from := range []*value.Dict{s.SourceMeta, s.Meta, configExtras(s)} {
		if from == nil {
			continue
		}
		for k, v := range from.All() {
			_ = facts.Set(k, v) // keys of a dict are hashable
		}
	}
	template, ok := facts.GetString("external_location")
	if !ok || template.IsNone() {
		return ""
	}
	location := formatLocation(value.Str(template), facts)
	if !strings.Contains(location, "(") && !strings.HasPrefix(location, "'") {
		location = "'" + location + "'"
	}
	return location
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

// formatLocation fills in the facts in the way that `formatter` names. A template that does
// not fit stays as it is: the engine then says what it cannot read.
func formatLocation(template string, facts *value.Dict) string {
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
		return dollarTemplate(template, facts)
	default:
		return template
	}
	if err != nil {
		return template
	}
	return value.Str(out)
}

// dollarTemplate is Python's string.Template: $name, ${name} and $$.
func dollarTemplate(s string, facts *value.Dict) string {
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '$')
		if i < 0 || i+1 >= len(s) {
			b.WriteString(s)
			return b.String()
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
		if v, ok := facts.GetString(name[:n]); ok && n > 0 {
			b.WriteString(value.Str(v))
			s = rest
			continue
		}
		b.WriteByte('$')
	}
}
