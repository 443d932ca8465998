package selector

import (
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// configMatches looks up a dotted config key and compares: equality, membership in a
// list, or "true"/"false" in any case against a bool.
func configMatches(config *value.Dict, keys []string, want value.Value) bool {
	if config == nil || len(keys) == 0 {
		return false
	}
	got, ok := descend(config, keys)
	if !ok {
		return false
	}
	equal := func(x value.Value) bool {
		if b, isBool := x.AsBool(); isBool && sameFold(want, map[bool]string{true: "true", false: "false"}[b]) {
			return true
		}
		if len(keys) == 1 && keys[0] == "severity" {
			text, isText := x.AsString()
			return isText && sameFold(want, text)
		}
		return value.Equal(want, x)
	}
	if list, isList := got.AsList(); isList {
		for _, x := range list.Items {
			if equal(x) {
				return true
			}
		}
		return false
	}
	return equal(got)
}

func descend(config *value.Dict, keys []string) (value.Value, bool) {
	at := value.FromDict(config)
	for _, k := range keys {
		d, ok := at.AsDict()
		if !ok {
			return value.Undef, false
		}
		next, found := d.GetString(k)
		if !found {
			// Hooks are spelled with a hyphen in the config and with an underscore as attributes.
			if next, found = d.GetString(strings.ReplaceAll(k, "_", "-")); !found {
				return value.Undef, false
			}
		}
		at = next
	}
	return at, true
}

func sameFold(v value.Value, text string) bool {
	s, ok := v.AsString()
	return ok && strings.EqualFold(s, text)
}
