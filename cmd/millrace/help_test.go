package main

import (
	"bytes"
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/millrace/millrace/compiler/flags"
)

// quoted matches what a shell takes as one word.
var quoted = regexp.MustCompile("'[^']*'|\"(\\\\.|[^\"])*\"")

// TestEveryCommandHasExamples runs the command line's own parser over each example: a flag
// or command that does not exist fails.
func TestEveryCommandHasExamples(t *testing.T) {
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		if c.Hidden || c.Name() == "help" || c.Name() == "completion" {
			return
		}
		if c.Example == "" && c.HasParent() {
			t.Errorf("%s has no example", c.CommandPath())
		}
		for _, line := range strings.Split(c.Example, "\n") {
			line, _, _ = strings.Cut(strings.TrimSpace(line), " && ")
			words := strings.Fields(quoted.ReplaceAllString(line, "Q"))
			if len(words) == 0 || words[0] != "millrace" {
				t.Errorf("%s: %q is no command line of millrace", c.CommandPath(), line)
				continue
			}
			args := expandLists(commandFirst(words[1:]))
			found, rest, err := c.Root().Find(args)
			if err == nil {
				err = found.ParseFlags(rest)
			}
			if err != nil {
				t.Errorf("%s: %q: %v", c.CommandPath(), line, err)
			} else if found != c && found.Parent() != c {
				t.Errorf("%s: %q is an example of %s", c.CommandPath(), line, found.CommandPath())
			}
		}
		for _, s := range c.Commands() {
			walk(s)
		}
	}
	root := newApp(&bytes.Buffer{}, &bytes.Buffer{}).root()
	root.Example = ""
	for _, c := range root.Commands() {
		walk(c)
	}
}

// TestHelpShowsEveryFlag holds the help page against the flag table.
func TestHelpShowsEveryFlag(t *testing.T) {
	for i := range flags.Table {
		if row := &flags.Table[i]; !row.Hidden && !slices.Contains(helpGroups, row.Group) {
			t.Errorf("--%s: help leaves out the group %q", row.Name, row.Group)
		}
	}
	var walk func(c *cobra.Command)
	walk = func(c *cobra.Command) {
		for _, s := range c.Commands() {
			walk(s)
		}
		which, ours := c.Annotations[whichAnnotation]
		if !ours {
			return
		}
		line := strings.TrimPrefix(c.CommandPath(), "millrace ")
		var out bytes.Buffer
		if code := newApp(&out, &out).run(context.Background(), append(strings.Fields(line), "--help")); code != exitOK {
			t.Fatalf("%s --help: exit code %d", line, code)
		}
		c.LocalNonPersistentFlags().VisitAll(func(f *pflag.Flag) {
			if row, ok := flags.Lookup(strings.TrimPrefix(f.Name, "no-"), which); f.Name != "help" && (!ok || !row.For(which)) {
				t.Errorf("%s: --%s is not in the flag table", line, f.Name)
			}
		})
		for i := range flags.Table {
			row := &flags.Table[i]
			shown := strings.Contains(out.String(), "--"+row.Name) || strings.Contains(out.String(), "--[no-]"+row.Name)
			if want := row.For(which) && !row.Hidden; want && !shown {
				t.Errorf("%s --help does not show --%s", line, row.Name)
			} else if want && row.Env != "" && !strings.Contains(out.String(), row.EngineEnv()) {
				t.Errorf("%s --help does not show %s", line, row.EngineEnv())
			}
		}
		for _, l := range strings.Split(out.String(), "\n") {
			if n := len([]rune(l)); n > 160 {
				t.Errorf("%s --help: a line of %d characters: %s", line, n, l)
			}
		}
	}
	walk(newApp(&bytes.Buffer{}, &bytes.Buffer{}).root())
}
