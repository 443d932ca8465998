package duckdb

import (
	"context"
	"strings"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// sourceLoad brings the rows of one source into its relation.
type sourceLoad struct {
	conn   adapters.Conn
	source adapters.PluginSource
	view   bool // the relation is there, and a view
}

func (l *sourceLoad) rows(ctx context.Context, sql string) ([][]value.Value, error) {
	_, t, err := l.conn.Execute(ctx, sql, true, -1)
	if err != nil {
		return nil, err
	}
	return t.Rows, nil
}

func (l *sourceLoad) run(ctx context.Context, sql string) error {
	_, _, err := l.conn.Execute(ctx, sql, false, -1)
	return err
}

func (l *sourceLoad) schema() string {
	return quoteName(l.source.Database) + "." + quoteName(l.source.Schema)
}

// ready makes the schema and looks at what is there. done is that the source's save_mode
// keeps it.
func (l *sourceLoad) ready(ctx context.Context) (done bool, err error) {
	s := &l.source
	in := "where lower(%catalog) = lower(" + literal(s.Database) + ") and lower(%schema) = lower(" + literal(s.Schema) + ")"
	found, err := l.rows(ctx, "select 1 from system.information_schema.schemata "+
		strings.NewReplacer("%catalog", "catalog_name", "%schema", "schema_name").Replace(in))
	if err != nil {
		return false, err
	}
	if len(found) == 0 {
		return false, l.run(ctx, "create schema if not exists "+l.schema())
	}
	found, err = l.rows(ctx, "select table_type from system.information_schema.tables "+
		strings.NewReplacer("%catalog", "table_catalog", "%schema", "table_schema").Replace(in)+" and lower(table_name) = lower("+literal(s.Identifier)+")")
	if err != nil || len(found) == 0 {
		return false, err
	}
	l.view = value.Str(found[0][0]) == "VIEW"
	switch s.Text("save_mode") {
	case "ignore":
		return true, nil
	case "error_if_exists":
		return false, pluginError("Source " + sourceKey(*s) + " already exists!")
	}
	return false, nil
}

func sourceKey(s adapters.PluginSource) string {
	return s.Database + "." + s.Schema + "." + s.Identifier
}

// takeOver copies the rows from the file that the plugin's process has written.
func (l *sourceLoad) takeOver(ctx context.Context, file string) error {
	const from = "millrace_plugin_source"
	if err := l.run(ctx, "attach "+literal(file)+" as "+from+" (read_only)"); err != nil {
		return err
	}
	defer func() { _ = l.run(context.WithoutCancel(ctx), "detach "+from) }()
	if err := l.conn.Begin(ctx); err != nil {
		return err
	}
	target := l.schema() + "." + quoteName(l.source.Identifier)
	if l.view {
		if err := l.run(ctx, "drop view "+target); err != nil {
			return err
		}
	}
	if err := l.run(ctx, "create or replace table "+target+" as select * from "+from+".source_rows"); err != nil {
		return err
	}
	return l.conn.Commit(ctx)
}
