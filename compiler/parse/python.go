package parse

import (
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// pythonBody reads the dbt.ref, dbt.source and dbt.config calls of a Python model, whose
// arguments must be literals. Nothing of the file is run.
func (p *parser) pythonBody(d *draft) {
	n := d.node
	if strings.Contains(n.RawCode, "{{") || strings.Contains(n.RawCode, "{%") {
		p.report(d.fail(diag.CodeTemplateSyntax, diag.Parsing, n.BodySpan, "No jinja in python model code is allowed"))
		return
	}
	var used, defaults, metaUsed, metaDefaults []value.Value
	for _, call := range pythonCalls(n.BodySpan) {
		text := "{{ " + call.name + call.args + " }}"
		tmpl, bad := jinja.Parse(diag.NewSource(spanPath(n.BodySpan), text))
		if bad != nil {
			p.report(d.fail(diag.CodeTemplateSyntax, diag.Parsing, call.span, "Error when trying to literal_eval an arg to dbt."+call.name+"() in a Python model"))
			continue
		}
		calls, ok := tmpl.StaticCalls(map[string]bool{call.name: true})
		if !ok || len(calls) != 1 || !sound(&calls[0]) {
			x := d.fail(diag.CodeTemplateSyntax, diag.Parsing, call.span, "Error when trying to literal_eval an arg to dbt."+call.name+"() in a Python model")
			x.Hint = "arguments of dbt functions in Python models must be literals"
			p.report(x)
			continue
		}
		c := calls[0]
		c.Span = call.span
		switch call.name {
		case "ref":
			n.Refs = append(n.Refs, staticRef(&c))
		case "source":
			n.Sources = append(n.Sources, manifest.SourceRef{Source: value.Str(c.Args[0]), Table: value.Str(c.Args[1]), Span: c.Span})
		case "config":
			mergeCall(d.calls, configArguments(&c))
		case "config_get", "config_meta_get":
			if len(c.Args) < 1 || len(c.Args) > 2 {
				p.report(d.fail(diag.CodeTemplateSyntax, diag.Parsing, c.Span, "dbt.config.get() takes one or two arguments in a Python model"))
				continue
			}
			def := value.None
			if len(c.Args) > 1 {
				def = c.Args[1]
			}
			if call.name == "config_get" {
				used, defaults = append(used, c.Args[0]), append(defaults, def)
			} else {
				metaUsed, metaDefaults = append(metaUsed, c.Args[0]), append(metaDefaults, def)
			}
		}
	}
	if len(used)+len(metaUsed) > 0 {
		d.calls.SetString("config_keys_used", value.NewList(used...))
		d.calls.SetString("config_keys_defaults", value.NewList(defaults...))
		d.calls.SetString("meta_keys_used", value.NewList(metaUsed...))
		d.calls.SetString("meta_keys_defaults", value.NewList(metaDefaults...))
	}
}

type pythonCall struct {
	name, args string
	span       diag.Span
}

// pythonCalls finds "dbt.<function>(…)" outside of comments and strings.
func pythonCalls(body diag.Span) []pythonCall {
	text := body.Source.Text[body.Start:body.End]
	var out []pythonCall
	for i := 0; i < len(text); {
		switch c := text[i]; {
		case c == '#':
			if end := strings.IndexByte(text[i:], '\n'); end >= 0 {
				i += end
			} else {
				i = len(text)
			}
			continue
		case c == '\'' || c == '"':
			i = pythonStringEnd(text, i)
			continue
		case strings.HasPrefix(text[i:], "dbt.") && (i == 0 || !isWordByte(text[i-1]) && text[i-1] != '.'):
			if call, end := pythonCallAt(text, i); end > 0 {
				call.span = body.Source.At(body.Start+i, body.Start+end)
				out = append(out, call)
				i += len("dbt.")
				continue
			}
		}
		i++
	}
	return out
}

func pythonCallAt(text string, i int) (call pythonCall, end int) {
	for _, f := range []struct{ source, name string }{
		{"dbt.config.meta_get", "config_meta_get"}, {"dbt.config.get", "config_get"}, {"dbt.config", "config"}, {"dbt.ref", "ref"}, {"dbt.source", "source"},
	} {
		if !strings.HasPrefix(text[i:], f.source) {
			continue
		}
		open := i + len(f.source)
		for open < len(text) && (text[open] == ' ' || text[open] == '\t') {
			open++
		}
		if open >= len(text) || text[open] != '(' {
			continue
		}
		depth := 0
		for j := open; j < len(text); j++ {
			switch text[j] {
			case '\'', '"':
				j = pythonStringEnd(text, j) - 1
			case '(', '[', '{':
				depth++
			case ')', ']', '}':
				if depth--; depth == 0 {
					return pythonCall{name: f.name, args: text[open : j+1]}, j + 1
				}
			}
		}
	}
	return call, 0
}

// pythonStringEnd is the offset behind the string literal at i.
func pythonStringEnd(text string, i int) int {
	quote := text[i : i+1]
	if strings.HasPrefix(text[i:], strings.Repeat(quote, 3)) {
		quote = text[i : i+3]
	}
	for j := i + len(quote); j < len(text); j++ {
		switch {
		case text[j] == '\\':
			j++
		case strings.HasPrefix(text[j:], quote):
			return j + len(quote)
		case len(quote) == 1 && text[j] == '\n':
			return j
		}
	}
	return len(text)
}
