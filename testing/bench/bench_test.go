// Package bench measures what a project costs from files to manifest.
package bench

import (
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/millrace/millrace/adapters"
	dbtmacros "github.com/millrace/millrace/adapters/macros"
	"github.com/millrace/millrace/adapters/postgres"
	"github.com/millrace/millrace/compiler"
	"github.com/millrace/millrace/compiler/flags"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/project"
	"github.com/millrace/millrace/compiler/relation"
	"github.com/millrace/millrace/dag"
)

// sizes are the numbers of models; the largest is left out of short runs.
var sizes = []int{100, 1000, 10000}

// generated makes the project of generate.py once a size. The engine is PostgreSQL's, which links without
// cgo; nothing connects.
func generated(b *testing.B, models int) string {
	b.Helper()
	if models > 1000 && testing.Short() {
		b.Skip("short")
	}
	dir := filepath.Join(b.TempDir(), "p")
	out, err := exec.Command("python3", "generate.py", strconv.Itoa(models), dir).CombinedOutput()
	if err != nil {
		b.Skipf("generate.py: %v\n%s", err, out)
	}
	profile := "scale:\n  target: dev\n  outputs:\n    dev: {type: postgres, host: h, user: u, password: p, dbname: d, schema: s, port: 5432, threads: 4}\n"
	if err := os.WriteFile(filepath.Join(dir, "profiles.yml"), []byte(profile), 0o644); err != nil {
		b.Fatal(err)
	}
	return dir
}

func options(dir string) compiler.Options {
	driver := postgres.Driver{}
	return compiler.Options{
		Flags: &flags.Flags{ProjectDir: dir, ProfilesDir: dir, Which: "parse", Version: "1.12.6", Now: time.Unix(1, 0)},
		Env:   project.EnvMap{}, Internal: []project.Internal{adapters.MacroProject("dbt", dbtmacros.Files())},
		Check: func(_ string, output *value.Dict) (project.Credentials, []project.Internal, error) {
			c, err := driver.Credentials(output)
			return c, driver.Macros(), err
		},
		Dialect: func(string) (*relation.Dialect, bool) { return driver.Dialect(), true },
		WorkDir: dir, HomeDir: dir, Context: context.Background(),
	}
}

func load(b *testing.B, dir string) *compiler.Program {
	b.Helper()
	p, notes := compiler.Load(options(dir))
	if err := notes.Err(); err != nil {
		b.Fatal(err)
	}
	return p
}

// perModel reports time and allocations a model instead of an operation.
func perModel(b *testing.B, models int, work func()) {
	b.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for b.Loop() {
		work()
	}
	runtime.ReadMemStats(&after)
	n := float64(b.N) * float64(models)
	b.ReportMetric(float64(b.Elapsed().Microseconds())/n, "µs/model")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/n, "allocs/model")
	b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/n/1024, "KiB/model")
}

func eachSize(b *testing.B, run func(b *testing.B, models int, dir string)) {
	for _, models := range sizes {
		b.Run(strconv.Itoa(models), func(b *testing.B) { run(b, models, generated(b, models)) })
	}
}

// BenchmarkParse is everything from the project file to the resolved manifest.
func BenchmarkParse(b *testing.B) {
	eachSize(b, func(b *testing.B, models int, dir string) {
		perModel(b, models, func() { load(b, dir) })
	})
}

// BenchmarkKeep is what it costs to keep a parse for the next command.
func BenchmarkKeep(b *testing.B) {
	eachSize(b, func(b *testing.B, models int, dir string) {
		p := loadKept(b, dir, filepath.Join(b.TempDir(), "kept"))
		perModel(b, models, func() {
			if err := p.Keep(); err != nil {
				b.Fatal(err)
			}
		})
	})
}

// BenchmarkKept is what it costs to take up the whole of a parse that was kept.
func BenchmarkKept(b *testing.B) {
	eachSize(b, func(b *testing.B, models int, dir string) {
		path := filepath.Join(b.TempDir(), "kept")
		if err := loadKept(b, dir, path).Keep(); err != nil {
			b.Fatal(err)
		}
		perModel(b, models, func() {
			if !loadKept(b, dir, path).Cached() {
				b.Fatal("the parse was not kept")
			}
		})
	})
}

func loadKept(b *testing.B, dir, path string) *compiler.Program {
	b.Helper()
	o := options(dir)
	o.CachePath, o.Identity = path, "bench"
	p, notes := compiler.Load(o)
	if err := notes.Err(); err != nil {
		b.Fatal(err)
	}
	return p
}

// BenchmarkWrite is manifest.json.
func BenchmarkWrite(b *testing.B) {
	eachSize(b, func(b *testing.B, models int, dir string) {
		p := load(b, dir)
		perModel(b, models, func() {
			if err := manifest.Write(io.Discard, p.Manifest, manifest.Metadata{}, nil); err != nil {
				b.Fatal(err)
			}
		})
	})
}

// BenchmarkGraph is the graph with the cycle check.
func BenchmarkGraph(b *testing.B) {
	eachSize(b, func(b *testing.B, models int, dir string) {
		p := load(b, dir)
		perModel(b, models, func() {
			if _, d := dag.New(p.Manifest); d != nil {
				b.Fatal(d)
			}
		})
	})
}
