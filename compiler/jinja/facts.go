package jinja

import (
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// StaticCall is a call whose callee is a context name or a dotted path that starts with
// one, found without running the template.
type StaticCall struct {
	Name        string        // "ref", "dbt_utils.star", "adapter.dispatch"
	Args        []value.Value // positional arguments; undefined where not literal
	Kwargs      []value.Kwarg // keyword arguments, likewise
	Literal     bool          // every argument is literal and nothing is spread with * or **
	Alone       bool          // it is all that its print tag holds
	Conditional bool          // may run never or more than once: inside if, for, a call block …
	Span        diag.Span

	node *callExpr
}

// Calls are the calls outside of macro definitions, in source order (the arguments of a
// call come before the call itself). A name that the template assigns to is not a context
// name and its calls are not listed.
func (t *Template) Calls() []StaticCall {
	c := collector{src: t.src}
	c.stmts(t.fn.body)
	return c.calls
}

// Calls are the calls in the macro's defaults and body, those on its own variables too, as
// dbt takes any name for that of a macro or package. None counts as unconditional, because
// nothing says that the macro runs.
func (m *Macro) Calls() []StaticCall {
	c := collector{src: m.fn.src.diag, conditional: 1, inMacro: true}
	for i := range m.fn.params {
		if d := m.fn.params[i].dflt; d != nil {
			c.expr(d)
		}
	}
	c.stmts(m.fn.body)
	return c.calls
}

// collector walks a body for its calls.
type collector struct {
	src         *diag.Source
	calls       []StaticCall
	conditional int
	inMacro     bool
}

func (c *collector) maybe(walk func()) {
	c.conditional++
	walk()
	c.conditional--
}

func (c *collector) stmts(body []stmt) {
	for _, st := range body {
		c.stmt(st)
	}
}

func (c *collector) stmt(st stmt) {
	switch st := st.(type) {
	case *outputStmt:
		for _, e := range st.nodes {
			c.expr(e)
			if call, ok := e.(*callExpr); ok && len(c.calls) > 0 && c.calls[len(c.calls)-1].node == call {
				c.calls[len(c.calls)-1].Alone = true
			}
		}
	case *ifStmt:
		for i := range st.branches {
			b := &st.branches[i]
			if i == 0 {
				c.expr(b.test)
			} else {
				c.maybe(func() { c.expr(b.test) })
			}
			c.maybe(func() { c.stmts(b.body) })
		}
		c.maybe(func() { c.stmts(st.otherwise) })
	case *forStmt:
		c.expr(st.iter)
		c.maybe(func() {
			c.expr(st.test)
			c.stmts(st.body)
			c.stmts(st.otherwise)
		})
	case *setStmt:
		c.expr(st.value)
	case *setBlockStmt:
		c.stmts(st.body)
		c.filter(st.filter)
	case *macroStmt:
		if c.inMacro {
			c.maybe(func() { c.stmts(st.fn.body) })
		}
	case *callStmt:
		c.expr(st.call)
		c.maybe(func() {
			for i := range st.fn.params {
				c.expr(st.fn.params[i].dflt)
			}
			c.stmts(st.fn.body)
		})
	case *filterStmt:
		c.stmts(st.body)
		c.filter(st.filter)
	case *withStmt:
		c.exprs(st.values)
		c.stmts(st.body)
	case *scopeStmt:
		c.expr(st.option)
		c.stmts(st.body)
	case *doStmt:
		c.expr(st.node)
	}
}

func (c *collector) exprs(list []expr) {
	for _, e := range list {
		c.expr(e)
	}
}

func (c *collector) filter(f *filterExpr) {
	if f != nil {
		c.expr(f)
	}
}

func (c *collector) args(a *argList) {
	c.exprs(a.pos)
	for i := range a.kwargs {
		c.expr(a.kwargs[i].v)
	}
	c.expr(a.star)
	c.expr(a.star2)
}

func (c *collector) expr(e expr) {
	switch e := e.(type) {
	case *tupleExpr:
		c.exprs(e.items)
	case *listExpr:
		c.exprs(e.items)
	case *dictExpr:
		for i := range e.keys {
			c.expr(e.keys[i])
			c.expr(e.values[i])
		}
	case *attrExpr:
		c.expr(e.obj)
	case *itemExpr:
		c.expr(e.obj)
		c.expr(e.key)
	case *sliceExpr:
		c.expr(e.obj)
		c.expr(e.start)
		c.expr(e.stop)
		c.expr(e.step)
	case *callExpr:
		c.expr(e.fn)
		c.args(&e.args)
		if name, ok := calleeName(e.fn); ok || c.inMacro && name != "" {
			c.calls = append(c.calls, c.call(name, e))
		}
	case *filterExpr:
		c.expr(e.node)
		c.args(&e.args)
	case *testExpr:
		c.expr(e.node)
		c.args(&e.args)
	case *condExpr:
		c.expr(e.test)
		c.maybe(func() {
			c.expr(e.then)
			c.expr(e.otherwise)
		})
	case *binaryExpr:
		c.expr(e.l)
		c.expr(e.r)
	case *andExpr:
		c.expr(e.l)
		c.maybe(func() { c.expr(e.r) })
	case *orExpr:
		c.expr(e.l)
		c.maybe(func() { c.expr(e.r) })
	case *notExpr:
		c.expr(e.node)
	case *unaryExpr:
		c.expr(e.node)
	case *concatExpr:
		c.exprs(e.nodes)
	case *compareExpr:
		c.expr(e.first)
		for i := range e.ops {
			if i == 0 {
				c.expr(e.ops[i].r)
			} else {
				c.maybe(func() { c.expr(e.ops[i].r) })
			}
		}
	}
}

// calleeName is the dotted name of a callee, and whether it starts at a context name.
func calleeName(e expr) (string, bool) {
	switch e := e.(type) {
	case *nameExpr:
		return e.name, e.ref.kind == refGlobal
	case *attrExpr:
		var parts []string
		for {
			parts = append(parts, e.name)
			switch obj := e.obj.(type) {
			case *attrExpr:
				e = obj
				continue
			case *nameExpr:
				var b strings.Builder
				b.WriteString(obj.name)
				for i := len(parts) - 1; i >= 0; i-- {
					b.WriteByte('.')
					b.WriteString(parts[i])
				}
				return b.String(), obj.ref.kind == refGlobal
			}
			return "", false
		}
	}
	return "", false
}

func (c *collector) call(name string, e *callExpr) StaticCall {
	call := StaticCall{
		Name: name, Conditional: c.conditional > 0, Span: c.src.At(int(e.start), int(e.end)),
		Literal: e.args.star == nil && e.args.star2 == nil, node: e,
	}
	if len(e.args.pos) > 0 {
		call.Args = make([]value.Value, len(e.args.pos))
		for i, a := range e.args.pos {
			v, ok := literal(a)
			call.Args[i] = v
			call.Literal = call.Literal && ok
		}
	}
	if len(e.args.kwargs) > 0 {
		call.Kwargs = make([]value.Kwarg, len(e.args.kwargs))
		for i := range e.args.kwargs {
			v, ok := literal(e.args.kwargs[i].v)
			call.Kwargs[i] = value.Kwarg{Name: e.args.kwargs[i].name, Value: v}
			call.Literal = call.Literal && ok
		}
	}
	return call
}

// literal is the value of a literal: scalars, and lists, tuples and dicts of literals, made anew.
func literal(e expr) (value.Value, bool) {
	switch e := e.(type) {
	case *constExpr:
		return e.v, true
	case *listExpr:
		if items, ok := literals(e.items); ok {
			return value.NewList(items...), true
		}
	case *tupleExpr:
		if items, ok := literals(e.items); ok {
			return value.NewTuple(items...), true
		}
	case *dictExpr:
		d := value.NewDict(len(e.keys))
		for i := range e.keys {
			k, ok := literal(e.keys[i])
			if !ok {
				return value.Undef, false
			}
			v, ok := literal(e.values[i])
			if !ok || d.Set(k, v) != nil {
				return value.Undef, false
			}
		}
		return value.FromDict(d), true
	case *unaryExpr:
		if v, ok := literal(e.node); ok {
			out, err := value.Unary(e.op, v)
			return out, err == nil
		}
	}
	return value.Undef, false
}

func literals(list []expr) ([]value.Value, bool) {
	out := make([]value.Value, len(list))
	for i, e := range list {
		v, ok := literal(e)
		if !ok {
			return nil, false
		}
		out[i] = v
	}
	return out, true
}
