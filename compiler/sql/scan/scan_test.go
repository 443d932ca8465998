package scan

import (
	"strings"
	"testing"
)

var kinds = [...]string{"space", "comment", "word", "quoted", "string", "number", "parameter", "symbol"}

func describe(sql string) string {
	var parts []string
	for t := range Tokens(sql) {
		if t.Kind != Space {
			parts = append(parts, kinds[t.Kind]+":"+t.Text(sql))
		}
	}
	return strings.Join(parts, " ")
}

func TestTokens(t *testing.T) {
	for _, c := range []struct{ sql, want string }{
		{"select a1 from \"b\"\"c\"", `word:select word:a1 word:from quoted:"b""c"`},
		{"'it''s' 'x", `string:'it''s' string:'x`},
		{`e'a\'b' E'\\'`, `string:e'a\'b' string:E'\\'`},
		{"type'a'", "word:type string:'a'"},
		{"$$a;b$$ $t$ $$ $t$ $1 $name $", "string:$$a;b$$ string:$t$ $$ $t$ parameter:$1 parameter:$name symbol:$"},
		{"a$b$c", "word:a$b$c"},
		{"1.5e3 -- c\n/* a /* b */ c */ ?", "number:1.5e3 comment:-- c\n comment:/* a /* b */ c */ parameter:?"},
		{"`x``y` größe", "quoted:`x``y` word:größe"},
		{"a->>'b'", "word:a symbol:- symbol:> symbol:> string:'b'"},
		{"/* open", "comment:/* open"},
	} {
		if got := describe(c.sql); got != c.want {
			t.Errorf("%q:\n got %s\nwant %s", c.sql, got, c.want)
		}
	}
}

func TestName(t *testing.T) {
	sql := "\"a\"\"b\" `c``d` e 'f'"
	var names []string
	for tok := range Tokens(sql) {
		if n, ok := tok.Name(sql); ok {
			names = append(names, n)
		}
	}
	if got := strings.Join(names, "|"); got != "a\"b|c`d|e" {
		t.Errorf("got %q", got)
	}
}

func TestStatements(t *testing.T) {
	for _, c := range []struct{ sql, want string }{
		{"select 1;; -- a;b\nselect ';' /* ; */ ; /* end */", "select 1| -- a;b\nselect ';' /* ; */ "},
		{"/* a; /* b; */ c; */ select ';' ; ; -- x;\n select $$;$$, $t$ ; $$ $t$, \";\", E'\\';' ;select 3",
			"/* a; /* b; */ c; */ select ';' | -- x;\n select $$;$$, $t$ ; $$ $t$, \";\", E'\\';' |select 3"},
		{" -- nothing\n;", ""},
	} {
		var parts []string
		for _, s := range Statements(c.sql) {
			parts = append(parts, c.sql[s.Start:s.End])
		}
		if got := strings.Join(parts, "|"); got != c.want {
			t.Errorf("got %q, want %q", got, c.want)
		}
	}
	if w := FirstWord("-- x\n /* y */ Grant select"); w != "Grant" {
		t.Errorf("first word %q", w)
	}
	if w := FirstWord("{{ x }}"); w != "" {
		t.Errorf("first word %q", w)
	}
	if Parameters("select '?' -- $1") || !Parameters("select $1") {
		t.Error("parameters")
	}
}

// FuzzTokens: the tokens of any text cover it without gaps, and none is empty.
func FuzzTokens(f *testing.F) {
	for _, s := range []string{"select 'a' from \"b\" -- c", "$a$ x $a$", "e'\\'", "/*/**/", "`", "\xff$\xff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		at := 0
		for tok := range Tokens(sql) {
			if tok.Start != at || tok.End <= tok.Start || tok.End > len(sql) {
				t.Fatalf("token %v after %d in %q", tok, at, sql)
			}
			if _, ok := tok.Name(sql); ok != (tok.Kind == Word || tok.Kind == Quoted) {
				t.Fatalf("the name of %v in %q", tok, sql)
			}
			at = tok.End
		}
		if at != len(sql) {
			t.Fatalf("%q ends at %d", sql, at)
		}
		for _, s := range Statements(sql) {
			if s.Start >= s.End {
				t.Fatalf("empty statement in %q", sql)
			}
		}
	})
}
