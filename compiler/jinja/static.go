package jinja

// StaticCalls says what rendering the template with execute=False would do, when that is
// certain without rendering it.
//
// names are the context names that the caller vouches for:
//
//   - true: a function (ref, source, config …). Calling it with literal arguments does
//     nothing but record the call and raises only what the caller checks itself, and its
//     result prints without effect.
//   - false: a value, or a function called without arguments, that is certain to be false
//     while parsing (execute, is_incremental). The caller vouches that reading or calling
//     it has no effect worth recording other than that it was called.
//
// When ok, the calls are exactly those that rendering would make, in order and each once,
// and rendering could not fail, loop without end or change anything else: the template
// consists of text, literal calls of names that are true, conditions on names that are
// false, assignments of literals, loops over literal lists, and output that cannot raise
// (names, their attributes, literals, ==, !=, ~, not, and, or, inline if, and the tests
// defined, undefined and none). Names that are read are taken to be harmless, as an undefined
// name is harmless while parsing. Everything else, above all any other call, makes ok false.
func (t *Template) StaticCalls(names map[string]bool) (calls []StaticCall, ok bool) {
	s := static{collector: collector{src: t.src}, names: names}
	if !s.body(t.fn.body) {
		return nil, false
	}
	return s.calls, true
}

// OnlyStatic reports whether StaticCalls can tell what rendering would do.
func (t *Template) OnlyStatic(names map[string]bool) bool {
	_, ok := t.StaticCalls(names)
	return ok
}

type static struct {
	collector
	names  map[string]bool
	inLoop bool
	lists  []listVar // variables that hold a literal list
}

// listVar is a variable whose only assignments were literal lists.
type listVar struct {
	slot ref
	size int
}

// maxStaticLoop bounds the nested repetitions that still count as certain to end soon.
const maxStaticLoop = 1000

func (s *static) body(body []stmt) bool {
	for _, st := range body {
		if !s.stmt(st) {
			return false
		}
	}
	return true
}

func (s *static) stmt(st stmt) bool {
	switch st := st.(type) {
	case *outputStmt:
		for _, e := range st.nodes {
			if !s.output(e) {
				return false
			}
		}
		return true
	case *doStmt:
		return s.output(st.node)
	case *ifStmt:
		return s.condition(st)
	case *setStmt:
		return s.assign(st)
	case *forStmt:
		return s.loop(st)
	case *macroStmt:
		return true // defining has no effect
	}
	return false
}

// output accepts what may stand in a print statement.
func (s *static) output(e expr) bool {
	if c, ok := e.(*callExpr); ok {
		name, ok := calleeName(c.fn)
		if !ok || s.inLoop {
			return false
		}
		call := s.call(name, c)
		switch vouched, known := s.names[name]; {
		case !known || !call.Literal:
			return false
		case vouched:
			s.calls = append(s.calls, call)
			return true
		default:
			if len(call.Args)+len(call.Kwargs) > 0 {
				return false
			}
			s.calls = append(s.calls, call)
			return true
		}
	}
	return s.inert(e)
}

// condition accepts an if whose tests are certain to be false: only the else part runs.
func (s *static) condition(st *ifStmt) bool {
	known := true
	for i := range st.branches {
		known = known && s.gate(st.branches[i].test)
	}
	if known {
		return s.body(st.otherwise)
	}
	// Otherwise the outcome is unknown, which does not matter if nothing inside has an effect.
	before := len(s.calls)
	for i := range st.branches {
		if !s.inert(st.branches[i].test) || !s.body(st.branches[i].body) {
			return false
		}
	}
	return s.body(st.otherwise) && len(s.calls) == before
}

// gate accepts a condition that is certain to be false: a name or call that the caller
// says is, or "and" with such a left side.
func (s *static) gate(e expr) bool {
	switch e := e.(type) {
	case *nameExpr:
		vouched, known := s.names[e.name]
		return e.ref.kind == refGlobal && known && !vouched
	case *callExpr:
		name, ok := calleeName(e.fn)
		if !ok || s.inLoop {
			return false
		}
		vouched, known := s.names[name]
		call := s.call(name, e)
		if !known || vouched || !call.Literal || len(call.Args)+len(call.Kwargs) > 0 {
			return false
		}
		s.calls = append(s.calls, call)
		return true
	case *andExpr:
		return s.gate(e.l)
	}
	return false
}

func (s *static) assign(st *setStmt) bool {
	name, ok := st.target.(*nameExpr)
	if !ok {
		return false
	}
	if list, ok := st.value.(*listExpr); ok {
		if _, ok := literal(list); !ok {
			return false
		}
		s.forget(name.ref)
		s.lists = append(s.lists, listVar{name.ref, len(list.items)})
		return true
	}
	if !s.output(st.value) {
		return false
	}
	s.forget(name.ref)
	return true
}

func (s *static) forget(r ref) {
	for i := range s.lists {
		if s.lists[i].slot.slot == r.slot {
			s.lists[i].size = -1
		}
	}
}

// loop accepts a loop over a literal list whose body has no effect.
func (s *static) loop(st *forStmt) bool {
	if st.recursive || st.test != nil || !s.literalList(st.iter) {
		return false
	}
	if _, ok := st.target.(*nameExpr); !ok {
		return false
	}
	outer := s.inLoop
	if outer {
		return false // one level of repetition is certain to be short
	}
	s.inLoop = true
	ok := s.body(st.body)
	s.inLoop = outer
	return ok && s.body(st.otherwise)
}

func (s *static) literalList(e expr) bool {
	switch e := e.(type) {
	case *listExpr:
		_, ok := literal(e)
		return ok && len(e.items) <= maxStaticLoop
	case *tupleExpr:
		_, ok := literal(e)
		return ok && len(e.items) <= maxStaticLoop
	case *nameExpr:
		for i := len(s.lists) - 1; i >= 0; i-- {
			if v := s.lists[i]; v.slot.slot == e.ref.slot && e.ref.kind == refLocal && e.ref.up == 0 {
				return v.size >= 0 && v.size <= maxStaticLoop
			}
		}
	}
	return false
}

// inert accepts expressions that can neither raise nor have an effect while parsing.
func (s *static) inert(e expr) bool {
	switch e := e.(type) {
	case nil, *constExpr, *textExpr, *nameExpr:
		return true
	case *attrExpr:
		return s.inert(e.obj)
	case *listExpr, *tupleExpr, *dictExpr:
		_, ok := literal(e)
		return ok
	case *condExpr:
		return s.inert(e.test) && s.inert(e.then) && s.inert(e.otherwise)
	case *andExpr:
		return s.inert(e.l) && s.inert(e.r)
	case *orExpr:
		return s.inert(e.l) && s.inert(e.r)
	case *notExpr:
		return s.inert(e.node)
	case *concatExpr:
		for _, n := range e.nodes {
			if !s.inert(n) {
				return false
			}
		}
		return true
	case *compareExpr:
		for i := range e.ops {
			if op := e.ops[i].op; op != "==" && op != "!=" || !s.inert(e.ops[i].r) {
				return false
			}
		}
		return s.inert(e.first)
	case *testExpr:
		switch e.name {
		case "defined", "undefined", "none":
			return len(e.args.pos) == 0 && len(e.args.kwargs) == 0 && e.args.star == nil && e.args.star2 == nil && s.inert(e.node)
		}
	}
	return false
}
