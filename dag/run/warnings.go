package run

import (
	"slices"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/yaml"
)

// WarnIsError reports whether a warning of this name is an error: --warn-error, or
// --warn-error-options with the name (or "all") under error and not under warn.
func (s *Session) WarnIsError(name string) bool {
	if s.Flags.WarnErrorOptions == "" {
		return s.Flags.WarnError
	}
	root, problems := yaml.Parse(diag.NewSource("--warn-error-options", s.Flags.WarnErrorOptions))
	if problems.Err() != nil {
		return s.Flags.WarnError
	}
	d, ok := root.Value().AsDict()
	if !ok {
		return s.Flags.WarnError
	}
	all, named := listed(d, "error", name)
	if oldAll, oldNamed := listed(d, "include", name); oldAll || oldNamed {
		all, named = all || oldAll, named || oldNamed
	}
	_, warned := listed(d, "warn", name)
	_, excluded := listed(d, "exclude", name)
	_, silent := listed(d, "silence", name)
	return named || (all || s.Flags.WarnError) && !warned && !excluded && !silent
}

// listed looks a name up in "all", "*" or a list.
func listed(d *value.Dict, key, name string) (all, named bool) {
	v, ok := d.GetString(key)
	if !ok {
		return false, false
	}
	if text, ok := v.AsString(); ok {
		return text == "all" || text == "*", false
	}
	var names []string
	for _, x := range v.Items() {
		names = append(names, value.Str(x))
	}
	return slices.Contains(names, "all") || slices.Contains(names, "Warnings"), slices.Contains(names, name)
}
