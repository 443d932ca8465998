package main

import (
	"os"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/flags"
	"github.com/millrace/millrace/compiler/project"
)

// bindFlags declares the rows of the flag table: those of every command for "", else
// those of one command. Values are not defaulted here: flags.Resolve knows more sources.
func bindFlags(set *pflag.FlagSet, command string) {
	for i := range flags.Table {
		row := &flags.Table[i]
		if command == "" && row.Commands != nil || command != "" && (row.Commands == nil || !row.For(command)) {
			continue
		}
		declare(set, row, row.Name, row.Short, row.Hidden)
		for _, alias := range row.Aliases {
			declare(set, row, alias, "", true)
		}
		if row.Negatable {
			set.Bool("no-"+row.Name, false, "The opposite of --"+row.Name+".")
			set.Lookup("no-" + row.Name).Hidden = true
		}
	}
}

func declare(set *pflag.FlagSet, row *flags.Flag, name, short string, hidden bool) {
	usage := row.Doc
	if row.Env != "" {
		usage += " [" + row.EngineEnv() + "]"
	}
	if len(row.Choices) > 0 && len(row.Choices) < 7 {
		usage += " {" + strings.Join(row.Choices, "|") + "}"
	}
	switch row.Kind {
	case flags.Bool:
		set.BoolP(name, short, false, usage)
	case flags.Strings:
		set.StringArrayP(name, short, nil, usage)
	default:
		set.StringP(name, short, "", usage)
	}
	set.Lookup(name).Hidden = hidden
}

// resolve merges command line, environment, project and user settings into Flags.
func (a *app) resolve(cmd *cobra.Command, which string) (*flags.Flags, project.Env, diag.List) {
	cli := map[string]any{}
	cmd.Flags().Visit(func(f *pflag.Flag) {
		name, negated := strings.CutPrefix(f.Name, "no-")
		row, ok := flags.Lookup(name, which)
		if !ok {
			row, ok = flags.Lookup(f.Name, which)
			negated = false
		}
		if !ok {
			return // cobra's own: help, version
		}
		switch {
		case negated && row.Kind == flags.Int:
			cli[row.Name] = 0
		case row.Kind == flags.Bool:
			cli[row.Name] = (f.Value.String() == "true") != negated
		case row.Kind == flags.Strings:
			list, err := cmd.Flags().GetStringArray(f.Name)
			if err == nil {
				cli[row.Name] = append(asStrings(cli[row.Name]), list...)
			}
		default:
			cli[row.Name] = f.Value.String()
		}
	})
	env, list := a.layered()
	text := func(name string) string { s, _ := cli[name].(string); return s }
	dir := text("project-dir")
	if dir == "" {
		if named, ok := env.Getenv("DBT_PROJECT_DIR"); ok && named != "" {
			dir = named
		} else {
			dir = project.FindRoot(".")
		}
	}
	projectFlags, userFlags, span := project.ReadFlags(dir, a.home)
	f, found := flags.Resolve(flags.Input{Command: which, CLI: cli, Env: env, Project: projectFlags, User: userFlags, KeySpan: span})
	f.Now = a.runStartTime()
	f.Version = compatibility
	f.InvocationCommand = "millrace " + strings.Join(os.Args[min(1, len(os.Args)):], " ")
	return f, env, append(list, found...)
}

func asStrings(v any) []string { s, _ := v.([]string); return s }

// flagNames are the long flags that a command line could have meant.
func flagNames(root *cobra.Command, args []string) []string {
	names := []string{}
	add := func(f *pflag.Flag) {
		if !f.Hidden {
			names = append(names, f.Name)
		}
	}
	root.PersistentFlags().VisitAll(add)
	if c, _, err := root.Find(args); err == nil {
		c.Flags().VisitAll(add)
	}
	return names
}
