package parse

import (
	"errors"
	"strings"

	"github.com/millrace/millrace/compiler/context"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// evaluate finds out what a node's body says: refs, sources, config, macros. Where the
// syntax tree alone is proof enough nothing is rendered.
func (p *parser) evaluate(d *draft) {
	n := d.node
	switch {
	case n.ResourceType == manifest.Seed:
		return
	case n.Language == "python" && n.ResourceType == manifest.Model: // functions in Python are templates
		p.pythonBody(d)
		return
	case n.Language == "javascript":
		return
	}
	tmpl, bad := p.template(d)
	if bad != nil {
		p.report(nodeError(n, bad, diag.CodeTemplateSyntax))
		d.failed = true
		return
	}
	d.tmpl = tmpl
	if _, constant := tmpl.Constant(); constant {
		p.stats.countStatic()
		return
	}
	if p.static && p.takeStatic(d) {
		p.stats.countStatic()
	} else {
		p.render(d)
		p.stats.countRendered()
	}
	p.asWritten(d)
}

func (p *parser) template(d *draft) (*jinja.Template, *diag.Diagnostic) {
	if d.node.ResourceType == manifest.Operation {
		return jinja.Parse(diag.NewSource(spanPath(d.node.Span), d.node.RawCode))
	}
	span := d.node.BodySpan
	return jinja.ParseAt(span.Source, span.Start, span.End)
}

// parseNode is the node as its own template sees it.
func (p *parser) parseNode(d *draft) context.ParseNode {
	n := d.node
	return context.ParseNode{
		Package: n.PackageName, Name: n.Name, UniqueID: n.UniqueID, ResourceType: string(n.ResourceType),
		Path: n.OriginalFilePath, Database: n.Database, Schema: n.Schema, Alias: n.Alias, FQN: n.FQN,
		Model: func() value.Value { return n.MacroContextValue(nil) },
	}
}

// render runs the body with execute=False and keeps what it recorded.
func (p *parser) render(d *draft) {
	rec := &context.Recorder{}
	rec.At(d.node.BodySpan)
	scope := p.env.Parse(rec, p.parseNode(d))
	if _, err := d.tmpl.Render(p.env.Thread(p.ctx, scope)); err != nil {
		p.report(nodeError(d.node, err, diag.CodeTemplateRuntime))
		d.failed = true
	}
	if rec.Config != nil {
		d.calls = rec.Config
		p.refuseUndefined(d)
	}
	p.take(d, rec)
}

// take moves what was recorded into the node.
func (p *parser) take(d *draft, rec *context.Recorder) {
	n := d.node
	calls := callFinder{draft: d}
	for _, ref := range rec.Refs {
		ref.Span = calls.find("ref", ref.Name, ref.Version, ref.Span)
		n.Refs = append(n.Refs, ref)
	}
	for _, s := range rec.Sources {
		s.Span = calls.find("source", s.Table, value.Undef, s.Span)
		n.Sources = append(n.Sources, s)
	}
	n.Metrics = append(n.Metrics, rec.Metrics...)
	n.Functions = append(n.Functions, rec.Functions...)
	for _, id := range rec.Macros {
		addOnce(&n.DependsOn.Macros, id)
	}
}

func addOnce(list *[]string, item string) {
	for _, have := range *list {
		if have == item {
			return
		}
	}
	*list = append(*list, item)
}

// callFinder finds the calls in a template that recorded names, each once in order; a call
// in a loop may stand for several.
type callFinder struct {
	draft *draft
	calls []jinja.StaticCall
	used  []bool
}

func (c *callFinder) find(function, lastArg string, version value.Value, fallback diag.Span) diag.Span {
	if c.calls == nil {
		c.calls = c.draft.bodyCalls()
		c.used = make([]bool, len(c.calls))
	}
	found := -1
	for i := range c.calls {
		if !recorded(&c.calls[i], function, lastArg, version) {
			continue
		}
		if !c.used[i] {
			found = i
			break
		}
		if found < 0 {
			found = i
		}
	}
	if found < 0 {
		return fallback
	}
	c.used[found] = true
	return c.calls[found].Span
}

// recorded reports whether a call with these arguments gives this record.
func recorded(call *jinja.StaticCall, function, lastArg string, version value.Value) bool {
	if call.Name != function || len(call.Args) == 0 {
		return false
	}
	if s, ok := call.Args[len(call.Args)-1].AsString(); !ok || s != lastArg {
		return false
	}
	given := value.Undef
	for _, kw := range call.Kwargs {
		given = kw.Value
	}
	return given.IsNull() == version.IsNull() && (given.IsNull() || value.Equal(given, version))
}

// nodeError gives an error the node's header.
func nodeError(n *manifest.Node, err error, code diag.Code) *diag.Diagnostic {
	var found *diag.Diagnostic
	if errors.As(err, &found) {
		c := *found
		c.NodeID = n.UniqueID
		if c.Code != diag.CodeEnvVar { // dbt tells of variables without the place
			c.Node = header(n)
		}
		if !c.Span.Valid() {
			c.Span = n.BodySpan
		}
		return &c
	}
	d := diag.New(code, diag.Compilation, n.BodySpan, err.Error())
	d.NodeID, d.Node, d.Cause = n.UniqueID, header(n), err
	return d
}

// asWritten keeps the arguments of the first config() call as text, for comparison with an
// earlier state. Bodies that dbt reads without rendering keep their values instead.
func (p *parser) asWritten(d *draft) {
	var first *jinja.StaticCall
	calls := d.bodyCalls()
	for i := range calls {
		if calls[i].Name == "config" && (first == nil || calls[i].Span.Start < first.Span.Start) {
			first = &calls[i]
		}
	}
	// dbt looks for this very text before it reads calls: one with space before its bracket stays rendered.
	if first == nil || len(first.Kwargs) == 0 || !strings.Contains(d.node.RawCode, "config(") {
		return
	}
	if d.node.ResourceType == manifest.Model && p.plainForDBT(d, calls) {
		return
	}
	d.unrendered = value.NewDict(len(first.Kwargs))
	for i, kw := range first.Kwargs {
		d.unrendered.SetString(kw.Name, value.String(first.Written(i)))
	}
}

// writtenValue is the value of a config argument as dbt writes it down: strings as they
// are, all else as Python source.
func writtenValue(v value.Value) value.Value {
	if _, ok := v.AsString(); ok {
		return v
	}
	return value.String(value.Repr(v))
}

// plainForDBT reports whether dbt's static extractor reads the body: nothing but print
// tags without white space control, with ref, source and config of plain literals.
func (p *parser) plainForDBT(d *draft, calls []jinja.StaticCall) bool {
	text := d.node.RawCode
	if strings.Contains(text, "{%") || strings.Contains(text, "{{-") || strings.Contains(text, "-}}") {
		return false
	}
	if !d.tmpl.OnlyStatic(extractorNames) || p.overridesBuiltins(d.pkg.Name) {
		return false
	}
	for _, name := range d.tmpl.FreeNames() {
		if !extractorNames[name] {
			return false
		}
	}
	for _, call := range calls {
		if call.Name != "config" {
			continue
		}
		source := argumentTexts(call.Span)
		for _, kw := range call.Kwargs {
			if strings.HasSuffix(kw.Name, "_hook") || !plainLiteral(kw.Value) || hasLowerBool(source[kw.Name]) {
				return false
			}
		}
	}
	return true
}

var extractorNames = map[string]bool{"ref": true, "source": true, "config": true}

// plainLiteral accepts strings, booleans, and lists and dicts of them.
func plainLiteral(v value.Value) bool {
	switch v.Kind() {
	case value.KindString, value.KindBool:
		return true
	case value.KindList:
		for _, item := range v.Items() {
			if !plainLiteral(item) {
				return false
			}
		}
		return true
	case value.KindDict:
		d, _ := v.AsDict()
		for k, item := range d.All() {
			if k.Kind() != value.KindString || !plainLiteral(item) {
				return false
			}
		}
		return true
	}
	return false
}

func hasLowerBool(text string) bool {
	for _, word := range []string{"true", "false"} {
		for from := 0; ; {
			i := strings.Index(text[from:], word)
			if i < 0 {
				break
			}
			i += from
			if !quotedAt(text, i) {
				return true
			}
			from = i + len(word)
		}
	}
	return false
}

// quotedAt reports whether offset i of an expression is inside a string.
func quotedAt(text string, i int) bool {
	var quote byte
	for j := 0; j < i; j++ {
		switch c := text[j]; {
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
		case quote != 0 && c == '\\':
			j++
		case quote == c:
			quote = 0
		}
	}
	return quote != 0
}

// argumentTexts are the keyword arguments of a call as written.
func argumentTexts(span diag.Span) map[string]string {
	out := map[string]string{}
	text := span.Source.Text[span.Start:span.End]
	open := strings.IndexByte(text, '(')
	if open < 0 || !strings.HasSuffix(text, ")") {
		return out
	}
	for _, arg := range splitArguments(text[open+1 : len(text)-1]) {
		if name, expr, ok := strings.Cut(arg, "="); ok {
			out[strings.TrimSpace(name)] = strings.TrimSpace(expr)
		}
	}
	return out
}

// splitArguments cuts at the commas that are outside of strings and brackets.
func splitArguments(text string) []string {
	var out []string
	depth, start := 0, 0
	var quote byte
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quote != 0:
			if c == '\\' {
				i++
			} else if c == quote {
				quote = 0
			}
		case c == '\'' || c == '"':
			quote = c
		case c == '(' || c == '[' || c == '{':
			depth++
		case c == ')' || c == ']' || c == '}':
			depth--
		case c == ',' && depth == 0:
			out = append(out, text[start:i])
			start = i + 1
		}
	}
	return append(out, text[start:])
}
