package main

import "github.com/spf13/cobra"

func (a *app) projectCommands() []*cobra.Command {
	return []*cobra.Command{
		a.command("parse", spec{
			group: groupProject, short: "Read the project and write manifest.json",
			example: "  millrace parse\n  millrace parse --no-partial-parse --strict",
			do:      (*invocation).parse,
		}),
		a.command("init", spec{
			use: "[NAME]", group: groupProject, short: "Start a project that builds at once",
			example: "  millrace init shop && cd shop && millrace build",
			args:    cobra.MaximumNArgs(1),
			do:      (*invocation).init,
		}),
		a.command("debug", spec{
			group: groupProject, short: "Check profile, project and connection",
			example: "  millrace debug\n  millrace debug --connection",
			do:      (*invocation).debug,
		}),
		a.command("deps", spec{
			group: groupProject, short: "Install the packages of packages.yml",
			example: "  millrace deps\n  millrace deps --upgrade\n  millrace deps --add-package dbt-labs/dbt_utils@1.3.0",
			do:      (*invocation).deps,
		}),
		a.command("clean", spec{
			group: groupProject, short: "Remove the folders of clean-targets",
			example: "  millrace clean",
			do:      (*invocation).clean,
		}),
		a.command("fix", spec{
			group: groupProject, short: "Rewrite deprecated YAML, keeping comments and formatting",
			example: "  millrace fix\n  millrace fix --write\n  millrace fix --check",
			do:      (*invocation).fix,
		}),
		a.command("run-operation", spec{
			use: "[MACRO]", group: groupRun, short: "Call a macro, or run one statement with --sql",
			example: "  millrace run-operation grant_select --args '{role: reporter}'\n  millrace run-operation --sql \"drop table {{ target.schema }}.old\"",
			args:    cobra.MaximumNArgs(1),
			do:      (*invocation).runOperation,
		}),
		a.command("prune", spec{
			group: groupRun, short: "List relations that no node owns any more, and drop them with --apply",
			long: `Looks into the schemas that the project's enabled nodes write to, and nowhere else, for tables and views that belong to no
node, test or source: what renamed, removed and disabled models left behind, and leftovers of interrupted builds. Without --apply
nothing is changed. What something else still reads is kept where a drop would take the reader along.`,
			example: "  millrace prune\n  millrace prune --select-schema staging marts\n  millrace prune --apply",
			do:      (*invocation).prune,
		}),
		a.command("retry", spec{
			group: groupRun, short: "Run again what failed or was skipped in the last command",
			example: "  millrace retry\n  millrace retry --state artifacts-of-last-run",
			do:      (*invocation).retry,
		}),
	}
}
