// Package mysqlddl reads the table definitions of MySQL and TiDB from the statements that
// made and changed them, as dumps and Debezium's schema-change topics hold them.
package mysqlddl

import (
	"fmt"
	"sort"
	"strings"

	"github.com/pingcap/tidb/pkg/parser"
	"github.com/pingcap/tidb/pkg/parser/ast"
	"github.com/pingcap/tidb/pkg/parser/mysql"
	_ "github.com/pingcap/tidb/pkg/parser/test_driver" // the parser's own values of literals
)

// Column is a column as a stream can hold it.
type Column struct {
	Name     string
	DataType string
	NotNull  bool
	Comment  string
	// Epoch is the unit in which change events without schemas write it; "" for none.
	Epoch string
}

// Table is a table definition.
type Table struct {
	Database string
	Name     string
	Columns  []Column
	Key      []string // of the primary key, in its order
}

// Tables are the tables that statements have left.
type Tables struct {
	parser *parser.Parser
	tables map[string]*Table
	using  string
}

// New starts without tables.
func New() *Tables { return &Tables{parser: parser.New(), tables: map[string]*Table{}} }

// List gives the tables by name.
func (t *Tables) List() []*Table {
	out := make([]*Table, 0, len(t.tables))
	for _, table := range t.tables {
		out = append(out, table)
	}
	sort.Slice(out, func(i, j int) bool {
		return out[i].Database+"."+out[i].Name < out[j].Database+"."+out[j].Name
	})
	return out
}

// Find gives the one table of a name, which may be given with its database.
func (t *Tables) Find(name string) (*Table, error) {
	var found []*Table
	for _, table := range t.List() {
		if strings.EqualFold(table.Name, name) || strings.EqualFold(table.Database+"."+table.Name, name) {
			found = append(found, table)
		}
	}
	switch len(found) {
	case 0:
		names := make([]string, 0, len(t.tables))
		for _, table := range t.List() {
			names = append(names, table.Name)
		}
		return nil, fmt.Errorf("there is no table '%s' among %s", name, strings.Join(names, ", "))
	case 1:
		return found[0], nil
	}
	return nil, fmt.Errorf("there are %d tables '%s': give the database too", len(found), name)
}

// Read carries out the statements of a script that define tables. database is where names
// without one are. Statements that define nothing, such as a dump's rows, are not looked at.
func (t *Tables) Read(script, database string) error {
	t.using = database
	for _, s := range Statements(script) {
		if !s.Defines() {
			continue
		}
		nodes, _, err := t.parser.Parse(s.Text, "", "")
		if err != nil {
			return fmt.Errorf("line %d: %w", s.Line, err)
		}
		for _, n := range nodes {
			if err := t.carryOut(n); err != nil {
				return fmt.Errorf("line %d: %w", s.Line, err)
			}
		}
	}
	return nil
}

func (t *Tables) key(n *ast.TableName) string {
	db := n.Schema.O
	if db == "" {
		db = t.using
	}
	return strings.ToLower(db) + "." + strings.ToLower(n.Name.O)
}

func (t *Tables) carryOut(n ast.StmtNode) error {
	switch n := n.(type) {
	case *ast.UseStmt:
		t.using = n.DBName
	case *ast.CreateTableStmt:
		if n.IfNotExists && t.tables[t.key(n.Table)] != nil {
			return nil
		}
		return t.create(n)
	case *ast.DropTableStmt:
		for _, name := range n.Tables {
			delete(t.tables, t.key(name))
		}
	case *ast.RenameTableStmt:
		for _, pair := range n.TableToTables {
			t.rename(pair.OldTable, pair.NewTable)
		}
	case *ast.AlterTableStmt:
		return t.alter(n)
	}
	return nil
}

func (t *Tables) rename(from, to *ast.TableName) {
	old, now := t.key(from), t.key(to)
	table := t.tables[old]
	if table == nil {
		return
	}
	delete(t.tables, old)
	table.Name = to.Name.O
	if to.Schema.O != "" {
		table.Database = to.Schema.O
	}
	t.tables[now] = table
}

func (t *Tables) create(n *ast.CreateTableStmt) error {
	table := &Table{Database: n.Table.Schema.O, Name: n.Table.Name.O}
	if table.Database == "" {
		table.Database = t.using
	}
	if n.ReferTable != nil {
		like := t.tables[t.key(n.ReferTable)]
		if like == nil {
			return fmt.Errorf("table %s is made like %s, which is not there", table.Name, n.ReferTable.Name.O)
		}
		table.Columns, table.Key = append([]Column{}, like.Columns...), append([]string{}, like.Key...)
	}
	for _, c := range n.Cols {
		col, primary := column(c)
		table.Columns = append(table.Columns, col)
		if primary {
			table.Key = []string{col.Name}
		}
	}
	for _, c := range n.Constraints {
		table.constrain(c)
	}
	t.tables[t.key(n.Table)] = table
	return nil
}

func (t *Table) constrain(c *ast.Constraint) {
	if c.Tp != ast.ConstraintPrimaryKey {
		return
	}
	t.Key = nil
	for _, k := range c.Keys {
		if k.Column != nil {
			t.Key = append(t.Key, k.Column.Name.O)
		}
	}
	for i := range t.Columns {
		for _, k := range t.Key {
			if strings.EqualFold(t.Columns[i].Name, k) {
				t.Columns[i].NotNull = true
			}
		}
	}
}

func (t *Table) at(name string) int {
	for i := range t.Columns {
		if strings.EqualFold(t.Columns[i].Name, name) {
			return i
		}
	}
	return -1
}

