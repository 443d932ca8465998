package parse

import (
	"errors"
	"sync"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/yaml"
)

// yamlRenderer renders the strings of a package's schema files.
func (p *parser) yamlRenderer(pkg string) yaml.Renderer { return schemaRenderer{p, pkg} }

type schemaRenderer struct {
	p   *parser
	pkg string
}

// thread renders without advice about missing macros, which dbt has for templates alone.
func (r schemaRenderer) thread() *value.Thread {
	th := r.p.env.Thread(r.p.ctx, r.p.env.YAML(r.pkg))
	th.Translate = nil
	return th
}

func (r schemaRenderer) Native(text string, span diag.Span) (value.Value, error) {
	tmpl, bad := jinja.Parse(diag.NewSource(spanPath(span), text))
	if bad != nil {
		return value.Undef, at(bad, span)
	}
	th := r.thread()
	th.Native = true
	v, err := tmpl.RenderNative(th)
	if err != nil {
		return value.Undef, at(err, span)
	}
	if v.IsUndefined() {
		return value.String(""), nil // what a lone unknown name prints
	}
	return v, nil
}

func (r schemaRenderer) Text(text string, span diag.Span) (string, error) {
	tmpl, bad := jinja.Parse(diag.NewSource(spanPath(span), text))
	if bad != nil {
		return "", at(bad, span)
	}
	s, err := tmpl.Render(r.thread())
	if err != nil {
		return "", at(err, span)
	}
	return s, nil
}

// at moves an error to where its text stands in the user's file.
func at(err error, span diag.Span) error {
	var d *diag.Diagnostic
	if errors.As(err, &d) {
		c := *d
		c.Span = span
		return &c
	}
	return err
}

// templates keeps small templates that many nodes share, above all generic tests' bodies.
type templates struct{ byText sync.Map }

func (t *templates) get(text string) (*jinja.Template, error) {
	if v, ok := t.byText.Load(text); ok {
		return v.(*jinja.Template), nil
	}
	tmpl, bad := jinja.Parse(diag.NewSource("", text))
	if bad != nil {
		return nil, bad
	}
	v, _ := t.byText.LoadOrStore(text, tmpl)
	return v.(*jinja.Template), nil
}

// renderText renders a text for what it records.
func (p *parser) renderText(text string, scope value.Scope) error {
	tmpl, err := p.templates.get(text)
	if err != nil {
		return err
	}
	_, err = tmpl.Render(p.env.Thread(p.ctx, scope))
	return err
}
