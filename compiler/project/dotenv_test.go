package project

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"github.com/millrace/millrace/compiler/diag"
)

// TestDotEnvAsPython compares with what python-dotenv reads (testdata/dotenv.json); the
// shell has SHELL_VAR only.
func TestDotEnvAsPython(t *testing.T) {
	raw, err := os.ReadFile("testdata/dotenv.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Text   string
		Values map[string]string
	}
	if err := json.Unmarshal(raw, &cases); err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		got, _ := parseDotEnv(diag.NewSource(DotEnvFile, c.Text), EnvMap{"SHELL_VAR": "from shell"})
		if !reflect.DeepEqual(map[string]string(got), c.Values) {
			t.Errorf("%q: got %q, want %q", c.Text, got, c.Values)
		}
	}
}

func TestDotEnvIsFoundAboveAndUnderTheShell(t *testing.T) {
	root := t.TempDir()
	below := filepath.Join(root, "a", "b")
	if err := os.MkdirAll(below, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(root, ".env"), []byte("X=file\nY=file\n?? ??\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	env, list := DotEnv(below, EnvMap{"X": "shell"})
	x, _ := env.Getenv("X")
	y, _ := env.Getenv("Y")
	if x != "shell" || y != "file" {
		t.Errorf("X=%s Y=%s", x, y)
	}
	if len(list) != 1 || list[0].Severity != diag.Warning || list[0].Span.String() != ".env:3:1" {
		t.Errorf("the bad line: %v", list)
	}
}
