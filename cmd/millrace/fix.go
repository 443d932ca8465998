package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/event"
	"github.com/millrace/millrace/compiler/fix"
	"github.com/millrace/millrace/compiler/project"
)

// fix shows how deprecated forms of the project's YAML would be rewritten, or rewrites them.
func (inv *invocation) fix() (int, error) {
	inv.flags.Strict = false // what is about to be rewritten must load
	p, notes := inv.projectOnly(project.Options{NoProfile: true, NoPackages: true})
	if err := notes.Err(); err != nil {
		return exitProject, err
	}
	results, err := inv.fixes(p)
	if err != nil {
		return exitProject, err
	}
	files, places, left := 0, 0, diag.List{}
	for _, r := range results {
		left = append(left, r.Left...)
		if !r.Changed() {
			continue
		}
		files, places = files+1, places+r.Edits
		if inv.flags.Write {
			if err := rewriteFile(filepath.Join(p.Root, filepath.FromSlash(r.Source.Path)), r.After); err != nil {
				return exitProject, err
			}
			inv.emit(event.Note(event.Info, "Rewrote "+r.Source.Path))
			continue
		}
		patch := strings.TrimSuffix(string(diff.Diff("a/"+r.Source.Path, []byte(r.Source.Text), "b/"+r.Source.Path, []byte(r.After))), "\n")
		inv.answer(patch)
	}
	if err := inv.notes(left); err != nil {
		return exitProject, err
	}
	switch {
	case files == 0:
		inv.emit(event.Note(event.Info, "Nothing to rewrite."))
		return exitOK, nil
	case inv.flags.Write:
		inv.emit(event.Note(event.Info, "Changed "+event.Count(places, "place")+" in "+event.Count(files, "file")+"."))
		return exitOK, nil
	}
	inv.emit(event.Note(event.Info, "Would change "+event.Count(places, "place")+" in "+event.Count(files, "file")+"; --write does it."))
	if inv.flags.Check {
		return exitFailed, nil
	}
	return exitOK, nil
}

func (inv *invocation) fixes(p *project.Project) ([]*fix.Result, error) {
	src, err := readSource(p.Root, "dbt_project.yml")
	if err != nil {
		return nil, err
	}
	r, list := fix.Project(src)
	if list.Err() != nil {
		return nil, list
	}
	results := []*fix.Result{r}
	options := fix.Options{Arguments: inv.flags.Behavior["require_generic_test_arguments_property"]}
	seen := map[string]bool{}
	for _, dir := range p.SourcePaths() {
		err := filepath.WalkDir(filepath.Join(p.Root, dir), func(path string, d fs.DirEntry, err error) error {
			switch {
			case os.IsNotExist(err):
				return nil
			case err != nil:
				return err
			case !d.Type().IsRegular() || seen[path] || !isYAML(path):
				return nil
			}
			seen[path] = true
			rel, err := filepath.Rel(p.Root, path)
			if err != nil {
				return err
			}
			src, err := readSource(p.Root, rel)
			if err != nil {
				return err
			}
			r, list := fix.Properties(src, options)
			if list.Err() != nil {
				return list
			}
			results = append(results, r)
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	return results, nil
}

func isYAML(path string) bool {
	return strings.HasSuffix(path, ".yml") || strings.HasSuffix(path, ".yaml")
}

func readSource(root, rel string) (*diag.Source, error) {
	text, err := os.ReadFile(filepath.Join(root, rel))
	if err != nil {
		return nil, err
	}
	return diag.NewSource(filepath.ToSlash(rel), string(text)), nil
}

// rewriteFile puts the new text beside the file and renames it, with the file's mode.
func rewriteFile(path, text string) error {
	st, err := os.Stat(path)
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".fix-*")
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Chmod(f.Name(), st.Mode().Perm())
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
