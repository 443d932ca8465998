package query

// Query is a WITH … SELECT … with all that belongs to it.
type Query struct {
	Recursive bool
	CTEs      []CTE
	Terms     []Term // joined by set operations, in order
	Ops       []SetOp
	Limited   *Token  // LIMIT, OFFSET or FETCH
	Limit     []Token // all from there
	Order     []Token
	At        Token
}

// CTE is one of the queries that a WITH names.
type CTE struct {
	Name    string
	Columns []string
	Query   *Query
	at      Token
}

// SetOp joins two terms.
type SetOp struct {
	Name   string // union, intersect, except
	All    bool
	ByName bool
	At     Token
}

// Term is one side of a set operation: a block or a query in parentheses.
type Term struct {
	Block *Block
	Query *Query
}

// Block is one SELECT.
type Block struct {
	At         Token
	Distinct   *Token
	DistinctOn []Token // nil without DISTINCT ON
	Items      []Item
	Factors    []Factor
	Where      []Token
	Group      [][]Token
	GroupAll   bool
	GroupAt    *Token
	Having     []Token
	Qualify    []Token
	Windows    []Token
}

// Item is one of the columns that a block gives.
type Item struct {
	Tokens []Token // the expression
	Alias  string  // its name, "" when it has none of its own
	Named  Token   // where the name stands
	Star   bool
	Of     string // the qualifier of a star
	Except map[string]bool
}

// Factor is one of the relations that a block reads.
type Factor struct {
	Name    []string // a table's name, from the left
	Query   *Query   // a subquery
	Call    []Token  // a table function, with its arguments
	Alias   string
	Columns []string // alias (a, b)
	Join    string   // how it is joined to what stands before: "", cross, inner, left, right, full, semi, anti …
	Comma   bool     // a comma does it
	Pairing string   // natural, asof: how rows pair otherwise
	On      []Token
	Using   []string
	At      Token
}
