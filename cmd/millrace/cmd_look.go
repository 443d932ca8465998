package main

import "github.com/spf13/cobra"

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
