package diag

import (
	"flag"
	"os"
	"regexp"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the manual's page")

// Every code has an explanation, in the order of codes.go, and the manual shows them.
func TestErrorsAreInTheManual(t *testing.T) {
	source, err := os.ReadFile("codes.go")
	if err != nil {
		t.Fatal(err)
	}
	codes := regexp.MustCompile(`= "(MR\d{4})"`).FindAllStringSubmatch(string(source), -1)
	if len(codes) != len(Explanations) {
		t.Fatalf("%d codes, %d explanations", len(codes), len(Explanations))
	}
	for i, e := range Explanations {
		if string(e.Code) != codes[i][1] {
			t.Errorf("explanation %d is of %s, want %s", i, e.Code, codes[i][1])
		}
		if e.Meaning == "" || e.Example == "" || e.Advice == "" || areaOf(e.Code) == "" {
			t.Errorf("%s is not explained", e.Code)
		}
	}
	const page = "../../docs/guide/errors.md"
	if *update {
		if err := os.WriteFile(page, []byte(Page()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != Page() {
		t.Error("docs/guide/errors.md is out of date: run `make golden`")
	}
}
