package value_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/builtin"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// expression is one line of testdata/expressions.json, which testdata/oracle.py writes.
type expression struct {
	Expr  string `json:"expr"`
	Want  string `json:"want"`
	Error string `json:"error"`
}

type scope map[string]value.Value

func (s scope) Lookup(_ *value.Thread, name string) (value.Value, bool) {
	if v, ok := s[name]; ok {
		return v, true
	}
	v, ok := builtin.Globals[name]
	return v, ok
}

func (s scope) Names() []string { return nil }

func oracleScope() scope {
	unary := func(name string, fn func(th *value.Thread, v value.Value) (value.Value, error)) value.Value {
		return value.Func(name, func(th *value.Thread, a value.Args) (value.Value, error) {
			args, err := a.Bind(name, "v?")
			if err != nil {
				return value.Undef, err
			}
			return fn(th, args[0])
		})
	}
	return scope{
		"datetime": value.DateTimeModule(func() time.Time { return time.Date(2024, 2, 29, 13, 4, 5, 0, time.UTC) }),
		"pytz":     value.PytzModule(),
		"Decimal":  unary("Decimal", func(_ *value.Thread, v value.Value) (value.Value, error) { return value.ToDecimal(v) }),
		"float":    unary("float", func(_ *value.Thread, v value.Value) (value.Value, error) { return value.ToFloat(v) }),
		"set": unary("set", func(th *value.Thread, v value.Value) (value.Value, error) {
			s, err := value.ToSet(th, v)
			return value.FromSet(s), err
		}),
		"zip": value.Func("zip", func(th *value.Thread, a value.Args) (value.Value, error) {
			x, err := value.ToSlice(th, a.Pos[0])
			if err != nil {
				return value.Undef, err
			}
			y, err := value.ToSlice(th, a.Pos[1])
			out := []value.Value{}
			for i := range min(len(x), len(y)) {
				out = append(out, value.NewTuple(x[i], y[i]))
			}
			return value.NewList(out...), err
		}),
	}
}

func render(expr string) (string, error) {
	tmpl, d := jinja.Parse(diag.NewSource("case.sql", "{{ ("+expr+") }}"))
	if d != nil {
		return "", d
	}
	return tmpl.Render(&value.Thread{Globals: oracleScope()})
}

// TestExpressions compares with what dbt's own template environment printed or raised.
func TestExpressions(t *testing.T) {
	raw, err := os.ReadFile("testdata/expressions.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []expression
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	known := knownDifferences(t)
	failed := 0
	for _, c := range cases {
		got, err := render(c.Expr)
		problem := compareOutcome(c, got, err)
		if _, ok := known[c.Expr]; ok {
			if problem == "" {
				t.Errorf("%s is listed as different but agrees", c.Expr)
			}
			continue
		}
		if problem != "" {
			failed++
			t.Errorf("%s\n%s", c.Expr, problem)
		}
	}
	t.Logf("%d of %d agree", len(cases)-failed, len(cases))
}

func compareOutcome(c expression, got string, err error) string {
	if c.Error == "" {
		switch {
		case err != nil:
			return " failed: " + err.Error() + "\n   want: " + c.Want
		case got != c.Want:
			return "    got: " + got + "\n   want: " + c.Want
		}
		return ""
	}
	kind, message, _ := strings.Cut(c.Error, ": ")
	if err == nil {
		return "    got: " + got + "\n   want error: " + c.Error
	}
	var d *diag.Diagnostic
	if !errors.As(err, &d) {
		return "not a diagnostic: " + err.Error()
	}
	if d.Message() != message || kind != "TemplateSyntaxError" && kind != "TemplateAssertionError" && !value.IsError(err, kind) {
		return "    got error: " + d.Message() + "\n   want error: " + c.Error
	}
	return ""
}

// knownDifferences lists expressions whose outcome differs on purpose, one a line.
func knownDifferences(t *testing.T) map[string]bool {
	raw, err := os.ReadFile("testdata/different.txt")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for line := range strings.Lines(string(raw)) {
		if line = strings.TrimRight(line, "\n"); line != "" && !strings.HasPrefix(line, "# ") {
			known[line] = true
		}
	}
	return known
}
