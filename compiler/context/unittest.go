package context

import (
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/macros"
)

// prepareRun puts a unit test's replacements of macros in front of everything else.
func (s *Scope) prepareRun() {
	if s.rt.UnitTest == nil || s.rt.UnitTest.Macros == nil {
		return
	}
	given := s.rt.UnitTest.Macros
	if s.extra != nil {
		s.extra = s.extra.Copy() // Runtime.Extra belongs to the caller
	}
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
