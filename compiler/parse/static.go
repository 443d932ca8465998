package parse

import (
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
)

// staticNames are the context names whose parse-time behaviour is known without running
// anything: recording functions, and values that are false while parsing.
var staticNames = map[string]bool{"ref": true, "source": true, "config": true, "execute": false, "is_incremental": false}

// staticNamesPlain is for projects that define is_incremental themselves.
var staticNamesPlain = map[string]bool{"ref": true, "source": true, "config": true, "execute": false}

// takeStatic takes refs, sources and config from the syntax tree. It reports false, with
// the draft untouched, when rendering could do anything else.
func (p *parser) takeStatic(d *draft) bool {
	if p.overridesBuiltins(d.pkg.Name) {
		return false
	}
	names := staticNames
	if p.macros.Overridden("is_incremental") {
		names = staticNamesPlain
	}
	calls, ok := d.tmpl.StaticCalls(names)
	if !ok {
		return false
	}
	for i := range calls {
		if !sound(&calls[i]) {
			return false
		}
	}
	n := d.node
	for i := range calls {
		call := &calls[i]
		switch call.Name {
		case "ref":
			n.Refs = append(n.Refs, staticRef(call))
		case "source":
			n.Sources = append(n.Sources, manifest.SourceRef{Source: value.Str(call.Args[0]), Table: value.Str(call.Args[1]), Span: call.Span})
		case "config":
			mergeCall(d.calls, configArguments(call))
		case "is_incremental":
			if e, ok := p.macros.Find("is_incremental", ""); ok {
				addOnce(&n.DependsOn.Macros, e.UniqueID)
			}
		}
	}
	if len(n.Sources) > 1 && n.ResourceType == manifest.Model && p.flags.StaticParser {
		dropRepeatedSources(n, calls)
	}
	return true
}

// overridesBuiltins reports whether the project or the package replaces ref, source or config.
func (p *parser) overridesBuiltins(pkg string) bool {
	for _, name := range []string{"ref", "source", "config"} {
		if _, ok := p.macros.Find(name, pkg); ok {
			return true
		}
		if _, ok := p.macros.Find(name, p.project.Name); ok {
			return true
		}
	}
	return false
}

// sound reports whether a call is of the usual form; the context answers all others, so
// that its errors are the same on both paths.
func sound(call *jinja.StaticCall) bool {
	allStrings := func() bool {
		for _, a := range call.Args {
			if a.Kind() != value.KindString {
				return false
			}
		}
		return true
	}
	switch call.Name {
	case "ref":
		if len(call.Args) < 1 || len(call.Args) > 2 || !allStrings() || len(call.Kwargs) > 1 {
			return false
		}
		for _, kw := range call.Kwargs {
			if kw.Name != "v" && kw.Name != "version" {
				return false
			}
			switch kw.Value.Kind() {
			case value.KindString, value.KindInt, value.KindFloat:
			default:
				return false
			}
		}
		return true
	case "source":
		return len(call.Args) == 2 && len(call.Kwargs) == 0 && allStrings()
	case "config":
		return soundConfig(call)
	}
	return true
}

func soundConfig(call *jinja.StaticCall) bool {
	args := configArguments(call)
	if args == nil {
		return false
	}
	for _, key := range []string{"quoting", "column_types", "meta", "docs", "contract", "grants", "snapshot_meta_column_names"} {
		if v, ok := args.GetString(key); ok && v.Kind() != value.KindDict {
			return false
		}
	}
	return true
}

// configArguments are the arguments of config(): keywords or one dict; nil when the
// context has to answer.
func configArguments(call *jinja.StaticCall) *value.Dict {
	switch {
	case len(call.Args) == 1 && len(call.Kwargs) == 0:
		d, ok := call.Args[0].AsDict()
		if !ok {
			return nil
		}
		return hookKeys(d)
	case len(call.Args) == 0 && len(call.Kwargs) > 0:
		d := value.NewDict(len(call.Kwargs))
		for _, kw := range call.Kwargs {
			d.SetString(kw.Name, kw.Value)
		}
		return hookKeys(d)
	}
	return nil
}

// hookKeys spells pre_hook and post_hook as dbt's config does; nil when a hook is there in
// both spellings.
func hookKeys(d *value.Dict) *value.Dict {
	_, pre := d.GetString("pre_hook")
	_, post := d.GetString("post_hook")
	if !pre && !post {
		return d
	}
	_, dashPre := d.GetString("pre-hook")
	_, dashPost := d.GetString("post-hook")
	if pre && dashPre || post && dashPost {
		return nil
	}
	out := d.Copy()
	for _, hook := range []string{"pre", "post"} {
		if v, ok := out.GetString(hook + "_hook"); ok {
			out.DeleteString(hook + "_hook")
			out.SetString(hook+"-hook", v)
		}
	}
	return out
}

func staticRef(call *jinja.StaticCall) manifest.Ref {
	ref := manifest.Ref{Span: call.Span}
	if len(call.Args) == 2 {
		ref.Package = value.Str(call.Args[0])
	}
	ref.Name = value.Str(call.Args[len(call.Args)-1])
	for _, kw := range call.Kwargs {
		ref.Version = kw.Value
	}
	return ref
}
