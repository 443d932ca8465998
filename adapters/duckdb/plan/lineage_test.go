package plan_test

import (
	"context"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/millrace/millrace/adapters/duckdb"
	"github.com/millrace/millrace/compiler/sql"
)

var update = flag.Bool("update", false, "rewrite expected lineage")

// warehouse are the tables of testdata/lineage.txtar.
var warehouse = map[string]string{
	"nation":   "n_id integer, n_name text, n_region integer, n_comment text",
	"supplier": "s_id integer, s_name text",
	"customer": "c_id integer, c_name text, c_nation integer",
	"part":     "p_id integer, p_name text",
	"partsupp": "ps_part integer, ps_supplier integer, ps_cost decimal(15,2)",
	"orders":   "o_id integer, o_customer integer, o_date date, o_priority text, o_total decimal(15,2), o_tags text[], o_info struct(channel text)",
	"lineitem": "l_order integer, l_supplier integer, l_quantity integer, l_price decimal(15,2), l_discount decimal(15,2), l_shipped date, l_returnflag text, l_linestatus text",
}

func openWarehouse(t testing.TB) sql.Analyzer {
	t.Helper()
	a, err := duckdb.Driver{}.Analyzer(context.Background(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Close() })
	for name, list := range warehouse {
		var columns []sql.Column
		for _, item := range strings.Split(list, ", ") {
			column, typ, _ := strings.Cut(item, " ")
			columns = append(columns, sql.Column{Name: column, Type: typ})
		}
		// The queries name tables alone.
		if _, err := a.Define(context.Background(), sql.Name{Database: "memory", Schema: "main", Identifier: name}, columns); err != nil {
			t.Fatal(name, err)
		}
	}
	return a
}

func TestLineage(t *testing.T) {
	const path = "testdata/lineage.txtar"
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	a := openWarehouse(t)
	for i := 0; i+1 < len(archive.Files); i += 2 {
		query, want := archive.Files[i], &archive.Files[i+1]
		got := describeLineage(a, string(query.Data))
		if *update {
			want.Data = []byte(got)
		} else if got != string(want.Data) {
			t.Errorf("%s:\n got %s\nwant %s", query.Name, got, want.Data)
		}
	}
	if *update {
		if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// describeLineage writes one line for each column: its name and what it is made from.
func describeLineage(a sql.Analyzer, query string) string {
	ctx := context.Background()
	trace, err := a.Lineage(ctx, query)
	if err != nil {
		return "not known: " + strings.Join(strings.Fields(err.Error()), " ") + "\n"
	}
	columns, err := a.Check(ctx, query)
	if err != nil {
		return "does not bind: " + err.Error() + "\n"
	}
	if len(columns) != len(trace.Columns) {
		return "the plan has other columns than the query\n"
	}
	var b strings.Builder
	for i, c := range columns {
		b.WriteString(c.Name + ":")
		for _, o := range trace.Columns[i] {
			b.WriteString(" " + o.Column + " (" + o.Kind.String() + ")")
		}
		b.WriteString("\n")
	}
	if len(trace.Rows) > 0 {
		b.WriteString("(rows):")
		for _, o := range trace.Rows {
			b.WriteString(" " + o.Column + " (" + o.Kind.String() + ")")
		}
		b.WriteString("\n")
	}
	return b.String()
}
