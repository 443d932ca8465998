package duckdb

import (
	"context"
	"encoding/json"
	"errors"
	"regexp"
	"strconv"
	"strings"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/duckdb/internal/native"
	"github.com/millrace/millrace/adapters/duckdb/plan"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/sql"
	"github.com/millrace/millrace/compiler/sql/scan"
)

// analyzer binds queries in a database of its own, in memory, whose tables have columns and
// no rows. It reads no file and no network: what needs them does not bind there, and that
// says nothing about the query.
type analyzer struct {
	db        *native.DB
	conn      *conn
	databases map[string]bool
	schemas   map[string]bool
	// foreign reports a profile with extensions, which may bring syntax of their own.
	foreign bool
}

// analyzerSettings make errors data and keep the analyzer to itself.
const analyzerSettings = `SET errors_as_json = true;
SET threads = 1;
SET autoinstall_known_extensions = false;
SET autoload_known_extensions = false;
SET disabled_filesystems = 'LocalFileSystem';
PRAGMA disable_optimizer;
`

// Analyzer implements adapters.Analyzing; credentials may be nil.
func (Driver) Analyzer(ctx context.Context, c adapters.Credentials) (sql.Analyzer, error) {
	creds, _ := c.(*credentials)
	if creds == nil {
		creds = &credentials{settings: value.NewDict(0)}
	}
	db, err := native.Open(memory, nil)
	if err != nil {
		return nil, wrap(err, "")
	}
	n, err := db.Connect()
	if err != nil {
		db.Close()
		return nil, wrap(err, "")
	}
	a := &analyzer{db: db, conn: &conn{native: n, creds: &credentials{}}, databases: map[string]bool{"memory": true}, schemas: map[string]bool{},
		foreign: len(creds.extensions) > 0}
	for k, v := range creds.settings.All() {
		// Settings of extensions are unknown here; they change nothing about names.
		_ = a.run(ctx, "SET "+value.Str(k)+" = "+literal(settingText(v)))
	}
	if err := a.run(ctx, analyzerSettings); err != nil {
		_ = a.Close()
		return nil, err
	}
	return a, nil
}

func (a *analyzer) run(ctx context.Context, text string) error {
	_, _, err := a.conn.Execute(ctx, text, false, 0)
	return err
}

// Close implements sql.Analyzer.
func (a *analyzer) Close() error {
	err := a.conn.Close()
	a.db.Close()
	return err
}

// Define implements sql.Analyzer.
func (a *analyzer) Define(ctx context.Context, n sql.Name, columns []sql.Column) ([]sql.Column, error) {
	if err := a.place(ctx, n); err != nil {
		return nil, err
	}
	var b strings.Builder
	b.WriteString("CREATE OR REPLACE TABLE " + tableName(n) + " (")
	for i, c := range columns {
		if i > 0 {
			b.WriteString(", ")
		}
		if c.Type == "" {
			c.Type = `"NULL"` // which fits nearly everywhere
		}
		b.WriteString(quoteName(c.Name) + " " + c.Type)
	}
	b.WriteString(")")
	if err := a.run(ctx, b.String()); err != nil {
		return nil, err
	}
	return a.Check(ctx, "SELECT * FROM "+tableName(n))
}

// place makes the database and the schema of a relation.
func (a *analyzer) place(ctx context.Context, n sql.Name) error {
	database, schema := strings.ToLower(n.Database), strings.ToLower(n.Schema)
	if !a.databases[database] {
		if err := a.run(ctx, "ATTACH ':memory:' AS "+quoteName(n.Database)); err != nil {
			return err
		}
		a.databases[database] = true
	}
	key := database + "\x00" + schema
	if a.schemas[key] {
		return nil
	}
	a.schemas[key] = true
	return a.run(ctx, "CREATE SCHEMA IF NOT EXISTS "+quoteName(n.Database)+"."+quoteName(n.Schema))
}

func tableName(n sql.Name) string {
	return quoteName(n.Database) + "." + quoteName(n.Schema) + "." + quoteName(n.Identifier)
}

// Forget implements sql.Analyzer.
func (a *analyzer) Forget(ctx context.Context, n sql.Name) error {
	return a.run(ctx, "DROP TABLE IF EXISTS "+tableName(n))
}

