package run

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"
	"sync"

	"github.com/millrace/millrace/compiler/compile"
	rendering "github.com/millrace/millrace/compiler/context"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/flags"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// hooksAtEnd reports whether this run has project hooks at all.
func (r *run) hooksAtEnd() bool {
	switch r.plan.Mode {
	case ModeCompile, ModeShow, ModeClone:
		return false
	case ModeFreshness:
		return !r.opts.SkipHooks && r.Flags.Behavior["source_freshness_run_project_hooks"]
	}
	return !r.opts.SkipHooks
}

// missedHooks warns that source freshness leaves out the project's hooks because a flag says so.
func (r *run) missedHooks() error {
	if r.plan.Mode != ModeFreshness || r.opts.SkipHooks || len(r.hooksOf("on-run-start"))+len(r.hooksOf("on-run-end")) == 0 {
		return nil
	}
	return r.deprecated("SourceFreshnessProjectHooksNotRun", "D017",
		"In a future version of dbt, the `source freshness` command will start running `on-run-start` and `on-run-end` hooks by default.", diag.Span{})
}

// deprecated warns of what will be otherwise, or fails where the user wants that.
func (r *run) deprecated(name, code, text string, span diag.Span) error {
	switch r.Flags.Treat(name) {
	case flags.AsError:
		return diag.New(diag.CodeDeprecated, diag.Compilation, span, text)
	case flags.AsWarning:
		r.emitMain(event.Event{Name: name, Code: code, Level: event.Warn, Msg: "[WARNING]: " + text, Data: map[string]any{}})
	}
	return nil
}

// hooksOf are the hooks of one kind: the root project's, then those of packages in the order of
// their names. That is dbt's order at the start and at the end.
func (r *run) hooksOf(kind string) []*manifest.Node {
	var out []*manifest.Node
	for _, n := range r.Manifest.Operations {
		if slices.Contains(n.Tags, kind) {
			out = append(out, n)
		}
	}
	root := r.projectName()
	sort.SliceStable(out, func(a, b int) bool {
		x, y := out[a], out[b]
		if (x.PackageName == root) != (y.PackageName == root) {
			return x.PackageName == root
		}
		if x.PackageName != y.PackageName {
			return x.PackageName < y.PackageName
		}
		return x.Index < y.Index
	})
	return out
}

// hooks runs on-run-start or on-run-end outside of a transaction. After a failure the rest
// is skipped. ok is false when one failed; an error is about the run as a whole.
func (r *run) hooks(ctx context.Context, kind string, extra func(*rendering.Runtime)) (ok bool, err error) {
	hooks := r.hooksOf(kind)
	if len(hooks) == 0 {
		return true, nil
	}
	if kind == "on-run-end" {
		r.emitMain(event.Formatting(""))
	}
	ok = true
	for i, n := range hooks {
		t := &Task{ID: n.UniqueID, Kind: n.ResourceType, Node: n, Mode: r.plan.Mode, run: r, thread: mainThread, status: "None",
			Progress: event.Progress{Index: i + 1, Total: len(hooks)}}
		name := fmt.Sprintf("%s.%s.%d", n.PackageName, kind, i)
		if err := r.hook(ctx, t, name, !ok, extra); err != nil {
			return false, err
		}
		if t.Result.Status == Error {
			ok = false
		}
		r.results = append(r.results, t.Result)
	}
	if kind == "on-run-start" {
		r.emitMain(event.Formatting(""))
	}
	return ok, nil
}

