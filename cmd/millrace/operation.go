package main

import (
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/yaml"
	"github.com/millrace/millrace/dag/run"
)

// runOperation calls a macro, or runs the statement of --sql.
func (inv *invocation) runOperation() (int, error) {
	f := inv.flags
	macro := ""
	if len(inv.args) > 0 {
		macro = inv.args[0]
	}
	switch {
	case macro == "" && f.SQL == "":
		return exitProject, refused("Either a macro name or --sql must be passed to run-operation")
	case macro != "" && f.SQL != "":
		return exitProject, refused("Cannot specify both a macro name and --sql for run-operation")
	case f.SQL != "" && f.Args != "":
		return exitProject, refused("--args cannot be used with --sql; pass arguments directly in the SQL")
	}
	f.Macro = macro
	args, err := operationArgs(f.Args)
	if err != nil {
		return exitProject, err
	}
	p, err := inv.load()
	if err != nil {
		return exitProject, err
	}
	if err := inv.writeParsed(p); err != nil {
		return exitProject, err
	}
	s, closeEngine, err := inv.open(p, states{})
	if err != nil {
		return exitProject, err
	}
	defer closeEngine()
	var results *run.Results
	if f.SQL != "" {
		results, err = run.RunSQL(inv.ctx, s, f.SQL)
	} else {
		results, err = run.RunOperation(inv.ctx, s, macro, args)
	}
	if err != nil {
		return exitProject, err
	}
	if err := inv.writeRun(p, results); err != nil {
		return exitProject, err
	}
	if !results.Ok() {
		return exitFailed, nil
	}
	return exitOK, nil
}

// refused is a command line that dbt also reports as an error of the run.
func refused(text string) error {
	return diag.New(diag.CodeUsage, diag.Runtime, diag.Span{}, text)
}

// operationArgs reads --args, a YAML dictionary.
func operationArgs(text string) (*value.Dict, error) {
	if text == "" {
		return nil, nil
	}
	n, list := yaml.ParseText("--args", text)
	if err := list.Err(); err != nil {
		return nil, err
	}
	if !n.IsMapping() {
		return nil, &diag.Diagnostic{Code: diag.CodeUsage, Kind: diag.Usage, Summary: "--args must be a YAML dictionary", Hint: "for example --args '{name: value}'"}
	}
	return n.Dict(), nil
}
