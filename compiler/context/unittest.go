package context

import (
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/macros"
)

// prepareRun adds the names that only some runs have.
func (s *Scope) prepareRun() {
	if s.rt.Extra != nil {
		s.extra = s.rt.Extra.Copy() // the caller's stays as it is
	}
	if !s.rt.Results.IsUndefined() {
		s.Set("results", s.rt.Results)
		s.Set("schemas", value.Strings(s.rt.Schemas...))
		pairs := make([]value.Value, len(s.rt.DatabaseSchemas))
		for i, p := range s.rt.DatabaseSchemas {
			pairs[i] = value.NewTuple(value.OptString(p[0]), value.String(p[1]))
		}
		s.Set("database_schemas", value.NewList(pairs...))
	}
	if s.rt.UnitTest != nil && s.rt.UnitTest.Macros != nil {
		s.replaceMacros(s.rt.UnitTest.Macros)
	}
}

// replaceMacros puts a unit test's answers in front of the macros they stand for.
func (s *Scope) replaceMacros(given *value.Dict) {
	packages := make(map[string]*overridden)
	inPackage := func(pkg, name string, v value.Value) bool {
		o, ok := packages[pkg]
		if !ok {
			found, known := s.macros.Lookup(pkg)
			obj, _ := found.AsObject()
			p, isPackage := obj.(*macros.Package)
			if !known || !isPackage {
				return false
			}
			o = &overridden{Package: p, replaced: value.NewDict(2)}
			packages[pkg] = o
		}
		if has, _ := o.Package.Contains(value.String(name)); !has {
			return false
		}
		o.replaced.SetString(name, v)
		s.Set(pkg, value.FromObject(o))
		return true
	}
	// Names with a package first: plain names win over them.
	for k, v := range given.All() {
		pkg, name, qualified := strings.Cut(value.Str(k), ".")
		if !qualified {
			continue
		}
		if original, ok := s.macros.Lookup(pkg); ok {
			if m, err := value.GetAttr(nil, original, name); err == nil && value.IsCallable(m) && !m.IsUndefined() {
				v = replacement(v)
			}
		}
		if inPackage(pkg, name, v) && pkg == macros.Core {
			s.Set(name, v)
		}
	}
	for k, v := range given.All() {
		name := value.Str(k)
		if strings.Contains(name, ".") {
			continue
		}
		if original, ok := s.Lookup(nil, name); ok {
			if _, isMacro := s.macros.Lookup(name); isMacro && value.IsCallable(original) {
				v = replacement(v)
			}
			s.Set(name, v)
			inPackage(macros.Core, name, v)
		}
	}
}

// replacement is a macro that a unit test answers for.
func replacement(result value.Value) value.Value {
	return value.Func("macro", func(*value.Thread, value.Args) (value.Value, error) { return result, nil })
}

// overridden is a package with some of its macros replaced.
type overridden struct {
	*macros.Package
	replaced *value.Dict
}

// Attr finds a replacement before the package's own macro.
func (o *overridden) Attr(th *value.Thread, name string) (value.Value, bool, error) {
	if v, ok := o.replaced.GetString(name); ok {
		return v, true, nil
	}
	return o.Package.Attr(th, name)
}

// Index finds a replacement before the package's own macro.
func (o *overridden) Index(th *value.Thread, key value.Value) (value.Value, bool, error) {
	if v, ok := o.replaced.Get(key); ok {
		return v, true, nil
	}
	return o.Package.Index(th, key)
}
