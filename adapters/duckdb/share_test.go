package duckdb

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/adaptertest"
	"github.com/millrace/millrace/adapters/duckdb/internal/wire"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// lender starts a process that has the database file open and lends its sessions.
func lender(t *testing.T, path string) (pid int, kill, end func()) {
	t.Helper()
	cmd, out, letGo := spawn(t, "share", path)
	if _, err := out.ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	return cmd.Process.Pid, func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }, func() { letGo(); _ = cmd.Wait() }
}

func execute(t *testing.T, c adapters.Conn, sql string) string {
	t.Helper()
	_, table, err := c.Execute(context.Background(), sql, true, -1)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	if len(table.Rows) == 0 {
		return ""
	}
	return table.PrintTable(-1, -1, -1)
}

// TestSuiteThroughAnotherProcess: everything an engine must do works on a file that
// another process has open.
func TestSuiteThroughAnotherProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "engine.duckdb")
	_, _, end := lender(t, path)
	defer end()
	output := profile("type", "duckdb", "path", path, "schema", "suite")
	open := func(t *testing.T) (adapters.Engine, adapters.Credentials) { return openProfile(t, output) }
	e, _ := open(t)
	c, err := e.Conn(context.Background(), "setup")
	if err != nil {
		t.Fatal(err)
	}
	execute(t, c, "create schema suite")
	if err := errors.Join(c.Close(), e.Close()); err != nil {
		t.Fatal(err)
	}
	adaptertest.Run(t, harness(output, open))
	info, err := os.Stat(path + ".sock")
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
}

// TestManyRowsThroughAnotherProcess: results and loads of several parts.
func TestManyRowsThroughAnotherProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.duckdb")
	_, _, end := lender(t, path)
	defer end()
	e, _ := openProfile(t, profile("path", path))
	defer func() { _ = e.Close() }()
	ctx := context.Background()
	c, err := e.Conn(ctx, "rows")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	_, table, err := c.Execute(ctx, "select range as a, 'text ' || range as b, range * 1.25 as c from range(150000)", true, -1)
	if err != nil || len(table.Rows) != 150000 {
		t.Fatal(err)
	}
	execute(t, c, "create table t (a bigint, b text, c decimal(18,2))")
	if n, err := c.Load(ctx, dialect.New("w", "main", "t", ""), []string{"a", "b", "c"}, table); err != nil || n != 150000 {
		t.Fatal(n, err)
	}
	got := execute(t, c, "select count(*), count(distinct b), sum(a), sum(c) from t where b = 'text ' || a and c = a * 1.25")
	if !strings.Contains(got, "|       150000 |            150000 | 11249925000 | 14,062,406,250 |") {
		t.Error(got)
	}
}

// TestCancelThroughAnotherProcess: the statement ends there, and the session goes on.
func TestCancelThroughAnotherProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.duckdb")
	_, _, end := lender(t, path)
	defer end()
	e, _ := openProfile(t, profile("path", path))
	defer func() { _ = e.Close() }()
	c, err := e.Conn(context.Background(), "cancel")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	execute(t, c, "create table t (n integer)")
	if err := c.Begin(context.Background()); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	_, _, err = c.Execute(ctx, "insert into t select 1 from range(100000) a, range(1000000) b where hash(a.range, b.range) = 1", false, -1)
	var de *adapters.DatabaseError
	if !errors.As(err, &de) || de.Fault != adapters.FaultCanceled {
		t.Fatalf("%v", err)
	}
	if err := c.Rollback(ctx); err != nil {
		t.Fatal(err)
	}
	if got := execute(t, c, "select 'rows ' || count(*) from t"); !strings.Contains(got, "rows 0") {
		t.Error(got)
	}
}

// TestHolderDies: an open transaction is lost with the holder and says so as something
// that passes; the next session opens the file here.
func TestHolderDies(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.duckdb")
	_, kill, _ := lender(t, path)
	e, _ := openProfile(t, profile("path", path))
	defer func() { _ = e.Close() }()
	if stop, err := e.(adapters.Sharer).Share(); err != nil {
		t.Fatal(err)
	} else {
		defer stop()
	}
	ctx := context.Background()
	c, err := e.Conn(ctx, "first")
	if err != nil {
		t.Fatal(err)
	}
	execute(t, c, "create table t (n integer)")
	if err := c.Begin(ctx); err != nil {
		t.Fatal(err)
	}
	execute(t, c, "insert into t values (1)")
	kill()
	_, _, err = c.Execute(ctx, "insert into t values (2)", false, -1)
	var de *adapters.DatabaseError
	if !errors.As(err, &de) || de.Fault != adapters.FaultTransient {
		t.Fatalf("%v", err)
	}
	_ = c.Close()
	if c, err = e.Conn(ctx, "second"); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if got := execute(t, c, "select 'rows ' || count(*) from t"); !strings.Contains(got, "rows 0") {
		t.Error(got)
	}
	// The socket that the dead process left is ours now.
	lent, err := wire.Dial(ctx, path, "[]")
	if err != nil {
		t.Fatal(err)
	}
	lent.Close()
}

// TestHolderRefuses: a profile with other options gets no session, and the error says who.
func TestHolderRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "w.duckdb")
	pid, _, end := lender(t, path)
	defer end()
	output := profile("path", path)
	output.SetString("config_options", value.FromDict(profile("access_mode", "READ_ONLY")))
	creds, err := Driver{}.Credentials(output)
	if err != nil {
		t.Fatal(err)
	}
	_, err = Driver{}.Open(context.Background(), creds)
	var de *adapters.DatabaseError
	if !errors.As(err, &de) || de.Fault != adapters.FaultLocked || !strings.Contains(de.Message, strconv.Itoa(pid)) {
		t.Errorf("%v", err)
	}
}

// TestLongSocketPath: a path that is too long for a socket has it elsewhere.
func TestLongSocketPath(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("long", 30))
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "w.duckdb")
	_, _, end := lender(t, path)
	defer end()
	e, _ := openProfile(t, profile("path", path))
	defer func() { _ = e.Close() }()
	c, err := e.Conn(context.Background(), "x")
	if err != nil {
		t.Fatal(err)
	}
	execute(t, c, "select 1")
	_ = c.Close()
}
