package golden

import "testing"

func TestNormalize(t *testing.T) {
	for in, want := range map[string]string{
		"12:34:56  1 of 2 OK created sql table model main.a ........... [OK in 0.05s]\n": "1 of 2 OK created sql table model main.a ... [OK in TIME]\n",
		"Finished running 1 table model in 0 hours 0 minutes and 0.30 seconds (0.30s).":  "Finished running 1 table model in TIME.",
		"id 123e4567-e89b-12d3-a456-426614174000 at 2026-01-02T03:04:05.678Z":            "id UUID at TIMESTAMP",
		"12:00:00  \n12:00:00  Slowest: a 2.1s\n12:00:00  \n12:00:00  Done.\n":           "\nDone.\n",
		"12:00:00  Slowest: a 2.1s\n12:00:00  next\n":                                    "next\n",
		"kept [OK]": "kept [OK]",
	} {
		if got := string(Normalize([]byte(in))); got != want {
			t.Errorf("Normalize(%q) = %q, want %q", in, got, want)
		}
	}
}
