package adapters

import (
	"errors"
	"strings"
	"testing"

	"github.com/millrace/millrace/compiler/agate"
	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/relation"
)

func TestExecute(t *testing.T) {
	f := &fake{result: agate.New([]string{"a"}, [][]value.Value{{value.Int(7)}})}
	comment, err := CommentConfig{Template: "x"}.For(CommentVars{}, func(string) (string, error) { return " hi ", nil })
	if err != nil {
		t.Fatal(err)
	}
	s := newSetup(t, f, nil, func(o *BridgeOptions) { o.Comment = comment })
	v := s.must(t, "execute", value.String("select 7 as a"), value.True, value.True, value.Int(5))
	resp, table := v.Items()[0], v.Items()[1]
	same(t, value.Str(resp), "SELECT 1")
	same(t, value.Repr(resp), "AdapterResponse(_message='SELECT 1', code='SELECT', rows_affected=1, query_id=None)")
	if tb, ok := agate.FromValue(table); !ok || len(tb.Rows) != 1 {
		t.Error("no table")
	}
	s.must(t, "execute", value.String("select 8"))
	s.must(t, "commit")
	s.must(t, "commit") // nothing is open: nothing happens
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	same(t, strings.Join(f.log, "\n"), `connect model.p.m
begin
execute "/* hi */\nselect 7 as a" fetch=true limit=5
execute "/* hi */\nselect 8" fetch=false limit=-1
commit
close`)
	same(t, s.events.text(), `debug E005 NewConnection: Acquiring new fake connection 'model.p.m'
debug E037 NewConnectionOpening: Opening a new connection, currently in state init
debug E015 ConnectionUsed: Using fake connection "model.p.m"
debug E016 SQLQuery: On model.p.m: BEGIN
debug E017 SQLQueryStatus: SQL status: OK in 0.000 seconds
debug E015 ConnectionUsed: Using fake connection "model.p.m"
debug E016 SQLQuery: On model.p.m: /* hi */
select 7 as a
debug E017 SQLQueryStatus: SQL status: SELECT 1 in 0.000 seconds
debug E015 ConnectionUsed: Using fake connection "model.p.m"
debug E016 SQLQuery: On model.p.m: /* hi */
select 8
debug E017 SQLQueryStatus: SQL status: SELECT 1 in 0.000 seconds
debug E018 SQLCommit: On model.p.m: COMMIT
debug E015 ConnectionUsed: Using fake connection "model.p.m"
debug E016 SQLQuery: On model.p.m: COMMIT
debug E017 SQLQueryStatus: SQL status: OK in 0.000 seconds
debug E010 ConnectionClosed: On model.p.m: Close
`)
}

