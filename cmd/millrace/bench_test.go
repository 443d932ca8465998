package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/millrace/millrace/adapters"
	"github.com/millrace/millrace/adapters/adaptertest"
	"github.com/millrace/millrace/compiler/jinja/value"
)

// benchModels is how many models the projects have: MILLRACE_BENCH_MODELS, else a thousand.
var benchModels = func() int {
	if n, err := strconv.Atoi(os.Getenv("MILLRACE_BENCH_MODELS")); err == nil && n > 0 {
		return n
	}
	return 1000
}()

// scaleProject makes a project of testing/bench/generate.py and goes there.
func scaleProject(b *testing.B, args ...string) {
	b.Helper()
	script, err := filepath.Abs(filepath.Join("..", "..", "testing", "bench", "generate.py"))
	if err != nil {
		b.Fatal(err)
	}
	dir := filepath.Join(b.TempDir(), "scale")
	if out, err := exec.Command("python3", append([]string{script, strconv.Itoa(benchModels), dir}, args...)...).CombinedOutput(); err != nil {
		b.Skipf("generate.py: %v\n%s", err, out)
	}
	b.Chdir(dir)
}

// command runs a command in this process.
func command(b *testing.B, args ...string) {
	b.Helper()
	var out bytes.Buffer
	if code := newApp(&out, &out).run(context.Background(), args); code != exitOK {
		b.Fatalf("millrace %v: exit code %d\n%s", args, code, out.String())
	}
}

// BenchmarkCommands is what a model costs in whole commands: parsing from nothing, rendering
// of a parsed project, and a build whose statements do next to nothing.
func BenchmarkCommands(b *testing.B) {
	for name, args := range map[string][]string{
		"parse": {"parse", "--no-partial-parse"}, "render": {"compile"}, "build": {"build"},
	} {
		b.Run(name, func(b *testing.B) {
			scaleProject(b)
			command(b, "parse")
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			for b.Loop() {
				command(b, args...)
			}
			runtime.ReadMemStats(&after)
			n := float64(b.N * benchModels)
			b.ReportMetric(float64(b.Elapsed().Microseconds())/n, "µs/model")
			b.ReportMetric(float64(after.Mallocs-before.Mallocs)/n, "allocs/model")
		})
	}
}

// BenchmarkOverhead is what a run of trivial models takes beyond its own statements, which are
// then sent again by a loop over one connection to an empty schema. With DBT set to an executable of
// dbt-core, the same run of dbt is measured against the same loop. All use one thread.
func BenchmarkOverhead(b *testing.B) {
	b.Run("duckdb", func(b *testing.B) {
		output := value.NewDict(4)
		output.SetString("type", value.String("duckdb"))
		output.SetString("path", value.String("scale.duckdb"))
		output.SetString("schema", value.String("main"))
		overhead(b, output, func(context.Context, adapters.Conn) error { return nil }, func() error {
			err := os.Remove("scale.duckdb")
			if os.IsNotExist(err) {
				return nil
			}
			return err
		})
	})
	b.Run("postgres", func(b *testing.B) {
		schema := "bench_overhead"
		output := adaptertest.Postgres(b).Profile(schema)
		overhead(b, output, func(ctx context.Context, c adapters.Conn) error {
			if err := c.Begin(ctx); err != nil {
				return err
			}
			if _, _, err := c.Execute(ctx, "drop schema if exists "+schema+" cascade", false, -1); err != nil {
				return err
			}
			return c.Commit(ctx)
		}, func() error { return nil })
	})
}