func (r *run) hook(ctx context.Context, t *Task, name string, skip bool, extra func(*rendering.Runtime)) error {
	t.Result = t.result()
	t.Result.ThreadID = "main"
	failures := int64(1)
	t.Result.Failures = &failures
	if skip {
		t.Result.Status, t.Result.Message = Skipped, name+" skipped"
		t.status = string(Skipped)
		t.Emit(r.lines.HookEnd(t.Info(), name, string(Skipped), t.Progress, 0))
		return nil
	}
	c, err := r.connect(ctx, t.thread, "master", t.pkg(), t.Info())
	if err != nil {
		return err
	}
	t.conn = c
	defer c.release("master")
	t.started, t.status = r.now(), "started"
	sql := ""
	err = r.timed(t, "compile", func() (err error) {
		sql, err = t.hookSQL(ctx, extra)
		return err
	})
	if err != nil {
		return r.explain(t, err)
	}
	t.Emit(r.lines.HookStart(t.Info(), name, t.Progress))
	err = r.timed(t, "execute", func() error {
		if strings.TrimSpace(sql) == "" {
			return nil
		}
		if _, _, err := c.Execute(sql, false, false, -1); err != nil {
			return err
		}
		// The next hook, and the nodes, must see what this one did: like dbt, an empty
		// transaction is begun and committed, which ends the one that a driver opened by itself.
		if err := c.Begin(); err != nil {
			return err
		}
		return c.Commit()
	})
	t.finished = r.now()
	t.Result.ExecutionTime = t.finished.Sub(t.started)
	t.Result.Status, t.Result.Message = Success, name+" passed"
	failures = 0
	if err != nil {
		failures = 1
		d := r.explain(t, err)
		t.Result.Status, t.Result.Diag = Error, d
		t.Result.Message = name + " failed, error:\n " + d.Message()
	}
	t.status = string(t.Result.Status)
	t.Emit(r.lines.HookEnd(t.Info(), name, string(t.Result.Status), t.Progress, t.Result.ExecutionTime.Seconds()))
	return nil
}

// hookSQL renders a hook. A hook may be written as a dict with the key sql.
func (t *Task) hookSQL(ctx context.Context, extra func(*rendering.Runtime)) (string, error) {
	h := t.Host()
	if extra != nil {
		extra(&h.Runtime)
	}
	out, err := t.run.compiler.Compile(ctx, t.Node, h)
	if err != nil {
		return "", err
	}
	t.Out = out
	out.HookIndex = t.Progress.Index
	t.Result.Compiled = &out.Compiled
	if err := t.WriteCompiled(out); err != nil {
		return "", err
	}
	return hookText(out.Code), nil
}

// hookText takes the statement out of {"sql": …}.
func hookText(code string) string {
	if !strings.HasPrefix(strings.TrimSpace(code), "{") {
		return code
	}
	v, err := value.ParseJSON(code)
	if err != nil {
		return code
	}
	if d, ok := v.AsDict(); ok {
		if sql, ok := d.GetString("sql"); ok {
			return value.Str(sql)
		}
	}
	return code
}

// after runs on-run-end with the results of the nodes.
func (r *run) after(ctx context.Context) error {
	if ctx.Err() != nil {
		return nil //nolint:nilerr // an interrupted run ends without its hooks, which is no error of theirs
	}
	built := sync.OnceValue(r.forHooks) // the first hook asks; what hooks add is not for the later ones
	_, err := r.hooks(ctx, "on-run-end", func(rt *rendering.Runtime) {
		b := built()
		rt.Results, rt.Schemas, rt.DatabaseSchemas = value.NewList(b.results...), b.schemas, b.pairs
	})
	return err
}

// builtForHooks is what on-run-end templates see of the nodes.
type builtForHooks struct {
	results []value.Value
	schemas []string    // of what was built
	pairs   [][2]string // the same with their databases
}

func (r *run) forHooks() builtForHooks {
	var b builtForHooks
	for _, res := range r.results {
		if res.ThreadID == "main" && res.Status != Error {
			continue
		}
		b.results = append(b.results, r.resultValue(res))
		n := res.Node
		if n == nil || !relational(n) && !compile.IsEphemeral(n) && !r.StoresFailures(n) || res.Status == Error || res.Status == Fail || res.Status == Skipped {
			continue
		}
		if pair := [2]string{n.Database, n.Schema}; !slices.Contains(b.pairs, pair) {
			b.pairs = append(b.pairs, pair)
		}
		if !slices.Contains(b.schemas, n.Schema) {
			b.schemas = append(b.schemas, n.Schema)
		}
	}
	return b
}
