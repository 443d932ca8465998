package mysqlddl

import (
	"fmt"
	"strings"
	"testing"
)

const dump = `-- a dump; with a semicolon
/*!40101 SET NAMES utf8 */;
# another comment;
DROP TABLE IF EXISTS ` + "`orders`" + `;
/*!40101 SET @saved = @@character_set_client */;
CREATE TABLE ` + "`orders`" + ` (
  ` + "`id`" + ` bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  ` + "`shop`" + ` int(11) NOT NULL COMMENT 'which; one',
  ` + "`note`" + ` varchar(200) DEFAULT 'it''s; \'x\'',
  ` + "`amount`" + ` decimal(12,2) DEFAULT NULL,
  ` + "`day`" + ` date, ` + "`at`" + ` datetime(6), made timestamp NULL, took time, tiny tinyint(1), flags bit(1), bits bit(9),
  raw varbinary(16), doc json, kind enum('a','b'), f float, d double, y year,
  PRIMARY KEY (` + "`shop`,`id`" + `) /*T![clustered_index] CLUSTERED */, KEY k (note)
) ENGINE=InnoDB COMMENT='x';
INSERT INTO orders VALUES (1, 2, 'a; create table nope (id int);', 3);
DELIMITER //
CREATE TRIGGER t BEFORE INSERT ON orders FOR EACH ROW BEGIN SET NEW.note = 'x'; END //
DELIMITER ;
create table if not exists copy like orders;
alter table copy add column first_one int first, add after_note text after note, drop column d, change note remark text not null, rename column kind to sort;
alter table copy modify shop bigint unsigned;
create table gone (id int primary key);
rename table gone to kept;
`

func describe(t *Table) string {
	var out []string
	for _, c := range t.Columns {
		line := c.Name + " " + c.DataType
		if c.NotNull {
			line += "!"
		}
		if c.Epoch != "" {
			line += "@" + c.Epoch
		}
		out = append(out, line)
	}
	return fmt.Sprintf("%s.%s(%s) key(%s)", t.Database, t.Name, strings.Join(out, ", "), strings.Join(t.Key, ", "))
}

func TestTables(t *testing.T) {
	tables := New()
	if err := tables.Read(dump, "shop"); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, table := range tables.List() {
		got = append(got, describe(table))
	}
	want := []string{
		"shop.copy(first_one integer, id numeric(20,0)!, shop numeric(20,0)!, remark text!, after_note text, amount numeric(12,2), day date@d, at timestamp@us, made timestamp with time zone, took time@us, " +
			"tiny smallint, flags boolean, bits bytea, raw bytea, doc json, sort text, f real, y integer) key(shop, id)",
		"shop.kept(id integer!) key(id)",
		"shop.orders(id numeric(20,0)!, shop integer!, note text, amount numeric(12,2), day date@d, at timestamp@us, made timestamp with time zone, took time@us, " +
			"tiny smallint, flags boolean, bits bytea, raw bytea, doc json, kind text, f real, d double precision, y integer) key(shop, id)",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	for script, says := range map[string]string{
		"\n\ncreate table x (id inte);":        "line 3:",
		"alter table nowhere add column a int": "nothing says how it was made",
		"create table a like b":                "which is not there",
	} {
		if err := New().Read(script, ""); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v", script, err)
		}
	}
}

func FuzzStatements(f *testing.F) {
	f.Add(dump)
	f.Add("'a\\'; \"b\"\"; `c``;")
	f.Fuzz(func(t *testing.T, script string) {
		for _, s := range Statements(script) {
			if !strings.Contains(script, s.Text) || s.Text == "" || s.Line < 1 {
				t.Errorf("%q is no part of the script", s.Text)
			}
		}
		_ = New().Read(script, "x")
	})
}
