package run

import (
	"context"
	"strings"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/agate"
	rendering "github.com/millrace/millrace/compiler/context"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/macros"
	"github.com/millrace/millrace/compiler/manifest"
)

func (r *run) findMacro(name string) (*macros.Entry, error) {
	if entry, ok := r.Env.Macros.Find(name, ""); ok {
		return entry, nil
	}
	return nil, diag.New(diag.CodeUnknownMacro, diag.Compilation, diag.Span{}, "dbt could not find a macro with the name '"+name+"' in any package"+perhapsMissing)
}

// perhapsMissing is dbt's advice about macros that are not there.
const perhapsMissing = ". This can happen when calling a macro that does not exist. Check for typos and/or install package dependencies with \"dbt deps\"."

// RunOperation calls a macro ("name" or "package.name") with keyword arguments.
func RunOperation(ctx context.Context, s *Session, macro string, args *value.Dict) (*Results, error) {
	r, err := newRun(s, Plan{Mode: ModeOperation}, Options{})
	if err != nil {
		return nil, err
	}
	pkg, name := "", macro
	if before, after, dotted := strings.Cut(macro, "."); dotted {
		pkg, name = before, after
	}
	entry, ok := r.Env.Macros.Find(name, pkg)
	if !ok {
		return nil, r.unknownOperation(name, pkg)
	}
	call := value.Args{}
	if args != nil {
		for k, v := range args.All() {
			call.Kwargs = append(call.Kwargs, value.Kwarg{Name: value.Str(k), Value: v})
		}
	}
	from := &manifest.Node{ResourceType: manifest.MacroType}
	if m := r.Manifest.Macros[entry.UniqueID]; m != nil {
		from.OriginalFilePath = m.OriginalFilePath
	}
	return r.operation(ctx, entry.UniqueID, name, entry.Package, from, func(c *connection) (adapters.Response, error) {
		_, err := c.RunMacro(name, entry.Package, call)
		return adapters.Response{RowsAffected: -1}, err
	})
}

func (r *run) unknownOperation(name, pkg string) error {
	where := "any package"
	if pkg != "" {
		where = "package '" + pkg + "'"
	}
	d := diag.New(diag.CodeUnknownMacro, diag.Compilation, diag.Span{}, "dbt could not find a macro with the name '"+name+"' in "+where+perhapsMissing)
	var names []string
	for _, m := range r.Manifest.Macros {
		if pkg == "" && m.PackageName == r.projectName() || m.PackageName == pkg {
			names = append(names, m.Name)
		}
	}
	d.Hint = diag.DidYouMean(name, names)
	return d
}

// RunSQL runs a statement, rendered first when it is a template (run-operation --sql).
func RunSQL(ctx context.Context, s *Session, sql string) (*Results, error) {
	r, err := newRun(s, Plan{Mode: ModeOperation}, Options{})
	if err != nil {
		return nil, err
	}
	pkg := r.projectName()
	r.emitMain(r.lines.Operation("START", "RUN", -1))
	out, err := r.operation(ctx, "sql_operation."+pkg+".inline_query", "inline_query", pkg, &manifest.Node{ResourceType: manifest.Operation}, func(c *connection) (adapters.Response, error) {
		text, err := r.renderOperation(ctx, c, sql)
		if err != nil {
			return adapters.Response{}, err
		}
		resp, _, err := c.Execute(text, true, false, -1)
		if err == nil {
			err = c.Commit()
		}
		return resp, err
	})
	if err != nil {
		return out, err
	}
	res := out.Results[0]
	if res.Status == Error {
		r.emitMain(r.lines.Operation("ERROR", "ERROR", res.ExecutionTime.Seconds()))
		return out, nil
	}
	status := "OK"
	if res.Response != nil {
		if m := textOf(res.Response, "_message"); m != "" {
			status = m
		}
	}
	r.emitMain(r.lines.Operation("OK", status, res.ExecutionTime.Seconds()))
	return out, nil
}

