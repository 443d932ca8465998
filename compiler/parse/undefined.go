package parse

import (
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// refuseUndefined reports a config() argument that is, or holds, an unknown name: dbt cannot
// keep such a config, and the manifest has no way to say it.
func (p *parser) refuseUndefined(d *draft) {
	for k, v := range d.calls.All() {
		unknown, found := firstUndefined(v)
		if !found {
			continue
		}
		name := unknown.UndefinedName()
		if name == "" {
			name = "unknown"
		}
		p.report(d.fail(diag.CodeTemplateRuntime, diag.Compilation, p.configSpan(d, value.Str(k)), name+" is undefined"))
		d.failed = true
		return
	}
}

func firstUndefined(v value.Value) (value.Value, bool) {
	if v.IsUndefined() {
		return v, true
	}
	if d, ok := v.AsDict(); ok {
		for _, item := range d.All() {
			if u, found := firstUndefined(item); found {
				return u, true
			}
		}
	}
	if l, ok := v.AsList(); ok {
		for _, item := range l.Items {
			if u, found := firstUndefined(item); found {
				return u, true
			}
		}
	}
	return value.Undef, false
}
