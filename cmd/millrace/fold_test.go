package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestFoldingChangesNothing compares the results of random tests on random data with and without folding.
func TestFoldingChangesNothing(t *testing.T) {
	r := rand.New(rand.NewPCG(31, 31))
	passed, failed := 0, 0
	for range 6 {
		var rows, columns []string
		for i := range 3 + r.IntN(5) {
			cell := func(of ...string) string { return of[r.IntN(len(of))] }
			rows = append(rows, fmt.Sprintf("(%d, %s, %s, %s)", i, cell("1.0", "1.00", "2.5", "null", "'nan'::double"), cell("'a'", "'b'", "'A'", "null", "''"), cell("true", "false", "null")))
		}
		for _, c := range []string{"id", "num", "name", "ok"} {
			columns = append(columns, fmt.Sprintf("      - name: %s\n        data_tests:\n          - unique\n          - not_null: {config: {severity: %s}}\n          - accepted_values: {arguments: {values: [%s], quote: %t}}",
				c, []string{"warn", "error"}[r.IntN(2)], []string{"1", "0, 1, 2, 3"}[r.IntN(2)], c == "name"))
		}
		dir := t.TempDir()
		t.Chdir(dir)
		writeFiles(t, dir, map[string]string{
			"dbt_project.yml": "name: p\nprofile: p\n",
			"profiles.yml":    "p: {target: dev, outputs: {dev: {type: duckdb, path: p.duckdb, threads: 4}}}\n",
			"models/m.sql":    "select * from (values " + strings.Join(rows, ", ") + ") t(id, num, name, ok)\n",
			"models/m.yml":    "models:\n  - name: m\n    columns:\n" + strings.Join(columns, "\n") + "\n",
		})
		folded := testOutcomes(t, "build")
		plain := testOutcomes(t, "build", "--no-fold")
		if len(folded) == 0 || fmt.Sprint(folded) != fmt.Sprint(plain) {
			t.Errorf("rows %v\nfolded %v\nplain  %v", rows, folded, plain)
		}
		for _, outcome := range plain {
			switch {
			case strings.HasPrefix(outcome, "pass|"):
				passed++
			case strings.HasPrefix(outcome, "fail|"), strings.HasPrefix(outcome, "warn|"):
				failed++
			}
		}
	}
	if passed < 10 || failed < 10 {
		t.Errorf("%d passed and %d failed: too few to say anything", passed, failed)
	}
}

// testOutcomes runs a command in the working folder and gives what run_results.json says of each node.
func testOutcomes(t *testing.T, args ...string) map[string]string {
	t.Helper()
	var shown bytes.Buffer
	if code := newApp(&shown, &shown).run(context.Background(), args); code == exitProject {
		t.Fatal(shown.String())
	}
	data, err := os.ReadFile(filepath.Join("target", "run_results.json"))
	if err != nil {
		t.Fatal(err)
	}
	var out struct {
		Results []struct {
			ID       string `json:"unique_id"`
			Status   string
			Message  *string
			Failures *int
			Code     string          `json:"compiled_code"`
			Response json.RawMessage `json:"adapter_response"`
		}
	}
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, r := range out.Results {
		message, failures := "", -1
		if r.Message != nil {
			message = *r.Message
		}
		if r.Failures != nil {
			failures = *r.Failures
		}
		all[r.ID] = fmt.Sprintf("%s|%s|%d|%s|%s", r.Status, message, failures, r.Code, r.Response)
	}
	return all
}