func (r *run) renderOperation(ctx context.Context, c *connection, sql string) (string, error) {
	if jinja.IsConstant(sql) {
		return sql, nil
	}
	t, d := jinja.Parse(diag.NewSource("--sql", sql))
	if d != nil {
		return "", d
	}
	scope, _ := r.Env.Operation(r.projectName(), r.Manifest, rendering.Runtime{Adapter: c.Bridge, Ref: r.plainRef, ThreadName: mainThread})
	return t.Render(r.Env.Thread(ctx, scope))
}

// operation runs work outside of any node and makes its result; n says what kind of thing does
// the work, and where it stands.
func (r *run) operation(ctx context.Context, id, name, pkg string, n *manifest.Node, work func(*connection) (adapters.Response, error)) (*Results, error) {
	r.started = r.now()
	n.UniqueID, n.Name, n.Alias, n.PackageName, n.FQN = id, name, name, pkg, strings.Split(id, ".")
	n.Config = &manifest.Config{Values: value.NewDict(0)}
	t := &Task{ID: id, Kind: manifest.Operation, Mode: ModeOperation, run: r, thread: mainThread, Node: n}
	t.Result = t.result()
	if err := r.timed(t, "compile", func() error { return nil }); err != nil {
		return nil, err
	}
	c, err := r.connect(ctx, mainThread, "macro_"+name, pkg, nil)
	if err != nil {
		return nil, err
	}
	t.conn = c
	// An empty transaction first: what the macro runs without beginning one, like VACUUM,
	// is then outside of any.
	if err := c.Begin(); err != nil {
		return nil, err
	}
	if err := c.Commit(); err != nil {
		return nil, err
	}
	var resp adapters.Response
	failures := int64(0)
	t.Result.Failures = &failures
	err = r.timed(t, "execute", func() error {
		return guard(func() (err error) { resp, err = work(c); return err })
	})
	if err != nil {
		failures = 1
		d := r.explain(t, err)
		if d.Node == t.describe() && (d.Kind != diag.Compilation || n.OriginalFilePath == "") {
			d.Node = "" // only the compiler's errors know the macro
		}
		t.Result.Status, t.Result.Message, t.Result.Diag = Error, d.Error(), d
		e := event.OperationError(d.Error())
		e.Diag = d
		r.emitMain(e)
	} else if resp.Message != "" {
		t.Result.Response = resp.Dict()
	}
	c.release(name)
	out := &Results{Mode: ModeOperation, Results: []*Result{t.Result}, Started: r.started, Elapsed: r.now().Sub(r.started), Canceled: ctx.Err() != nil}
	t.Result.ExecutionTime = out.Elapsed
	return out, nil
}

// RenderMacro calls a macro outside of any node and gives what it writes.
func RenderMacro(ctx context.Context, s *Session, name string, args ...value.Value) (string, error) {
	r, err := newRun(s, Plan{Mode: ModeOperation}, Options{})
	if err != nil {
		return "", err
	}
	c, err := r.connect(ctx, mainThread, "macro "+name, r.projectName(), nil)
	if err != nil {
		return "", err
	}
	defer c.release("macro " + name)
	v, err := c.RunMacro(name, "", value.Args{Pos: args})
	if err != nil {
		return "", err
	}
	return value.Str(v), nil
}

// ShowDirect runs a statement as it is and gives its rows (show --inline-direct).
func ShowDirect(ctx context.Context, s *Session, sql string, limit int) (*agate.Table, error) {
	r, err := newRun(s, Plan{Mode: ModeShow}, Options{})
	if err != nil {
		return nil, err
	}
	c, err := r.connect(ctx, mainThread, "show", r.projectName(), nil)
	if err != nil {
		return nil, err
	}
	defer c.release("show")
	_, table, err := c.Execute(sql, false, true, limit)
	return table, err
}
