package main

import (
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/spf13/cobra"

	"github.com/millrace/millrace/compiler/flags"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/project"
	"github.com/millrace/millrace/dag/selector"
)

// completeSelection offers names, tags and paths of the last manifest for the selection
// flags: completion must be instant, so it never parses the project.
func (a *app) completeSelection(c *cobra.Command) {
	complete := func(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
		return completions(manifestNear(cmd), typed), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
	}
	for _, name := range []string{"select", "exclude", "models"} {
		if c.Flags().Lookup(name) != nil {
			_ = c.RegisterFlagCompletionFunc(name, complete)
		}
	}
	if c.Flags().Lookup("selector") != nil {
		_ = c.RegisterFlagCompletionFunc("selector", func(cmd *cobra.Command, _ []string, typed string) ([]string, cobra.ShellCompDirective) {
			return selectorNames(manifestNear(cmd), typed), cobra.ShellCompDirectiveNoFileComp
		})
	}
}

// completeChoices offers the words that a flag of the table accepts; which is "" for the
// flags of every command, which the root declares.
func completeChoices(c *cobra.Command, which string) {
	for i := range flags.Table {
		row := &flags.Table[i]
		if len(row.Choices) == 0 || (row.Commands == nil) != (which == "") || !row.For(which) {
			continue
		}
		choices := row.Choices
		for _, name := range append([]string{row.Name}, row.Aliases...) {
			_ = c.RegisterFlagCompletionFunc(name, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
				return choices, cobra.ShellCompDirectiveNoFileComp
			})
		}
	}
}

// selectorNames are the selectors that the last manifest knows.
func selectorNames(path, typed string) []string {
	root := readManifest(path)
	if root == nil {
		return nil
	}
	all, _ := root.GetString("selectors")
	d, ok := all.AsDict()
	if !ok {
		return nil
	}
	var out []string
	for _, k := range d.Keys() {
		if name := value.Str(k); strings.HasPrefix(name, typed) {
			out = append(out, name)
		}
	}
	sort.Strings(out)
	return out
}

func readManifest(path string) *value.Dict {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	v, err := value.ParseJSON(string(text))
	if err != nil {
		return nil
	}
	root, _ := v.AsDict()
	return root
}

// manifestNear is the manifest.json of the project that the flags name.
func manifestNear(cmd *cobra.Command) string {
	get := func(flag, fallback string) string {
		if f := cmd.Flag(flag); f != nil && f.Value.String() != "" {
			return f.Value.String()
		}
		return fallback
	}
	target := get("target-path", "target")
	if !filepath.IsAbs(target) {
		target = filepath.Join(get("project-dir", project.FindRoot(".")), target)
	}
	return filepath.Join(target, "manifest.json")
}

// completions answers what may follow the typed criterion; operators in front are kept.
func completions(path, typed string) []string {
	root := readManifest(path)
	if root == nil {
		return nil
	}
	cut := strings.LastIndexAny(typed, "+@,") + 1
	head, word := typed[:cut], typed[cut:]
	found := map[string]bool{}
	add := func(s string) {
		if strings.HasPrefix(s, word) {
			found[head+s] = true
		}
	}
	for _, m := range selector.Methods {
		add(m + ":")
	}
	for _, section := range []string{"nodes", "sources", "exposures"} {
		all, _ := root.GetString(section)
		d, ok := all.AsDict()
		if !ok {
			continue
		}
		for _, node := range d.All() {
			offer(node, section, add)
		}
	}
	out := make([]string, 0, len(found))
	for s := range found {
		out = append(out, s)
	}
	sort.Strings(out)
	return out
}

// offer adds the criteria that select one node.
func offer(node value.Value, section string, add func(string)) {
	d, ok := node.AsDict()
	if !ok {
		return
	}
	text := func(key string) string {
		v, _ := d.GetString(key)
		s, _ := v.AsString()
		return s
	}
	switch section {
	case "sources":
		add("source:" + text("source_name") + "." + text("name"))
	case "exposures":
		add("exposure:" + text("name"))
	default:
		if text("resource_type") != "test" {
			add(text("name"))
			add("path:" + filepath.ToSlash(filepath.Dir(text("original_file_path"))))
		}
	}
	tags, _ := d.GetString("tags")
	for _, t := range tags.Items() {
		add("tag:" + value.Str(t))
	}
}
