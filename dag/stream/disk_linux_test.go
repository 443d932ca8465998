package stream

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// smallDisk is a file system of a few megabytes, and a way to make it larger.
func smallDisk(t *testing.T, megabytes int) (dir string, grow func(megabytes int)) {
	t.Helper()
	dir, err := os.MkdirTemp("", "millrace-disk-") // and not in the test's own, which the user of a server cannot enter
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Remove(dir) })
	options := func(megabytes int) string { return fmt.Sprintf("size=%dm,mode=0777", megabytes) }
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, options(megabytes)); err != nil {
		t.Skipf("a small file system can be mounted by root alone: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir, func(megabytes int) {
		t.Helper()
		if err := syscall.Mount("tmpfs", dir, "tmpfs", syscall.MS_REMOUNT, options(megabytes)); err != nil {
			t.Fatal(err)
		}
	}
}

// TestDiskFull lands more than the disk holds: the stream stops with an error that says so, the
// ledger says what has landed, and once there is room the next process lands the rest.
func TestDiskFull(t *testing.T) {
	onEngines(t, func(t *testing.T, tg *target) {
		dir, grow := smallDisk(t, 12)
		switch tg.kind {
		case "duckdb":
			tg.close()
			tg = duckTarget(filepath.Join(dir, "w.duckdb"))
			tg.open(t)
			defer tg.close()
		default: // the server's own files stay where they are; the tables go to the small disk
			place := filepath.Join(dir, "tables")
			tg.exec(t, "copy (select 1) to program 'mkdir "+place+"'")
			alone(t, tg, "create tablespace small location '"+place+"'")
			tg.exec(t, "create schema raw")
			tg.exec(t, "create schema _stream")
			tg.exec(t, "alter role current_user set default_tablespace = small")
			tg.restart(t)
			defer func() {
				tg.exec(t, "alter role current_user reset default_tablespace")
				tg.exec(t, "drop schema raw cascade")
				tg.exec(t, "drop schema _stream cascade")
				alone(t, tg, "drop tablespace small")
			}()
		}
		c := cluster(t, 2)
		cl := producer(t, c)
		log := produced{}
		r := rand.New(rand.NewPCG(13, 13))
		src := sourceOf(t, tg.kind, orders)
		var full error
		for n := 0; full == nil; n += 20_000 {
			if n == 400_000 {
				t.Fatal("the disk holds everything")
			}
			produce(t, cl, log, r, n, 20_000, 2)
			_, full = tg.streams(src, c.ListenAddrs()).CatchUp(context.Background())
		}
		if text := strings.ToLower(full.Error()); !strings.Contains(text, "no space left") && !strings.Contains(text, "disk full") && !strings.Contains(text, "could not write") {
			t.Errorf("the error does not say what is wrong: %v", full)
		}
		grow(400)
		tg.restart(t)
		s := tg.streams(src, c.ListenAddrs())
		if _, err := s.CatchUp(context.Background()); err != nil {
			t.Fatal(err)
		}
		tg.check(t, log)
		verified(t, s)
	})
}

// alone runs a statement outside of any transaction.
func alone(t *testing.T, tg *target, sql string) {
	t.Helper()
	c, err := tg.engine.Conn(context.Background(), "test")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	for _, s := range []string{"commit", sql} { // behind a commit nothing begins by itself
		if _, _, err := c.Execute(context.Background(), s, false, -1); err != nil {
			t.Fatal(err)
		}
	}
}
