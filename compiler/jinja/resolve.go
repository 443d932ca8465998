package jinja

import (
	"github.com/millrace/millrace/compiler/diag"
)

// resolver turns names into slots and checks what can be checked without running.
type resolver struct {
	src   *diag.Source
	names map[string]bool // context names that the template reads
	free  []string        // the same in order of appearance
}

// root resolves a template's top level. It panics with a *diag.Diagnostic.
func (r *resolver) root(fn *function) {
	s := newScope(nil, fn)
	r.stmts(s, fn.body, false)
	fn.inits = nil // a fresh frame starts empty
	r.finish(s)
}

func (r *resolver) fail(at pos, message string) {
	panic(syntaxError(r.src.At(int(at.start), int(at.end)), message))
}

// finish assigns slots to the names of a completely analysed scope, then enters the scopes inside it.
func (r *resolver) finish(s *scope) {
	for _, n := range s.loads {
		n.ref = r.ref(s, n.name)
		if n.ref.kind != refLocal && !r.names[n.name] {
			r.names[n.name] = true
			r.free = append(r.free, n.name)
		}
	}
	for _, n := range s.stores {
		n.ref = r.ref(s, n.name)
	}
	for _, st := range s.inner {
		r.enter(s, st)
	}
}

// ref finds the place of a name as seen from a scope.
func (r *resolver) ref(s *scope, name string) ref {
	sym, at := s.find(name)
	if sym == nil || sym.kind == symResolve && !sym.stored {
		return ref{kind: refGlobal, slot: int32(s.fn.globalSlot(name))}
	}
	return s.refTo(sym, at.fn)
}

func (s *scope) refTo(sym *symbol, owner *function) ref {
	if sym.slot < 0 {
		sym.slot = owner.newSlot(sym.name)
	}
	k := refLocal
	if sym.fallback {
		k = refShadow
	}
	up := s.fn.level - owner.level
	if up > 0 {
		for fn := s.fn; fn != nil && fn != owner; fn = fn.outer {
			fn.usesUp = true
		}
	}
	return ref{kind: k, up: int16(up), slot: int32(sym.slot)}
}

// globalSlot is the slot of fn's frame that caches a context value.
func (fn *function) globalSlot(name string) int {
	if i, ok := fn.globals[name]; ok {
		return i
	}
	if fn.globals == nil {
		fn.globals = map[string]int{}
	}
	i := fn.slots
	fn.slots++
	fn.globals[name] = i
	return i
}

// initsOf lists what entering the scope does to its variables. fresh is true for the
// outermost scope of a function, whose slots are empty anyway.
func (r *resolver) initsOf(s *scope, fresh bool) []slotInit {
	var out []slotInit
	for _, sym := range s.syms {
		if !sym.stored || sym.kind == symParam {
			continue
		}
		if sym.slot < 0 {
			sym.slot = s.fn.newSlot(sym.name)
		}
		if sym.kind == symAlias && (sym.outer.stored || sym.outer.kind != symResolve) {
			from := s.refTo(sym.outer, sym.outerFn)
			out = append(out, slotInit{sym.slot, &from})
		} else if !fresh {
			out = append(out, slotInit{sym.slot, nil})
		}
	}
	return out
}

// enter analyses and resolves the scopes inside a statement.
func (r *resolver) enter(s *scope, st stmt) {
	switch st := st.(type) {
	case *forStmt:
		r.enterFor(s, st)
	case *macroStmt:
		r.function(s, st.fn)
	case *callStmt:
		r.function(s, st.fn)
	case *setBlockStmt:
		in := newScope(s, s.fn)
		r.stmts(in, st.body, false)
		r.filters(in, st.filter)
		r.finish(in)
		st.inits = r.initsOf(in, false)
	case *filterStmt:
		in := newScope(s, s.fn)
		r.filters(in, st.filter)
		r.stmts(in, st.body, false)
		r.finish(in)
		st.inits = r.initsOf(in, false)
	case *withStmt:
		in := newScope(s, s.fn)
		for _, t := range st.targets {
			r.target(in, t, true)
		}
		r.stmts(in, st.body, false)
		r.finish(in)
		st.inits = r.initsOf(in, false)
	case *scopeStmt:
		in := newScope(s, s.fn)
		r.stmts(in, st.body, false)
		r.finish(in)
		st.inits = r.initsOf(in, false)
	}
}

func (r *resolver) filters(s *scope, f *filterExpr) {
	if f != nil {
		r.expr(s, f, false)
	}
}

func (r *resolver) enterFor(s *scope, st *forStmt) {
	fn := s.fn
	if st.recursive {
		fn = &function{pos: st.pos, kind: "loop", src: s.fn.src, level: s.fn.level + 1, outer: s.fn, caller: -1, kwargs: -1, varargs: -1}
		s.fn.closes = true
		st.fn = fn
	}
	in := newScope(s, fn)
	in.loops++
	if st.usesLoop || st.recursive {
		st.loopSlot = in.param("loop").slot
	}
	r.target(in, st.target, true)
	r.stmts(in, st.body, false)
	r.finish(in)
	st.inits = r.initsOf(in, false)

	for _, sym := range in.syms {
		if sym.kind == symParam && sym.name != "loop" {
			st.slots = append(st.slots, sym.slot)
		}
	}
	if st.test != nil {
		// The filter sees the loop's targets, but neither its loop object nor its variables.
		test := newScope(s, fn)
		for _, sym := range in.syms {
			if sym.kind == symParam && sym.name != "loop" {
				test.syms = append(test.syms, sym)
			}
		}
		r.expr(test, st.test, false)
		r.finish(test)
	}
	otherwise := newScope(s, fn)
	r.stmts(otherwise, st.otherwise, false)
	r.finish(otherwise)
	st.elseInits = r.initsOf(otherwise, false)
}

// function resolves a macro or the body of a call block that is defined in scope s.
func (r *resolver) function(s *scope, fn *function) {
	fn.level = s.fn.level + 1
	fn.outer = s.fn
	s.fn.closes = true
	in := newScope(s, fn)
	for i := range fn.params {
		fn.params[i].slot = in.param(fn.params[i].name).slot
	}
	for _, special := range []struct {
		name string
		slot *int
	}{{"caller", &fn.caller}, {"kwargs", &fn.kwargs}, {"varargs", &fn.varargs}} {
		if *special.slot >= 0 {
			*special.slot = in.param(special.name).slot
		}
	}
	for i := range fn.params {
		if d := fn.params[i].dflt; d != nil {
			r.expr(in, d, false)
		}
	}
	r.stmts(in, fn.body, false)
	r.finish(in)
	fn.inits = r.initsOf(in, true)
}
