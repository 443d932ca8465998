package duckdb

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/relation"
)

// modelEnd is what macros put behind a model's code, as short as it can be.
const modelEnd = `

class dbtObj:
    def __init__(self, load):
        self.ref = lambda name: load(f'main."{name}"')


def materialize(df, con):
    con.register('rows', df)
    con.execute('create table main.made as select * from rows')
`

func pythonEngine(t *testing.T, path string) (adapters.Engine, adapters.Conn, string) {
	t.Helper()
	output := value.NewDict(1)
	output.SetString("path", value.String(path))
	creds, err := Driver{}.Credentials(output)
	if err != nil {
		t.Fatal(err)
	}
	e, err := Driver{}.Open(t.Context(), creds)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	c, err := e.Conn(t.Context(), "test")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return e, c, creds.Database()
}

func runPython(t *testing.T, e adapters.Engine, c adapters.Conn, database, code string, print func(string)) error {
	t.Helper()
	rel := func(name string) *relation.Relation {
		return &relation.Relation{Database: database, Schema: "main", Identifier: name, HasDatabase: true, HasSchema: true, HasIdentifier: true}
	}
	job := adapters.PythonJob{Name: "made", Path: "models/made.py", Code: code + modelEnd, Reads: []*relation.Relation{rel("absent"), rel("things"), rel("seen")}, Print: print}
	if err := c.Begin(t.Context()); err != nil {
		t.Fatal(err)
	}
	err := e.(adapters.PythonEngine).RunPython(t.Context(), job, func(sql string) error {
		_, _, err := c.Execute(t.Context(), sql, false, -1)
		return err
	})
	if err != nil {
		if err := c.Rollback(t.Context()); err != nil {
			t.Fatal(err)
		}
		return err
	}
	return c.Commit(t.Context())
}

func TestPythonModels(t *testing.T) {
	if exec.Command("python3", "-c", "import duckdb").Run() != nil {
		t.Skip("python3 has no duckdb package")
	}
	for _, path := range []string{memory, filepath.Join(t.TempDir(), "p.duckdb")} {
		t.Run(filepath.Base(path), func(t *testing.T) {
			e, c, database := pythonEngine(t, path)
			setup := "create type mood as enum ('sad', 'glad'); create table things as select 170141183460469231731687303715884105727::hugeint as n, 'glad'::mood as m; create view seen as select 5 as five"
			if _, _, err := c.Execute(t.Context(), setup, false, -1); err != nil {
				t.Fatal(err)
			}
			var printed []string
			code := "def model(dbt, session):\n    print('so many:', session.sql('select count(*) from things').fetchone()[0])\n" +
				"    session.execute('create table side as select 1 as x')\n" +
				"    return session.sql('select t.*, five, [1, 2] as l from main.things t, seen')\n"
			if err := runPython(t, e, c, database, code, func(line string) { printed = append(printed, line) }); err != nil {
				t.Fatal(err)
			}
			_, rows, err := c.Execute(t.Context(), "select n::text, typeof(n), m::text, five, l::text, (select x from side) from made", true, -1)
			if err != nil {
				t.Fatal(err)
			}
			if got := value.Repr(value.NewTuple(rows.Rows[0]...)); got != "('170141183460469231731687303715884105727', 'HUGEINT', 'glad', 5, '[1, 2]', 1)" {
				t.Errorf("row %s", got)
			}
			if !slices.Equal(printed, []string{"so many: 1"}) {
				t.Errorf("printed %q", printed)
			}
		})
	}
}

func TestPythonErrors(t *testing.T) {
	if exec.Command("python3", "-c", "import duckdb").Run() != nil {
		t.Skip("python3 has no duckdb package")
	}
	e, c, database := pythonEngine(t, memory)
	for _, x := range []struct{ code, want string }{
		{"def model(dbt, session):\n    return 1 / 0\n", "Python model failed:\nTraceback (most recent call last):\n  File \"models/made.py\", line 2, in model\n    return 1 / 0\n"},
		{"def model(dbt, session)\n    pass\n", "File \"models/made.py\", line 1\n"},
		{"def model(dbt, session):\n    return dbt.ref('absent')\n", "Table with name absent does not exist"},
		{"import no_such_module\ndef model(dbt, session):\n    pass\n", "No module named 'no_such_module'"},
		{"import sys\ndef model(dbt, session):\n    sys.exit(7)\n", "Python model failed: exit status 7"},
	} {
		err := runPython(t, e, c, database, x.code, nil)
		if err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), "\n  ", "\n"), x.want) {
			t.Errorf("got %v, want %s", err, x.want)
		}
	}
	_, rows, err := c.Execute(t.Context(), "select count(*) from duckdb_databases() where not internal", true, -1)
	if err != nil {
		t.Fatal(err)
	}
	if got := value.Str(rows.Rows[0][0]); got != "1" {
		t.Errorf("%s databases are attached at the end", got)
	}
}

func TestPythonMissing(t *testing.T) {
	t.Setenv(pythonVariable, filepath.Join(t.TempDir(), "python9"))
	e, c, database := pythonEngine(t, memory)
	if err := runPython(t, e, c, database, "", nil); err == nil || !strings.Contains(err.Error(), "Python is needed for the model made") {
		t.Errorf("got %v", err)
	}
}
