package parse

import (
	"fmt"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// absorbOverloads moves the files that functions name as overloads into them; such a file
// is no function of its own.
func (p *parser) absorbOverloads() {
	owners := map[string]string{}
	for _, d := range p.drafts {
		n := d.node
		if n.ResourceType != manifest.FunctionType {
			continue
		}
		if n.Returns.IsUndefined() {
			n.Returns = functionReturns(value.Undef)
		}
		n.Arguments = functionArguments(n.Arguments)
		var out []value.Value
		if d.patch != nil {
			for i, item := range d.patch.overloads.Items() {
				if v, ok := p.overload(d, item.Dict(), d.patch.overloads.At(i).Span(), owners); ok {
					out = append(out, v)
				}
			}
		}
		n.Overloads = value.NewList(out...)
	}
}

func (p *parser) overload(d *draft, o *value.Dict, span diag.Span, owners map[string]string) (value.Value, bool) {
	o = emptyIfNil(o)
	name := textOf(o, "defined_in")
	fail := func(format string, args ...any) (value.Value, bool) {
		p.report(d.fail(diag.CodeConfigValue, diag.Parsing, span, fmt.Sprintf(format, args...)))
		return value.Undef, false
	}
	if name == d.node.Name {
		return fail("Function '%s' cannot list itself in overloads (defined_in: '%s').", d.node.Name, name)
	}
	if owner := owners[d.pkg.Name+"\x00"+name]; owner != "" {
		return fail("Function overload '%s' (defined_in) is already used by '%s'. Each overload file can only belong to one root function.", name, owner)
	}
	found := among(p.functions[name], d.pkg.Name, true)
	if len(found) == 0 {
		return fail("Function overload '%s' (defined_in) not found. Expected a SQL file at functions/%s.sql", name, name)
	}
	owners[d.pkg.Name+"\x00"+name] = d.node.UniqueID
	body := found[0]
	body.absorbed = true
	n := d.node
	n.Refs = append(n.Refs, body.node.Refs...)
	n.Sources = append(n.Sources, body.node.Sources...)
	n.Functions = append(n.Functions, body.node.Functions...)
	out := value.NewDict(6)
	out.SetString("defined_in", value.String(name))
	out.SetString("arguments", functionArguments(get(o, "arguments")))
	returns := value.None
	if dictAt(o, "returns") != nil {
		returns = functionReturns(get(o, "returns"))
	}
	out.SetString("returns", returns)
	out.SetString("description", none(get(o, "description")))
	out.SetString("raw_body", value.String(body.node.RawCode))
	out.SetString("compiled_body", value.None)
	return value.FromDict(out), true
}