// place puts a column where a statement wants it.
func (t *Table) place(c Column, p *ast.ColumnPosition) {
	at := len(t.Columns)
	if p != nil {
		switch p.Tp {
		case ast.ColumnPositionFirst:
			at = 0
		case ast.ColumnPositionAfter:
			if i := t.at(p.RelativeColumn.Name.O); i >= 0 {
				at = i + 1
			}
		}
	}
	t.Columns = append(t.Columns, Column{})
	copy(t.Columns[at+1:], t.Columns[at:])
	t.Columns[at] = c
}

func (t *Tables) alter(n *ast.AlterTableStmt) error {
	table := t.tables[t.key(n.Table)]
	if table == nil {
		return fmt.Errorf("table %s is changed, but nothing says how it was made", n.Table.Name.O)
	}
	for _, s := range n.Specs {
		switch s.Tp {
		case ast.AlterTableAddColumns:
			for _, c := range s.NewColumns {
				col, primary := column(c)
				if table.at(col.Name) >= 0 {
					if s.IfNotExists {
						continue
					}
					return fmt.Errorf("table %s has a column %s already", table.Name, col.Name)
				}
				table.place(col, s.Position)
				if primary {
					table.Key = []string{col.Name}
				}
			}
		case ast.AlterTableDropColumn:
			if i := table.at(s.OldColumnName.Name.O); i >= 0 {
				table.Columns = append(table.Columns[:i], table.Columns[i+1:]...)
			}
		case ast.AlterTableModifyColumn, ast.AlterTableChangeColumn:
			col, _ := column(s.NewColumns[0])
			old := col.Name
			if s.OldColumnName != nil {
				old = s.OldColumnName.Name.O
			}
			if err := table.change(old, col, s.Position); err != nil {
				return err
			}
		case ast.AlterTableRenameColumn:
			i := table.at(s.OldColumnName.Name.O)
			if i < 0 {
				return fmt.Errorf("table %s has no column %s", table.Name, s.OldColumnName.Name.O)
			}
			table.renameKey(table.Columns[i].Name, s.NewColumnName.Name.O)
			table.Columns[i].Name = s.NewColumnName.Name.O
		case ast.AlterTableAddConstraint:
			table.constrain(s.Constraint)
		case ast.AlterTableDropPrimaryKey:
			table.Key = nil
		case ast.AlterTableRenameTable:
			t.rename(n.Table, s.NewTable)
		}
	}
	return nil
}

func (t *Table) change(old string, col Column, p *ast.ColumnPosition) error {
	i := t.at(old)
	if i < 0 {
		return fmt.Errorf("table %s has no column %s", t.Name, old)
	}
	t.renameKey(t.Columns[i].Name, col.Name)
	for _, k := range t.Key {
		col.NotNull = col.NotNull || strings.EqualFold(k, col.Name)
	}
	if p == nil || p.Tp == ast.ColumnPositionNone {
		t.Columns[i] = col
		return nil
	}
	t.Columns = append(t.Columns[:i], t.Columns[i+1:]...)
	t.place(col, p)
	return nil
}

func (t *Table) renameKey(from, to string) {
	for i := range t.Key {
		if strings.EqualFold(t.Key[i], from) {
			t.Key[i] = to
		}
	}
}

func column(c *ast.ColumnDef) (Column, bool) {
	out := Column{Name: c.Name.Name.O}
	out.DataType, out.Epoch = dataType(c)
	primary := false
	for _, o := range c.Options {
		switch o.Tp {
		case ast.ColumnOptionPrimaryKey:
			primary, out.NotNull = true, true
		case ast.ColumnOptionNotNull:
			out.NotNull = true
		case ast.ColumnOptionComment:
			if v, ok := o.Expr.(ast.ValueExpr); ok {
				out.Comment = v.GetString()
			}
		}
	}
	return out, primary
}

// dataType is the data_type that holds a column's values, and the unit in which Debezium
// writes them where it writes numbers.
func dataType(c *ast.ColumnDef) (dtype, epoch string) {
	unsigned := mysql.HasUnsignedFlag(c.Tp.GetFlag())
	binary := c.Tp.GetCharset() == "binary"
	pick := func(signed, without string) string {
		if unsigned {
			return without
		}
		return signed
	}
	switch c.Tp.GetType() {
	case mysql.TypeTiny:
		return "smallint", ""
	case mysql.TypeShort:
		return pick("smallint", "integer"), ""
	case mysql.TypeInt24:
		return "integer", ""
	case mysql.TypeLong:
		return pick("integer", "bigint"), ""
	case mysql.TypeLonglong:
		return pick("bigint", "numeric(20,0)"), ""
	case mysql.TypeYear:
		return "integer", ""
	case mysql.TypeFloat:
		return "real", ""
	case mysql.TypeDouble:
		return "double precision", ""
	case mysql.TypeNewDecimal:
		return fmt.Sprintf("numeric(%d,%d)", max(c.Tp.GetFlen(), 1), max(c.Tp.GetDecimal(), 0)), ""
	case mysql.TypeDate, mysql.TypeNewDate:
		return "date", "d"
	case mysql.TypeDatetime:
		if c.Tp.GetDecimal() > 3 {
			return "timestamp", "us"
		}
		return "timestamp", "ms"
	case mysql.TypeTimestamp:
		return "timestamp with time zone", ""
	case mysql.TypeDuration:
		return "time", "us"
	case mysql.TypeBit:
		if c.Tp.GetFlen() <= 1 {
			return "boolean", ""
		}
		return "bytea", ""
	case mysql.TypeJSON:
		return "json", ""
	case mysql.TypeEnum, mysql.TypeSet:
		return "text", ""
	case mysql.TypeGeometry:
		return "json", ""
	}
	if binary {
		return "bytea", ""
	}
	return "text", ""
}
