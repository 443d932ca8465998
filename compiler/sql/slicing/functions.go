package slicing

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed functions.txt
var functionList string

// class is what kind of function a name stands for.
type class byte

const (
	unknownFunction class = 0
	aggregate       class = 'a'
	ordered         class = 'o' // an aggregate whose result depends on the order of its rows
	windowOnly      class = 'w'
	volatile        class = 'v' // differs from run to run
	scalar          class = 's'
)

var functions = sync.OnceValue(func() map[string]class {
	m := map[string]class{}
	for _, line := range strings.Split(functionList, "\n") {
		if len(line) < 2 {
			continue
		}
		for _, name := range strings.Fields(line[2:]) {
			m[name] = class(line[0])
		}
	}
	return m
})

// bare are functions that are called without parentheses.
var bare = set("current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "current_user", "session_user", "current_role")

// syntax are words before a parenthesis that call nothing.
var syntax = set("in", "exists", "values", "any", "all", "some", "as", "on", "using", "and", "or", "not", "when", "then", "else", "over", "filter", "by", "exclude", "lateral",
	"distinct", "select", "from", "join", "where", "having", "between", "like", "ilike", "is", "case", "group", "end", "return", "limit", "offset", "qualify", "with",
	"materialized", "order", "partition", "within", "union", "except", "intersect", "window", "similar", "to", "escape", "collate", "zone", "interval",
	"numeric", "decimal", "varchar", "char", "character", "varying", "timestamp", "timestamptz", "time", "bit", "float", "nvarchar", "bpchar", "precision")

// call is the use of a function in an expression.
type call struct {
	name     string
	class    class
	at       token
	args     []token
	over     bool
	window   []token // of OVER (…)
	windowBy string  // of OVER name
}

// calls finds the functions that an expression uses, also within subqueries.
func calls(tokens []token) []call {
	var out []call
	for i, t := range tokens {
		qualified := i > 0 && tokens[i-1].is(".")
		next := token{}
		if i+1 < len(tokens) {
			next = tokens[i+1]
		}
		if t.kind == word && bare[t.text] && !qualified && !next.is("(", ".") {
			out = append(out, call{name: t.text, class: volatile, at: t})
			continue
		}
		if !next.is("(") || t.kind != word && t.kind != quoted || t.kind == word && syntax[t.text] && !qualified {
			continue
		}
		if i > 0 && (tokens[i-1].is("::") || t.kind == word && tokens[i-1].is("as")) {
			continue // a type with its size
		}
		p := parser{tokens: tokens, pos: i + 1}
		args, err := p.parens()
		if err != nil {
			continue
		}
		c := call{name: t.text, at: t, args: args, class: functions()[strings.ToLower(t.text)]}
		if c.name == "age" && len(split(args)) == 1 {
			c.class = volatile // to the present day
		}
		if p.peek().is("within") { // GROUP (ORDER BY …)
			p.pos += 2
			if _, err := p.parens(); err == nil && c.class == ordered {
				c.class = aggregate
			}
		}
		if p.take("filter") {
			_, _ = p.parens() //nolint:errcheck // what cannot be read is refused where it is parsed
		}
		if p.peek().is("ignore", "respect") {
			p.pos += 2
		}
		if p.take("over") {
			c.over = true
			if n, ok := p.peek().name(); ok && !p.peek().is("(") {
				c.windowBy = n
			} else if w, err := p.parens(); err == nil {
				c.window = w
			}
		}
		for j, a := range args {
			if c.class == ordered && a.is("order") && j+1 < len(args) && args[j+1].is("by") {
				c.class = aggregate
			}
		}
		out = append(out, c)
	}
	return out
}
