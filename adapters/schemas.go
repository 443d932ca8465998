package adapters

import (
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/relation"
)

// CreateSchema creates a schema if it does not exist and commits. One at a time: two
// transactions that create the same schema would conflict.
func (b *Bridge) CreateSchema(r *relation.Relation) error {
	r = r.WithoutIdentifier()
	b.opts.Cache.ddl.Lock()
	defer b.opts.Cache.ddl.Unlock()
	b.debug("SchemaCreation", "E020", "Creating schema \""+keyText(r)+"\"", map[string]any{"relation": refKey{r}})
	if _, err := b.macro("create_schema", kw("relation", r.Value())); err != nil {
		return err
	}
	return b.Commit()
}

// DropSchema drops a schema with everything in it and commits.
func (b *Bridge) DropSchema(r *relation.Relation) error {
	r = r.WithoutIdentifier()
	b.opts.Cache.ddl.Lock()
	defer b.opts.Cache.ddl.Unlock()
	b.debug("SchemaDrop", "E021", "Dropping schema \""+keyText(r)+"\".", map[string]any{"relation": refKey{r}})
	if _, err := b.macro("drop_schema", kw("relation", r.Value())); err != nil {
		return err
	}
	if err := b.Commit(); err != nil {
		return err
	}
	b.opts.Cache.DropSchema(r.Database, r.Schema)
	return nil
}

// ListSchemas names the schemas of a database.
func (b *Bridge) ListSchemas(database string) ([]string, error) {
	v, err := b.macro("list_schemas", kw("database", value.OptString(database)))
	if err != nil {
		return nil, err
	}
	rows, ok := rowsOf(v)
	if !ok {
		return nil, macroResult("list_schemas", "a table of schema names", v)
	}
	out := make([]string, len(rows))
	for i, row := range rows {
		if len(row) == 0 {
			return nil, macroResult("list_schemas", "a table of schema names", v)
		}
		out[i] = value.Str(row[0])
	}
	return out, nil
}

// SchemaExists asks for one schema.
func (b *Bridge) SchemaExists(database, schema string) (bool, error) {
	info := b.named(database, schema, "INFORMATION_SCHEMA").InformationSchemaFor("")
	v, err := b.macro("check_schema_exists", kw("information_schema", info.Value()), kw("schema", value.String(schema)))
	if err != nil {
		return false, err
	}
	rows, ok := rowsOf(v)
	if !ok || len(rows) == 0 || len(rows[0]) == 0 {
		return false, macroResult("check_schema_exists", "a table with one number", v)
	}
	order, err := value.Compare(rows[0][0], value.Int(0))
	return order > 0, err
}

func createSchema(b *Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("create_schema", "relation")
	if err != nil {
		return value.Undef, err
	}
	r, err := relationArg(v[0], "create_schema", "relation")
	if err != nil {
		return value.Undef, err
	}
	return value.None, b.CreateSchema(r)
}

func dropSchema(b *Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("drop_schema", "relation")
	if err != nil {
		return value.Undef, err
	}
	r, err := relationArg(v[0], "drop_schema", "relation")
	if err != nil {
		return value.Undef, err
	}
	return value.None, b.DropSchema(r)
}

func checkSchemaExists(b *Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("check_schema_exists", "database", "schema")
	if err != nil {
		return value.Undef, err
	}
	ok, err := b.SchemaExists(textPart(v[0]), value.Str(v[1]))
	return value.Bool(ok), err
}

func listSchemas(b *Bridge, _ *value.Thread, a value.Args) (value.Value, error) {
	v, err := a.Bind("list_schemas", "database")
	if err != nil {
		return value.Undef, err
	}
	names, err := b.ListSchemas(textPart(v[0]))
	return value.Strings(names...), err
}
