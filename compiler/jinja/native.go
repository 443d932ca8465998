package jinja

import (
	"github.com/millrace/millrace/compiler/jinja/value"
)

// RenderNative renders in dbt's native environment, the one for YAML values: a template
// that is a single expression gives that expression's value, several pieces give their
// text. Strings stay strings, whatever they look like, unless as_native, as_bool or
// as_number marked them. Constant expressions count as text, as they do in Jinja's native
// environment: "{{ 1 }}" is the string 1.
func (t *Template) RenderNative(th *value.Thread) (value.Value, error) {
	native := th.Native
	th.Native = true
	defer func() { th.Native = native }()
	out := &sink{native: true}
	if err := t.run(th, out); err != nil {
		return value.Undef, err
	}
	switch len(out.parts) {
	case 0:
		return value.String(""), nil
	case 1:
		v := out.parts[0]
		if o, ok := v.AsObject(); ok {
			if m, ok := o.(*value.Marker); ok {
				v, err := m.Native()
				if err != nil {
					return value.Undef, t.settle(th, err)
				}
				return v, nil
			}
		}
		return v, nil
	}
	var b []byte
	for _, v := range out.parts {
		text, err := value.CheckedStr(th, v)
		if err != nil {
			return value.Undef, t.settle(th, err)
		}
		b = append(b, text...)
	}
	return value.String(string(b)), nil
}

// execNative outputs values instead of text. Runs of constants become one text, as Jinja's
// compiler makes them.
func (s *outputStmt) execNative(f *frame) error {
	run, inRun := "", false
	flush := func() error {
		if !inRun {
			return nil
		}
		v := value.String(run)
		run, inRun = "", false
		return f.emitNative(s.pos, v)
	}
	for _, e := range s.nodes {
		if isConst(e) {
			if v, err := e.eval(f); err == nil && isSafeConst(v, 0) {
				run += value.Str(v)
				inRun = true
				continue
			}
		}
		if err := flush(); err != nil {
			return err
		}
		v, err := e.eval(f)
		if err != nil {
			return err
		}
		if err := f.emitNative(e.where(), v); err != nil {
			return err
		}
	}
	return flush()
}

func (f *frame) emitNative(p pos, v value.Value) error {
	if f.out.native {
		if err := f.th.Grow(1); err != nil {
			return f.fail(p, err)
		}
		f.out.parts = append(f.out.parts, v)
		return nil
	}
	// Inside a block set, a filter block or a macro the pieces have to be text already.
	if text, ok := value.Text(v); ok {
		return f.write(p, text)
	}
	return f.fail(p, value.Errorf("TypeError", "sequence item 0: expected str instance, %s found", value.TypeName(v)))
}

// contextFilters depend on the render and are never constant.
var contextFilters = map[string]bool{
	"map": true, "select": true, "reject": true, "selectattr": true, "rejectattr": true, "random": true,
}

// isConst reports whether Jinja's compiler would try to evaluate e while compiling.
func isConst(e expr) bool {
	switch e := e.(type) {
	case *constExpr, *textExpr:
		return true
	case *tupleExpr:
		return allConst(e.items)
	case *listExpr:
		return allConst(e.items)
	case *dictExpr:
		return allConst(e.keys) && allConst(e.values)
	case *attrExpr:
		return isConst(e.obj)
	case *itemExpr:
		return isConst(e.obj) && isConst(e.key)
	case *sliceExpr:
		return isConst(e.obj) && optConst(e.start) && optConst(e.stop) && optConst(e.step)
	case *filterExpr:
		return e.node != nil && !contextFilters[e.name] && isConst(e.node) && e.args.isConst()
	case *testExpr:
		return isConst(e.node) && e.args.isConst()
	case *condExpr:
		return isConst(e.test) && isConst(e.then) && optConst(e.otherwise)
	case *binaryExpr:
		return isConst(e.l) && isConst(e.r)
	case *andExpr:
		return isConst(e.l) && isConst(e.r)
	case *orExpr:
		return isConst(e.l) && isConst(e.r)
	case *notExpr:
		return isConst(e.node)
	case *unaryExpr:
		return isConst(e.node)
	case *concatExpr:
		return allConst(e.nodes)
	case *compareExpr:
		for i := range e.ops {
			if !isConst(e.ops[i].r) {
				return false
			}
		}
		return isConst(e.first)
	}
	return false
}

func optConst(e expr) bool { return e == nil || isConst(e) }

func allConst(list []expr) bool {
	for _, e := range list {
		if !isConst(e) {
			return false
		}
	}
	return true
}

func (a *argList) isConst() bool {
	for i := range a.kwargs {
		if !isConst(a.kwargs[i].v) {
			return false
		}
	}
	return allConst(a.pos) && optConst(a.star) && optConst(a.star2)
}

// isSafeConst reports whether a constant's value can be written into compiled code, which
// is what Jinja asks before it treats the expression as constant.
func isSafeConst(v value.Value, depth int) bool {
	if depth > maxDepth {
		return false
	}
	switch v.Kind() {
	case value.KindNone, value.KindBool, value.KindInt, value.KindBig, value.KindFloat, value.KindString:
		return true
	case value.KindList, value.KindTuple:
		for _, item := range v.Items() {
			if !isSafeConst(item, depth+1) {
				return false
			}
		}
		return true
	case value.KindDict:
		d, _ := v.AsDict()
		for k, item := range d.All() {
			if !isSafeConst(k, depth+1) || !isSafeConst(item, depth+1) {
				return false
			}
		}
		return true
	}
	return false
}
