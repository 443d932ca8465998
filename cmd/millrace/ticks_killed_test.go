package main

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// child is a command in a process of its own, which kills itself at a step if one is given.
func (f *shopFloor) child(at string, args ...string) *exec.Cmd {
	f.t.Helper()
	cmd := programCommand(".", args...)
	if at != "" {
		cmd.Env = append(cmd.Env, killAt+"="+at)
	}
	return cmd
}

// dies runs a command until its process kills itself.
func (f *shopFloor) dies(at string, args ...string) {
	f.t.Helper()
	out, err := f.child(at, args...).CombinedOutput()
	if err == nil || !strings.Contains(err.Error(), "signal: killed") {
		f.t.Fatalf("millrace %s did not die at %s: %v\n%s", strings.Join(args, " "), at, err, out)
	}
}

// moments are when processes are killed: the models of a tick come to a step one after the other.
func (f *shopFloor) moments() []string {
	var out []string
	for _, step := range []string{"read", "rows", "placed"} {
		out = append(out, fmt.Sprintf("%s@%d", step, 1+f.random.IntN(len(followed))))
	}
	return append(out, "before commit@1", "after commit@1")
}

// TestTicksKilled kills processes with SIGKILL in the middle of their ticks: what they had
// not committed is gone, and what comes after needs no repair.
func TestTicksKilled(t *testing.T) {
	for seed := range followSeeds(1) {
		onFollowEngines(t, followProject, uint64(100+seed), func(t *testing.T, f *shopFloor) {
			f.send(60)
			f.run("build")
			for _, at := range f.moments() {
				f.send(40)
				before := f.counts()
				f.dies(at, "build", "--tick")
				if after := f.counts(); (before == after) == strings.HasPrefix(at, "after commit") {
					t.Errorf("killed at %s: before %s\nafter %s", at, before, after)
				}
			}
			f.send(40)
			f.dies(fmt.Sprintf("rows@%d", 1+f.random.IntN(len(followed))), "stream", "run", "--until-idle", "1m")
			f.run("build", "--tick")
			if out := f.run("stream", "verify"); strings.Contains(out, "FAIL") {
				t.Error(out)
			}
			f.same(followed)
			if t.Failed() {
				t.Fatalf("seed %d failed", seed)
			}
		})
	}
}

// TestTicksBesideThePump lands in processes of their own and ticks in others, some of which
// are killed: on DuckDB through the socket of the one that has the file, on PostgreSQL with
// two that land, of which one is killed too.
func TestTicksBesideThePump(t *testing.T) {
	for seed := range followSeeds(1) {
		onFollowEngines(t, followProject, uint64(200+seed), func(t *testing.T, f *shopFloor) {
			f.send(60)
			f.run("build")
			pumps := 1
			if f.kind == "postgres" {
				pumps = 2
			}
			var landing []*exec.Cmd
			var said syncBuffer
			for range pumps {
				cmd := f.child("", "stream", "land", "--metrics-listen", "127.0.0.1:0")
				cmd.Stdout, cmd.Stderr = &said, &said
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() {
					_ = cmd.Process.Kill()
					_ = cmd.Wait()
					if t.Failed() {
						t.Logf("the processes that land: %s", said.String())
					}
				})
				waitIn(t, &said, "metrics and health at") // it has the file, and lends it
				landing = append(landing, cmd)
			}
			// The process that ticks leaves landing to the others.
			tick := []string{"stream", "run", "--follow"}
			for i, at := range []string{fmt.Sprintf("rows@%d", 1+f.random.IntN(3)), fmt.Sprintf("placed@%d", len(followed)+1+f.random.IntN(5))} {
				f.send(60)
				f.waited()
				cmd := f.child(at, tick...)
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				dead := make(chan error, 1)
				go func() { dead <- cmd.Wait() }()
				f.sendUntil(dead) // the second one dies in a later tick
				if i == 0 && pumps > 1 {
					_ = landing[0].Process.Kill()
					_ = landing[0].Wait()
				}
			}
			f.send(60)
			f.waited()
			if out, err := f.child("", append(tick, "--until-idle", "1s")...).CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if out, err := f.child("", "stream", "wait", "--timeout", "1ms").CombinedOutput(); err != nil {
				t.Errorf("models are behind after a tick beside the pump: %v\n%s", err, out)
			}
			_ = landing[pumps-1].Process.Kill()
			_ = landing[pumps-1].Wait()
			f.run("build", "--tick")
			if out := f.run("stream", "verify"); strings.Contains(out, "FAIL") {
				t.Error(out)
			}
			f.same(followed)
			if t.Failed() {
				t.Fatalf("seed %d failed", seed)
			}
		})
	}
}

// sendUntil sends records until a process has died of the signal.
func (f *shopFloor) sendUntil(dead chan error) {
	f.t.Helper()
	for range 200 {
		select {
		case err := <-dead:
			if err == nil || !strings.Contains(err.Error(), "signal: killed") {
				f.t.Fatalf("the process ended: %v", err)
			}
			return
		case <-time.After(300 * time.Millisecond):
			f.send(10)
		}
	}
	f.t.Fatal("the process did not come to its step")
}

// waited returns when everything that was sent has landed.
func (f *shopFloor) waited() {
	f.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(200 * time.Millisecond) {
		out, err := f.child("", "stream", "lag").CombinedOutput()
		if err == nil && strings.Count(string(out), "behind 0") == 4 { // two partitions of each topic
			return
		}
		if time.Now().After(deadline) {
			f.t.Fatalf("not everything has landed: %v\n%s", err, out)
		}
	}
}
