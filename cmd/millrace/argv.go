package main

import "strings"

// listFlags take every following word up to the next flag, as dbt's do:
// "--select a b c" means three criteria.
var listFlags = map[string]string{
	"--select": "--select", "-s": "--select", "--models": "--models", "--model": "--models", "-m": "--models",
	"--exclude": "--exclude", "--resource-type": "--resource-type", "--resource-types": "--resource-type",
	"--exclude-resource-type": "--exclude-resource-type", "--exclude-resource-types": "--exclude-resource-type",
	"--output-keys": "--output-keys",
}

// expandLists rewrites list flags so that each value carries its flag, which is what
// pflag understands. Words after "--" are left alone.
func expandLists(args []string) []string {
	out := make([]string, 0, len(args))
	for i := 0; i < len(args); i++ {
		a := args[i]
		if a == "--" {
			return append(out, args[i:]...)
		}
		name, joined, hasValue := strings.Cut(a, "=")
		long, ok := listFlags[name]
		if !ok {
			out = append(out, a)
			continue
		}
		if hasValue {
			out = append(out, long+"="+joined)
			continue
		}
		n := 0
		for i+1 < len(args) && !isFlag(args[i+1]) {
			i++
			n++
			out = append(out, long+"="+args[i])
		}
		if n == 0 {
			out = append(out, long) // pflag reports the missing value
		}
	}
	return out
}

// isFlag tells a flag from a value: "-1" and "-" are values, "--x" and "-x" are flags.
func isFlag(s string) bool {
	if len(s) < 2 || s[0] != '-' {
		return false
	}
	return s[1] == '-' || s[1] >= 'a' && s[1] <= 'z' || s[1] >= 'A' && s[1] <= 'Z'
}
