package duckdb

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/compiler/jinja/value"
)

const childEnv = "MILLRACE_DUCKDB_TEST_CHILD"

// TestMain lets the test binary play another process: "hold <path>" opens a database and
// waits, "share <path>" lends its sessions meanwhile, "write <path>" commits rows and says so until it is killed.
func TestMain(m *testing.M) {
	if role, path, ok := strings.Cut(os.Getenv(childEnv), " "); ok {
		if err := child(role, path); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func child(role, path string) error {
	ctx := context.Background()
	creds, err := Driver{}.Credentials(profile("path", path))
	if err != nil {
		return err
	}
	e, err := Driver{}.Open(ctx, creds)
	if err != nil {
		return err
	}
	c, err := e.Conn(ctx, "child")
	if err != nil {
		return err
	}
	if role == "share" {
		if _, err := e.(adapters.Sharer).Share(); err != nil {
			return err
		}
	}
	if role != "write" {
		fmt.Println("open")
		_, err := bufio.NewReader(os.Stdin).ReadString('\n') // until the parent closes it
		_ = err
		return errors.Join(c.Close(), e.Close())
	}
	if _, _, err := c.Execute(ctx, "create table t (n integer)", false, -1); err != nil {
		return err
	}
	for n := 1; ; n++ {
		if err := c.Begin(ctx); err != nil {
			return err
		}
		if _, _, err := c.Execute(ctx, "insert into t values ("+strconv.Itoa(n)+")", false, -1); err != nil {
			return err
		}
		if err := c.Commit(ctx); err != nil {
			return err
		}
		fmt.Println(n)
	}
}

func spawn(t *testing.T, role, path string) (cmd *exec.Cmd, out *bufio.Reader, end func()) {
	t.Helper()
	cmd = exec.Command(os.Args[0], "-test.run=^$")
	cmd.Env = append(os.Environ(), childEnv+"="+role+" "+path)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, bufio.NewReader(pipe), func() { _ = in.Close() }
}

func TestLockedByAnotherProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "locked.duckdb")
	cmd, out, end := spawn(t, "hold", path)
	if _, err := out.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	creds, err := Driver{}.Credentials(profile("path", path))
	if err != nil {
		t.Fatal(err)
	}
	_, err = Driver{}.Open(context.Background(), creds)
	var de *adapters.DatabaseError
	if !errors.As(err, &de) || de.Fault != adapters.FaultLocked {
		t.Fatalf("got %v", err)
	}
	if !strings.Contains(de.Hint, "process "+strconv.Itoa(cmd.Process.Pid)) || !strings.Contains(de.Hint, filepath.Base(os.Args[0])) {
		t.Errorf("the hint does not name the holder: %s\n%s", de.Hint, de.Message)
	}
	// With retries, the run waits until the other process is done.
	output := profile("path", path)
	output.SetString("retries", value.FromDict(yaml(t, `{"connect_attempts": 5}`)))
	time.AfterFunc(300*time.Millisecond, end)
	e, _ := openProfile(t, output)
	if err := errors.Join(e.Close(), cmd.Wait()); err != nil {
		t.Error(err)
	}
}

// TestKill: what was committed when the process is killed is there, and nothing else.
func TestKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "killed.duckdb")
	cmd, out, _ := spawn(t, "write", path)
	last := 0
	for last < 200 {
		line, err := out.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		if last, err = strconv.Atoi(strings.TrimSpace(line)); err != nil {
			t.Fatal(err)
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	for { // what it had said before it died
		line, err := out.ReadString('\n')
		if err != nil {
			break
		}
		if n, err := strconv.Atoi(strings.TrimSpace(line)); err == nil {
			last = n
		}
	}
	_ = cmd.Wait()
	b := bridge(t, profile("path", path))
	_, table, err := b.Execute("select count(*), max(n) from t", false, true, -1)
	if err != nil {
		t.Fatal(err)
	}
	count, highest := value.Str(table.Rows[0][0]), value.Str(table.Rows[0][1])
	n, err := strconv.Atoi(count)
	if err != nil || count != highest || n < last || n > last+1 {
		t.Errorf("%s rows up to %s, %d were acknowledged", count, highest, last)
	}
}

func TestOneInstanceForAll(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "x.duckdb")
	one := bridge(t, profile("path", path))
	two := bridge(t, profile("path", filepath.Join(dir, ".", "x.duckdb")))
	if _, _, err := one.Execute("create table t as select 1 as a", false, false, -1); err != nil {
		t.Fatal(err)
	}
	if _, table, err := two.Execute("select a from t", false, true, -1); err != nil || len(table.Rows) != 1 {
		t.Fatal(err)
	}
	output := profile("path", path)
	output.SetString("config_options", value.FromDict(yaml(t, `{"threads": 1}`)))
	creds, err := Driver{}.Credentials(output)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := (Driver{}).Open(context.Background(), creds); err == nil || !strings.Contains(err.Error(), "other config_options") {
		t.Error(err)
	}
	// Databases in memory have nothing to do with each other.
	a, b := bridge(t, profile()), bridge(t, profile())
	if _, _, err := a.Execute("create table t as select 1 as a", false, false, -1); err != nil {
		t.Fatal(err)
	}
	if _, _, err := b.Execute("select * from t", false, false, -1); err == nil {
		t.Error("a table of another memory database was found")
	}
}

