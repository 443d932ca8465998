package slicing

// query is a WITH … SELECT … with all that belongs to it.
type query struct {
	recursive bool
	ctes      []cte
	terms     []term // joined by set operations, in order
	ops       []setOp
	limited   *token  // LIMIT, OFFSET or FETCH
	limit     []token // all from there
	order     []token
	at        token
}

type cte struct {
	name    string
	columns []string
	query   *query
	at      token
}

type setOp struct {
	name   string // union, intersect, except
	all    bool
	byName bool
	at     token
}

// term is one side of a set operation: a block or a query in parentheses.
type term struct {
	block *block
	query *query
}

// block is one SELECT.
type block struct {
	at         token
	distinct   *token
	distinctOn []token // nil without DISTINCT ON
	items      []item
	factors    []factor
	where      []token
	group      [][]token
	groupAll   bool
	groupAt    *token
	having     []token
	qualify    []token
	windows    []token
}

// item is one of the columns that a block gives.
type item struct {
	tokens []token // the expression
	alias  string  // its name, "" when it has none of its own
	named  token   // where the name stands
	star   bool
	of     string // the qualifier of a star
	except map[string]bool
}

// factor is one of the relations that a block reads.
type factor struct {
	name    []string // a table's name, from the left
	query   *query   // a subquery
	call    []token  // a table function, with its arguments
	alias   string
	columns []string // alias (a, b)
	join    string   // how it is joined to what stands before: "", cross, inner, left, right, full, semi, anti …
	comma   bool     // a comma does it
	pairing string   // natural, asof: how rows pair otherwise
	on      []token
	using   []string
	at      token
}
