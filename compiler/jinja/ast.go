package jinja

import (
	"github.com/millrace/millrace/compiler/jinja/builtin"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// pos is the byte range of a node in its source.
type pos struct{ start, end int32 }

func (p pos) where() pos { return p }

// expr is a node that has a value.
type expr interface {
	where() pos
	eval(f *frame) (value.Value, error)
}

// stmt is a node that is executed.
type stmt interface {
	where() pos
	exec(f *frame) error
}

// Expressions.
type (
	// constExpr is an immutable literal: a scalar or a string.
	constExpr struct {
		pos
		v value.Value
	}

	// textExpr is template data between tags; it only occurs in outputs.
	textExpr struct {
		pos
		text string
	}

	// nameExpr reads a variable. The resolver fills in ref.
	nameExpr struct {
		pos
		name string
		ref  ref
	}

	tupleExpr struct {
		pos
		items []expr
	}

	listExpr struct {
		pos
		items []expr
	}

	dictExpr struct {
		pos
		keys, values []expr
	}

	attrExpr struct {
		pos
		obj     expr
		name    string
		namePos pos
	}

	itemExpr struct {
		pos
		obj, key expr
	}

	sliceExpr struct {
		pos
		obj               expr
		start, stop, step expr // nil when absent
		constant          bool // in an output that is constant as a whole
	}

	// argList are the arguments of a call, filter or test.
	argList struct {
		pos    []expr
		kwargs []kwarg
		star   expr // *args
		star2  expr // **kwargs
	}

	kwarg struct {
		name string
		v    expr
		at   pos
	}

	callExpr struct {
		pos
		fn   expr
		args argList
	}

	filterExpr struct {
		pos
		node expr // nil: the body of a filter block or block set
		name string
		fn   builtin.Filter // nil: unknown, an error when it is reached
		args argList
	}

	testExpr struct {
		pos
		node    expr
		name    string
		fn      builtin.Test
		args    argList
		negated bool
	}

	condExpr struct {
		pos
		test, then, otherwise expr // otherwise is nil without else
	}

	binaryExpr struct {
		pos
		op   value.Op
		l, r expr
	}

	andExpr struct {
		pos
		l, r expr
	}

	orExpr struct {
		pos
		l, r expr
	}

	notExpr struct {
		pos
		node expr
	}

	unaryExpr struct {
		pos
		op   value.Op
		node expr
	}

	concatExpr struct {
		pos
		nodes []expr
	}

	compareExpr struct {
		pos
		first expr
		ops   []compareOp
	}

	compareOp struct {
		op string // a comparison, "in" or "not in"
		r  expr
	}
)

// target is what an assignment assigns to: *nameExpr, *attrTarget or *tupleExpr of targets.
// Targets are expressions only so that a tuple can be either.
type target = expr

// attrTarget is the ns.x of {% set ns.x = … %}.
type attrTarget struct {
	pos
	obj  *nameExpr
	name string
}

// Statements.
type (
	// outputStmt is a run of template data and print statements: Jinja's Output node, the
	// unit within which the native environment merges constants.
	outputStmt struct {
		pos
		nodes []expr
	}

	ifStmt struct {
		pos
		branches  []ifBranch
		otherwise []stmt
	}

	ifBranch struct {
		pos
		test expr
		body []stmt
	}

	forStmt struct {
		pos
		target    target
		iter      expr
		test      expr // nil without a filter
		body      []stmt
		otherwise []stmt
		recursive bool
		usesLoop  bool

		loopSlot  int        // slot of "loop", -1 when unused
		slots     []int      // of the targets
		inits     []slotInit // at the start of each iteration
		elseInits []slotInit
		fn        *function // body and target of a recursive loop
	}

	setStmt struct {
		pos
		target target
		value  expr
	}

	setBlockStmt struct {
		pos
		target target
		filter *filterExpr // outermost; nil without
		body   []stmt
		inits  []slotInit
	}

	macroStmt struct {
		pos
		fn   *function
		name *nameExpr // the local variable that holds the macro: dbt_macro__<name>
		def  *Macro
	}

	callStmt struct {
		pos
		fn   *function // the body
		call *callExpr
	}

	filterStmt struct {
		pos
		filter *filterExpr
		body   []stmt
		inits  []slotInit
	}

	withStmt struct {
		pos
		targets []target
		values  []expr
		body    []stmt
		inits   []slotInit
	}

	// scopeStmt is a body with a scope of its own ({% autoescape %}, which has no effect on text).
	scopeStmt struct {
		pos
		option expr
		body   []stmt
		inits  []slotInit
	}

	doStmt struct {
		pos
		node expr
	}

	loopCtlStmt struct {
		pos
		signal *loopSignal
	}
)

// param is a parameter of a macro or call block.
type param struct {
	name string
	pos  pos
	typ  string // annotation as written, "" without
	dflt expr   // nil without
	slot int
}

// function is code with a frame of its own: a template's top level, a macro, the body of a
// call block or of a recursive loop.
type function struct {
	pos
	kind   string // "macro", "call block" … for messages
	name   string // dbt_macro__<name> for macros
	src    *source
	params []param
	body   []stmt
	level  int // nesting depth of functions
	slots  int

	inits   []slotInit // parameters and variables that start as copies of outer ones
	caller  int        // slots of the special parameters, -1 when unused
	kwargs  int
	varargs int

	outer   *function
	globals map[string]int // slots that cache context values
	closes  bool           // an inner function may keep this frame alive
	usesUp  bool           // reads or writes variables of outer functions
	locals  []string       // names of variables, for did-you-mean
}
