package context

import (
	"github.com/millrace/millrace/compiler/context/pyyaml"
	"github.com/millrace/millrace/compiler/jinja/value"
)

func toYAML(_ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("toyaml", "value", "default=None", "sort_keys=False")
	if err != nil {
		return value.Undef, err
	}
	text, err := pyyaml.Dump(v[0], value.Truth(v[2]))
	if err != nil {
		return orNone(v[1]), nil //nolint:nilerr // what YAML cannot hold gives the default
	}
	return value.String(text), nil
}
