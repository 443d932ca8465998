package main

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/millrace/millrace/testing/golden"
)

var update = flag.Bool("update", false, "rewrite what scripts expect")

func TestMain(m *testing.M) {
	golden.Main(m, map[string]golden.Program{
		"millrace": func(args []string, stdout, stderr io.Writer) int {
			return newApp(stdout, stderr).run(context.Background(), args)
		},
		"sql": query,
	})
}

// TestScripts is the specification of the command line: see CONTRIBUTING.md.
func TestScripts(t *testing.T) {
	golden.Run(t, "testdata/script", *update)
}

// query prints the rows of a query on a DuckDB file, columns separated by "|".
func query(args []string, stdout, stderr io.Writer) int {
	if len(args) != 2 {
		_, _ = fmt.Fprintln(stderr, "usage: sql FILE QUERY")
		return 2
	}
	if err := printRows(args[0], args[1], stdout); err != nil {
		_, _ = fmt.Fprintln(stderr, err)
		return 1
	}
	return 0
}

func printRows(path, text string, w io.Writer) error {
	db, err := sql.Open("duckdb", path+"?access_mode=read_only")
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	rows, err := db.Query(text)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	names, err := rows.Columns()
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintln(w, strings.Join(names, "|"))
	cells := make([]any, len(names))
	for i := range cells {
		cells[i] = new(any)
	}
	for rows.Next() {
		if err := rows.Scan(cells...); err != nil {
			return err
		}
		line := make([]string, len(cells))
		for i, c := range cells {
			line[i] = fmt.Sprint(*c.(*any))
		}
		_, _ = fmt.Fprintln(w, strings.Join(line, "|"))
	}
	return rows.Err()
}
