package value_test

import (
	"context"
	"testing"
	"time"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// TestBombs renders expressions that ask for more time or memory than anybody has.
func TestBombs(t *testing.T) {
	for _, expr := range []string{
		"'a' * 10**12", "'a' * 10**30", "[0] * 10**12", "(1,2) * 10**10", "10 ** (10 ** 10)", "10**(10**(10**10))", "(2**1000000) * (2**1000000)",
		"(2**900000) * (2**900000)", "'{:99999999999}'.format(1)", "'{:>99999999999}'.format('x')", "'{:{}}'.format(1, 10**11)",
		"'{:.99999999999f}'.format(1.5)", "'%99999999999d' % 1", "'%.99999999999f' % 1.5", "'%*d' % (2000000000, 1)",
		"range(10**12)|list", "range(10**30)", "'x'.center(10**12)", "'x'.ljust(10**12)", "'x'.zfill(10**12)", "'x\\ty'.expandtabs(10**12)",
		"('x' * 10**6).replace('x', 'y' * 10**6)", "('x' * 10**6)|replace('x', 'y' * 10**6)", "('x' * 10**6).join(['a'] * 10**6)",
		"(['a'] * 10**6)|join('x' * 10**6)", "('a\\n' * 10**6)|indent(10**6)", "[1]|tojson(indent=10**12)", "[1]|batch(10**12,'x')|list",
		"range(10)|slice(10**12)|list", "lipsum(n=10**12)", "lipsum(n=10**18, min=10**17, max=10**18)", "2**1048577",
		"Decimal('1E+900000') + 1", "Decimal('9') ** (10**9)", "'x'|center(10**12)", "(range(9*10**6)|list) + (range(9*10**6)|list)",
		"datetime.datetime(2024,1,1).strftime('%99999999999d')", "'{:,}'.format(2**1000000)", "2**1000000|string",
	} {
		start := time.Now()
		if got, err := render(expr); err == nil {
			t.Errorf("%s gave %d bytes", expr, len(got))
		}
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s took %s", expr, took)
		}
	}
}

func TestStepLimit(t *testing.T) {
	tmpl, d := jinja.Parse(diag.NewSource("case.sql", "{{ range(1000)|map('string')|list|length }}"))
	if d != nil {
		t.Fatal(d)
	}
	if _, err := tmpl.Render(&value.Thread{Globals: oracleScope(), Limits: value.Limits{Steps: 100}}); err == nil {
		t.Error("no error beyond the step limit")
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	th := &value.Thread{Context: ctx}
	if err := th.Step(5000); err == nil {
		t.Error("no error after cancellation")
	}
}

// TestCycles prints, compares and encodes containers that hold themselves.
func TestCycles(t *testing.T) {
	list := &value.List{}
	list.Items = []value.Value{value.FromList(list)}
	v := value.FromList(list)
	if got := value.Repr(v); got != "[[...]]" {
		t.Error(got)
	}
	d := value.NewDict(0)
	d.SetString("self", value.FromDict(d))
	if got := value.Repr(value.FromDict(d)); got != "{'self': {...}}" {
		t.Error(got)
	}
	if _, err := value.AppendJSON(nil, v, value.JSONOptions{}); !value.IsError(err, "ValueError") {
		t.Error(err)
	}
	other := &value.List{}
	other.Items = []value.Value{value.FromList(other)}
	if value.Equal(v, value.FromList(other)) {
		t.Error("distinct cycles are equal")
	}
	deep := value.NewList()
	for range 100_000 {
		deep = value.NewList(deep)
	}
	if len(value.Repr(deep)) == 0 {
		t.Error("no text")
	}
	if _, err := value.AppendJSON(nil, deep, value.JSONOptions{}); !value.IsError(err, "RecursionError") {
		t.Error(err)
	}
	nested := value.NewTuple()
	for range 100_000 {
		nested = value.NewTuple(nested)
	}
	if err := value.NewDict(0).Set(nested, value.None); !value.IsError(err, "RecursionError") {
		t.Error(err)
	}
}
