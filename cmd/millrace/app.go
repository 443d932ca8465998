package main

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/compiler/diag"
)

// Exit codes are part of the contract with schedulers and CI.
const (
	exitOK      = 0
	exitFailed  = 1 // a node or a test failed
	exitProject = 2 // usage, project or configuration error
)

// app is the program with everything it takes from its surroundings, so that tests can
// run it inside their own process.
type app struct {
	stdout, stderr io.Writer
	now            func() time.Time
	home           string
	started        time.Time
	runStart       time.Time // set by tests only
	// steps, if set by a test, is asked at every step of a model's advance; an error stands for a crash.
	steps func(where string) error
}

func newApp(stdout, stderr io.Writer) *app {
	home, err := os.UserHomeDir()
	if err != nil {
		home = ""
	} else {
		home = filepath.Join(home, ".dbt")
	}
	a := &app{stdout: stdout, stderr: stderr, now: time.Now, home: home}
	a.testClock()
	return a
}

// Getenv implements project.Env.
func (a *app) Getenv(name string) (string, bool) { return os.LookupEnv(name) }

// exitError ends a command with a code after everything has been said.
type exitError struct{ code int }

func (e exitError) Error() string { return "exit" }

// run executes one command line and returns the exit code.
func (a *app) run(ctx context.Context, args []string) int {
	a.started = a.now()
	root := a.root()
	root.SetArgs(expandLists(commandFirst(args)))
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	err := root.ExecuteContext(ctx)
	var exit exitError
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &exit):
		return exit.code
	}
	a.usageError(root, args, err)
	return exitProject
}

// usageError prints a wrong command line as dbt does ("Error: …" on stderr), with what was
// probably meant.
func (a *app) usageError(root *cobra.Command, args []string, err error) {
	msg := err.Error()
	hint := ""
	switch {
	case strings.HasPrefix(msg, "unknown command "):
		word := unquoted(msg)
		names := []string{}
		for _, c := range root.Commands() {
			names = append(names, append([]string{c.Name()}, c.Aliases...)...)
		}
		msg = "No such command '" + word + "'."
		if s := diag.Suggest(word, names); s != "" {
			hint = "Did you mean '" + s + "'?"
		}
	case strings.HasPrefix(msg, "unknown flag: "), strings.HasPrefix(msg, "unknown shorthand flag: "):
		word := strings.TrimPrefix(msg, "unknown flag: ")
		if rest, ok := strings.CutPrefix(msg, "unknown shorthand flag: "); ok {
			word = "-" + unquoted(rest)
		}
		msg = "No such option: " + word
		if s := diag.Suggest(strings.TrimLeft(word, "-"), flagNames(root, args)); s != "" {
			hint = "Did you mean '--" + s + "'?"
		}
	}
	if hint != "" {
		msg += " " + hint
	}
	_, _ = io.WriteString(a.stderr, "Error: "+msg+"\n")
}

// unquoted is the first quoted word of a message.
func unquoted(msg string) string {
	for _, q := range []string{`"`, "'"} {
		if parts := strings.SplitN(msg, q, 3); len(parts) == 3 {
			return parts[1]
		}
	}
	return msg
}

// Names lists the environment's variables, so that misspelt settings can be found.
func (a *app) Names() []string {
	all := os.Environ()
	names := make([]string, len(all))
	for i, entry := range all {
		names[i], _, _ = strings.Cut(entry, "=")
	}
	return names
}
