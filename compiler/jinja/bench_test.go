package jinja_test

import (
	"os"
	"strconv"
	"testing"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja"
	"github.com/millrace/millrace/compiler/jinja/value"
)

func benchFile(b testing.TB, name string) string {
	b.Helper()
	text, err := os.ReadFile("testdata/bench/" + name)
	if err != nil {
		b.Fatal(err)
	}
	return string(text)
}

func benchContext(b testing.TB) mapScope {
	b.Helper()
	host := func(name string, v value.Value) value.Value {
		return value.Func(name, func(*value.Thread, value.Args) (value.Value, error) { return v, nil })
	}
	ctx := mapScope{
		"config": host("config", value.String("")), "var": host("var", value.Int(3)), "is_incremental": host("is_incremental", value.True),
		"ref": host("ref", rel("stg_orders")), "source": host("source", rel("payments")), "this": rel("orders"), "return": returnFunc(),
	}
	for _, m := range mustParse(b, benchFile(b, "macros.sql")).Macros() {
		ctx[m.Name] = value.FromObject(m)
	}
	var columns, statuses []value.Value
	for i := range 60 {
		columns = append(columns, dictOf("name", "col_"+strconv.Itoa(i), "dtype", "varchar"))
		statuses = append(statuses, value.String("state "+strconv.Itoa(i)))
	}
	ctx["columns"], ctx["statuses"] = value.NewList(columns...), value.NewList(statuses...)
	ctx["relations"] = value.NewList(rel("a"), rel("b"), rel("c"))
	return ctx
}

func benchParse(b *testing.B, name string) {
	text := benchFile(b, name)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, d := jinja.Parse(diag.NewSource(name, text)); d != nil {
			b.Fatal(d)
		}
	}
}

func BenchmarkParseModel(b *testing.B)  { benchParse(b, "model.sql") }
func BenchmarkParseMacros(b *testing.B) { benchParse(b, "macros.sql") }

func BenchmarkScanMacros(b *testing.B) {
	text := benchFile(b, "macros.sql")
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, d := jinja.ScanBlocks(diag.NewSource("m", text), "macro"); d != nil {
			b.Fatal(d)
		}
	}
}

func benchRender(b *testing.B, name string) {
	ctx := benchContext(b)
	tmpl := mustParse(b, benchFile(b, name))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := tmpl.Render(&value.Thread{Globals: ctx}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkRenderModel(b *testing.B) { benchRender(b, "model.sql") }
func BenchmarkRenderHeavy(b *testing.B) { benchRender(b, "heavy.sql") }
