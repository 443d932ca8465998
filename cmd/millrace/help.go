package main

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/compiler/flags"
)

// helpGroups is the order of flag groups in help: what is the command's own stands first.
var helpGroups = []flags.Group{flags.GroupCommand, flags.GroupSelection, flags.GroupExecution, flags.GroupState, flags.GroupProject,
	flags.GroupOutput, flags.GroupLogging, flags.GroupWarnings, flags.GroupParsing}

const (
	helpWidth  = 100
	helpIndent = 34 // where the descriptions of flags begin
)

// usage writes what --help shows below a command's description: flags by group, with
// their values, defaults and environment variables.
func usage(c *cobra.Command) error {
	w := c.OutOrStderr()
	var b strings.Builder
	b.WriteString("Usage:\n")
	if c.Runnable() {
		b.WriteString("  " + c.UseLine() + "\n")
	}
	if c.HasAvailableSubCommands() {
		b.WriteString("  " + c.CommandPath() + " COMMAND [flags]\n")
	}
	if len(c.Aliases) > 0 {
		b.WriteString("\nAliases:\n  " + c.NameAndAliases() + "\n")
	}
	if c.HasExample() {
		b.WriteString("\nExamples:\n" + c.Example + "\n")
	}
	subcommands(&b, c)
	which, ours := c.Annotations[whichAnnotation]
	switch {
	case ours:
		for _, g := range helpGroups {
			flagGroup(&b, g, which, c.CommandPath())
		}
		b.WriteString("\nA flag overrides its variable in the environment [ENV], that overrides `flags:` in dbt_project.yml.\n")
	case c.HasAvailableSubCommands():
		fmt.Fprintf(&b, "\n\"%s COMMAND --help\" explains a command and its flags.\n", c.CommandPath())
	case c.HasAvailableLocalFlags():
		b.WriteString("\nFlags:\n" + c.LocalFlags().FlagUsagesWrapped(helpWidth))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// subcommands lists the commands below c by group.
func subcommands(b *strings.Builder, c *cobra.Command) {
	if !c.HasAvailableSubCommands() {
		return
	}
	list := func(title, group string) {
		first := true
		for _, s := range c.Commands() {
			if s.GroupID != group || !s.IsAvailableCommand() && s.Name() != "help" {
				continue
			}
			if first {
				b.WriteString("\n" + title + "\n")
				first = false
			}
			fmt.Fprintf(b, "  %-15s %s\n", s.Name(), s.Short)
		}
	}
	for _, g := range c.Groups() {
		list(g.Title, g.ID)
	}
	list("Commands:", "")
}

func flagGroup(b *strings.Builder, g flags.Group, which, path string) {
	first := true
	for i := range flags.Table {
		row := &flags.Table[i]
		if row.Group != g || row.Hidden || !row.For(which) {
			continue
		}
		if first {
			title := string(g)
			if g == flags.GroupCommand {
				title = "Flags of " + path
			}
			b.WriteString("\n" + title + ":\n")
			first = false
		}
		flagHelp(b, row)
	}
}

// flagHelp is one flag: name and value, then its meaning in lines of the width.
func flagHelp(b *strings.Builder, row *flags.Flag) {
	name := "      --"
	if row.Short != "" {
		name = "  -" + row.Short + ", --"
	}
	if row.Negatable {
		name += "[no-]"
	}
	name += row.Name + valueWord(row)
	text := row.Doc
	if len(row.Choices) > 0 {
		text += " One of " + strings.Join(row.Choices, ", ") + "."
	}
	var notes []string
	if d := defaultWord(row); d != "" {
		notes = append(notes, "default "+d)
	}
	if row.Env != "" {
		notes = append(notes, row.EngineEnv())
	}
	if len(notes) > 0 {
		text += " [" + strings.Join(notes, "; ") + "]"
	}
	b.WriteString(name)
	column := utf8.RuneCountInString(name)
	if column+2 > helpIndent {
		b.WriteByte('\n')
		column = 0
	}
	b.WriteString(strings.Repeat(" ", helpIndent-column))
	column = helpIndent
	for i, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case column+1+n > helpWidth:
			b.WriteString("\n" + strings.Repeat(" ", helpIndent))
			column = helpIndent
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	b.WriteByte('\n')
}

func valueWord(row *flags.Flag) string {
	switch row.Kind {
	case flags.Bool:
		return ""
	case flags.Int, flags.Float:
		return " N"
	case flags.Strings:
		return " NAME..."
	case flags.YAML:
		return " YAML"
	case flags.Path:
		return " PATH"
	case flags.Time:
		return " TIME"
	case flags.Duration:
		return " DURATION"
	}
	if len(row.Choices) > 0 {
		return " WORD"
	}
	return " TEXT"
}

// defaultWord is a default worth showing.
func defaultWord(row *flags.Flag) string {
	switch v := row.Default.(type) {
	case bool:
		if v {
			return "on"
		}
	case string:
		return v
	case int:
		if v != 0 {
			return fmt.Sprint(v)
		}
	case float64:
		return fmt.Sprint(v)
	case time.Duration:
		if v != 0 {
			return flags.DurationText(v)
		}
	}
	return ""
}
