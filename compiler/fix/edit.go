// Package fix rewrites deprecated forms of a project's YAML into those that --strict takes.
// It changes spans of the text and nothing else: comments, quotes, order and line ends of
// everything around them stay as they are. What cannot be changed without guessing is left
// alone and said.
package fix

import (
	"sort"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/yaml"
)

// Edit replaces the bytes from Start to End of a file by Text.
type Edit struct {
	Start, End int
	Text       string
}

// Result is what can be done about one file.
type Result struct {
	Source *diag.Source
	After  string    // the whole file after the edits; as before when there is nothing to do
	Edits  int       // how many places change
	Left   diag.List // deprecated forms that stay, and why
}

// Changed reports whether the file would change.
func (r *Result) Changed() bool { return r.After != r.Source.Text }

// file is one rewrite in progress.
type file struct {
	src   *diag.Source
	edits []Edit
	left  diag.List
}

func (f *file) replace(start, end int, text string) {
	f.edits = append(f.edits, Edit{start, end, text})
}

// leave notes a form that is not changed.
func (f *file) leave(n *yaml.Node, why string) {
	d := diag.New(diag.CodeDeprecated, diag.Parsing, n.Span(), why)
	d.Severity = diag.Note
	f.left = append(f.left, d)
}

// maxRounds is how often a file is looked at again: edits that lie within others are made
// in the next round, from the inside out.
const maxRounds = 20

// rewrite applies pass to a file until nothing changes any more.
func rewrite(src *diag.Source, pass func(f *file, root *yaml.Node)) (*Result, diag.List) {
	out := &Result{Source: src, After: src.Text}
	for range maxRounds {
		now := diag.NewSource(src.Path, out.After)
		root, list := yaml.Parse(now)
		if list.Err() != nil {
			return nil, list
		}
		f := &file{src: now}
		if root.IsMapping() {
			pass(f, root)
		}
		out.Left = f.left
		if len(f.edits) == 0 {
			break
		}
		text, n := apply(now.Text, f.edits)
		out.After, out.Edits = text, out.Edits+n
	}
	if _, list := yaml.Parse(diag.NewSource(src.Path, out.After)); list.Err() != nil {
		// The form of this file defeats the rewrite; better no change than a wrong one.
		out.After, out.Edits = src.Text, 0
		d := diag.New(diag.CodeDeprecated, diag.Parsing, src.At(0, 0), "this file cannot be rewritten automatically")
		d.Severity = diag.Note
		out.Left = append(out.Left, d)
	}
	return out, nil
}

// apply makes edits that do not overlap; of two that do, the smaller one.
func apply(text string, edits []Edit) (string, int) {
	sort.SliceStable(edits, func(i, j int) bool { return edits[i].End-edits[i].Start < edits[j].End-edits[j].Start })
	var chosen []Edit
	for _, e := range edits {
		free := true
		for _, c := range chosen {
			if e.Start < c.End && c.Start < e.End || e.Start == c.Start && e.End == c.End || e.Start < c.Start && c.Start < e.End {
				free = false
				break
			}
			if c.Start == c.End && e.Start <= c.Start && c.Start <= e.End && e.Start != e.End {
				free = false
				break
			}
		}
		if free {
			chosen = append(chosen, e)
		}
	}
	sort.Slice(chosen, func(i, j int) bool { return chosen[i].Start < chosen[j].Start })
	var b strings.Builder
	at := 0
	for _, e := range chosen {
		b.WriteString(text[at:e.Start])
		b.WriteString(e.Text)
		at = e.End
	}
	b.WriteString(text[at:])
	return b.String(), len(chosen)
}
