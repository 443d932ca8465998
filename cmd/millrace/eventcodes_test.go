package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// eventNamed matches an event's name and code, as a literal or as the arguments of a function that makes one.
var eventNamed = regexp.MustCompile(`"([A-Z][A-Za-z]+)", (?:Code: )?"([A-Z][0-9]{3})"`)

// TestEventCodesAreUnique reads the program's sources: who filters JSON lines by a code gets one kind of event.
func TestEventCodesAreUnique(t *testing.T) {
	names := map[string]string{}
	for _, room := range []string{"cmd", "docs", "testing", "dag", "adapters", "compiler"} {
		err := filepath.WalkDir(filepath.Join("..", "..", room), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			text, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for _, m := range eventNamed.FindAllStringSubmatch(string(text), -1) {
				name, code := m[1], m[2]
				if other, taken := names[code]; taken && other != name {
					t.Errorf("%s: %s has the code %s, which is that of %s", path, name, code, other)
				}
				names[code] = name
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(names) < 60 {
		t.Errorf("only %d codes were found", len(names))
	}
}
