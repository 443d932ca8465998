package flags

import (
	"flag"
	"os"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the manual's page")

func TestReferenceIsInTheManual(t *testing.T) {
	const page = "../../docs/guide/command-line.md"
	if *update {
		if err := os.WriteFile(page, []byte(Reference()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != Reference() {
		t.Error("docs/guide/command-line.md is out of date: run `make golden`")
	}
}
