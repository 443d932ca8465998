package reads

import "strings"

// statements are words of statements that are no plain queries, and of clauses that read in a
// way which is not followed here.
var statements = set(`alter attach call copy create delete describe drop execute export import insert into load merge pivot
	pivot_wider pivot_longer pragma prepare sample show summarize table tablesample truncate unpivot update`)

// ends are the words that end a list of relations.
var ends = set("where group having order limit offset fetch window qualify union intersect except select returning for")

// syntax are the words before a parenthesis that call nothing which could be volatile.
var syntax = set(`all and any array as between bigint bit by case cast character char coalesce columns cross cube date
	dec decimal distinct else end escape except exclude exists extract filter float from full group groups grouping having if ifnull ilike
	in inner int intersect interval is isnull join key lateral left like limit map materialized not notnull nullif numeric offset on or
	order outer over overlay partition position preceding range recursive rename replace returning right rollup row rows select semi sets
	similar some struct substring then time timestamp timestamptz to trim try_cast union using values varchar varying when where window with within
	greatest least`)

// odd are functions in whose parentheses FROM is no clause.
var odd = set("extract substring trim overlay position")

// moments are words that mean the time or the user of a session without parentheses.
var moments = set(`current_catalog current_date current_role current_schema current_time current_timestamp current_user localtime
	localtimestamp session_user system_user user`)

// castable are the words of strings that a cast to a date makes mean the moment.
var castable = set("now today tomorrow yesterday")

func set(words string) map[string]bool {
	out := map[string]bool{}
	for _, w := range strings.Fields(words) {
		out[w] = true
	}
	return out
}

// name reads a word or name where no relation is expected.
func (s *scope) name() {
	if s.text(s.at-1) == "." || s.text(s.at+1) == "." || s.word(s.at) == "" {
		s.plain()
		return
	}
	switch w := s.word(s.at); {
	case w == "from":
		s.at++
		if odd[s.opener] || s.word(s.at-2) == "distinct" && (s.word(s.at-3) == "is" || s.word(s.at-3) == "not") {
			return
		}
		s.list, s.expect = true, true
	case w == "join":
		s.at++
		s.list, s.expect = true, true
	case w == "with":
		s.at++
		if next := s.word(s.at); next != "ordinality" && next != "ties" && next != "time" {
			s.fail("it has a WITH in a place that is not followed")
		}
	case statements[w]:
		s.fail("it says " + strings.ToUpper(w))
	case ends[w]:
		s.at++
		s.list = false
	case moments[w] && s.text(s.at+1) != "(":
		if s.query.Moment == "" {
			s.query.Moment = w
		}
		s.at++
	default:
		s.plain()
	}
}

// plain reads a name of a column, alias or type, or a call.
func (s *scope) plain() {
	before := s.at - 1
	if _, ok := s.part(s.at); !ok || s.text(before) == "." { // behind a closing bracket or parenthesis
		s.at++
		if s.text(s.at) == "(" {
			s.fail("it calls a method, " + s.text(s.at-1))
		}
		return
	}
	first := s.word(s.at)
	parts := s.chain()
	if s.text(s.at) != "(" || s.unclear != nil {
		return
	}
	switch {
	case s.word(before) == "as" || s.text(before) == ":": // an alias with its columns, or a type
	case len(parts) == 1 && syntax[first]:
	default:
		s.function(parts)
	}
}

// momentary notes a string that a cast can make mean the moment.
func (s *scope) momentary(text string) {
	for _, w := range strings.FieldsFunc(strings.ToLower(text), func(c rune) bool { return c < 'a' || c > 'z' }) {
		if castable[w] && s.query.Moment == "" {
			s.query.Moment = text
		}
	}
}
