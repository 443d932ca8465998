package jinja

import (
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

func (e *constExpr) eval(*frame) (value.Value, error) { return e.v, nil }
func (e *textExpr) eval(*frame) (value.Value, error)  { return value.String(e.text), nil }

func (e *nameExpr) eval(f *frame) (value.Value, error) {
	slot := &f.up(e.ref.up).slots[e.ref.slot]
	v := *slot
	if !v.IsUndefined() || !isEmpty(v) {
		return v, nil
	}
	switch e.ref.kind {
	case refGlobal:
		v = f.lookup(e.name)
		*slot = v
	case refShadow:
		v = f.lookup(e.name)
	default:
		v = value.UndefinedNamed(e.name)
	}
	return v, nil
}

// eval reads what the target refers to; it exists because targets are expressions.
func (t *attrTarget) eval(f *frame) (value.Value, error) {
	obj, err := t.obj.eval(f)
	if err != nil {
		return value.Undef, err
	}
	v, err := value.GetAttr(f.th, obj, t.name)
	if err != nil {
		return value.Undef, f.fail(t.pos, err)
	}
	return v, nil
}

func (f *frame) evalAll(list []expr) ([]value.Value, error) {
	if len(list) == 0 {
		return nil, nil
	}
	out := make([]value.Value, len(list))
	for i, e := range list {
		v, err := e.eval(f)
		if err != nil {
			return nil, err
		}
		out[i] = v
	}
	return out, nil
}

func (e *tupleExpr) eval(f *frame) (value.Value, error) {
	items, err := f.evalAll(e.items)
	if err != nil {
		return value.Undef, err
	}
	return value.NewTuple(items...), nil
}

func (e *listExpr) eval(f *frame) (value.Value, error) {
	items, err := f.evalAll(e.items)
	if err != nil {
		return value.Undef, err
	}
	return value.NewList(items...), nil
}

func (e *dictExpr) eval(f *frame) (value.Value, error) {
	d := value.NewDict(len(e.keys))
	for i, k := range e.keys {
		key, err := k.eval(f)
		if err != nil {
			return value.Undef, err
		}
		v, err := e.values[i].eval(f)
		if err != nil {
			return value.Undef, err
		}
		if s, ok := key.AsString(); ok {
			d.SetString(s, v)
		} else if err := d.Set(key, v); err != nil {
			return value.Undef, f.fail(k.where(), err)
		}
	}
	return value.FromDict(d), nil
}

func (e *attrExpr) eval(f *frame) (value.Value, error) {
	obj, err := e.obj.eval(f)
	if err != nil {
		return value.Undef, err
	}
	v, err := value.GetAttr(f.th, obj, e.name)
	if err != nil {
		// What is undefined is the object, so the error points there.
		at := e.namePos
		if obj.IsUndefined() {
			at = e.obj.where()
		}
		return value.Undef, f.fail(at, err)
	}
	return v, nil
}

func (e *itemExpr) eval(f *frame) (value.Value, error) {
	obj, err := e.obj.eval(f)
	if err != nil {
		return value.Undef, err
	}
	key, err := e.key.eval(f)
	if err != nil {
		return value.Undef, err
	}
	v, err := value.GetItem(f.th, obj, key)
	if err != nil {
		at := e.key.where()
		if obj.IsUndefined() {
			at = e.obj.where()
		}
		return value.Undef, f.fail(at, err)
	}
	return v, nil
}

func (e *sliceExpr) eval(f *frame) (value.Value, error) {
	obj, err := e.obj.eval(f)
	if err != nil {
		return value.Undef, err
	}
	bounds := [3]value.Value{value.None, value.None, value.None}
	for i, b := range [3]expr{e.start, e.stop, e.step} {
		if b != nil {
			if bounds[i], err = b.eval(f); err != nil {
				return value.Undef, err
			}
		}
	}
	if obj.IsUndefined() && f.th.Undefined == value.UndefinedLenient {
		return obj, nil
	}
	v, err := value.Slice(obj, bounds[0], bounds[1], bounds[2])
	if e.constant && value.IsError(err, "TypeError") {
		// Jinja evaluates a constant output while it compiles, by the lookup that gives undefined for what is not there.
		return value.UndefinedHint(""), nil
	}
	if err != nil {
		return value.Undef, f.fail(e.pos, err)
	}
	return v, nil
}

// truth is the truth of e, which a strict undefined does not have.
func (f *frame) truth(e expr) (bool, error) {
	v, err := e.eval(f)
	if err != nil {
		return false, err
	}
	return f.truthOf(e, v)
}

func (f *frame) truthOf(e expr, v value.Value) (bool, error) {
	if v.IsUndefined() {
		if err := f.th.CheckUndefined(v); err != nil {
			return false, f.fail(e.where(), err)
		}
		return false, nil
	}
	return value.Truth(v), nil
}

func (e *condExpr) eval(f *frame) (value.Value, error) {
	ok, err := f.truth(e.test)
	switch {
	case err != nil:
		return value.Undef, err
	case ok:
		return e.then.eval(f)
	case e.otherwise != nil:
		return e.otherwise.eval(f)
	}
	return undefinedCond, nil
}

var undefinedCond = value.UndefinedHint("the inline if-expression evaluated to false and no else section was defined.")

func (e *andExpr) eval(f *frame) (value.Value, error) {
	v, err := e.l.eval(f)
	if err != nil {
		return v, err
	}
	if ok, err := f.truthOf(e.l, v); err != nil || !ok {
		return v, err
	}
	return e.r.eval(f)
}

func (e *orExpr) eval(f *frame) (value.Value, error) {
	v, err := e.l.eval(f)
	if err != nil {
		return v, err
	}
	if ok, err := f.truthOf(e.l, v); err != nil || ok {
		return v, err
	}
	return e.r.eval(f)
}

func (e *notExpr) eval(f *frame) (value.Value, error) {
	ok, err := f.truth(e.node)
	return value.Bool(!ok), err
}

func (e *unaryExpr) eval(f *frame) (value.Value, error) {
	v, err := e.node.eval(f)
	if err != nil {
		return v, err
	}
	out, err := value.Unary(e.op, v)
	if err != nil {
		return value.Undef, f.fail(e.pos, err)
	}
	return out, nil
}

func (e *binaryExpr) eval(f *frame) (value.Value, error) {
	l, err := e.l.eval(f)
	if err != nil {
		return value.Undef, err
	}
	r, err := e.r.eval(f)
	if err != nil {
		return value.Undef, err
	}
	v, err := value.Binary(f.th, e.op, l, r)
	if err != nil {
		at := e.pos
		switch { // an undefined operand is the culprit, not the operator
		case r.IsUndefined() && !l.IsUndefined():
			at = e.r.where()
		case l.IsUndefined():
			at = e.l.where()
		}
		return value.Undef, f.fail(at, err)
	}
	if e.op == "*" && (v.Kind() == value.KindList || v.Kind() == value.KindTuple) && isConst(e) {
		// Jinja writes a constant out again as a literal, so its repeated parts are not one object.
		return value.DeepCopy(v), nil
	}
	return v, nil
}

// largePart is from which size on a part of a concatenation is checked before it is copied.
const largePart = 1 << 20

func (e *concatExpr) eval(f *frame) (value.Value, error) {
	s := newSink()
	defer s.free()
	for _, n := range e.nodes {
		v, err := n.eval(f)
		if err != nil {
			return value.Undef, err
		}
		text, ok := v.AsString()
		if !ok {
			if text, err = value.CheckedStr(f.th, v); err != nil {
				return value.Undef, f.fail(n.where(), err)
			}
		}
		if len(text) >= largePart {
			if err := f.th.CheckString(int64(len(s.b) + len(text))); err != nil {
				return value.Undef, f.fail(e.pos, err)
			}
		}
		s.b = append(s.b, text...)
	}
	if err := f.th.CheckString(int64(len(s.b))); err != nil {
		return value.Undef, f.fail(e.pos, err)
	}
	return value.String(string(s.b)), nil
}

func (e *compareExpr) eval(f *frame) (value.Value, error) {
	l, err := e.first.eval(f)
	if err != nil {
		return value.Undef, err
	}
	for i := range e.ops {
		op := &e.ops[i]
		r, err := op.r.eval(f)
		if err != nil {
			return value.Undef, err
		}
		ok, err := f.compare(op.op, l, r)
		if err != nil {
			return value.Undef, f.fail(e.pos, err)
		}
		if !ok {
			return value.False, nil
		}
		l = r
	}
	return value.True, nil
}

func (f *frame) compare(op string, l, r value.Value) (bool, error) {
	if f.th.Undefined == value.UndefinedStrict {
		if err := f.th.CheckUndefined(l); err != nil {
			return false, err
		}
		if err := f.th.CheckUndefined(r); err != nil {
			return false, err
		}
	}
	switch op {
	case "==":
		return value.Equal(l, r), nil
	case "!=":
		return !value.Equal(l, r), nil
	case "in":
		return value.Contains(r, l)
	case "not in":
		ok, err := value.Contains(r, l)
		return !ok, err
	}
	return value.CompareOp(op, l, r)
}

// eval evaluates the arguments of a call.
func (a *argList) eval(f *frame) (value.Args, error) {
	var out value.Args
	pos, err := f.evalAll(a.pos)
	if err != nil {
		return out, err
	}
	out.Pos = pos
	if len(a.kwargs) > 0 {
		out.Kwargs = make([]value.Kwarg, len(a.kwargs), len(a.kwargs)+1)
		for i := range a.kwargs {
			v, err := a.kwargs[i].v.eval(f)
			if err != nil {
				return out, err
			}
			out.Kwargs[i] = value.Kwarg{Name: a.kwargs[i].name, Value: v}
		}
	}
	if a.star != nil {
		v, err := a.star.eval(f)
		if err != nil {
			return out, err
		}
		if !value.CanIterate(v) {
			return out, f.fail(a.star.where(), value.Errorf("TypeError", "Value after * must be an iterable, not %s", value.TypeName(v)))
		}
		more, err := value.ToSlice(f.th, v)
		if err != nil {
			return out, f.fail(a.star.where(), err)
		}
		out.Pos = append(out.Pos, more...)
	}
	if a.star2 != nil {
		v, err := a.star2.eval(f)
		if err != nil {
			return out, err
		}
		if err := f.spread(&out, v); err != nil {
			return out, f.fail(a.star2.where(), err)
		}
	}
	return out, nil
}

// spread adds the entries of a mapping as keyword arguments.
func (f *frame) spread(a *value.Args, v value.Value) error {
	add := func(key, item value.Value) error {
		name, ok := key.AsString()
		if !ok {
			return value.Errorf("TypeError", "keywords must be strings")
		}
		if _, dup := a.Kw(name); dup {
			return value.Errorf("TypeError", "got multiple values for keyword argument '%s'", name)
		}
		a.Kwargs = append(a.Kwargs, value.Kwarg{Name: name, Value: item})
		return nil
	}
	if d, ok := v.AsDict(); ok {
		for key, item := range d.All() {
			if err := add(key, item); err != nil {
				return err
			}
		}
		return nil
	}
	if o, ok := v.AsObject(); ok {
		if m, ok := o.(value.Indexer); ok && value.CanIterate(v) {
			keys, err := value.ToSlice(f.th, v)
			if err != nil {
				return err
			}
			for _, key := range keys {
				item, _, err := m.Index(f.th, key)
				if err != nil {
					return err
				}
				if err := add(key, item); err != nil {
					return err
				}
			}
			return nil
		}
	}
	return value.Errorf("TypeError", "argument after ** must be a mapping, not %s", value.TypeName(v))
}

func (e *callExpr) eval(f *frame) (value.Value, error) { return e.call(f, nil) }

// call makes the call; caller is the body of a call block.
func (e *callExpr) call(f *frame, caller value.Callable) (value.Value, error) {
	if attr, ok := e.fn.(*attrExpr); ok {
		return e.callMethod(f, attr, caller)
	}
	fn, err := e.fn.eval(f)
	if err != nil {
		return value.Undef, err
	}
	args, err := e.arguments(f, caller)
	if err != nil {
		return value.Undef, err
	}
	v, err := value.Call(f.th, fn, args)
	if err != nil {
		if fn.IsUndefined() {
			return value.Undef, f.unknownCallee(e.fn, nil, err)
		}
		return value.Undef, f.fail(e.pos, err)
	}
	return v, nil
}

func (e *callExpr) callMethod(f *frame, attr *attrExpr, caller value.Callable) (value.Value, error) {
	obj, err := attr.obj.eval(f)
	if err != nil {
		return value.Undef, err
	}
	if obj.IsUndefined() && f.th.Undefined != value.UndefinedLenient {
		return value.Undef, f.fail(attr.obj.where(), obj.UndefinedError())
	}
	args, err := e.arguments(f, caller)
	if err != nil {
		return value.Undef, err
	}
	v, err := value.CallMethod(f.th, obj, attr.name, args)
	if err != nil {
		if e, ok := err.(*value.Error); ok && e.Type == "UndefinedError" {
			if m, getErr := value.GetAttr(f.th, obj, attr.name); getErr == nil && m.IsUndefined() {
				return value.Undef, f.unknownCallee(attr, &obj, err)
			}
		}
		return value.Undef, f.fail(e.pos, err)
	}
	return v, nil
}

func (e *callExpr) arguments(f *frame, caller value.Callable) (value.Args, error) {
	args, err := e.args.eval(f)
	if err == nil && caller != nil {
		if _, dup := args.Kw("caller"); dup {
			return args, f.fail(e.pos, value.Errorf("TypeError", "got multiple values for keyword argument 'caller'"))
		}
		args.Kwargs = append(args.Kwargs, value.Kwarg{Name: "caller", Value: value.FromObject(caller)})
	}
	return args, err
}

// unknownCallee reports a call of something undefined: usually a macro that does not exist.
func (f *frame) unknownCallee(callee expr, obj *value.Value, err error) error {
	failed := f.fail(callee.where(), err)
	d, ok := failed.(*diag.Diagnostic)
	if !ok || d.Code != diag.CodeUndefined {
		return failed
	}
	switch callee := callee.(type) {
	case *nameExpr:
		d.Code = diag.CodeUnknownMacro
	case *attrExpr:
		// A name space of macros knows its names; a plain value just lacks the method.
		d.Span = f.at(callee.namePos)
		if o, ok := obj.AsObject(); ok {
			d.Code = diag.CodeUnknownMacro
			if n, ok := o.(interface{ Names() []string }); ok {
				d.Hint = diag.DidYouMean(callee.name, n.Names())
			}
		}
	}
	if d.Code == diag.CodeUnknownMacro && d.Hint == "" {
		d.Hint = UnknownMacroHint
	}
	return d
}

func (e *filterExpr) eval(f *frame) (value.Value, error) {
	v, err := e.node.eval(f)
	if err != nil {
		return v, err
	}
	return e.apply(f, v)
}

// applyTo applies a chain of filters whose innermost operand is text.
func (e *filterExpr) applyTo(f *frame, text value.Value) (value.Value, error) {
	if inner, ok := e.node.(*filterExpr); ok {
		v, err := inner.applyTo(f, text)
		if err != nil {
			return v, err
		}
		text = v
	}
	return e.apply(f, text)
}

func (e *filterExpr) apply(f *frame, v value.Value) (value.Value, error) {
	args, err := e.args.eval(f)
	if err != nil {
		return value.Undef, err
	}
	if e.fn == nil {
		return value.Undef, f.unknown(e.pos, "filter", e.name)
	}
	out, err := e.fn(f.th, v, args)
	if err != nil {
		return value.Undef, f.fail(e.culprit(v), err)
	}
	return out, nil
}

// culprit is the operand when it is undefined, because then the operand is to blame.
func (e *filterExpr) culprit(v value.Value) pos {
	if v.IsUndefined() && e.node != nil {
		return e.node.where()
	}
	return e.pos
}

func (e *testExpr) eval(f *frame) (value.Value, error) {
	v, err := e.node.eval(f)
	if err != nil {
		return v, err
	}
	args, err := e.args.eval(f)
	if err != nil {
		return value.Undef, err
	}
	if e.fn == nil {
		return value.Undef, f.unknown(e.pos, "test", e.name)
	}
	ok, err := e.fn(f.th, v, args)
	if err != nil {
		return value.Undef, f.fail(e.pos, err)
	}
	return value.Bool(ok != e.negated), nil
}

func (f *frame) unknown(p pos, kind, name string) error {
	d := syntaxError(f.at(p), unknownMessage(kind, name)+" found.")
	d.Code = diag.CodeTemplateRuntime
	d.Hint = diag.DidYouMean(name, builtinNames(kind))
	return d
}

func (r *resolver) failUnknown(p pos, kind, name string) {
	d := syntaxError(r.src.At(int(p.start), int(p.end)), unknownMessage(kind, name)+".")
	d.Hint = diag.DidYouMean(name, builtinNames(kind))
	panic(d)
}

func unknownMessage(kind, name string) string {
	var b strings.Builder
	b.WriteString("No ")
	b.WriteString(kind)
	b.WriteString(" named ")
	b.WriteString(quoteRepr(name))
	return b.String()
}