func TestErrorRollsBack(t *testing.T) {
	f := &fake{}
	comment, err := CommentConfig{Default: true}.For(CommentVars{Version: "1.12.6", NodeID: "model.p.m"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := newSetup(t, f, nil, func(o *BridgeOptions) { o.Comment = comment })
	if err := s.Begin(); err != nil {
		t.Fatal(err)
	}
	sql := "select nope"
	whole, before := comment.Add(sql)
	f.fail = &DatabaseError{Message: "no column nope", Position: before + 7, SQL: whole, Code: "42703", Hint: "look again"}
	_, err = s.call(t, "execute", value.String(sql))
	var d *diag.Diagnostic
	var de *DatabaseError
	if !errors.As(err, &d) || !errors.As(err, &de) {
		t.Fatal(err)
	}
	if d.Kind != diag.Database || d.Code != diag.CodeDatabase || d.Hint != "look again" || de.Position != 7 || de.SQL != sql {
		t.Errorf("%+v %+v", d, de)
	}
	if s.InTransaction() || f.log[len(f.log)-1] != "rollback" {
		t.Error(f.log)
	}
	f.fail = &DatabaseError{Message: "locked", Fault: FaultLocked, Position: -1}
	if _, err = s.call(t, "execute", value.String(sql)); !errors.As(err, &d) || d.Code != diag.CodeLocked {
		t.Error(err)
	}
}

func TestAddQuery(t *testing.T) {
	f := &fake{}
	s := newSetup(t, f, nil, nil)
	long := "insert " + strings.Repeat("x", 600)
	if _, _, err := s.CallMethod(&value.Thread{}, "add_query", value.Args{Pos: []value.Value{value.String(long)}, Kwargs: []value.Kwarg{
		{Name: "bindings", Value: value.NewList(value.Int(1), value.None)}, {Name: "abridge_sql_log", Value: value.True}}}); err != nil {
		t.Fatal(err)
	}
	same(t, strings.Join(f.log, "\n"), "connect model.p.m\nbegin\nquery \""+long+"\" with [1, None]")
	if text := s.events.text(); !strings.Contains(text, long[:512]+"...\n") || strings.Contains(text, long) {
		t.Error("the log was not abridged")
	}
	s = newSetup(t, &fake{}, nil, func(o *BridgeOptions) { o.Credentials = fakeCreds{transactionless: true} })
	s.must(t, "add_query", value.String("select 1"))
	same(t, strings.Join(s.fake.log, "\n"), "connect model.p.m\nexecute \"select 1\" fetch=false limit=0")
}

func TestBulkLoad(t *testing.T) {
	f := &fake{}
	s := newSetup(t, f, nil, nil)
	table := agate.New([]string{"a", "b"}, [][]value.Value{{value.Int(1), value.None}, {value.Int(2), value.None}})
	same(t, value.Repr(s.must(t, "bulk_load", fakeDialect.New("db", "sch", "t", relation.Table).Value(), table.Value())), "2")
	same(t, strings.Join(f.log, "\n"), "connect model.p.m\nbegin\nload \"db\".\"sch\".\"t\" [a b] 2")
	if _, err := s.call(t, "bulk_load", value.String("t"), table.Value()); err == nil || !strings.Contains(err.Error(), "'adapter.bulk_load' expects argument 'relation'") {
		t.Error(err)
	}
}

func TestRelationsAreListedOnce(t *testing.T) {
	listed := 0
	macros := fakeMacros{"list_relations_without_caching": func(a value.Args) (value.Value, error) {
		listed++
		r, _ := relation.FromValue(a.Kwargs[0].Value)
		same(t, r.Render(), `"db"."sch"`)
		return agate.New([]string{"d", "n", "s", "t"}, [][]value.Value{
			{value.String("db"), value.String("Orders"), value.String("sch"), value.String("table")},
			{value.String("db"), value.String("v"), value.String("sch"), value.String("view")},
			{value.String("db"), value.String("odd"), value.String("sch"), value.String("foreign")},
		}).Value(), nil
	}}
	s := newSetup(t, &fake{}, macros, nil)
	got := s.must(t, "get_relation", value.String("db"), value.String("sch"), value.String("Orders"))
	r, ok := relation.FromValue(got)
	if !ok || r.Type != relation.Table || r.Render() != `"db"."sch"."Orders"` {
		t.Fatal(got)
	}
	if v := s.must(t, "get_relation", value.String("DB"), value.String("SCH"), value.String("none")); !v.IsNone() {
		t.Error(v)
	}
	if listed != 1 {
		t.Errorf("listed %d times", listed)
	}
	if _, err := s.call(t, "get_relation", value.String("db"), value.String("sch"), value.String("orders")); err == nil || !strings.Contains(err.Error(), "approximate match") {
		t.Error(err)
	}
	odd, err := s.GetRelation("db", "sch", "odd")
	if err != nil || odd.Type != relation.External {
		t.Error(odd, err)
	}
	if v := s.must(t, "already_exists", value.String("sch"), value.String("v")); !value.Truth(v) {
		t.Error("v exists")
	}
	if !strings.Contains(s.events.text(), "warn D005 AdapterDeprecationWarning") {
		t.Error("no deprecation")
	}
	unquoted := relation.Policy{}
	s = newSetup(t, &fake{}, macros, func(o *BridgeOptions) { o.Quoting = &unquoted })
	macros["list_relations_without_caching"] = func(value.Args) (value.Value, error) {
		return agate.New([]string{"d", "n", "s", "t"}, [][]value.Value{{value.String("db"), value.String("orders"), value.String("sch"), value.String("table")}}).Value(), nil
	}
	if r, err := s.GetRelation("db", "sch", "ORDERS"); err != nil || r == nil {
		t.Error(r, err)
	}
}

func TestMacroAnswersAreChecked(t *testing.T) {
	s := newSetup(t, &fake{}, fakeMacros{
		"list_relations_without_caching": func(value.Args) (value.Value, error) { return value.Int(3), nil },
		"get_columns_in_relation":        func(value.Args) (value.Value, error) { return value.NewList(value.Int(3)), nil },
		"check_schema_exists":            func(value.Args) (value.Value, error) { return agate.Empty().Value(), nil },
		"list_schemas":                   func(value.Args) (value.Value, error) { return value.None, nil },
	}, nil)
	r := fakeDialect.New("db", "sch", "t", relation.Table)
	for name, args := range map[string][]value.Value{
		"list_relations":      {value.String("db"), value.String("sch")},
		"get_missing_columns": {r.Value(), r.Value()},
		"check_schema_exists": {value.String("db"), value.String("sch")},
		"list_schemas":        {value.String("db")},
	} {
		if _, err := s.call(t, name, args...); err == nil || !strings.Contains(err.Error(), "must return") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDropAndRename(t *testing.T) {
	var ran []string
	note := func(name string) func(value.Args) (value.Value, error) {
		return func(a value.Args) (value.Value, error) {
			for _, k := range a.Kwargs {
				name += " " + k.Name + "=" + value.Str(k.Value)
			}
			ran = append(ran, name)
			return value.None, nil
		}
	}
	s := newSetup(t, &fake{}, fakeMacros{"drop_relation": note("drop"), "rename_relation": note("rename"), "truncate_relation": note("truncate")}, nil)
	a, b := fakeDialect.New("db", "sch", "a", relation.Table), fakeDialect.New("db", "sch", "b", relation.Table)
	s.must(t, "cache_added", a.Value())
	s.must(t, "rename_relation", a.Value(), b.Value())
	s.must(t, "truncate_relation", b.Value())
	if found := s.Cache().Relations("db", "sch"); len(found) != 1 || found[0].Identifier != "b" {
		t.Error(found)
	}
	s.must(t, "drop_relation", b.Value())
	if found := s.Cache().Relations("db", "sch"); len(found) != 0 {
		t.Error(found)
	}
	same(t, strings.Join(ran, "\n"), `rename from_relation="db"."sch"."a" to_relation="db"."sch"."b"
truncate relation="db"."sch"."b"
drop relation="db"."sch"."b"`)
	for _, tc := range []struct {
		method string
		args   []value.Value
		want   string
	}{
		{"drop_relation", []value.Value{fakeDialect.New("db", "sch", "u", "").Value()}, `Tried to drop relation "db"."sch"."u", but its type is null.`},
		{"cache_added", []value.Value{value.None}, "Attempted to cache a null relation for model.p.m"},
		{"cache_dropped", []value.Value{value.None}, "Attempted to drop a null relation for model.p.m"},
		{"cache_renamed", []value.Value{a.Value(), value.None}, `Attempted to rename "db"."sch"."a" to null relation for model.p.m`},
		{"drop_relation", nil, "drop_relation() missing 1 required positional argument: 'relation'"},
		{"get_partitions_metadata", []value.Value{value.String("t")}, "`get_partitions_metadata` is not implemented for this adapter!"},
		{"get_catalog_integration", []value.Value{value.String("c")}, "Catalog not found. Received: c."},
		{"get_incremental_strategy_macro", []value.Value{value.FromDict(value.NewDict(0)), value.String("merge")}, "The incremental strategy 'merge' is not valid for this adapter"},
		{"get_incremental_strategy_macro", []value.Value{value.FromDict(value.NewDict(0)), value.String("my+own")},
			`dbt could not find an incremental strategy macro with the name "get_incremental_my_own_sql" in p`},
		{"quote_seed_column", []value.Value{value.String("c"), value.String("yes")}, `The seed configuration value of "quote_columns" has an invalid type <class 'str'>`},
	} {
		if _, err := s.call(t, tc.method, tc.args...); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %v, want %s", tc.method, err, tc.want)
		}
	}
}

func TestStrategies(t *testing.T) {
	macros := value.NewDict(2)
	macros.SetString("get_incremental_delete_insert_sql", value.String("found"))
	macros.SetString("get_incremental_default_sql", value.String("default"))
	s := newSetup(t, &fake{surface: &Surface{Strategies: []string{"append", "delete+insert"}}}, nil, nil)
	same(t, value.Str(s.must(t, "get_incremental_strategy_macro", value.FromDict(macros), value.String("delete+insert"))), "found")
	same(t, value.Str(s.must(t, "get_incremental_strategy_macro", value.FromDict(macros), value.None)), "default")
	same(t, value.Repr(s.must(t, "valid_incremental_strategies")), "['append', 'delete+insert']")
	// With the flag, microbatch is dbt's own; without, a user may have one of that name.
	macros.SetString("get_incremental_microbatch_sql", value.String("custom"))
	if _, err := s.call(t, "get_incremental_strategy_macro", value.FromDict(macros), value.String("microbatch")); err == nil {
		t.Error("microbatch is not valid here")
	}
	s = newSetup(t, &fake{}, nil, func(o *BridgeOptions) {
		o.Behavior = map[string]bool{"require_batched_execution_for_custom_microbatch_strategy": true}
	})
	same(t, value.Str(s.must(t, "get_incremental_strategy_macro", value.FromDict(macros), value.String("microbatch"))), "custom")
}

func TestSnapshotTarget(t *testing.T) {
	cols := []string{"id", "DBT_SCD_ID", "dbt_valid_from", "dbt_valid_to"}
	macros := fakeMacros{"get_columns_in_relation": func(value.Args) (value.Value, error) {
		var out []*relation.Column
		for _, c := range cols {
			out = append(out, fakeDialect.NewColumn(c, "text"))
		}
		return relation.Columns(out), nil
	}}
	s := newSetup(t, &fake{}, macros, nil)
	r := fakeDialect.New("db", "sch", "snap", relation.Table).Value()
	s.must(t, "valid_snapshot_target", r)
	names := value.NewDict(4)
	for _, n := range []string{"dbt_scd_id", "dbt_valid_from", "dbt_valid_to", "dbt_is_deleted"} {
		names.SetString(n, value.String(n))
	}
	strategy := value.NewDict(1)
	s.must(t, "assert_valid_snapshot_target_given_strategy", r, value.FromDict(names), value.FromDict(strategy))
	strategy.SetString("hard_deletes", value.String("new_record"))
	if _, err := s.call(t, "assert_valid_snapshot_target_given_strategy", r, value.FromDict(names), value.FromDict(strategy)); err == nil ||
		!strings.Contains(err.Error(), `(missing "dbt_is_deleted")`) {
		t.Error(err)
	}
	names.SetString("dbt_valid_to", value.String("ends"))
	names.SetString("dbt_scd_id", value.String("key"))
	if _, err := s.call(t, "valid_snapshot_target", r, value.FromDict(names)); err == nil || !strings.Contains(err.Error(), `(missing "key", "ends")`) {
		t.Error(err)
	}
	if _, err := s.call(t, "valid_snapshot_target", value.String("x")); err == nil || !strings.Contains(err.Error(), "'adapter.valid_snapshot_target' expects argument 'relation'") {
		t.Error(err)
	}
}

func TestBehavior(t *testing.T) {
	s := newSetup(t, &fake{surface: &Surface{Behavior: []BehaviorFlag{{Name: "own", Default: true}}}}, nil, nil)
	b, _, err := s.Attr(nil, "behavior")
	if err != nil {
		t.Fatal(err)
	}
	th := &value.Thread{}
	for name, want := range map[string]bool{"own": true, "enable_truthy_nulls_equals_macro": false} {
		f, err := value.GetAttr(th, b, name)
		if err != nil || value.Truth(f) != want {
			t.Error(name, err)
		}
		if v, err := value.GetAttr(th, f, "no_warn"); err != nil || value.Truth(v) != want {
			t.Error(name, err)
		}
		value.Truth(f)
	}
	if n := strings.Count(s.events.text(), "D000 BehaviorChangeEvent"); n != 1 {
		t.Errorf("%d notices", n)
	}
	if _, err := value.GetAttr(th, b, "unheard"); err == nil || !strings.Contains(err.Error(), "The flag unheard has not been registered.") {
		t.Error(err)
	}
}

func TestIndexAndGrants(t *testing.T) {
	s := newSetup(t, &fake{surface: &Surface{Methods: map[string]Method{"parse_index": ParseIndex(IndexFields{Type: true})}}}, nil, nil)
	raw := value.NewDict(2)
	raw.SetString("columns", value.Strings("a", "b"))
	raw.SetString("type", value.String("hash"))
	ix := s.must(t, "parse_index", value.FromDict(raw))
	th := &value.Thread{}
	for name, want := range map[string]string{"columns": "['a', 'b']", "unique": "False", "type": "'hash'"} {
		v, err := value.GetAttr(th, ix, name)
		if err != nil {
			t.Fatal(err)
		}
		same(t, value.Repr(v), want)
	}
	render, err := value.GetAttr(th, ix, "render")
	if err != nil {
		t.Fatal(err)
	}
	v, err := value.Call(th, render, value.Args{Pos: []value.Value{fakeDialect.New("d", "s", "t", "").Value()}})
	if name, _ := v.AsString(); err != nil || len(name) != 32 {
		t.Error(name, err)
	}
	if v := s.must(t, "parse_index", value.None); !v.IsNone() {
		t.Error(v)
	}
	for _, bad := range []struct {
		raw  value.Value
		want string
	}{
		{value.String("a"), "Expected a dictionary with at minimum a \"columns\" key"},
		{value.FromDict(value.NewDict(0)), "'columns' is a required property"},
	} {
		if _, err := s.call(t, "parse_index", bad.raw); err == nil || !strings.Contains(err.Error(), bad.want) {
			t.Error(err)
		}
	}
	raw.SetString("nope", value.True)
	if _, err := s.call(t, "parse_index", value.FromDict(raw)); err == nil || !strings.Contains(err.Error(), "'nope' was unexpected") {
		t.Error(err)
	}
	grants := agate.New([]string{"grantee", "privilege_type"}, [][]value.Value{
		{value.String("ann"), value.String("SELECT")}, {value.String("bob"), value.String("INSERT")}, {value.String("cy"), value.String("SELECT")}})
	same(t, value.Repr(s.must(t, "standardize_grants_dict", grants.Value())), "{'SELECT': ['ann', 'cy'], 'INSERT': ['bob']}")
}

func TestUnenforcedConstraintsWarn(t *testing.T) {
	s := newSetup(t, &fake{}, nil, nil)
	c := value.NewDict(2)
	c.SetString("type", value.String("unique"))
	c.SetString("columns", value.Strings("a"))
	same(t, value.Repr(s.must(t, "render_raw_model_constraints", value.NewList(value.FromDict(c)))), "['unique (a)']")
	c.SetString("type", value.String("check"))
	c.SetString("expression", value.String("a > 0"))
	same(t, value.Repr(s.must(t, "render_raw_model_constraints", value.NewList(value.FromDict(c)))), "[]")
	text := s.events.text()
	if !strings.Contains(text, "warn E048 ConstraintNotEnforced: fake does not enforce unique") || !strings.Contains(text, "warn E049 ConstraintNotSupported: fake has no check") {
		t.Error(text)
	}
	c.SetString("warn_unsupported", value.False)
	s.events.events = nil
	s.must(t, "render_raw_model_constraints", value.NewList(value.FromDict(c)))
	same(t, s.events.text(), "")
	for _, bad := range []value.Value{value.String("x"), value.FromDict(value.NewDict(0))} {
		if _, err := s.call(t, "render_raw_model_constraints", value.NewList(bad)); err == nil || !strings.Contains(err.Error(), "Could not parse constraint") {
			t.Error(err)
		}
	}
}
