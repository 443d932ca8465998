package unit

import (
	"context"
	"errors"
	"strings"

	"github.com/millrace/millrace/compiler/diag"
	"github.com/millrace/millrace/compiler/jinja/value"
	"github.com/millrace/millrace/compiler/manifest"
	"github.com/millrace/millrace/compiler/sql/scan"
	"github.com/millrace/millrace/dag/run"
)

// caller is the model that a test of a macro tests: one whose code is the call.
func caller(t *run.Task) *manifest.Node {
	u := t.Unit
	config := value.NewDict(1)
	config.SetString("materialized", value.String("view"))
	n := &manifest.Node{UniqueID: u.UniqueID, Name: u.Model, PackageName: u.PackageName, FQN: u.FQN, OriginalFilePath: u.OriginalFilePath,
		Alias: u.Model, RawCode: u.Macro.Code, Language: "sql", DependsOn: u.DependsOn,
		Config: &manifest.Config{Values: config}, Version: value.Undef, LatestVersion: value.Undef}
	if c := t.Credentials(); c != nil {
		n.Database, n.Schema = c.Database(), c.Schema()
	}
	return n
}

// text compares what a macro gives with the text that the test expects.
func (b *builder) text(ctx context.Context) error {
	h := b.t.Host()
	h.Runtime.UnitTest = b.overrides()
	out, err := b.t.Compiler().Compile(ctx, b.node, h)
	if err != nil {
		return b.atTest(err)
	}
	b.t.Out = out
	if err := b.t.WriteCompiled(out); err != nil {
		return err
	}
	failures := int64(0)
	b.t.Result.Status = run.Pass
	expected, actual := oneLine(value.Str(b.unit.Expect.Rows)), oneLine(out.Code)
	if expected != actual {
		failures = 1
		b.t.Result.Status, b.t.Result.Message = run.Fail, texts(expected, actual)
	}
	b.t.Result.Failures = &failures
	return nil
}

// atTest points an error of the call, whose text is in no file, at the test that makes it.
func (b *builder) atTest(err error) error {
	var d *diag.Diagnostic
	if b.unit.Macro == nil || !errors.As(err, &d) || d.Span.Valid() && d.Span.Source.Text != b.node.RawCode {
		return err
	}
	c := *d
	c.Span = b.unit.Span
	return &c
}

// oneLine makes white space between tokens one space. What stands in quotes and comments stays.
func oneLine(sql string) string {
	sql = strings.TrimSpace(sql)
	var out strings.Builder
	for t := range scan.Tokens(sql) {
		if t.Kind == scan.Space {
			out.WriteByte(' ')
		} else {
			out.WriteString(t.Text(sql))
		}
	}
	return out.String()
}

// shown is how much of two texts is shown around their first difference.
const shown = 60

// texts shows two texts one below the other, from shortly before they begin to differ.
func texts(expected, actual string) string {
	want, got := []rune(expected), []rune(actual)
	at := 0
	for at < min(len(want), len(got)) && want[at] == got[at] {
		at++
	}
	cut := func(text []rune) string {
		from, to := max(0, at-shown), min(len(text), at+shown)
		out := string(text[from:to])
		if from > 0 {
			out = "..." + out
		}
		if to < len(text) {
			out += "..."
		}
		return out
	}
	column := min(at, shown)
	if at > shown {
		column += len("...")
	}
	return "\n\nactual differs from expected:\n\nexpected: " + cut(want) + "\nactual:   " + cut(got) + "\n          " + strings.Repeat(" ", column) + "^\n"
}
