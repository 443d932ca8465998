package jinja

import (
	"github.com/millrace/millrace/compiler/jinja/value"
)

func (s *outputStmt) exec(f *frame) error {
	if f.th.Native {
		return s.execNative(f)
	}
	for _, e := range s.nodes {
		if t, ok := e.(*textExpr); ok {
			if err := f.write(t.pos, t.text); err != nil {
				return err
			}
			continue
		}
		v, err := e.eval(f)
		if err != nil {
			return err
		}
		if err := f.print(e.where(), v); err != nil {
			return err
		}
	}
	return nil
}

// print writes str(v).
func (f *frame) print(p pos, v value.Value) error {
	if text, ok := v.AsString(); ok {
		return f.write(p, text)
	}
	text, err := value.CheckedStr(f.th, v)
	if err != nil {
		return f.fail(p, err)
	}
	return f.write(p, text)
}

func (s *ifStmt) exec(f *frame) error {
	for i := range s.branches {
		b := &s.branches[i]
		ok, err := f.truth(b.test)
		if err != nil {
			return err
		}
		if ok {
			return f.run(b.body)
		}
	}
	return f.run(s.otherwise)
}

func (s *setStmt) exec(f *frame) error {
	v, err := s.value.eval(f)
	if err != nil {
		return err
	}
	return f.assign(s.target, v)
}

// assign stores v in a target, taking it apart for a tuple.
func (f *frame) assign(t target, v value.Value) error {
	switch t := t.(type) {
	case *nameExpr:
		f.set(t.ref, t.name, v)
		return nil
	case *attrTarget:
		obj, err := t.obj.eval(f)
		if err != nil {
			return err
		}
		if o, ok := obj.AsObject(); ok {
			if ns, ok := o.(value.AttrSetter); ok {
				if err := ns.SetAttr(t.name, v); err != nil {
					return f.fail(t.pos, err)
				}
				return nil
			}
		}
		return f.fail(t.pos, value.Errorf("TemplateRuntimeError", "cannot assign attribute on non-namespace object"))
	case *tupleExpr:
		return f.unpack(t, v)
	}
	return nil
}

func (f *frame) unpack(t *tupleExpr, v value.Value) error {
	items := v.Items()
	if items == nil {
		if !value.CanIterate(v) {
			return f.fail(t.pos, value.Errorf("TypeError", "cannot unpack non-iterable %s object", value.TypeName(v)))
		}
		var err error
		if items, err = value.ToSlice(f.th, v); err != nil {
			return f.fail(t.pos, err)
		}
	}
	switch want := len(t.items); {
	case len(items) < want:
		return f.fail(t.pos, value.Errorf("ValueError", "not enough values to unpack (expected %d, got %d)", want, len(items)))
	case len(items) > want:
		return f.fail(t.pos, value.Errorf("ValueError", "too many values to unpack (expected %d)", want))
	}
	for i, item := range t.items {
		if err := f.assign(item, items[i]); err != nil {
			return err
		}
	}
	return nil
}

func (s *setBlockStmt) exec(f *frame) error {
	f.init(s.inits)
	text, err := f.capture(s.body)
	if err != nil {
		return err
	}
	v := value.String(text)
	if s.filter != nil {
		if v, err = s.filter.applyTo(f, v); err != nil {
			return err
		}
	}
	return f.assign(s.target, v)
}

func (s *filterStmt) exec(f *frame) error {
	f.init(s.inits)
	text, err := f.capture(s.body)
	if err != nil {
		return err
	}
	v, err := s.filter.applyTo(f, value.String(text))
	if err != nil {
		return err
	}
	return f.emit(s.filter.pos, v)
}

// emit outputs what a block produced: text, or the value itself in a native render.
func (f *frame) emit(p pos, v value.Value) error {
	if f.out.native {
		f.out.parts = append(f.out.parts, v)
		return nil
	}
	if _, ok := value.Text(v); !ok { // Jinja writes it as it is, and then cannot join it
		return f.fail(p, value.Errorf("TypeError", "expected str instance, %s found", value.TypeName(v)))
	}
	return f.print(p, v)
}

func (s *withStmt) exec(f *frame) error {
	values, err := f.evalAll(s.values)
	if err != nil {
		return err
	}
	f.init(s.inits)
	for i, t := range s.targets {
		if err := f.assign(t, values[i]); err != nil {
			return err
		}
	}
	return f.run(s.body)
}

func (s *scopeStmt) exec(f *frame) error {
	if _, err := s.option.eval(f); err != nil {
		return err
	}
	f.init(s.inits)
	return f.run(s.body)
}

func (s *doStmt) exec(f *frame) error {
	_, err := s.node.eval(f)
	return err
}

func (s *loopCtlStmt) exec(*frame) error { return s.signal }

func (s *macroStmt) exec(f *frame) error {
	f.set(s.name.ref, s.name.name, value.FromObject(&closure{s.fn, f}))
	return nil
}

// exec runs a call block. Jinja outputs its result without converting it to text, so a
// value that is not text is an error.
func (s *callStmt) exec(f *frame) error {
	v, err := s.call.call(f, &closure{s.fn, f})
	if err != nil {
		return err
	}
	if f.out.native {
		f.out.parts = append(f.out.parts, v)
		return nil
	}
	if text, ok := value.Text(v); ok {
		return f.write(s.call.pos, text)
	}
	return f.fail(s.call.pos, value.Errorf("TypeError", "sequence item 0: expected str instance, %s found", value.TypeName(v)))
}
