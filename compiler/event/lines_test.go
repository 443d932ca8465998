package event

import "testing"

func TestLinesAreDbts(t *testing.T) {
	n := &NodeInfo{UniqueID: "model.p.customers"}
	l := Lines{}
	cases := []struct{ got, want string }{
		{l.Start(n, "sql table model main.customers", Progress{1, 5}).Msg,
			"1 of 5 START sql table model main.customers .................................... [RUN]"},
		{l.Model(n, "sql view model main.stg", "OK", Progress{2, 5}, 0.051, nil).Msg,
			"2 of 5 OK created sql view model main.stg ...................................... [OK in 0.05s]"},
		{l.Model(n, "sql table model main.x", "error", Progress{3, 5}, 1.5, nil).Msg,
			"3 of 5 ERROR creating sql table model main.x ................................... [ERROR in 1.50s]"},
		{l.Test(n, "unique_x_id", "fail", 3, "", Progress{4, 5}, 0.02, nil).Msg,
			"4 of 5 FAIL 3 unique_x_id ...................................................... [FAIL 3 in 0.02s]"},
		{l.Skip(n, "model", "main", "y", Progress{5, 5}, nil).Msg,
			"5 of 5 SKIP relation main.y .................................................... [SKIP]"},
		{l.Skip(n, "test", "main", "t", Progress{5, 5}, nil).Msg,
			"5 of 5 SKIP test t ............................................................. [SKIP]"},
		{Lines{Width: 20}.HookStart(n, "pkg.on-run-start.0", Progress{1, 2}).Msg, "1 of 2 START hook... [RUN]"},
		{Lines{Width: 20}.Start(n, "a description that is wider than that", Progress{1, 2}).Msg,
			"1 of 2 START a description that is wider than that  [RUN]"},
		{FinishedRunning("3 table models, 2 data tests", 0.301).Msg,
			"Finished running 3 table models, 2 data tests in 0 hours 0 minutes and 0.30 seconds (0.30s)."},
		{FinishedRunning("1 seed", 3725.5).Msg, "Finished running 1 seed in 1 hours 2 minutes and 5.50 seconds (3725.50s)."},
		{StatsLine(Stats{Pass: 5, Total: 5}).Msg, "Done. PASS=5 WARN=0 ERROR=0 SKIP=0 NO-OP=0 REUSED=0 TOTAL=5"},
		{EndOfRun(1, 2, 0, false).Msg, "Completed with 1 error, 0 partial successes, and 2 warnings:"},
		{EndOfRun(0, 1, 0, false).Msg, "Completed with 1 warning:"},
		{EndOfRun(0, 0, 0, false).Msg, "Completed successfully"},
		{StoredFailures(n, "\"d\".\"s\".\"t\"").Msg,
			"  See test failures:\n  -------------------------\n  select * from \"d\".\"s\".\"t\"\n  -------------------------"},
		{Preview("m", "model.p.m", "[{\"a\": 1}]", "json", false, false).Msg,
			"{\n  \"node\": \"m\",\n  \"show\": [\n    {\n      \"a\": 1\n    }\n  ]\n}"},
	}
	for _, c := range cases {
		if c.got != c.want {
			t.Errorf("got  %q\nwant %q", c.got, c.want)
		}
	}
}
