package site

import "testing"

func TestStatusOf(t *testing.T) {
	for text, want := range map[string]status{
		"success": statusPass, "pass": statusPass, "no-op": statusPass, "reused": statusPass, "warn": statusWarn, "skipped": statusSkipped,
		"error": statusError, "fail": statusError, "runtime error": statusError, "partial success": statusError, "": statusNone, "later": statusNone,
	} {
		if got := statusOf(text); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}
