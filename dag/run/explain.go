package run

import (
	"errors"
	"strings"
	"time"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/compile"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// explain makes an error of a task a diagnostic: with the node's name, and for an error of
// the database with the place in the user's file and the path of the compiled code.
func (r *run) explain(t *Task, err error) *diag.Diagnostic {
	var found *diag.Diagnostic
	if !errors.As(err, &found) {
		found = diag.New(diag.CodeTemplateRuntime, diag.Runtime, diag.Span{}, err.Error())
		found.Cause = err
	}
	d := *found
	if d.NodeID == "" {
		d.NodeID = t.ID
	}
	if d.Node == "" {
		d.Node = t.describe()
	}
	d = r.Env.Traced(d)
	var de *adapters.DatabaseError
	if errors.As(err, &de) {
		if span, ok := locate(t.Out, de); ok {
			d.Related = append(related(d), d.Related...)
			d.Span = span
		}
		if de.Column != "" {
			d.Code = diag.CodeUnknownColumn
			if d.Hint == "" {
				d.Hint = diag.DidYouMean(de.Column, de.Candidates)
			}
			if lost := r.whereLost(t, de.Column); lost != "" {
				d.Related = append(d.Related, diag.Related{Message: lost})
			}
		}
		if d.Kind == diag.Database && t.Out != nil && t.Out.BuildPath != "" && !strings.Contains(d.Detail, "compiled code at ") {
			d.Detail = joinLines(d.Detail, "compiled code at "+t.Out.BuildPath)
		}
	}
	r.ownPlaces(&d)
	if d.Code == diag.CodeUndefined && d.Hint == "" && d.Span.Valid() && strings.HasPrefix(d.Span.Source.Text[d.Span.End:], ".") {
		name := d.Span.Source.Text[d.Span.Start:d.Span.End]
		d.Hint = "is the package '" + name + "' in packages.yml and installed? `millrace deps` installs packages"
	}
	return &d
}

// ownPlaces leaves out places in the built-in macros: the way through our library explains
// nothing to a user. The first place in a file of the project becomes the main one.
func (r *run) ownPlaces(d *diag.Diagnostic) {
	var own []diag.Related
	for _, p := range d.Related {
		if !p.Span.Valid() && strings.HasPrefix(p.Message, "in macro ") || p.Span.Valid() && r.isInternal(p.Span.Source.Path) {
			continue
		}
		own = append(own, p)
	}
	if d.Span.Valid() && r.isInternal(d.Span.Source.Path) {
		d.Span = diag.Span{}
		for i, p := range own {
			if p.Span.Valid() {
				d.Span = p.Span
				own = append(own[:i:i], own[i+1:]...)
				break
			}
		}
	}
	d.Related = own
}

func (r *run) isInternal(path string) bool {
	for _, pkg := range r.Project.Packages {
		if pkg.Internal && strings.HasPrefix(path, pkg.Name+"/") {
			return true
		}
	}
	return false
}

// related keeps the place of a macro's statement when the span moves to the model.
func related(d diag.Diagnostic) []diag.Related {
	if !d.Span.Valid() {
		return nil
	}
	return []diag.Related{{Span: d.Span, Message: "the statement was sent from here"}}
}

// locate finds the position of a database error in the template, through the compiled
// code that is a part of the statement.
func locate(out *compile.Output, de *adapters.DatabaseError) (diag.Span, bool) {
	if out == nil || out.Map == nil || de.Position < 0 || out.Code == "" {
		return diag.Span{}, false
	}
	at := strings.Index(de.SQL, out.Code)
	if at < 0 {
		code := strings.TrimSpace(out.Code)
		if at = strings.Index(de.SQL, code); at < 0 || code == "" {
			return diag.Span{}, false
		}
		at -= strings.Index(out.Code, code)
	}
	return out.Map.At(de.Position - at)
}

func joinLines(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "\n" + b
}

func firstLine(s string) string {
	if i := strings.IndexByte(s, '\n'); i >= 0 {
		return s[:i]
	}
	return s
}

// describe is how messages name the task's node.
func (t *Task) describe() string {
	if t.Node != nil {
		return compile.Describe(t.Node)
	}
	path := ""
	switch {
	case t.Unit != nil:
		path = t.Unit.OriginalFilePath
	case t.Source != nil:
		path = t.Source.OriginalFilePath
	}
	return string(t.Kind) + " " + t.name() + " (" + path + ")"
}

// timeout is the bound of a node: config.meta.timeout or config.timeout in seconds or as
// "5m", else the run's.
func (r *run) timeout(t *Task) time.Duration {
	if t.Node != nil {
		v := t.Node.Config.Get("timeout")
		if v.IsNull() {
			if meta := t.Node.Config.Dict("meta"); meta != nil {
				v, _ = meta.GetString("timeout")
			}
		}
		if d, ok := duration(v); ok {
			return d
		}
	}
	return r.opts.Timeout
}

func duration(v value.Value) (time.Duration, bool) {
	if n, ok := v.AsInt(); ok {
		return time.Duration(n) * time.Second, true
	}
	if f, ok := v.AsFloat(); ok {
		return time.Duration(f * float64(time.Second)), true
	}
	if s, ok := v.AsString(); ok {
		d, err := time.ParseDuration(s)
		return d, err == nil
	}
	return 0, false
}
