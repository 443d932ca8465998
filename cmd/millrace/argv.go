package main

import (
	"strings"
	"sync"

	"github.com/millrace/millrace/compiler/flags"
)

// listFlags are those that take every following word up to the next flag, as dbt's do, with
// their long names: "--select a b c" means three criteria, and so does '--select "a b c"'.
var listFlags = sync.OnceValue(func() map[string]string {
	long := map[string]string{}
	for i := range flags.Table {
		row := &flags.Table[i]
		if row.Kind != flags.Strings {
			continue
		}
		for _, name := range append([]string{row.Name}, row.Aliases...) {
			long["--"+name] = "--" + row.Name
		}
		if row.Short != "" {
			long["-"+row.Short] = "--" + row.Name
		}
	}
	return long
})

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
		long, ok := listFlags()[name]
		if !ok {
			out = append(out, a)
			continue
		}
		if hasValue {
			for _, word := range words(joined) {
				out = append(out, long+"="+word)
			}
			continue
		}
		n := 0
		for i+1 < len(args) && !isFlag(args[i+1]) {
			i++
			n++
			for _, word := range words(args[i]) {
				out = append(out, long+"="+word)
			}
		}
		if n == 0 {
			out = append(out, a) // pflag reports the missing value
		}
	}
	return out
}

// words are the parts of a quoted list; an empty text is one empty word.
func words(s string) []string {
	if list := strings.Fields(s); len(list) > 0 {
		return list
	}
	return []string{s}
}

// isFlag tells a flag from a value: "-1" and "-" are values, "--x" and "-x" are flags.
func isFlag(s string) bool {
	if len(s) < 2 || s[0] != '-' {
		return false
	}
	return s[1] == '-' || s[1] >= 'a' && s[1] <= 'z' || s[1] >= 'A' && s[1] <= 'Z'
}

// commandFirst moves flags that stand before the subcommand behind it: dbt takes global
// flags on either side.
func commandFirst(args []string) []string {
	i := 0
	for i < len(args) && isFlag(args[i]) {
		name := strings.TrimLeft(args[i], "-")
		if args[i] == "--" || name == "help" || name == "h" || name == "version" || name == "v" {
			return args
		}
		if !strings.Contains(name, "=") && takesValue(name) {
			i++
		}
		i++
	}
	if i == 0 || i >= len(args) {
		return args
	}
	end := i + 1
	// "docs generate" and "source freshness" are commands of two words, "stream quarantine replay" is one of three.
	for of := args[i]; (of == "docs" || of == "source" || of == "stream" || of == "quarantine") && end < len(args) && !isFlag(args[end]); end++ {
		of = args[end]
	}
	out := append([]string(nil), args[i:end]...)
	out = append(out, args[:i]...)
	return append(out, args[end:]...)
}

// takesValue reports whether a flag, long or short, is followed by a value.
func takesValue(name string) bool {
	for i := range flags.Table {
		row := &flags.Table[i]
		if row.Name == name || row.Short == name || contains(row.Aliases, name) {
			return row.Kind != flags.Bool
		}
	}
	return false
}
