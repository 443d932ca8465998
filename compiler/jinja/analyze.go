package jinja

// This file is the resolver's first pass over a scope: it records which names the scope
// loads and stores, in the order in which Jinja looks at them. soft is true where an
// unknown filter or test is only an error once it is reached.

func (r *resolver) stmts(s *scope, body []stmt, soft bool) {
	for _, st := range body {
		r.stmt(s, st, soft)
	}
}

func (r *resolver) stmt(s *scope, st stmt, soft bool) {
	switch st := st.(type) {
	case *outputStmt:
		for _, e := range st.nodes {
			r.expr(s, e, soft)
		}
	case *ifStmt:
		first := st.branches[0]
		r.expr(s, first.test, true)
		s.branches(
			func() { r.stmts(s, first.body, true) },
			func() {
				for _, b := range st.branches[1:] {
					r.expr(s, b.test, true)
					s.branches(func() { r.stmts(s, b.body, true) }, func() {}, func() {})
				}
			},
			func() { r.stmts(s, st.otherwise, true) },
		)
	case *forStmt:
		r.expr(s, st.iter, soft)
		s.inner = append(s.inner, st)
	case *setStmt:
		r.expr(s, st.value, soft)
		r.target(s, st.target, false)
	case *setBlockStmt:
		r.target(s, st.target, false)
		s.inner = append(s.inner, st)
	case *macroStmt:
		s.store(st.name.name)
		s.stores = append(s.stores, st.name)
		s.inner = append(s.inner, st)
	case *callStmt:
		r.expr(s, st.call, soft)
		s.inner = append(s.inner, st)
	case *filterStmt:
		s.inner = append(s.inner, st)
	case *withStmt:
		for _, e := range st.values {
			r.expr(s, e, soft)
		}
		s.inner = append(s.inner, st)
	case *scopeStmt:
		r.expr(s, st.option, soft)
		s.inner = append(s.inner, st)
	case *doStmt:
		r.expr(s, st.node, soft)
	case *loopCtlStmt:
		if s.loops == 0 {
			r.fail(st.pos, "'"+st.signal.name+"' outside loop")
		}
	}
}

// target records a store. as is true for the parameters of loops and with blocks.
func (r *resolver) target(s *scope, t target, asParam bool) {
	switch t := t.(type) {
	case *nameExpr:
		if asParam {
			s.param(t.name)
		} else {
			s.store(t.name)
		}
		s.stores = append(s.stores, t)
	case *tupleExpr:
		for _, item := range t.items {
			r.target(s, item, asParam)
		}
	case *attrTarget:
		s.load(t.obj.name)
		s.loads = append(s.loads, t.obj)
	}
}

func (r *resolver) exprs(s *scope, list []expr, soft bool) {
	for _, e := range list {
		r.expr(s, e, soft)
	}
}

func (r *resolver) args(s *scope, a *argList, soft bool) {
	r.exprs(s, a.pos, soft)
	for i := range a.kwargs {
		r.expr(s, a.kwargs[i].v, soft)
	}
	if a.star != nil {
		r.expr(s, a.star, soft)
	}
	if a.star2 != nil {
		r.expr(s, a.star2, soft)
	}
}

func (r *resolver) expr(s *scope, e expr, soft bool) {
	switch e := e.(type) {
	case nil, *constExpr, *textExpr:
	case *nameExpr:
		s.load(e.name)
		s.loads = append(s.loads, e)
	case *tupleExpr:
		r.exprs(s, e.items, soft)
	case *listExpr:
		r.exprs(s, e.items, soft)
	case *dictExpr:
		for i := range e.keys {
			r.expr(s, e.keys[i], soft)
			r.expr(s, e.values[i], soft)
		}
	case *attrExpr:
		r.expr(s, e.obj, soft)
	case *itemExpr:
		r.expr(s, e.obj, soft)
		r.expr(s, e.key, soft)
	case *sliceExpr:
		r.expr(s, e.obj, soft)
		r.expr(s, e.start, soft)
		r.expr(s, e.stop, soft)
		r.expr(s, e.step, soft)
	case *callExpr:
		r.expr(s, e.fn, soft)
		r.args(s, &e.args, soft)
	case *filterExpr:
		if e.node != nil {
			r.expr(s, e.node, soft)
		}
		r.args(s, &e.args, soft)
		if e.fn == nil && !soft {
			r.failUnknown(e.pos, "filter", e.name)
		}
	case *testExpr:
		r.expr(s, e.node, soft)
		r.args(s, &e.args, soft)
		if e.fn == nil && !soft {
			r.failUnknown(e.pos, "test", e.name)
		}
	case *condExpr:
		r.expr(s, e.test, true)
		r.expr(s, e.then, true)
		r.expr(s, e.otherwise, true)
	case *binaryExpr:
		r.expr(s, e.l, soft)
		r.expr(s, e.r, soft)
	case *andExpr:
		r.expr(s, e.l, soft)
		r.expr(s, e.r, soft)
	case *orExpr:
		r.expr(s, e.l, soft)
		r.expr(s, e.r, soft)
	case *notExpr:
		r.expr(s, e.node, soft)
	case *unaryExpr:
		r.expr(s, e.node, soft)
	case *concatExpr:
		r.exprs(s, e.nodes, soft)
	case *compareExpr:
		r.expr(s, e.first, soft)
		for i := range e.ops {
			r.expr(s, e.ops[i].r, soft)
		}
	}
}
