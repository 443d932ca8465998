// Package reads tells what a query reads and calls, as far as its tokens prove it. It knows
// no dialect's grammar; a text that it cannot follow is unclear, and whoever asks then has to
// expect anything of it.
package reads

import (
	"strings"

	"github.com/millrace/millrace/compiler/sql/scan"
)

// Query is what a query reads and calls.
type Query struct {
	Relations []Relation // in the order of the text; those that the query defines itself are left out
	Calls     []string   // functions in lower case, in the order of the text, without duplicates
	// Moment is a word that stands for the time or the user of the session, such as
	// current_date, or a string such as 'now' that a cast makes one; "" for none.
	Moment string
}

// Relation is the name of a relation as it stands in the text.
type Relation struct{ Parts []Part }

// Part is one part of a name. Exact is one that was quoted.
type Part struct {
	Text  string
	Exact bool
}

// String is the name with dots.
func (r Relation) String() string {
	texts := make([]string, len(r.Parts))
	for i, p := range r.Parts {
		texts[i] = p.Text
	}
	return strings.Join(texts, ".")
}

// Is reports whether the name is that of a relation with all of its parts.
func (r Relation) Is(database, schema, identifier string) bool {
	want := []string{database, schema, identifier}
	if len(r.Parts) > len(want) || len(r.Parts) < 2 {
		return false
	}
	for i, w := range want[len(want)-len(r.Parts):] {
		p := r.Parts[i]
		if p.Exact && p.Text != w || !p.Exact && !strings.EqualFold(p.Text, w) {
			return false
		}
	}
	return true
}

// UnclearError says that a text cannot be followed.
type UnclearError struct{ Why string }

func (e *UnclearError) Error() string { return e.Why }

// Of reads one query.
func Of(sql string) (*Query, error) {
	r := &reader{sql: sql, query: &Query{}, called: map[string]bool{}}
	for t := range scan.Tokens(sql) {
		if t.Kind != scan.Space && t.Kind != scan.Comment {
			r.tokens = append(r.tokens, t)
		}
	}
	for n := len(r.tokens); n > 0 && r.text(n-1) == ";"; n-- {
		r.tokens = r.tokens[:n-1]
	}
	r.scope(&names{}, "", false)
	if r.unclear == nil && r.at < len(r.tokens) {
		r.fail("its parentheses do not match")
	}
	if r.unclear != nil {
		return nil, r.unclear
	}
	return r.query, nil
}

// names are the CTEs that a piece of a query may use.
type names struct {
	own   []Part
	outer *names
}

func (n *names) has(p Part) bool {
	for at := n; at != nil; at = at.outer {
		for _, own := range at.own {
			if own.key() == p.key() {
				return true
			}
		}
	}
	return false
}

// key is the name as engines compare it: only quotes keep capitals apart.
func (p Part) key() string {
	if p.Exact {
		return p.Text
	}
	return strings.ToLower(p.Text)
}

type reader struct {
	sql     string
	tokens  []scan.Token
	at      int
	query   *Query
	called  map[string]bool
	unclear *UnclearError
}

func (r *reader) fail(why string) {
	if r.unclear == nil {
		r.unclear = &UnclearError{why}
	}
	r.at = len(r.tokens)
}

func (r *reader) text(i int) string {
	if i < 0 || i >= len(r.tokens) {
		return ""
	}
	return r.tokens[i].Text(r.sql)
}

// word is a plain word in lower case, "" for anything else.
func (r *reader) word(i int) string {
	if i < 0 || i >= len(r.tokens) || r.tokens[i].Kind != scan.Word {
		return ""
	}
	return strings.ToLower(r.text(i))
}

func (r *reader) part(i int) (Part, bool) {
	if i >= len(r.tokens) {
		return Part{}, false
	}
	name, ok := r.tokens[i].Name(r.sql)
	return Part{name, r.tokens[i].Kind == scan.Quoted}, ok
}

func (r *reader) call(name string) {
	if !r.called[name] {
		r.called[name] = true
		r.query.Calls = append(r.query.Calls, name)
	}
}

// opensQuery are the words that a query in parentheses begins with.
func opensQuery(word string) bool {
	return word == "select" || word == "with" || word == "values" || word == "from"
}

