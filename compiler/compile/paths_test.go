package compile

import (
	"testing"

	"github.com/millrace/millrace/compiler/manifest"
)

// Files of folders outside the project are compiled into the target, however far out they are.
func TestPathsStayInTheTarget(t *testing.T) {
	for file, want := range map[string]string{
		"models/a.sql":             "target/run/p/models/a.sql",
		"../out/a.sql":             "target/run/out/a.sql",
		"../../out/a.sql":          "target/run/p/out/a.sql",
		"../../../../../x/y/a.sql": "target/run/p/x/y/a.sql",
	} {
		n := &manifest.Node{PackageName: "p", OriginalFilePath: file, Path: "a.sql"}
		if got := (&Compiler{}).RunPath(n); got != want {
			t.Errorf("%s: %s, want %s", file, got, want)
		}
	}
}
