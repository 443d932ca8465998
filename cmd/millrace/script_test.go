package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/testing/golden"
)

var update = flag.Bool("update", false, "rewrite what scripts expect")

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(runAsProgram(os.Stdout, os.Stderr))
	}
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
	driver, ok := adapters.Lookup("duckdb")
	if !ok {
		return errors.New("no duckdb driver")
	}
	output := value.NewDict(1)
	output.SetString("path", value.String(path))
	credentials, err := driver.Credentials(output)
	if err != nil {
		return err
	}
	ctx := context.Background()
	engine, err := driver.Open(ctx, credentials)
	if err != nil {
		return err
	}
	defer func() { _ = engine.Close() }()
	conn, err := engine.Conn(ctx, "sql")
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	_, rows, err := conn.Execute(ctx, text, true, -1)
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintln(w, strings.Join(rows.Names, "|"))
	for _, row := range rows.Rows {
		line := make([]string, len(row))
		for i, v := range row {
			line[i] = value.Str(v)
		}
		_, _ = fmt.Fprintln(w, strings.Join(line, "|"))
	}
	return nil
}
