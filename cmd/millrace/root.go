package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

const (
	groupRun     = "run"
	groupLook    = "look"
	groupProject = "project"
)

// spec describes one command; its flags come from the table in compiler/flags.
type spec struct {
	use     string // arguments after the name
	aliases []string
	short   string
	long    string
	example string
	group   string
	flags   string // what the flag table calls the command when that is not its name
	args    cobra.PositionalArgs
	hidden  bool
	do      body
}

// root is the whole command tree.
func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "millrace",
		Short: "Run dbt projects unchanged, and keep their models live",
		Long: `Millrace compiles a dbt project, builds its graph and materializes its models into DuckDB or PostgreSQL.
Projects, profiles, flags, environment variables, artifacts and exit codes are dbt-core's.

Exit codes: 0 all passed (warnings allowed), 1 a node or test failed, 2 usage or project error.`,
		SilenceErrors: true, SilenceUsage: true,
		Version: programVersion(),
	}
	root.SetVersionTemplate("millrace {{.Version}} (dbt " + compatibility + ")\n")
	root.AddGroup(&cobra.Group{ID: groupRun, Title: "Run:"}, &cobra.Group{ID: groupLook, Title: "Look:"}, &cobra.Group{ID: groupProject, Title: "Project:"})
	root.SetHelpCommandGroupID(groupProject)
	root.SetCompletionCommandGroupID(groupProject)
	bindFlags(root.PersistentFlags(), "")
	root.SetUsageFunc(usage)
	completeChoices(root, "")
	root.AddCommand(a.runCommands()...)
	root.AddCommand(a.streamCommand())
	root.AddCommand(a.lookCommands()...)
	root.AddCommand(a.projectCommands()...)
	return root
}

// whichAnnotation keeps under which name the flag table knows a command.
const whichAnnotation = "millrace_which"

// command makes one cobra command from its spec.
func (a *app) command(name string, s spec) *cobra.Command {
	use := name
	if s.use != "" {
		use += " " + s.use
	}
	which := s.flags
	if which == "" {
		which = name
	}
	c := &cobra.Command{Use: use, Aliases: s.aliases, Short: s.short, Long: s.long, Example: s.example, GroupID: s.group, Hidden: s.hidden, Args: s.args,
		Annotations: map[string]string{whichAnnotation: which}}
	if c.Args == nil {
		c.Args = cobra.NoArgs
	}
	c.RunE = func(cmd *cobra.Command, args []string) error {
		f, env, notes := a.resolve(cmd, which)
		return a.invoke(cmd.Context(), f, env, notes, args, s.do)
	}
	bindFlags(c.Flags(), which)
	a.completeSelection(c)
	completeChoices(c, which)
	return c
}

// noArgs explains a stray argument.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return fmt.Errorf("got unexpected extra argument (%s)", args[0])
	}
	return nil
}
