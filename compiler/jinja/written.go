package jinja

import (
	"strings"

	"github.com/millrace/millrace/compiler/jinja/value"
)

// Written is a keyword argument in the form in which dbt keeps it to compare configs:
// strings bare, other expressions as Python source, and what dbt has no source form for as
// the syntax tree that Jinja prints.
func (c *StaticCall) Written(kwarg int) string {
	if c.node == nil || kwarg < 0 || kwarg >= len(c.node.args.kwargs) {
		return ""
	}
	e := c.node.args.kwargs[kwarg].v
	if k, ok := e.(*constExpr); ok {
		if s, ok := k.v.AsString(); ok {
			return s
		}
	}
	return pythonSource(e)
}

// pythonSource writes an expression as source.
func pythonSource(e expr) string {
	switch e := e.(type) {
	case *constExpr:
		return value.Repr(e.v)
	case *nameExpr:
		return e.name
	case *callExpr:
		return pythonSource(e.fn) + "(" + strings.Join(sourceArgs(&e.args), ", ") + ")"
	case *listExpr:
		return "[" + joined(e.items, pythonSource) + "]"
	case *tupleExpr:
		if len(e.items) == 1 {
			return "(" + pythonSource(e.items[0]) + ",)"
		}
		return "(" + joined(e.items, pythonSource) + ")"
	case *dictExpr:
		parts := make([]string, len(e.keys))
		for i := range e.keys {
			parts[i] = pythonSource(e.keys[i]) + ": " + pythonSource(e.values[i])
		}
		return "{" + strings.Join(parts, ", ") + "}"
	case *attrExpr:
		return pythonSource(e.obj) + "." + e.name
	case *itemExpr:
		return pythonSource(e.obj) + "[" + pythonSource(e.key) + "]"
	case *sliceExpr:
		return pythonSource(e.obj) + "[" + sliceTree(e) + "]"
	case *concatExpr:
		parts := make([]string, len(e.nodes))
		for i, n := range e.nodes {
			parts[i] = pythonSource(n)
		}
		return strings.Join(parts, " ~ ")
	case *compareExpr:
		text := pythonSource(e.first)
		for i := range e.ops {
			text += " " + e.ops[i].op + " " + pythonSource(e.ops[i].r)
		}
		return text
	case *notExpr:
		return "not " + pythonSource(e.node)
	case *unaryExpr:
		if e.op == "-" {
			return "-" + pythonSource(e.node)
		}
	case *andExpr:
		return pythonSource(e.l) + " and " + pythonSource(e.r)
	case *orExpr:
		return pythonSource(e.l) + " or " + pythonSource(e.r)
	}
	return tree(e)
}

func joined(items []expr, form func(expr) string) string {
	parts := make([]string, len(items))
	for i, item := range items {
		parts[i] = form(item)
	}
	return strings.Join(parts, ", ")
}

func sourceArgs(a *argList) []string {
	var parts []string
	for _, p := range a.pos {
		parts = append(parts, pythonSource(p))
	}
	for i := range a.kwargs {
		parts = append(parts, a.kwargs[i].name+"="+pythonSource(a.kwargs[i].v))
	}
	if a.star != nil {
		parts = append(parts, "*"+pythonSource(a.star))
	}
	if a.star2 != nil {
		parts = append(parts, "**"+pythonSource(a.star2))
	}
	return parts
}

var binaryNodes = map[string]string{
	"+": "Add", "-": "Sub", "*": "Mul", "/": "Div", "//": "FloorDiv", "%": "Mod", "**": "Pow",
}

var operandNames = map[string]string{
	"==": "eq", "!=": "ne", "<": "lt", "<=": "lteq", ">": "gt", ">=": "gteq", "in": "in", "not in": "notin",
}

// tree writes an expression as Jinja prints its syntax tree.
func tree(e expr) string {
	switch e := e.(type) {
	case nil:
		return "None"
	case *constExpr:
		return "Const(value=" + value.Repr(e.v) + ")"
	case *textExpr:
		return "TemplateData(data=" + value.Repr(value.String(e.text)) + ")"
	case *nameExpr:
		return "Name(name=" + quoted(e.name) + ", ctx='load')"
	case *tupleExpr:
		return "Tuple(items=[" + joined(e.items, tree) + "], ctx='load')"
	case *listExpr:
		return "List(items=[" + joined(e.items, tree) + "])"
	case *dictExpr:
		parts := make([]string, len(e.keys))
		for i := range e.keys {
			parts[i] = "Pair(key=" + tree(e.keys[i]) + ", value=" + tree(e.values[i]) + ")"
		}
		return "Dict(items=[" + strings.Join(parts, ", ") + "])"
	case *attrExpr:
		return "Getattr(node=" + tree(e.obj) + ", attr=" + quoted(e.name) + ", ctx='load')"
	case *itemExpr:
		return "Getitem(node=" + tree(e.obj) + ", arg=" + tree(e.key) + ", ctx='load')"
	case *sliceExpr:
		return "Getitem(node=" + tree(e.obj) + ", arg=" + sliceTree(e) + ", ctx='load')"
	case *callExpr:
		return "Call(node=" + tree(e.fn) + ", " + argTree(&e.args) + ")"
	case *filterExpr:
		return "Filter(node=" + tree(e.node) + ", name=" + quoted(e.name) + ", " + argTree(&e.args) + ")"
	case *testExpr:
		text := "Test(node=" + tree(e.node) + ", name=" + quoted(e.name) + ", " + argTree(&e.args) + ")"
		if e.negated {
			return "Not(node=" + text + ")"
		}
		return text
	case *condExpr:
		return "CondExpr(test=" + tree(e.test) + ", expr1=" + tree(e.then) + ", expr2=" + tree(e.otherwise) + ")"
	case *binaryExpr:
		return binaryNodes[e.op] + "(left=" + tree(e.l) + ", right=" + tree(e.r) + ")"
	case *andExpr:
		return "And(left=" + tree(e.l) + ", right=" + tree(e.r) + ")"
	case *orExpr:
		return "Or(left=" + tree(e.l) + ", right=" + tree(e.r) + ")"
	case *notExpr:
		return "Not(node=" + tree(e.node) + ")"
	case *unaryExpr:
		if e.op == "-" {
			return "Neg(node=" + tree(e.node) + ")"
		}
		return "Pos(node=" + tree(e.node) + ")"
	case *concatExpr:
		return "Concat(nodes=[" + joined(e.nodes, tree) + "])"
	case *compareExpr:
		parts := make([]string, len(e.ops))
		for i := range e.ops {
			parts[i] = "Operand(op=" + quoted(operandNames[e.ops[i].op]) + ", expr=" + tree(e.ops[i].r) + ")"
		}
		return "Compare(expr=" + tree(e.first) + ", ops=[" + strings.Join(parts, ", ") + "])"
	}
	return ""
}

func quoted(s string) string { return value.Repr(value.String(s)) }

func sliceTree(e *sliceExpr) string {
	return "Slice(start=" + tree(e.start) + ", stop=" + tree(e.stop) + ", step=" + tree(e.step) + ")"
}

func argTree(a *argList) string {
	kwargs := make([]string, len(a.kwargs))
	for i := range a.kwargs {
		kwargs[i] = "Keyword(key=" + quoted(a.kwargs[i].name) + ", value=" + tree(a.kwargs[i].v) + ")"
	}
	return "args=[" + joined(a.pos, tree) + "], kwargs=[" + strings.Join(kwargs, ", ") + "], dyn_args=" + tree(a.star) + ", dyn_kwargs=" + tree(a.star2)
}