// scope reads up to the parenthesis that closes, or to the end. opener is the word before the
// one that opened; list says that it opened where a relation is expected.
func (r *reader) scope(outer *names, opener string, list bool) {
	s := &scope{reader: r, names: &names{outer: outer}, list: list, expect: list && !opensQuery(r.word(r.at)), opener: opener}
	if opensQuery(r.word(r.at)) {
		s.opener = "" // a query of its own, whatever stands before
	}
	if r.word(r.at) == "with" {
		r.at++
		s.with()
	}
	for r.at < len(r.tokens) && r.text(r.at) != ")" {
		s.step()
	}
}

// scope is one query or one pair of parentheses.
type scope struct {
	*reader
	names  *names
	list   bool // in a list of relations
	expect bool // a relation comes next
	opener string
}

// with reads the definitions after WITH. A name counts behind its definition only, in which an
// equal name means something outside.
func (s *scope) with() {
	if s.word(s.at) == "recursive" {
		s.at++
	}
	for {
		name, ok := s.part(s.at)
		if !ok {
			s.fail("it has a WITH without a name")
			return
		}
		s.at++
		if s.text(s.at) == "(" { // names of columns
			s.at++
			s.scope(s.names, "", false)
			s.at++
		}
		if s.word(s.at) != "as" {
			s.fail("it has a WITH that is not followed by AS")
			return
		}
		s.at++
		if s.word(s.at) == "not" {
			s.at++
		}
		if s.word(s.at) == "materialized" {
			s.at++
		}
		if s.text(s.at) != "(" {
			s.fail("it has a WITH without a query in parentheses")
			return
		}
		s.at++
		s.reader.scope(s.names, "", false)
		if s.text(s.at) != ")" {
			s.fail("its parentheses do not match")
			return
		}
		s.at++
		s.names.own = append(s.names.own, name)
		if s.text(s.at) != "," {
			return
		}
		s.at++
	}
}

// scope of a reader is used for what stands in parentheses.
func (s *scope) scope(outer *names, opener string, list bool) { s.reader.scope(outer, opener, list) }

// step reads one token, or a name with its dots.
func (s *scope) step() {
	t := s.tokens[s.at]
	switch t.Kind {
	case scan.String:
		if s.expect {
			s.fail("it reads the file " + t.Text(s.sql))
			return
		}
		s.momentary(t.Text(s.sql))
		s.at++
	case scan.Word, scan.Quoted:
		if s.expect {
			s.relation()
		} else {
			s.name()
		}
	case scan.Symbol:
		s.symbol(t.Text(s.sql))
	default:
		if s.expect {
			s.fail("what stands for a relation is " + t.Text(s.sql))
			return
		}
		s.at++
	}
}

func (s *scope) symbol(sign string) {
	switch sign {
	case "(":
		opener, list := s.word(s.at-1), s.expect
		s.expect = false
		s.at++
		s.scope(s.names, opener, list)
		if s.text(s.at) != ")" {
			s.fail("its parentheses do not match")
			return
		}
		s.at++
		return
	case ",":
		s.expect = s.list
	case ";":
		s.fail("it is more than one statement")
		return
	}
	s.at++
}

// chain reads a name with its dots.
func (s *scope) chain() []Part {
	var parts []Part
	for {
		p, ok := s.part(s.at)
		if !ok {
			s.fail("it has a name that ends in a dot")
			return parts
		}
		parts = append(parts, p)
		s.at++
		if s.text(s.at) != "." {
			return parts
		}
		s.at++
		if s.text(s.at) == "*" {
			s.at++
			return parts
		}
	}
}

// relation reads what stands where a relation is expected.
func (s *scope) relation() {
	switch w := s.word(s.at); {
	case w == "lateral" || w == "only":
		s.at++
		return
	case opensQuery(w) || statements[w]:
		s.fail("it says " + strings.ToUpper(w) + " where a relation is expected")
		return
	}
	parts := s.chain()
	s.expect = false
	if s.text(s.at) == "(" {
		s.function(parts)
		return
	}
	if len(parts) == 1 && s.names.has(parts[0]) {
		return
	}
	s.query.Relations = append(s.query.Relations, Relation{parts})
}

// function notes a call; its parenthesis comes next.
func (s *scope) function(parts []Part) {
	if len(parts) > 2 || len(parts) == 2 && parts[0].key() != "pg_catalog" {
		s.fail("it calls a function by a name with dots, " + Relation{parts}.String())
		return
	}
	s.call(strings.ToLower(parts[len(parts)-1].Text))
}
