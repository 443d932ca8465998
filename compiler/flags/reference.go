package flags

import (
	"fmt"
	"sort"
	"strings"
	"time"
)

// Reference is the manual's page about flags, made from Table, so that it cannot be wrong.
func Reference() string {
	var b strings.Builder
	b.WriteString("# Command line and settings\n\nThis page is made from the table of flags in the program.\n\n" +
		"A setting is taken from the command line, else from the environment, else from `flags:` in `dbt_project.yml` (where the last column says so), else from " +
		"`~/.dbt/user_settings.yml`, else it has its default. `DBT_X` works for every `DBT_ENGINE_X`, and templates see both. The nearest `.env` of the folder where the program is started is read first. Flags may stand before or after the command. A flag that is on or off has " +
		"a `--no-` form where its name is shown with `--[no-]`. `stream run` also takes what `build` takes, other commands of `stream` what `freshness` takes and " +
		"`source generate` what `parse` takes, but for the flags of a single command.\n")
	var order []Group
	groups := map[Group][]*Flag{}
	for i := range Table {
		f := &Table[i]
		if f.Hidden {
			continue
		}
		if groups[f.Group] == nil {
			order = append(order, f.Group)
		}
		groups[f.Group] = append(groups[f.Group], f)
	}
	for _, g := range order {
		fmt.Fprintf(&b, "\n## %s\n\n| flag | meaning | default | environment | commands | project |\n| --- | --- | --- | --- | --- | --- |\n", g)
		for _, f := range groups[g] {
			fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s |\n", flagName(f), cell(f.Doc+choices(f)), cell(defaultText(f)), env(f), commands(f), project(f))
		}
	}
	b.WriteString("\n## Behaviour flags\n\nThey stand under `flags:` in `dbt_project.yml` only.\n\n| flag | default |\n| --- | --- |\n")
	behaviors := DefaultBehavior()
	names := make([]string, 0, len(behaviors))
	for name := range behaviors {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Fprintf(&b, "| `%s` | %t |\n", name, behaviors[name])
	}
	return b.String()
}

func flagName(f *Flag) string {
	name := "--" + f.Name
	if f.Negatable {
		name = "--[no-]" + f.Name
	}
	if f.Short != "" {
		name = "-" + f.Short + ", " + name
	}
	return "`" + name + "`"
}

// DurationText is a duration as one would type it: 1m, not 1m0s.
func DurationText(d time.Duration) string {
	text := d.String()
	if d >= time.Minute {
		text = strings.TrimSuffix(text, "0s")
	}
	return text
}

func cell(s string) string { return strings.ReplaceAll(s, "|", "\\|") }

func choices(f *Flag) string {
	if len(f.Choices) == 0 {
		return ""
	}
	return " One of: " + strings.Join(f.Choices, ", ") + "."
}

func defaultText(f *Flag) string {
	switch v := f.Default.(type) {
	case bool:
		if v {
			return "on"
		}
		return "off"
	case string:
		if v == "" {
			return ""
		}
		return "`" + v + "`"
	case []string:
		return strings.Join(v, " ")
	case time.Duration:
		if v == 0 {
			return ""
		}
		return "`" + DurationText(v) + "`"
	}
	return fmt.Sprint(f.Default)
}

func env(f *Flag) string {
	if f.Env == "" {
		return ""
	}
	return "`" + f.EngineEnv() + "`"
}

func commands(f *Flag) string {
	if f.Commands == nil {
		return "all"
	}
	return strings.Join(f.Commands, ", ")
}

func project(f *Flag) string {
	if f.Project {
		return "`" + f.Key() + "`"
	}
	return ""
}