func TestConflictsAreTransient(t *testing.T) {
	ctx := context.Background()
	e, _ := openProfile(t, profile())
	defer e.Close()
	var conns [2]adapters.Conn
	for i := range conns {
		c, err := e.Conn(ctx, "c")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		conns[i] = c
	}
	exec := func(i int, sql string) error {
		_, _, err := conns[i].Execute(ctx, sql, false, -1)
		return err
	}
	if err := exec(0, "create table t as select 1 as a"); err != nil {
		t.Fatal(err)
	}
	for name, sql := range map[string]string{
		"update": "update t set a = a + 1", "schema": "create schema if not exists s", "table": "create table u (a int)", "delete": "delete from t",
	} {
		for _, c := range conns {
			if err := c.Begin(ctx); err != nil {
				t.Fatal(err)
			}
		}
		err := errors.Join(exec(0, sql), exec(1, sql))
		var de *adapters.DatabaseError
		if !errors.As(err, &de) || de.Fault != adapters.FaultTransient {
			t.Errorf("%s: %v", name, err)
		}
		for _, c := range conns {
			if err := c.Rollback(ctx); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestSettingsAndAttach(t *testing.T) {
	other := filepath.Join(t.TempDir(), "other.duckdb")
	output := yaml(t, `{"path": ":memory:", "settings": {"TimeZone": "America/New_York"}, "config_options": {"threads": 1},
		"attach": [{"path": "`+filepath.ToSlash(other)+`", "alias": "o"}], "database": "o", "secrets": [{"type": "http", "bearer_token": "it's"}], "extensions": ["json"]}`)
	b := bridge(t, output)
	_, table, err := b.Execute("select current_setting('threads') as n, current_database() as d, timestamptz '2020-07-01 12:00:00+00' as z, "+
		"(select count(*) from duckdb_secrets()) as s, date '2020-01-01' as plain", false, true, -1)
	if err != nil {
		t.Fatal(err)
	}
	if got := value.Str(value.NewTuple(table.Rows[0]...)); !strings.HasPrefix(got, "(1, 'o', ") || !strings.Contains(value.Str(table.Rows[0][2]), "08:00:00-04:00") {
		t.Error(got, value.Str(table.Rows[0][2]))
	}
	if _, _, err := b.Execute("create table t as select 1 as a", true, false, -1); err != nil {
		t.Fatal(err)
	}
	if err := b.Commit(); err != nil {
		t.Fatal(err)
	}
	if _, table, err = b.Execute("select a from o.main.t", false, true, -1); err != nil || len(table.Rows) != 1 {
		t.Error(err)
	}
	for text, want := range map[string]string{
		`{"config_options": {"no_such_option": 1}}`:          "no_such_option",
		`{"settings": {"no_such_setting": 1}}`:               "no_such_setting",
		`{"extensions": ["/no/such/x.duckdb_extension"]}`:    "/no/such/x.duckdb_extension",
		`{"attach": [{"path": "/no/such/folder/x.db"}]}`:     "/no/such/folder",
		`{"path": "/no/such/folder/x.db"}`:                   "/no/such/folder",
		`{"secrets": [{"type": "nonsense", "key": "hush"}]}`: "nonsense",
	} {
		creds, err := Driver{}.Credentials(yaml(t, text))
		if err != nil {
			t.Fatal(err)
		}
		e, err := Driver{}.Open(context.Background(), creds)
		if err == nil { // settings are the connection's
			_, err = e.Conn(context.Background(), "x")
			_ = e.Close()
		}
		var de *adapters.DatabaseError
		if !errors.As(err, &de) || !strings.Contains(de.Message, want) || strings.Contains(de.Message+de.SQL, "hush") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestUnknownExtensionSaysWhatToDo(t *testing.T) {
	output := yaml(t, `{"extensions": [{"name": "no_such_extension", "repo": "'/no/such/repository'"}]}`)
	creds, err := Driver{}.Credentials(output)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Driver{}.Open(context.Background(), creds)
	var de *adapters.DatabaseError
	if !errors.As(err, &de) || !strings.Contains(de.Hint, "no_such_extension.duckdb_extension for DuckDB v") {
		t.Errorf("%v %+v", err, de)
	}
}

func TestDisabledTransactions(t *testing.T) {
	b := bridge(t, yaml(t, `{"disable_transactions": true}`))
	if _, _, err := b.Execute("select 1", true, false, -1); err != nil || b.InTransaction() {
		t.Error(err)
	}
	if _, _, err := b.CallMethod(&value.Thread{}, "ensure_transaction", value.Args{}); err != nil || !b.InTransaction() {
		t.Error(err)
	}
}
