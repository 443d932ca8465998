package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/millrace/millrace/adapters/adaptertest"
)

// streamingProject lays the project out, with a broker that holds n orders.
func streamingProject(t *testing.T, n int) (dir string, cl *kgo.Client) {
	t.Helper()
	dir = t.TempDir()
	writeFiles(t, dir, streamProject)
	c, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.SeedTopics(2, "orders"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	t.Setenv("SHOP_BROKERS", strings.Join(c.ListenAddrs(), ","))
	cl, err = kgo.NewClient(kgo.SeedBrokers(c.ListenAddrs()...), kgo.DefaultProduceTopic("orders"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cl.Close)
	sendOrders(t, cl, 0, n)
	return dir, cl
}

func sendOrders(t *testing.T, cl *kgo.Client, from, to int) {
	t.Helper()
	var list []*kgo.Record
	for i := from; i < to; i++ {
		list = append(list, &kgo.Record{Key: []byte(fmt.Sprint(i)), Value: []byte(fmt.Sprintf(`{"id":%d,"amount":1.50}`, i))})
	}
	if err := cl.ProduceSync(context.Background(), list...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

// pumpProcess is `stream run` in a process of its own, past its first tick.
func pumpProcess(t *testing.T, dir string, args ...string) (cmd *exec.Cmd, wait func(text string) string) {
	t.Helper()
	cmd, wait = background(t, dir, append([]string{"stream", "run"}, args...)...)
	wait("tick 1:")
	return cmd, wait
}

// background starts a command; wait reads its output up to a text.
func background(t *testing.T, dir string, args ...string) (cmd *exec.Cmd, wait func(text string) string) {
	t.Helper()
	cmd = programCommand(dir, args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGCONT)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	lines := bufio.NewScanner(out)
	var seen strings.Builder
	wait = func(text string) string {
		t.Helper()
		for lines.Scan() {
			seen.WriteString(lines.Text() + "\n")
			if strings.Contains(lines.Text(), text) {
				return lines.Text()
			}
		}
		t.Fatalf("%q never came:\n%s", text, seen.String())
		return ""
	}
	return cmd, wait
}

// TestReadersBesideThePump: while one process runs the stream, the commands of others work
// on the same DuckDB file.
func TestReadersBesideThePump(t *testing.T) {
	dir, cl := streamingProject(t, 500)
	pump, wait := pumpProcess(t, dir)
	for _, c := range []struct {
		says string
		args []string
	}{
		{"| 500 |   750 |", []string{"show", "--inline", "select n, total from {{ ref('totals') }}"}},
		{"source.shop.raw.orders", []string{"stream", "status"}},
		{"behind 0", []string{"stream", "lag"}},
		{"landed once", []string{"stream", "verify"}},
		{"PASS=1", []string{"test"}},
		{"PASS=", []string{"run", "--select", "totals"}},
		{"Catalog written", []string{"docs", "generate"}},
		{"OK executed", []string{"run-operation", "--sql", "create table from_outside as select 1 as a"}},
	} {
		out, err := programCommand(dir, c.args...).CombinedOutput()
		if err != nil || !strings.Contains(string(out), c.says) {
			t.Errorf("millrace %s: %v, want %q in:\n%s", strings.Join(c.args, " "), err, c.says, out)
		}
	}
	sendOrders(t, cl, 500, 600)
	wait("tick 2:")
	if err := pump.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := pump.Wait(); err != nil {
		t.Errorf("stream run: %v", err)
	}
	out, err := programCommand(dir, "show", "--inline", "select a, (select count(*) from {{ source('raw', 'orders') }}) as n from from_outside").CombinedOutput()
	if err != nil || !strings.Contains(string(out), "| 1 | 600 |") {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestPauseAndWait steers a pump from another process.
func TestPauseAndWait(t *testing.T) {
	dir, cl := streamingProject(t, 100)
	pump, wait := pumpProcess(t, dir)
	run := func(ok bool, says string, args ...string) {
		t.Helper()
		out, err := programCommand(dir, args...).CombinedOutput()
		if (err == nil) != ok || !strings.Contains(string(out), says) {
			t.Fatalf("millrace %s: %v, want %q in:\n%s", strings.Join(args, " "), err, says, out)
		}
	}
	run(true, "raw.orders: paused", "stream", "pause")
	run(true, "raw.orders: was paused already", "stream", "pause")
	wait("stream raw.orders is paused")
	sendOrders(t, cl, 100, 150)
	run(false, "still behind: orders/", "stream", "wait", "--timeout", "1ms")
	run(true, "raw.orders: orders/0=1", "stream", "wait", "--frontier", "orders/0=1")
	// The pause outlives the process that runs the stream.
	if err := pump.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = pump.Wait()
	run(true, "is paused and was not caught up", "build")
	run(true, "| 100 |", "show", "--inline", "select n from {{ ref('totals') }}")
	_, wait = pumpProcess(t, dir)
	run(true, "raw.orders: goes on", "stream", "resume")
	run(true, "raw.orders: was not paused", "stream", "resume")
	run(true, "raw.orders: orders/0=", "stream", "wait", "--timeout", "1m")
	wait("tick 2:")
	run(true, "| 150 |", "show", "--inline", "select n from {{ ref('totals') }}")
}

// TestInspect shows one record of quarantine.
func TestInspect(t *testing.T) {
	dir, cl := streamingProject(t, 1)
	record := &kgo.Record{Key: []byte{0, 1}, Value: []byte("no json"), Headers: []kgo.RecordHeader{{Key: "from", Value: []byte("shop")}}}
	if err := cl.ProduceSync(context.Background(), record).FirstErr(); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	run := func(code int, args ...string) string {
		t.Helper()
		var out syncBuffer
		if got := newApp(&out, &out).run(context.Background(), append([]string{"stream"}, args...)); got != code {
			t.Fatalf("exit %d\n%s", got, out.String())
		}
		return out.String()
	}
	run(0, "catch-up")
	name := fmt.Sprintf("orders/%d/%d", record.Partition, record.Offset)
	text := run(0, "quarantine", "inspect", name)
	for _, want := range []string{"record       " + name, "error        syntax: ", "in batch 1, quarantined", "|..|", "value        no json", "header from  shop"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in:\n%s", want, text)
		}
	}
	if text := run(0, "quarantine", "inspect", name, "--hex"); !strings.Contains(text, "6e 6f 20 6a 73 6f 6e") {
		t.Error(text)
	}
	run(2, "quarantine", "inspect", "orders/0/999")
	run(2, "quarantine", "inspect", "orders")
}

// TestLandingProcesses: two processes land together, a third builds what they bring.
func TestLandingProcesses(t *testing.T) {
	server := adaptertest.Postgres(t)
	dir, cl := streamingProject(t, 100)
	shopServer(t, server)
	writeFiles(t, dir, map[string]string{"profiles.yml": `shop:
  target: dev
  outputs:
    dev: {type: postgres, host: "{{ env_var('PGHOST') }}", port: "{{ env_var('PGPORT') | int }}", user: "{{ env_var('PGUSER') }}", password: "{{ env_var('PGPASSWORD') }}",
      dbname: "{{ env_var('PGDATABASE') }}", schema: landing_processes, threads: 2}
`})
	for range 2 {
		background(t, dir, "stream", "land")
	}
	run := func(says string, args ...string) {
		t.Helper()
		out, err := programCommand(dir, args...).CombinedOutput()
		if err != nil || !strings.Contains(string(out), says) {
			t.Fatalf("millrace %s: %v, want %q in:\n%s", strings.Join(args, " "), err, says, out)
		}
	}
	run("raw.orders: orders/", "stream", "wait")
	_, wait := pumpProcess(t, dir, "--follow")
	sendOrders(t, cl, 100, 180)
	run("raw.orders: orders/", "stream", "wait")
	wait("tick 2:")
	run("OK", "stream", "verify")
	run("shared", "stream", "status")
}
