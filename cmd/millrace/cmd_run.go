package main

import (
	"github.com/spf13/cobra"

	"github.com/millrace/millrace/dag/run"
)

func (a *app) runCommands() []*cobra.Command {
	return []*cobra.Command{
		a.command("build", spec{
			short: "Build and test everything that is selected, in DAG order",
			long: `Seeds, models, snapshots, functions and tests run in the order of the graph. A test runs as soon as
what it tests is built; when a test of severity error fails, what hangs below is skipped.`,
			example: `  millrace build
  millrace build --select stg_orders+ --exclude tag:slow
  millrace build --select state:modified+ --defer --state prod-artifacts
  millrace build --full-refresh --fail-fast
  millrace build --skip-unchanged
  millrace build --tick`,
			group: groupRun,
			do: func(inv *invocation) (int, error) {
				if inv.flags.Tick {
					return inv.buildTick()
				}
				return inv.runNodes(run.ModeBuild, func(o *run.Options) { o.KeepTables = inv.flags.Show }, nil)
			},
		}),
		a.command("run", spec{
			short: "Build the selected models",
			example: `  millrace run
  millrace run --select marts --threads 8
  millrace run --full-refresh --select fct_orders`,
			group: groupRun,
			do:    func(inv *invocation) (int, error) { return inv.runNodes(run.ModeRun, nil, nil) },
		}),
		a.command("test", spec{
			short: "Run data tests and unit tests",
			example: `  millrace test
  millrace test --select fct_orders
  millrace test --select test_type:unit
  millrace test --store-failures`,
			group: groupRun,
			do:    func(inv *invocation) (int, error) { return inv.runNodes(run.ModeTest, nil, nil) },
		}),
		a.command("seed", spec{
			short: "Load CSV files into tables",
			example: `  millrace seed
  millrace seed --select raw_orders --full-refresh
  millrace seed --show`,
			group: groupRun,
			do: func(inv *invocation) (int, error) {
				return inv.runNodes(run.ModeSeed, func(o *run.Options) {
					if inv.flags.Show {
						o.KeepTables, o.BeforeSummary = true, inv.showSeeds
					}
				}, nil)
			},
		}),
		a.command("snapshot", spec{
			short:   "Record the history of mutable tables",
			example: "  millrace snapshot\n  millrace snapshot --select product_prices",
			group:   groupRun,
			do:      func(inv *invocation) (int, error) { return inv.runNodes(run.ModeSnapshot, nil, nil) },
		}),
		a.command("clone", spec{
			short:   "Create relations as clones of, or views on, those of --state",
			example: "  millrace clone --state prod-artifacts\n  millrace clone --select fct_orders --state prod-artifacts",
			group:   groupRun,
			do:      func(inv *invocation) (int, error) { return inv.runNodes(run.ModeClone, nil, nil) },
		}),
	}
}