// overhead measures on the database of a profile output; empty and remove make it empty.
func overhead(b *testing.B, output *value.Dict, empty func(context.Context, adapters.Conn) error, remove func() error) {
	scaleProject(b, "--trivial")
	output.SetString("threads", value.Int(1))
	profile, err := value.AppendJSON(nil, value.FromDict(output), value.JSONOptions{})
	if err != nil {
		b.Fatal(err)
	}
	text := fmt.Sprintf(`{"scale": {"target": "dev", "outputs": {"dev": %s}}}`, profile) // JSON is YAML
	if err := os.WriteFile("profiles.yml", []byte(text), 0o644); err != nil {
		b.Fatal(err)
	}
	clear := func() {
		b.Helper()
		if err := remove(); err != nil {
			b.Fatal(err)
		}
		bare(b, output, empty)
	}
	timed := func(work func() time.Duration) cost {
		clear()
		start, cpu := time.Now(), ownCPU(b)
		others := work()
		return cost{time.Since(start), ownCPU(b) - cpu + others}
	}
	here := func(work func()) func() time.Duration {
		return func() time.Duration {
			work()
			return 0
		}
	}
	clear()
	command(b, "run", "--log-level-file", "debug", "--log-format-file", "json", "--log-path", "traced")
	statements := sentStatements(b, filepath.Join("traced", "dbt.log"))
	var run, loop, other cost
	dbt := os.Getenv("DBT")
	if dbt != "" {
		dbtRun(b, dbt, "parse")
	}
	for b.Loop() {
		run.add(timed(here(func() { command(b, "run") })))
		loop.add(timed(here(func() { bare(b, output, resend(statements)) })))
		if dbt != "" {
			other.add(timed(func() time.Duration { return dbtRun(b, dbt, "run") }))
		}
	}
	report := func(d time.Duration, unit string) {
		b.ReportMetric(d.Seconds()*1000/float64(b.N*benchModels), unit)
	}
	b.ReportMetric(float64(len(statements))/float64(benchModels), "statements/model")
	report(loop.wall, "loop-ms/model")
	report(loop.cpu, "loop-cpu-ms/model")
	report(run.wall-loop.wall, "beyond-ms/model")
	report(run.cpu-loop.cpu, "beyond-cpu-ms/model")
	if dbt == "" {
		b.Log("DBT names no dbt-core: no comparison")
		return
	}
	report(other.wall-loop.wall, "dbt-beyond-ms/model")
	report(other.cpu-loop.cpu, "dbt-beyond-cpu-ms/model")
	b.ReportMetric(float64(other.wall-loop.wall)/float64(run.wall-loop.wall), "times-less")
	b.ReportMetric(float64(other.cpu-loop.cpu)/float64(run.cpu-loop.cpu), "times-less-cpu")
}

// cost is the time of something: by the clock, and on processors, a database server's left out.
type cost struct{ wall, cpu time.Duration }

func (c *cost) add(more cost) {
	c.wall += more.wall
	c.cpu += more.cpu
}

// ownCPU is the processor time of this process so far.
func ownCPU(b *testing.B) time.Duration {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// dbtRun runs a command of dbt and gives its processor time.
func dbtRun(b *testing.B, dbt, name string) time.Duration {
	b.Helper()
	cmd := exec.Command(dbt, name, "--target-path", "target-dbt", "--log-path", "logs-dbt")
	cmd.Env = append(os.Environ(), "DO_NOT_TRACK=1", "DBT_SEND_ANONYMOUS_USAGE_STATS=false", "DBT_PROFILES_DIR=.")
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("dbt %s: %v\n%s", name, err, out)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

// sentStatements are the texts of the log's SQLQuery events.
func sentStatements(b *testing.B, path string) []string {
	b.Helper()
	f, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var list []string
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var e struct {
			Info struct{ Name string }
			Data struct{ SQL string }
		}
		if err := json.Unmarshal(lines.Bytes(), &e); err != nil {
			b.Fatal(err)
		}
		if e.Info.Name == "SQLQuery" {
			list = append(list, e.Data.SQL)
		}
	}
	if len(list) < benchModels {
		b.Fatalf("only %d statements, %v", len(list), lines.Err())
	}
	return list
}

// bare opens the database of a profile output for work on one connection.
func bare(b *testing.B, output *value.Dict, work func(context.Context, adapters.Conn) error) {
	b.Helper()
	ctx := context.Background()
	kind, _ := output.GetString("type")
	driver, ok := adapters.Lookup(value.Str(kind))
	if !ok {
		b.Fatalf("no engine %v", kind)
	}
	credentials, err := driver.Credentials(output)
	if err != nil {
		b.Fatal(err)
	}
	engine, err := driver.Open(ctx, credentials)
	if err != nil {
		b.Fatal(err)
	}
	conn, err := engine.Conn(ctx, "bare")
	if err == nil {
		err = work(ctx, conn)
	}
	if conn != nil {
		_ = conn.Close()
	}
	_ = engine.Close()
	if err != nil {
		b.Fatal(err)
	}
}

// resend sends statements one after the other.
func resend(statements []string) func(context.Context, adapters.Conn) error {
	return func(ctx context.Context, c adapters.Conn) error {
		for _, sql := range statements {
			var err error
			switch sql {
			case "BEGIN":
				err = c.Begin(ctx)
			case "COMMIT":
				// A node has its connection to itself, so the next one's BEGIN is sent again. After
				// a commit PostgreSQL's client sends none until a rollback, which has nothing to send here.
				if err = c.Commit(ctx); err == nil {
					err = c.Rollback(ctx)
				}
			case "ROLLBACK":
				err = c.Rollback(ctx)
			default:
				_, _, err = c.Execute(ctx, sql, true, -1)
			}
			if err != nil {
				return fmt.Errorf("%s: %w", sql, err)
			}
		}
		return nil
	}
}
