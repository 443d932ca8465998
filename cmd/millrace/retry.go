package main

import (
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/flags"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/dag/run"
)

// retry runs the last command again for what failed or was skipped.
func (inv *invocation) retry() (int, error) {
	dir, shown := inv.targetDir(), inv.flags.TargetPath
	if inv.flags.State != "" {
		dir, shown = inv.underProject(inv.flags.State, ""), inv.flags.State
	} else if shown == "" {
		shown = inv.targetPath
	}
	last, err := manifest.ReadState(dir)
	if err != nil {
		return exitProject, err
	}
	if last.Results == nil {
		return exitProject, &diag.Diagnostic{Code: diag.CodeProject, Kind: diag.Runtime,
			Summary: "Could not find previous run in '" + shown + "' target directory", Hint: "run build, run, test, seed or snapshot first"}
	}
	which, err := replay(inv.flags, last.Args)
	if err != nil {
		return exitProject, err
	}
	todo := run.RetryOf(last.Results, which, inv.flags.WarnError)
	if which == "run-operation" {
		if len(todo.IDs) == 0 {
			inv.emit(event.NothingToDo())
			return exitOK, nil
		}
		if v, ok := last.Args.GetString("macro"); ok {
			if s, isText := v.AsString(); isText {
				inv.args = []string{s}
			}
		}
		return inv.runOperation()
	}
	mode, ok := retryModes[which]
	if !ok {
		return exitProject, &diag.Diagnostic{Code: diag.CodeUsage, Kind: diag.Runtime, Summary: "The last command was '" + which + "', which cannot be retried", Hint: "run it again as it was"}
	}
	p, g, err := inv.loadGraph()
	if err != nil {
		return exitProject, err
	}
	selected := g.NewSet()
	for _, id := range todo.IDs {
		i, ok := g.Index(id)
		if !ok {
			return exitProject, diag.New(diag.CodeSelection, diag.Compilation, diag.Span{}, "Couldn't find model '"+id+"' -- does it exist or is it disabled?")
		}
		selected.Add(i)
	}
	return inv.runSelected(p, g, selected, mode, func(o *run.Options) { o.Batches, o.Overloads, o.Since = todo.Batches, todo.Overloads, todo.Since }, nil)
}

var retryModes = map[string]run.Mode{
	"build": run.ModeBuild, "run": run.ModeRun, "test": run.ModeTest, "seed": run.ModeSeed, "snapshot": run.ModeSnapshot,
	"compile": run.ModeCompile, "clone": run.ModeClone, "generate": run.ModeCompile,
}

// replay gives the flags of an earlier command back to a retry, except those that this
// command line sets, and those that choose nodes. It returns the earlier command.
func replay(f *flags.Flags, args *value.Dict) (string, error) {
	text := func(key string) string {
		v, _ := args.GetString(key)
		s, _ := v.AsString()
		return s
	}
	which := text("which")
	if args == nil || which == "" {
		return "", &diag.Diagnostic{Code: diag.CodeProject, Kind: diag.Runtime, Summary: "The last run_results.json does not say which command wrote it",
			Hint: "run the command itself again; retry then knows it"}
	}
	f.Which = which
	boolean := func(key, name string, to *bool) {
		if f.Given(name) {
			return
		}
		if v, ok := args.GetString(key); ok {
			if b, isBool := v.AsBool(); isBool {
				*to = b
			}
		}
	}
	boolean("full_refresh", "full-refresh", &f.FullRefresh)
	boolean("store_failures", "store-failures", &f.StoreFailures)
	boolean("empty", "empty", &f.Empty)
	boolean("fail_fast", "fail-fast", &f.FailFast)
	boolean("favor_state", "favor-state", &f.FavorState)
	boolean("defer", "defer", &f.Defer)
	str := func(key, name string, to *string) {
		if !f.Given(name) {
			if s := text(key); s != "" {
				*to = s
			}
		}
	}
	str("target", "target", &f.Target)
	str("profile", "profile", &f.Profile)
	str("event_time_start", "event-time-start", &f.EventTimeStart)
	str("event_time_end", "event-time-end", &f.EventTimeEnd)
	str("sample", "sample", &f.Sample)
	str("state", "state", &f.State)
	str("sql", "sql", &f.SQL)
	if v, ok := args.GetString("threads"); ok && !f.Given("threads") {
		if n, whole := v.AsInt(); whole {
			f.Threads = int(n)
		}
	}
	if f.Given("full-refresh") {
		f.FullRefreshSet = true
	}
	for _, y := range []struct {
		key string
		to  *string
	}{{"vars", &f.Vars}, {"args", &f.Args}} {
		v, _ := args.GetString(y.key)
		if d, isDict := v.AsDict(); isDict && d.Len() > 0 && !f.Given(y.key) {
			text, err := value.AppendJSON(nil, v, value.JSONOptions{})
			if err != nil {
				return "", err
			}
			*y.to = string(text)
		}
	}
	f.Select, f.Exclude, f.Models, f.Selector = nil, nil, nil, ""
	return which, nil
}
