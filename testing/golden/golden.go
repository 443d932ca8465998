// Package golden is the txtar harness of the repository: a script holds a project, the
// commands to run on it, and what they must print and leave behind. Scripts are run by
// testscript; this package adds normalised output, so that times and ids never differ.
package golden

import (
	"bytes"
	"io"
	"os"
	"regexp"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// Program is a command line run in a process of its own: the exit code is returned.
type Program func(args []string, stdout, stderr io.Writer) int

// Main runs the tests of a package whose scripts call the given programs by name. Their
// output is normalised before a script sees it.
func Main(m *testing.M, programs map[string]Program) {
	commands := make(map[string]func(), len(programs))
	for name, p := range programs {
		commands[name] = func() {
			var out, errs bytes.Buffer
			code := p(os.Args[1:], &out, &errs)
			_, _ = os.Stdout.Write(Normalize(out.Bytes()))
			_, _ = os.Stderr.Write(Normalize(errs.Bytes()))
			os.Exit(code)
		}
	}
	testscript.Main(m, commands)
}

// Run runs every script of a folder as a subtest; update rewrites what they expect.
func Run(t *testing.T, dir string, update bool) {
	testscript.Run(t, testscript.Params{
		Dir:           dir,
		UpdateScripts: update,
		Cmds:          map[string]func(ts *testscript.TestScript, neg bool, args []string){"exit": exitCode},
		Setup: func(env *testscript.Env) error {
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("NO_COLOR", "1")
			env.Setenv("TZ", "UTC")
			return nil
		},
	})
}

// exitCode runs a program and checks its exit code: "exit 2 millrace parse".
func exitCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exit CODE program [args...]")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if err != nil {
		got = exitStatus(err)
	}
	if got != args[0] {
		ts.Fatalf("exit code %s, want %s\n%s\n%s", got, args[0], ts.ReadFile("stdout"), ts.ReadFile("stderr"))
	}
}

var volatile = []struct {
	re   *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`(?m)^\d\d:\d\d:\d\d  `), ""},
	{regexp.MustCompile(`\d\d:\d\d:\d\d\.\d{6}`), "TIME"},
	{regexp.MustCompile(`in \d+(\.\d+)?s`), "in TIME"},
	{regexp.MustCompile(`in \d+ hours \d+ minutes and \d+\.\d+ seconds \(\d+\.\d+s\)`), "in TIME"},
	{regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?`), "TIMESTAMP"},
	{regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`), "UUID"},
	{regexp.MustCompile(`(?m)^Slowest: .*\n\n?`), ""},
	{regexp.MustCompile(`\d+ macros`), "N macros"},
	{regexp.MustCompile(`(?m)[ \t]+$`), ""},
	{regexp.MustCompile(`/\S*/script-[^/\s]+`), "$$WORK"},
	{regexp.MustCompile(`\.{3,} \[`), "... ["},
}

// Normalize replaces what differs between two runs of the same command: clock times,
// durations, ids, the working folder, and the dots that fill a line to its width.
func Normalize(out []byte) []byte {
	for _, v := range volatile {
		out = v.re.ReplaceAll(out, []byte(v.with))
	}
	return out
}
