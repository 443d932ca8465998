package stream

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/millrace/millrace/adapters/kafka/landing"
)

// childEnv tells the test binary to be the process that is killed: database file, brokers
// and the step to die at, separated by "|".
const childEnv = "MILLRACE_STREAM_CHILD"

func locked(do func(string) error) func(string) error {
	var mu sync.Mutex
	return func(at string) error {
		mu.Lock()
		defer mu.Unlock()
		return do(at)
	}
}

type childT struct{ testing.TB }

func (childT) Helper()           {}
func (childT) Fatal(args ...any) { panic(fmt.Sprint(args...)) }

// child catches up and kills itself at a step, without any chance to clean up.
func child(spec string) int {
	parts := strings.Split(spec, "|")
	if parts[0] == "land" {
		return landingChild(parts[1], parts[2])
	}
	tg := duckTarget(parts[0])
	if err := tg.tryOpen(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	s := tg.streams(sourceOf(childT{}, "duckdb", orders), strings.Split(parts[1], ","))
	s.steps = func(at string) error {
		if at == parts[2] {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			time.Sleep(time.Minute)
		}
		return nil
	}
	if _, err := s.CatchUp(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	tg.close()
	return 0
}

// TestKill9 kills a process at every step of a commit and lets the next one go on.
func TestKill9(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for seed := range seeds(t, 1) {
		path := filepath.Join(t.TempDir(), fmt.Sprintf("warehouse%d.duckdb", seed))
		c := cluster(t, 2)
		cl := producer(t, c)
		log := produced{}
		r := rand.New(rand.NewPCG(uint64(seed), 9))
		run := func(step string) error {
			cmd := exec.Command(exe)
			cmd.Env = append(os.Environ(), childEnv+"="+path+"|"+strings.Join(c.ListenAddrs(), ",")+"|"+step)
			cmd.Stderr = os.Stderr
			return cmd.Run()
		}
		for i, step := range landing.Steps {
			produce(t, cl, log, r, i*1000, 200+r.IntN(200), 2)
			if err := run(string(step)); err == nil || !strings.Contains(err.Error(), "killed") {
				t.Fatalf("the process was not killed at %s: %v", step, err)
			}
		}
		if err := run("none"); err != nil {
			t.Fatal(err)
		}
		tg := duckTarget(path)
		tg.open(t)
		tg.check(t, log)
		tg.close()
	}
}