// Check implements sql.Analyzer.
func (a *analyzer) Check(ctx context.Context, text string) ([]sql.Column, error) {
	if scan.Parameters(text) {
		return nil, errors.New("the query has placeholders, whose types nobody knows")
	}
	columns, err := a.conn.Describe(ctx, text)
	if err != nil {
		return nil, a.fault(err, text)
	}
	out := make([]sql.Column, len(columns))
	for i, c := range columns {
		out[i] = sql.Column{Name: c.Name, Type: c.DType}
		if c.DType == `"NULL"` || c.DType == "NULL" {
			out[i].Type = "INTEGER" // which is what a table made from the query has
		}
	}
	return out, nil
}

// Lineage implements sql.Analyzer.
func (a *analyzer) Lineage(ctx context.Context, text string) (*sql.Trace, error) {
	if scan.Parameters(text) {
		return nil, errors.New("a query with placeholders cannot be planned")
	}
	// Leaving out empty members as well would take elements out of arrays.
	_, table, err := a.conn.Execute(ctx, "SELECT json_serialize_plan("+literal(text)+", skip_null := true)", true, 1)
	if err != nil {
		return nil, err
	}
	if len(table.Rows) != 1 {
		return nil, errors.New("the engine gave no plan")
	}
	return plan.Lineage([]byte(value.Str(table.Rows[0][0])))
}

// jsonError is what the engine says with errors_as_json.
type jsonError struct {
	Type       string `json:"exception_type"`
	Message    string `json:"exception_message"`
	Subtype    string `json:"error_subtype"`
	Name       string `json:"name"`
	Candidates string `json:"candidates"`
	Position   string `json:"position"`
}

var (
	unmatched = regexp.MustCompile(`^(?:Table|Values list) "[^"]*" does not have a column named "([^"]+)"|^Column "([^"]+)" (?:in (?:EXCLUDE|REPLACE|RENAME) list not found|does not exist on (?:left|right) side of join|referenced in UNPIVOT)`)
	noAlias   = regexp.MustCompile(`^Referenced table "([^"]+)" not found!`)
)

// fault classes an error. Only what follows from the query and from the columns of known
// tables is called a fault of the query.
func (a *analyzer) fault(err error, text string) error {
	var n *native.Error
	if !errors.As(err, &n) {
		return err
	}
	// Errors of the parser have their class in front of the document.
	var e jsonError
	if at := strings.IndexByte(n.Message, '{'); at < 0 || json.Unmarshal([]byte(n.Message[at:]), &e) != nil {
		return err
	}
	out := &sql.BindError{Message: e.Type + " Error: " + e.Message, Position: -1}
	if at, err := strconv.Atoi(e.Position); err == nil && at >= 0 && at <= len(text) {
		out.Position = at
	}
	switch m := unmatched.FindStringSubmatch(e.Message); {
	case e.Type == "Parser" && e.Subtype == "SYNTAX_ERROR" && !a.foreign:
		out.Fault = sql.FaultSyntax
	case e.Type != "Binder":
	case e.Subtype == "COLUMN_NOT_FOUND":
		out.Fault, out.Column = sql.FaultColumn, e.Name
		if e.Candidates != "" {
			out.Candidates = strings.Split(e.Candidates, ",")
		}
	case m != nil:
		out.Fault, out.Column = sql.FaultColumn, m[1]+m[2]
		_, out.Candidates = missingColumn(e.Message)
	case noAlias.MatchString(e.Message):
		out.Fault = sql.FaultAlias
	}
	switch {
	case out.Column == "":
	case out.Position < 0:
		out.Position = onlyPlace(text, out.Column)
	default:
		out.Position = behindQualifier(text, out.Position, out.Column)
	}
	return out
}

// behindQualifier is where the column itself stands in a.b.column.
func behindQualifier(text string, at int, column string) int {
	for t := range scan.Tokens(text[at:]) {
		name, ok := t.Name(text[at:])
		switch {
		case ok && strings.EqualFold(name, column):
			return at + t.Start
		case !ok && text[at+t.Start] != '.':
			return at
		}
	}
	return at
}

// onlyPlace is where a name stands in a query if it stands there once: some messages of the
// engine have no position.
func onlyPlace(text, name string) int {
	place := -1
	for t := range scan.Tokens(text) {
		if n, ok := t.Name(text); ok && strings.EqualFold(n, name) {
			if place >= 0 {
				return -1
			}
			place = t.Start
		}
	}
	return place
}
