package main

import (
	"io"
	"os"
	"time"
)

// The clock of tests. Conformance suites stop the time to get the same batches and samples
// every day: MILLRACE_TEST_NOW is an ISO 8601 time in UTC, and MILLRACE_TEST_NOW_KIND says
// whether all clocks stand still there ("freeze") or only what a run takes for its start,
// where microbatches end ("batch").
const (
	testNowVariable  = "MILLRACE_TEST_NOW"
	testKindVariable = "MILLRACE_TEST_NOW_KIND"
)

// testClock replaces the clock where a test asks for it.
func (a *app) testClock() {
	text := os.Getenv(testNowVariable)
	if text == "" {
		return
	}
	at, ok := testTime(text)
	if !ok {
		_, _ = io.WriteString(a.stderr, "Error: "+testNowVariable+" is no ISO 8601 time: "+text+"\n")
		return
	}
	if os.Getenv(testKindVariable) == "batch" {
		a.runStart = at
		return
	}
	a.now = func() time.Time { return at }
}

func testTime(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999", "2006-01-02 15:04:05.999999999", "2006-01-02"} {
		if at, err := time.Parse(layout, text); err == nil {
			return at.UTC(), true
		}
	}
	return time.Time{}, false
}

// runStartTime is what templates see as run_started_at.
func (a *app) runStartTime() time.Time {
	if a.runStart.IsZero() {
		return a.started
	}
	return a.runStart
}
