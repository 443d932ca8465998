package context

import (
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// secretPrefix starts the names of variables whose values must not be shown.
const secretPrefix = "DBT_ENV_SECRET"

// lookupVar finds a var in dbt's order: a unit test's override, the command line, the root
// project's for the package, the root project's, the package's own.
func (s *Scope) lookupVar(name string) (value.Value, bool) {
	if s.rt != nil && s.rt.UnitTest != nil && s.rt.UnitTest.Vars != nil {
		if v, ok := s.rt.UnitTest.Vars.GetString(name); ok {
			return v, true
		}
	}
	if s.pkg == "" { // the base scope knows the command line only
		return s.env.Project.CLIVars.GetString(name)
	}
	return s.env.Project.Var(s.pkg, name)
}

func (s *Scope) varFunction(th *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("var", "var_name", "default?")
	if err != nil {
		return value.Undef, err
	}
	name := value.Str(v[0])
	s.rec.usedVar(name)
	if found, ok := s.lookupVar(name); ok {
		text, isText := found.AsString()
		// Property files take values as they are; templates render what was kept for them.
		if !isText || s.members == yamlSet {
			return found, nil
		}
		return s.renderText(th, text)
	}
	if len(a.Pos) > 1 {
		return v[1], nil
	}
	if def, ok := a.Kw("default"); ok {
		return def, nil
	}
	if s.members == parseSet {
		return value.None, nil
	}
	return value.Undef, s.missingVar(name)
}

func (s *Scope) missingVar(name string) error {
	merged := s.suppliedVars()
	listing, err := value.AppendJSON(nil, value.FromDict(merged), value.JSONOptions{SortKeys: true, Indent: "    "})
	if err != nil {
		return err
	}
	who := s.name
	if who == "" {
		who = "<Configuration>"
	}
	d := compilationCode(diag.CodeVar, "Required var '%s' not found in config:\nVars supplied to %s = %s", name, who, listing)
	for k, v := range merged.All() {
		key, _ := k.AsString()
		secret, isText := v.AsString()
		if isText && strings.HasPrefix(key, secretPrefix) && strings.TrimSpace(secret) != "" {
			d.Summary = strings.ReplaceAll(d.Summary, secret, "*****")
		}
	}
	names := make([]string, 0, merged.Len())
	for _, k := range merged.Keys() {
		names = append(names, value.Str(k))
	}
	d.Hint = diag.DidYouMean(name, names)
	return d
}

// suppliedVars are all vars in reach, later sources over earlier ones.
func (s *Scope) suppliedVars() *value.Dict {
	merged := value.NewDict(8)
	add := func(vars *value.Dict) {
		if vars == nil {
			return
		}
		for k, v := range vars.All() {
			_ = merged.Set(k, v) // keys of a dict are hashable
		}
	}
	scoped := func(vars *value.Dict) {
		add(vars)
		if v, ok := vars.GetString(s.pkg); ok {
			own, _ := v.AsDict()
			add(own)
		}
	}
	p := s.env.Project
	if s.pkg != "" {
		if pkg, ok := p.PackageNamed(s.pkg); ok && pkg != p.Package {
			scoped(pkg.Vars)
		}
		scoped(p.Vars)
	}
	add(p.CLIVars)
	return merged
}

func (s *Scope) envVarFunction(a value.Args) (value.Value, error) {
	v, err := a.Bind("env_var", "var", "default=None")
	if err != nil {
		return value.Undef, err
	}
	name, ok := v[0].AsString()
	if !ok {
		return value.Undef, value.Errorf("TypeError", "the name of an environment variable must be a string, not %s", value.TypeName(v[0]))
	}
	if s.rt != nil && s.rt.UnitTest != nil && s.rt.UnitTest.EnvVars != nil {
		if found, ok := s.rt.UnitTest.EnvVars.GetString(name); ok {
			return found, nil
		}
	}
	if strings.HasPrefix(name, secretPrefix) {
		return value.Undef, secretMisplaced(name)
	}
	if found, ok := s.env.Project.Env.Getenv(name); ok {
		s.rec.usedEnv(name, found)
		return value.String(found), nil
	}
	if v[1].IsNull() {
		return value.Undef, missingEnv(name)
	}
	s.rec.usedEnv(name, DefaultEnv)
	return v[1], nil
}

func secretMisplaced(name string) error {
	return parsing(diag.CodeEnvVar, "Secret env vars are allowed only in profiles.yml or packages.yml. Found '%s' referenced elsewhere.", name)
}

func missingEnv(name string) error {
	return parsing(diag.CodeEnvVar, "Env var required but not provided: '%s'", name)
}
