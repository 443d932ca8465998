package postgres

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/millrace/millrace/compiler/relation"
)

// Describe implements adapters.Conn: the server plans the query and names its columns.
func (c *conn) Describe(ctx context.Context, sql string) ([]*relation.Column, error) {
	fields, err := c.fields(ctx, sql)
	if err != nil || len(fields) == 0 {
		return nil, err
	}
	names, err := c.typeNames(ctx, fields)
	if err != nil {
		return nil, err
	}
	out := make([]*relation.Column, len(fields))
	for i, f := range fields {
		dtype, size, precision, scale := splitType(names[i])
		out[i] = dialect.NewSizedColumn(f.Name, dtype, size, precision, scale)
	}
	return out, nil
}

func (c *conn) fields(ctx context.Context, sql string) ([]pgconn.FieldDescription, error) {
	if err := c.ready(ctx); err != nil {
		return nil, err
	}
	// The unnamed statement lives until the next one, so there is nothing to clean up.
	d, err := c.pg.Prepare(ctx, "", strings.TrimRight(sql, "; \t\r\n"), nil)
	if err != nil {
		return nil, c.wrap(ctx, err, sql, nil)
	}
	return d.Fields, nil
}

// typeNames asks the server, which alone knows about domains, enums and extensions.
func (c *conn) typeNames(ctx context.Context, fields []pgconn.FieldDescription) ([]string, error) {
	var b strings.Builder
	b.WriteString("select ")
	for i, f := range fields {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("pg_catalog.format_type(" + strconv.FormatUint(uint64(f.DataTypeOID), 10) + ", " + strconv.Itoa(int(f.TypeModifier)) + ")")
	}
	results, err := c.pg.Exec(ctx, b.String()).ReadAll()
	if err != nil {
		return nil, c.wrap(ctx, err, b.String(), nil)
	}
	names := make([]string, len(fields))
	for i, cell := range results[0].Rows[0] {
		names[i] = string(cell)
	}
	return names, nil
}

// splitType takes the sizes out of "character varying(10)" and "numeric(12,2)".
func splitType(name string) (dtype string, size, precision, scale *int) {
	open := strings.IndexByte(name, '(')
	if open < 0 || !strings.HasSuffix(name, ")") {
		return name, nil, nil, nil
	}
	base := name[:open]
	number := func(s string) *int {
		n, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil {
			return nil
		}
		return &n
	}
	args := strings.Split(name[open+1:len(name)-1], ",")
	switch base {
	case "character varying", "character":
		if n := number(args[0]); n != nil && len(args) == 1 {
			return base, n, nil, nil
		}
	case "numeric":
		if len(args) == 2 {
			if p, s := number(args[0]), number(args[1]); p != nil && s != nil {
				return base, nil, p, s
			}
		}
	}
	return name, nil, nil, nil
}

// clientTypes are the names psycopg2 has for types. Contracts compare columns by them,
// so that text and character varying count as the same, whatever their length.
var clientTypes = map[uint32]string{
	16: "BOOLEAN", 17: "BINARY", 18: "STRING", 19: "STRING", 20: "LONGINTEGER", 21: "INTEGER", 23: "INTEGER",
	25: "STRING", 26: "ROWID", 114: "JSON", 199: "JSONARRAY", 651: "CIDRARRAY", 700: "FLOAT", 701: "FLOAT",
	704: "INTERVAL", 705: "UNKNOWN", 1000: "BOOLEANARRAY", 1001: "BINARYARRAY", 1002: "STRINGARRAY",
	1003: "STRINGARRAY", 1005: "INTEGERARRAY", 1006: "INTEGERARRAY", 1007: "INTEGERARRAY", 1009: "STRINGARRAY",
	1013: "ROWIDARRAY", 1014: "STRINGARRAY", 1015: "STRINGARRAY", 1016: "LONGINTEGERARRAY", 1021: "FLOATARRAY",
	1022: "FLOATARRAY", 1028: "ROWIDARRAY", 1040: "MACADDRARRAY", 1041: "INETARRAY", 1042: "STRING", 1043: "STRING",
	1082: "DATE", 1083: "TIME", 1114: "DATETIME", 1115: "DATETIMEARRAY", 1182: "DATEARRAY", 1183: "TIMEARRAY",
	1184: "DATETIMETZ", 1185: "DATETIMETZARRAY", 1186: "INTERVAL", 1187: "INTERVALARRAY", 1231: "DECIMALARRAY",
	1266: "TIME", 1270: "TIMEARRAY", 1700: "DECIMAL", 3802: "JSONB", 3807: "JSONBARRAY", 3908: "tsrange",
	3909: "tsrangeARRAY", 3910: "tstzrange", 3911: "tstzrangeARRAY", 3912: "daterange", 3913: "daterangeARRAY",
}

// QuerySchema gives the columns of a query as adapter.get_column_schema_from_query does:
// it runs the text, which may begin with other statements (the model's sql_header).
func (c *conn) QuerySchema(ctx context.Context, sql string) ([]*relation.Column, []uint32, error) {
	if err := c.ready(ctx); err != nil {
		return nil, nil, err
	}
	var fields []pgconn.FieldDescription
	multi := c.pg.Exec(ctx, sql)
	for multi.NextResult() {
		r := multi.ResultReader()
		fields = slices.Clone(r.FieldDescriptions())
		if _, err := r.Close(); err != nil {
			_ = multi.Close()
			return nil, nil, c.wrap(ctx, err, sql, nil)
		}
	}
	if err := multi.Close(); err != nil {
		return nil, nil, c.wrap(ctx, err, sql, nil)
	}
	if len(fields) == 0 {
		return nil, nil, nil
	}
	out := make([]*relation.Column, len(fields))
	var unknown []uint32
	for i, f := range fields {
		name := clientTypes[f.DataTypeOID]
		if name == "" {
			unknown = append(unknown, f.DataTypeOID)
			name = "unknown type_code " + strconv.FormatUint(uint64(f.DataTypeOID), 10)
		}
		out[i] = dialect.NewColumn(f.Name, dialect.TranslateType(name))
	}
	return out, unknown, nil
}
