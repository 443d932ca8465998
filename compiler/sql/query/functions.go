package query

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed functions.txt
var functionList string

// Class is what kind of function a name stands for.
type Class byte

// The classes of functions.
const (
	UnknownFunction Class = 0
	Aggregate       Class = 'a'
	Ordered         Class = 'o' // an aggregate whose result depends on the order of its rows
	WindowOnly      Class = 'w'
	Volatile        Class = 'v' // differs from run to run
	Scalar          Class = 's'
)

var classes = sync.OnceValue(func() map[string]Class {
	m := map[string]Class{}
	for _, line := range strings.Split(functionList, "\n") {
		if len(line) < 2 {
			continue
		}
		for _, name := range strings.Fields(line[2:]) {
			m[name] = Class(line[0])
		}
	}
	return m
})

// ClassOf is the kind of the function of a name, in any case.
func ClassOf(name string) Class { return classes()[strings.ToLower(name)] }

// Bare are functions that are called without parentheses.
var Bare = Words("current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "current_user", "session_user", "current_role")

// syntax are words before a parenthesis that call nothing.
var syntax = Words("in", "exists", "values", "any", "all", "some", "as", "on", "using", "and", "or", "not", "when", "then", "else", "over", "filter", "by", "exclude", "lateral",
	"distinct", "select", "from", "join", "where", "having", "between", "like", "ilike", "is", "case", "group", "end", "return", "limit", "offset", "qualify", "with",
	"materialized", "order", "partition", "within", "union", "except", "intersect", "window", "similar", "to", "escape", "collate", "zone", "interval",
	"numeric", "decimal", "varchar", "char", "character", "varying", "timestamp", "timestamptz", "time", "bit", "float", "nvarchar", "bpchar", "precision")

// Call is the use of a function in an expression.
type Call struct {
	Name     string
	Class    Class
	At       Token
	Over     bool
	Window   []Token // of OVER (…)
	WindowBy string  // of OVER name
}

// Calls finds the functions that an expression uses, also within subqueries.
func Calls(tokens []Token) []Call {
	var out []Call
	for i, t := range tokens {
		qualified := i > 0 && tokens[i-1].Is(".")
		next := Token{}
		if i+1 < len(tokens) {
			next = tokens[i+1]
		}
		if t.Kind == Word && Bare[t.Text] && !qualified && !next.Is("(", ".") {
			out = append(out, Call{Name: t.Text, Class: Volatile, At: t})
			continue
		}
		if !next.Is("(") || t.Kind != Word && t.Kind != Quoted || t.Kind == Word && syntax[t.Text] && !qualified {
			continue
		}
		if i > 0 && (tokens[i-1].Is("::") || t.Kind == Word && tokens[i-1].Is("as")) {
			continue // a type with its size
		}
		p := Parser{Tokens: tokens, Pos: i + 1}
		args, err := p.Parens()
		if err != nil {
			continue
		}
		c := Call{Name: t.Text, At: t, Class: ClassOf(t.Text)}
		if c.Name == "age" && len(Split(args)) == 1 {
			c.Class = Volatile // to the present day
		}
		if p.Peek().Is("within") { // GROUP (ORDER BY …)
			p.Pos += 2
			if _, err := p.Parens(); err == nil && c.Class == Ordered {
				c.Class = Aggregate
			}
		}
		if p.Take("filter") {
			_, _ = p.Parens() //nolint:errcheck // what cannot be read is refused where it is parsed
		}
		if p.Peek().Is("ignore", "respect") {
			p.Pos += 2
		}
		if p.Take("over") {
			c.Over = true
			if n, ok := p.Peek().Name(); ok && !p.Peek().Is("(") {
				c.WindowBy = n
			} else if w, err := p.Parens(); err == nil {
				c.Window = w
			}
		}
		for j, a := range args {
			if c.Class == Ordered && a.Is("order") && j+1 < len(args) && args[j+1].Is("by") {
				c.Class = Aggregate
			}
		}
		out = append(out, c)
	}
	return out
}
