package stream

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestTornWAL cuts DuckDB's log off in the middle of what a process that died was writing, at
// every place that a seed picks: the batch is there or not, and the next process goes on from it.
func TestTornWAL(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := cluster(t, 2)
	cl := producer(t, c)
	log := produced{}
	r := rand.New(rand.NewPCG(12, 12))
	path := filepath.Join(t.TempDir(), "w.duckdb")
	run := func(path, step string) {
		t.Helper()
		cmd := exec.Command(exe)
		cmd.Env = append(os.Environ(), childEnv+"="+path+"|"+strings.Join(c.ListenAddrs(), ",")+"|"+step)
		cmd.Stderr = os.Stderr
		if err := cmd.Run(); (err == nil) != (step == "none") {
			t.Fatalf("the process that was to die at %s: %v", step, err)
		}
	}
	size := func() int64 {
		t.Helper()
		info, err := os.Stat(path + ".wal")
		if errors.Is(err, fs.ErrNotExist) {
			return 0
		}
		if err != nil {
			t.Fatal(err)
		}
		return info.Size()
	}
	produce(t, cl, log, r, 0, 300, 2)
	run(path, "committed") // the file's log holds the first batch
	before := size()
	produce(t, cl, log, r, 1000, 300, 2)
	run(path, "ack") // and the second one, whose commit nobody has heard of
	after := size()
	if before == 0 || after <= before {
		t.Fatalf("the log has %d and then %d bytes", before, after)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	wal, err := os.ReadFile(path + ".wal")
	if err != nil {
		t.Fatal(err)
	}
	kept := map[string]int{}
	for n := range seeds(t, 8) {
		cut := before + r.Int64N(after-before)
		torn := filepath.Join(t.TempDir(), fmt.Sprintf("torn%d.duckdb", n))
		for name, data := range map[string][]byte{torn: file, torn + ".wal": wal[:cut]} {
			if err := os.WriteFile(name, data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		tg := duckTarget(torn)
		tg.open(t)
		kept[tg.one(t, "select count(*) from _stream.batches")]++
		s := tg.streams(sourceOf(t, "duckdb", orders), c.ListenAddrs())
		if _, err := s.CatchUp(context.Background()); err != nil {
			t.Fatalf("cut at %d of %d to %d: %v", cut, before, after, err)
		}
		tg.check(t, log)
		verified(t, s)
		tg.close()
	}
	t.Logf("batches that were left: %v", kept)
}
