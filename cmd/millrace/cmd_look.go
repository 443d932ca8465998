package main

import (
	"github.com/spf13/cobra"
)

func (a *app) lookCommands() []*cobra.Command {
	return []*cobra.Command{
		a.command("ls", spec{
			aliases: []string{"list"}, flags: "list", group: groupLook,
			short: "List what a selection holds",
			example: `  millrace ls --select +orders
  millrace ls --resource-type model --output path
  millrace ls --output json --output-keys name config.materialized`,
			do: (*invocation).list,
		}),
		a.command("compile", spec{
			group: groupLook,
			short: "Write the SQL of models after Jinja, without running it",
			example: `  millrace compile
  millrace compile --select orders
  millrace compile --inline "select * from {{ ref('orders') }}"`,
			do: (*invocation).compile,
		}),
		a.command("show", spec{
			group: groupLook,
			short: "Run a query and print its first rows",
			example: `  millrace show --select orders --limit 20
  millrace show --inline "select count(*) from {{ ref('orders') }}" --output json`,
			do: (*invocation).show,
		}),
		a.command("lineage", spec{
			use: "[+]NODE[.COLUMN][+]", group: groupLook,
			short: "Show which columns a column is made from, and where it goes",
			long: `Traces columns through the queries of the project, without running them. + before the name looks upstream, + behind it downstream,
neither both. "approximate" stands where columns are likely but not proven: below sources that the database does not have, models
whose template asks the database, other materializations, and on PostgreSQL.`,
			example: `  millrace lineage fct_orders.amount
  millrace lineage +fct_orders.amount
  millrace lineage shop.raw_orders.id+ --output json`,
			args: cobra.ExactArgs(1),
			do:   (*invocation).lineage,
		}),
		a.docsCommand(),
		a.sourceCommand(),
	}
}

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

// docsCommand is `docs generate` and `docs serve`.
func (a *app) docsCommand() *cobra.Command {
	docs := &cobra.Command{Use: "docs", Short: "Generate the catalog and the documentation", GroupID: groupLook, Args: noArgs,
		Example: "  millrace docs generate\n  millrace docs generate --no-compile"}
	docs.AddCommand(a.command("generate", spec{
		flags: "generate", short: "Write manifest.json and catalog.json from the database's own catalog",
		example: "  millrace docs generate\n  millrace docs generate --no-compile --empty-catalog",
		do:      (*invocation).docsGenerate,
	}))
	docs.AddCommand(a.command("serve", spec{
		short:   "Show the documentation in a browser, and reload it when the artifacts change",
		example: "  millrace docs serve\n  millrace docs serve --port 8081 --no-browser",
		do:      (*invocation).docsServe,
	}))
	return docs
}

// sourceCommand is `source …`.
func (a *app) sourceCommand() *cobra.Command {
	source := &cobra.Command{Use: "source", Short: "Look at sources", GroupID: groupLook, Args: noArgs, Example: "  millrace source freshness --select source:shop"}
	source.AddCommand(a.command("freshness", spec{
		aliases: []string{"snapshot-freshness"}, flags: "freshness", short: "Measure how old the data of sources is",
		example: "  millrace source freshness\n  millrace source freshness --select source:shop.orders",
		do:      (*invocation).freshness,
	}))
	source.AddCommand(a.sourceGenerateCommand())
	return source
}
