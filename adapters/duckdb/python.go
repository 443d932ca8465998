package duckdb

import (
	"bufio"
	"bytes"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/relation"
)

//go:embed python/model.py
var modelScript string

// pythonVariable names the interpreter for Python models; without it, python3 from PATH.
const pythonVariable = "MILLRACE_PYTHON"

// noDuckDB is the exit code of the script when Python has no duckdb package.
const noDuckDB = 3

// RunPython implements adapters.PythonEngine. A database file can be open in one process
// only, so Python works on files with copies of what the model reads; tables that it adds
// to them are copied back. DuckDB files carry every type, which Parquet does not.
func (e *engine) RunPython(ctx context.Context, job adapters.PythonJob, execute func(string) error) error {
	program, err := findPython()
	if err != nil {
		return pythonError(job, "Python is needed for the model "+job.Name+": "+err.Error(),
			"put python3 with the duckdb package on PATH, or name it in "+pythonVariable)
	}
	dir, err := os.MkdirTemp("", "millrace-python-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	c, err := e.Conn(ctx, job.Name)
	if err != nil {
		return err
	}
	defer func() { _ = c.Close() }()
	x := &exchange{conn: c, dir: dir, prefix: strings.NewReplacer("-", "_", ".", "_").Replace(filepath.Base(dir))}
	if err := x.export(ctx, e.creds.database, job.Reads); err != nil {
		return err
	}
	if err := x.script(ctx, program, job, e.pythonSetup(x)); err != nil {
		return err
	}
	return x.bringBack(ctx, execute)
}

// findPython is the interpreter that runs the user's Python code.
func findPython() (string, error) {
	python := os.Getenv(pythonVariable)
	if python == "" {
		python = "python3"
	}
	program, err := exec.LookPath(python)
	if err != nil {
		return "", fmt.Errorf("there is no %s", python)
	}
	return program, nil
}

func pythonError(job adapters.PythonJob, summary, hint string) error {
	d := diag.New(diag.CodeTemplateRuntime, diag.Runtime, diag.Span{}, summary)
	d.Hint = hint
	return d
}

// pythonSetup is what Python's connection begins with: the extensions and settings of the
// profile, and the files under the names of their databases.
func (e *engine) pythonSetup(x *exchange) []string {
	var out []string
	for _, ext := range e.creds.extensions {
		name := ext.name
		if strings.ContainsAny(name, `/\`) || strings.HasSuffix(name, ".duckdb_extension") {
			name = literal(name)
		}
		out = append(out, "LOAD "+name)
	}
	for k, v := range e.creds.settings.All() {
		if name := value.Str(k); name != "motherduck_token" {
			out = append(out, "SET "+name+" = "+literal(settingText(v)))
		}
	}
	for _, f := range x.files {
		if f.database != memoryAlias {
			out = append(out, "ATTACH "+literal(f.path)+" AS "+quoteName(f.database))
		}
	}
	return append(out, "USE "+quoteName(e.creds.database))
}

// memoryAlias is the name of a database without a file. Python's own has it too, so a
// file of this name is opened in its place.
const memoryAlias = "memory"

// exchange is the files that Python works on, one for each database.
type exchange struct {
	conn   adapters.Conn
	dir    string
	prefix string
	files  []*exchangeFile
}

type exchangeFile struct {
	database, path, alias string
	known                 map[string]bool // tables that were put there, by schema and name
}

func tableKey(schema, name string) string { return schema + "\x00" + name }

func (x *exchange) run(ctx context.Context, sql string) error {
	_, _, err := x.conn.Execute(ctx, sql, false, -1)
	return err
}

// export writes the files. A relation that is not there is left out: the model may do without.
func (x *exchange) export(ctx context.Context, database string, reads []*relation.Relation) error {
	if err := x.open(ctx, database); err != nil {
		return err
	}
	for _, rel := range reads {
		if !rel.HasDatabase || !rel.HasSchema || !rel.HasIdentifier {
			continue
		}
		f := x.file(rel.Database)
		if f == nil {
			if err := x.open(ctx, rel.Database); err != nil {
				return err
			}
			f = x.file(rel.Database)
		}
		key := tableKey(rel.Schema, rel.Identifier)
		if f.known[key] {
			continue
		}
		name := quoteName(rel.Schema) + "." + quoteName(rel.Identifier)
		if err := x.run(ctx, "CREATE SCHEMA IF NOT EXISTS "+quoteName(f.alias)+"."+quoteName(rel.Schema)); err != nil {
			return err
		}
		err := x.run(ctx, "CREATE TABLE "+quoteName(f.alias)+"."+name+" AS SELECT * FROM "+quoteName(rel.Database)+"."+name)
		switch {
		case err == nil:
			f.known[key] = true
		case !doesNotExist(err):
			return err
		}
	}
	for _, f := range x.files {
		if err := x.detach(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

func (x *exchange) file(database string) *exchangeFile {
	for _, f := range x.files {
		if strings.EqualFold(f.database, database) {
			return f
		}
	}
	return nil
}

func (x *exchange) open(ctx context.Context, database string) error {
	n := len(x.files)
	f := &exchangeFile{database: database, alias: fmt.Sprintf("%s_%d", x.prefix, n), known: map[string]bool{}}
	f.path = filepath.Join(x.dir, fmt.Sprintf("%d.duckdb", n))
	if database == memoryAlias {
		f.path = filepath.Join(x.dir, memoryAlias+".duckdb")
	}
	x.files = append(x.files, f)
	return x.attach(ctx, f)
}

func (x *exchange) attach(ctx context.Context, f *exchangeFile) error {
	return x.run(ctx, "ATTACH "+literal(f.path)+" AS "+quoteName(f.alias))
}

// detach writes the file and lets go of it.
func (x *exchange) detach(ctx context.Context, f *exchangeFile) error {
	return x.run(ctx, "DETACH "+quoteName(f.alias))
}

// script runs Python. What it prints is passed on line by line; a traceback is the error.
func (x *exchange) script(ctx context.Context, program string, job adapters.PythonJob, setup []string) error {
	own := ""
	if f := x.file(memoryAlias); f != nil {
		own = f.path
	}
	text, err := json.Marshal(map[string]any{"name": job.Name, "path": job.Path, "code": strings.TrimLeft(job.Code, " \t\r\n"), "memory": own, "setup": setup,
		"layouts": x.layoutFile()})
	if err != nil {
		return err
	}
	script, task := filepath.Join(x.dir, "model.py"), filepath.Join(x.dir, "job.json")
	if err := os.WriteFile(script, []byte(modelScript), 0o600); err != nil {
		return err
	}
	if err := os.WriteFile(task, text, 0o600); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, program, script, task)
	cmd.Env = append(os.Environ(), "PYTHONUNBUFFERED=1")
	var failure bytes.Buffer
	cmd.Stderr = &failure
	reader, writer := io.Pipe()
	cmd.Stdout = writer
	printed := make(chan struct{})
	go func() {
		defer close(printed)
		lines := bufio.NewReader(reader)
		for {
			line, err := lines.ReadString('\n')
			if line != "" && job.Print != nil {
				job.Print(strings.TrimRight(line, "\r\n"))
			}
			if err != nil {
				return
			}
		}
	}()
	err = cmd.Run()
	_ = writer.Close()
	<-printed
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.As(err, &exit) && exit.ExitCode() == noDuckDB:
		return pythonError(job, "Python models need the duckdb package: "+strings.TrimSpace(failure.String()),
			"install it for this Python, or name another one in "+pythonVariable)
	case err != nil && failure.Len() == 0:
		return pythonError(job, "Python model failed: "+err.Error(), "")
	case err != nil:
		return pythonError(job, "Python model failed:\n"+strings.TrimRight(failure.String(), "\n"), "")
	}
	return nil
}

func (x *exchange) layoutFile() string { return filepath.Join(x.dir, "layouts.json") }

// layouts are the statements that lay out tables before their rows come, by relation.
func (x *exchange) layouts() (map[string]string, error) {
	text, err := os.ReadFile(x.layoutFile())
	if err != nil {
		return nil, err
	}
	var out map[string]string
	err = json.Unmarshal(text, &out)
	return out, err
}

// bringBack copies the tables that Python added into the databases they were added to.
func (x *exchange) bringBack(ctx context.Context, execute func(string) error) error {
	layouts, err := x.layouts()
	if err != nil {
		return err
	}
	for _, f := range x.files {
		if err := x.attach(ctx, f); err != nil {
			return err
		}
		_, rows, err := x.conn.Execute(ctx, "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = "+literal(f.alias)+" ORDER BY table_oid", true, -1)
		if err != nil {
			return err
		}
		for _, row := range rows.Rows {
			schema, table := value.Str(row[0]), value.Str(row[1])
			if f.known[tableKey(schema, table)] {
				continue
			}
			name := quoteName(schema) + "." + quoteName(table)
			target, source := quoteName(f.database)+"."+name, " select * from "+quoteName(f.alias)+"."+name
			statements := []string{"create table " + target + " as" + source}
			if layout := layouts[target]; layout != "" {
				statements = []string{statements[0] + " limit 0", layout, "insert into " + target + source}
			}
			for _, sql := range statements {
				if err := execute(sql); err != nil {
					return err
				}
			}
		}
		if err := x.detach(ctx, f); err != nil {
			return err
		}
	}
	return nil
}
