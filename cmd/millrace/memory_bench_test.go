package main

import (
	"bufio"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// BenchmarkMemory reports the memory of a process that lands and follows a stream at a
// steady rate: after a third of the time, at the end, and the ratio of the two, which is one
// when nothing piles up. DuckDB is given a limit, up to which it keeps pages that it has read.
func BenchmarkMemory(b *testing.B) {
	rate, seconds := benchSetting(b, benchRateEnv, 2_000), benchSetting(b, benchSecondsEnv, 60)
	onTargets(b, func(b *testing.B, l *liveBench) {
		limited := strings.Replace(liveProject["profiles.yml"], "threads: 2}", "threads: 2, settings: {memory_limit: 128MB}}", 1)
		writeBenchFile(b, ".", "profiles.yml", limited)
		cmd := programCommand(".", "stream", "run", "--target", l.target)
		cmd.Stdout, cmd.Stderr = &l.out, &l.out
		if err := cmd.Start(); err != nil {
			b.Fatal(err)
		}
		defer func() { _ = cmd.Process.Kill() }()
		l.send(0, 1)
		l.wait(1)
		begin, sent := time.Now(), 1
		third, end := 0.0, 0.0
		for elapsed := 0.0; elapsed < float64(seconds); elapsed = time.Since(begin).Seconds() {
			due := int(elapsed * float64(rate))
			l.send(sent, due)
			sent = max(sent, due)
			time.Sleep(5 * time.Millisecond)
			if third == 0 && elapsed > float64(seconds)/3 {
				third = anonymousMB(b, cmd.Process.Pid)
			}
		}
		end = anonymousMB(b, cmd.Process.Pid)
		if err := cmd.Process.Signal(os.Interrupt); err != nil {
			b.Fatal(err)
		}
		_ = cmd.Wait()
		if cmd.ProcessState.ExitCode() != exitOK {
			b.Fatalf("the stream ended with %s:\n%s", cmd.ProcessState, l.out.text.String())
		}
		b.ReportMetric(0, "ns/op")
		b.ReportMetric(third, "third-MB")
		b.ReportMetric(end, "end-MB")
		b.ReportMetric(end/third, "ratio")
		b.ReportMetric(float64(sent), "events")
		b.ReportMetric(float64(len(l.out.seen())), "ticks")
	})
}

// anonymousMB is the memory of a process that belongs to no file.
func anonymousMB(b *testing.B, pid int) float64 {
	b.Helper()
	f, err := os.Open(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Skip("memory of a process is read from /proc")
	}
	defer func() { _ = f.Close() }()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if text, ok := strings.CutPrefix(lines.Text(), "RssAnon:"); ok {
			kb, err := strconv.ParseFloat(strings.TrimSuffix(strings.TrimSpace(text), " kB"), 64)
			if err != nil {
				b.Fatal(err)
			}
			return kb / 1024
		}
	}
	b.Fatal("the process has no RssAnon")
	return 0
}
