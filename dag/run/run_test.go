package run

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/millrace/millrace/compiler/event"
)

func TestNodesRunAfterWhatTheyRead(t *testing.T) {
	f := newFixture(t, ModeRun, "model.a:|select 1", "model.b: model.a|select * from {{ ref('a') }}", "model.c: model.a model.b|select * from {{ ref('b') }}")
	r, err := f.run(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := statuses(r); got != "a success, b success, c success" || !r.Ok() {
		t.Errorf("%s, ok %v", got, r.Ok())
	}
	want := []string{"build a as select 1", "build b as select * from \"db\".\"main\".\"a\"", "build c as select * from \"db\".\"main\".\"b\""}
	if got := f.engine.statements("build"); len(got) != 3 || !strings.HasSuffix(got[0], want[0]) || !strings.HasSuffix(got[1], want[1]) || !strings.HasSuffix(got[2], want[2]) {
		t.Errorf("statements %q", got)
	}
	if len(f.engine.statements("create schema main")) != 1 {
		t.Errorf("the schema was created %d times", len(f.engine.statements("create schema main")))
	}
}

func TestOrderHoldsAcrossNodesThatAreNotSelected(t *testing.T) {
	f := newFixture(t, ModeRun, "model.z:|select 1", "model.m: model.z|select * from {{ ref('z') }}", "model.a: model.m|select * from {{ ref('m') }}")
	r, err := f.run(t.Context(), Options{}, "model.p.z", "model.p.a")
	if err != nil {
		t.Fatal(err)
	}
	if r.Results[0].Node.Name != "z" || r.Results[1].Node.Name != "a" || len(r.Results) != 2 {
		t.Errorf("order %s", statuses(r))
	}
}

func TestNodesBehindOnesThatAreNotSelectedRunOnce(t *testing.T) {
	f := newFixture(t, ModeRun, "model.a:|select 1", "model.b: model.a|select * from {{ ref('a') }}", "model.c: model.b|select * from {{ ref('b') }}")
	r, err := f.run(t.Context(), Options{}, "model.p.b", "model.p.c")
	if err != nil {
		t.Fatal(err)
	}
	if got := statuses(r); got != "b success, c success" {
		t.Errorf("got %s", got)
	}
}

func TestEveryNodeRunsOnce(t *testing.T) {
	// What is selected hangs below what is not, and comes later in the order of ids.
	f := newFixture(t, ModeTest, "model.a:|select 1", "model.b: model.a|x", "test.t: model.a|t {{ ref('a') }}", "test.u: model.b model.a|u {{ ref('b') }}")
	r, err := f.run(t.Context(), Options{Threads: 2}, "test.p.t", "test.p.u")
	if err != nil {
		t.Fatal(err)
	}
	if got := statuses(r); got != "t pass, u pass" {
		t.Errorf("got %s", got)
	}
	if n := len(f.engine.statements("count")); n != 2 {
		t.Errorf("%d statements for 2 tests", n)
	}
}

func TestThreadsBoundWhatRunsAtOnce(t *testing.T) {
	var lines []string
	for _, name := range strings.Fields("a b c d e f g h i j k l") {
		lines = append(lines, "model."+name+":|select 1")
	}
	f := newFixture(t, ModeRun, lines...)
	if _, err := f.run(t.Context(), Options{Threads: 3}); err != nil {
		t.Fatal(err)
	}
	if peak := f.engine.peak.Load(); peak > 3 || peak < 2 {
		t.Errorf("%d statements at once with 3 threads", peak)
	}
}

func TestSkipRules(t *testing.T) {
	for _, c := range []struct {
		name  string
		mode  Mode
		fails int64
		lines []string
		want  string
	}{
		{"an error skips everything behind it", ModeRun, 0,
			[]string{"model.a:|select fail", "model.b: model.a|x {{ ref('a') }}", "model.c: model.b|x {{ ref('b') }}", "model.d:|select 1"},
			"a error, b skipped, c skipped, d success"},
		{"on_error continue skips nothing", ModeRun, 0,
			[]string{"model.a:|select fail|on_error=continue", "model.b: model.a|x {{ ref('a') }}"}, "a error, b success"},
		{"a failed test blocks in a build", ModeBuild, 1,
			[]string{"model.a:|select 1", "test.t: model.a|from {{ ref('a') }}", "model.b: model.a|x {{ ref('a') }}", "test.u: model.b|from {{ ref('b') }}"},
			"a success, b skipped, t fail, u skipped"},
		{"a passed test does not", ModeBuild, 0,
			[]string{"model.a:|select 1", "test.t: model.a|from {{ ref('a') }}", "model.b: model.a|x {{ ref('a') }}"},
			"a success, b success, t pass"},
		{"a failed test blocks nothing in test", ModeTest, 1,
			[]string{"test.t:|x", "test.u:|y"}, "t fail, u fail"},
		{"a failed ephemeral model is named by who reads it", ModeRun, 0,
			[]string{"model.e:|{{ nothing_of_this_name() }}|materialized=ephemeral", "model.b: model.e|x {{ ref('e') }}"}, "b skipped"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := newFixture(t, c.mode, c.lines...)
			f.engine.failures = c.fails
			r, err := f.run(t.Context(), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if got := statuses(r); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}

func TestErrorsPointIntoTheTemplate(t *testing.T) {
	f := newFixture(t, ModeRun, "model.a:|select {{ 1 + 1 }}, fail from x")
	r, err := f.run(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	res := r.Results[0]
	want := "Database Error in model a (models/a.sql)\n  syntax error at or near \"fail\""
	if res.Diag == nil || res.Message != want {
		t.Fatalf("message %q", res.Message)
	}
	if got := res.Diag.Span.String(); got != "models/a.sql:1:21" {
		t.Errorf("at %s", got)
	}
}

func TestFailFastSkipsTheRest(t *testing.T) {
	f := newFixture(t, ModeRun, "model.a:|select fail", "model.b:|select wait", "model.c: model.b|x {{ ref('b') }}")
	r, err := f.run(t.Context(), Options{FailFast: true, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	if got := statuses(r); got != "a error, b skipped, c skipped" {
		t.Errorf("got %s", got)
	}
	for _, x := range r.Results[1:] {
		if x.Message != "Skipping due to fail_fast" {
			t.Errorf("%s: %q", x.UniqueID, x.Message)
		}
	}
	if f.engine.canceled.Load() > 1 {
		t.Errorf("%d queries cancelled", f.engine.canceled.Load())
	}
}

func TestCancelStopsQueriesAndKeepsResults(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	f := newFixture(t, ModeRun, "model.a:|select 1", "model.b: model.a|select wait {{ ref('a') }}", "model.c: model.b|x {{ ref('b') }}")
	f.engine.onWait = cancel
	start := time.Now()
	r, err := f.run(ctx, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %s", took)
	}
	if got := statuses(r); got != "a success, b skipped, c skipped" || !r.Canceled || r.Ok() {
		t.Errorf("%s, canceled %v, ok %v", got, r.Canceled, r.Ok())
	}
	if f.engine.canceled.Load() != 1 {
		t.Error("the running query was not cancelled")
	}
	if !slices.Contains(f.sink.lines(event.Info), "Exited because of keyboard interrupt") {
		t.Error("the summary does not say that the run was interrupted")
	}
}

func TestTransientErrorsAreTriedAgain(t *testing.T) {
	f := newFixture(t, ModeRun, "model.a:|select flaky")
	r, err := f.run(t.Context(), Options{Retries: 2})
	if err != nil {
		t.Fatal(err)
	}
	if got := statuses(r); got != "a success" || len(f.engine.statements("flaky")) != 2 {
		t.Errorf("%s after %d tries", got, len(f.engine.statements("flaky")))
	}
	f = newFixture(t, ModeRun, "model.a:|select flaky")
	if r, err = f.run(t.Context(), Options{}); err != nil || statuses(r) != "a error" {
		t.Errorf("without retries: %v", err)
	}
}

func TestTimeout(t *testing.T) {
	f := newFixture(t, ModeRun, "model.a:|select wait|timeout=50ms", "model.b:|select 1")
	r, err := f.run(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := statuses(r); got != "a error, b success" {
		t.Errorf("got %s", got)
	}
	for _, x := range r.Results {
		if x.Status == Error && !strings.Contains(x.Message, "longer than its timeout of 50ms") {
			t.Errorf("message %q", x.Message)
		}
	}
}

func TestHooks(t *testing.T) {
	f := newFixture(t, ModeRun, "model.a:|select 1",
		"operation.s:|start {{ flags.WHICH }}|kind=on-run-start",
		"operation.e:|end {% for r in results %}{{ r.node.name }}={{ r.status }}:{{ r.to_dict().status }} {% endfor %}{{ schemas }}|kind=on-run-end")
	r, err := f.run(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := statuses(r); got != "a success, e success, s success" {
		t.Errorf("got %s", got)
	}
	if got := f.engine.statements("start run"); len(got) != 1 {
		t.Errorf("on-run-start ran %d times", len(got))
	}
	if got := f.engine.statements("end a=success:success ['main']"); len(got) != 1 {
		t.Errorf("on-run-end: %q", f.engine.statements("end"))
	}
}

func TestAFailingStartHookStopsTheRun(t *testing.T) {
	f := newFixture(t, ModeRun, "model.a:|select 1", "operation.s:|fail|kind=on-run-start", "operation.t:|never|kind=on-run-start")
	r, err := f.run(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if got := statuses(r); got != "a skipped, s error, t skipped" {
		t.Errorf("got %s", got)
	}
	if n := len(f.engine.statements("never")) + len(f.engine.statements("build")); n != 0 {
		t.Errorf("%d statements ran", n)
	}
}

func TestMaterializationsMustDoTheirPart(t *testing.T) {
	for settings, want := range map[string]string{
		"materialized=tabel": "No materialization 'tabel' was found for adapter fake!",
		"materialized=quiet": "main is not being called during running model",
	} {
		f := newFixture(t, ModeRun, "model.a:|select 1|"+settings)
		r, err := f.run(t.Context(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(r.Results[0].Message, want) {
			t.Errorf("%s: %q", settings, r.Results[0].Message)
		}
	}
}

func TestCompileStopsAtTheFirstError(t *testing.T) {
	f := newFixture(t, ModeCompile, "model.a:|{{ exceptions.raise_compiler_error('no') }}")
	_, err := f.run(t.Context(), Options{})
	if err == nil || !strings.Contains(err.Error(), "no") {
		t.Errorf("got %v", err)
	}
	var none error
	if errors.Is(err, none) {
		t.Error("the error is nil")
	}
}

func TestEphemeralParentsBecomeCTEs(t *testing.T) {
	f := newFixture(t, ModeRun, "model.e:|select 1 as x|materialized=ephemeral", "model.f: model.e|select * from {{ ref('e') }}|materialized=ephemeral",
		"model.b: model.f|with own as (select 2) select * from {{ ref('f') }}")
	if _, err := f.run(t.Context(), Options{}); err != nil {
		t.Fatal(err)
	}
	want := "build b as with  __dbt__cte__e as (\nselect 1 as x\n),  __dbt__cte__f as (\nselect * from __dbt__cte__e\n), own as (select 2) select * from __dbt__cte__f"
	if got := f.engine.statements("build b"); len(got) != 1 || !strings.HasSuffix(got[0], want) {
		t.Errorf("got %q", got)
	}
}
